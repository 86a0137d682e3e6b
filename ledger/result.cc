#include "ledger/result.h"

namespace ladon::ledger {

namespace {

struct Row {
  ResultCode code;
  std::string_view name;
};

constexpr Row kNames[] = {
    {ResultCode::kOk, "OK"},
    {ResultCode::kRequestIdReused, "REQUEST_ID_REUSED"},
    {ResultCode::kCancelledBeforeArrival, "CANCELLED_BEFORE_ARRIVAL"},
    {ResultCode::kTokenAlreadyUsed, "TOKEN_ALREADY_USED"},
    {ResultCode::kExistsWithDifferentCommand, "EXISTS_WITH_DIFFERENT_COMMAND"},
    {ResultCode::kExistsWithDifferentAccounts, "EXISTS_WITH_DIFFERENT_ACCOUNTS"},
    {ResultCode::kExistsWithDifferentAmount, "EXISTS_WITH_DIFFERENT_AMOUNT"},
    {ResultCode::kExistsWithDifferentDocument, "EXISTS_WITH_DIFFERENT_DOCUMENT"},
    {ResultCode::kExistsWithDifferentDate, "EXISTS_WITH_DIFFERENT_DATE"},
    {ResultCode::kNoTransfers, "NO_TRANSFERS"},
    {ResultCode::kAmountOutOfRange, "AMOUNT_OUT_OF_RANGE"},
    {ResultCode::kSameAccountTwice, "SAME_ACCOUNT_TWICE"},
    {ResultCode::kHoldSecondsOutOfRange, "HOLD_SECONDS_OUT_OF_RANGE"},
    {ResultCode::kAccountExists, "ACCOUNT_EXISTS"},
    {ResultCode::kAccountUnknown, "ACCOUNT_UNKNOWN"},
    {ResultCode::kAccountClosed, "ACCOUNT_CLOSED"},
    {ResultCode::kAccountFrozen, "ACCOUNT_FROZEN"},
    {ResultCode::kAccountTermsInvalid, "ACCOUNT_TERMS_INVALID"},
    {ResultCode::kAccountNotEmpty, "ACCOUNT_NOT_EMPTY"},
    {ResultCode::kEntitlementsInvalid, "ENTITLEMENTS_INVALID"},
    {ResultCode::kLimitsInvalid, "LIMITS_INVALID"},
    {ResultCode::kBalanceOverflow, "BALANCE_OVERFLOW"},
    {ResultCode::kInsufficientFunds, "INSUFFICIENT_FUNDS"},
    {ResultCode::kBudgetUnavailable, "BUDGET_UNAVAILABLE"},
    {ResultCode::kPurchaseLimitExceeded, "PURCHASE_LIMIT_EXCEEDED"},
    {ResultCode::kDayLimitExceeded, "DAY_LIMIT_EXCEEDED"},
    {ResultCode::kCategoryBanned, "CATEGORY_BANNED"},
    {ResultCode::kPossibleRepeat, "POSSIBLE_REPEAT"},
    {ResultCode::kOriginalRefused, "ORIGINAL_REFUSED"},
    {ResultCode::kNothingToReverse, "NOTHING_TO_REVERSE"},
    {ResultCode::kReversalExceedsOriginal, "REVERSAL_EXCEEDS_ORIGINAL"},
    {ResultCode::kCancelWindowPassed, "CANCEL_WINDOW_PASSED"},
    {ResultCode::kHoldUnknown, "HOLD_UNKNOWN"},
    {ResultCode::kHoldCaptured, "HOLD_CAPTURED"},
    {ResultCode::kHoldVoided, "HOLD_VOIDED"},
    {ResultCode::kHoldExpired, "HOLD_EXPIRED"},
    {ResultCode::kCaptureExceedsHold, "CAPTURE_EXCEEDS_HOLD"},
};

}  // namespace

std::string_view ResultName(ResultCode code) {
  for (const Row& row : kNames) {
    if (row.code == code) return row.name;
  }
  return "UNKNOWN";  // A number of a newer entry version, read from a journal.
}

bool IsReuse(ResultCode code) {
  switch (code) {
    case ResultCode::kRequestIdReused:
    case ResultCode::kExistsWithDifferentCommand:
    case ResultCode::kExistsWithDifferentAccounts:
    case ResultCode::kExistsWithDifferentAmount:
    case ResultCode::kExistsWithDifferentDocument:
    case ResultCode::kExistsWithDifferentDate:
      return true;
    default:
      return false;
  }
}

bool BurnsRequestId(ResultCode code) {
  return !IsReuse(code) && code != ResultCode::kPossibleRepeat;
}

}  // namespace ladon::ledger
