#include "ledger/result.h"

namespace ladon::ledger {

std::string_view ResultName(ResultCode code) {
  switch (code) {
    case ResultCode::kOk:
      return "OK";
    case ResultCode::kRequestIdReused:
      return "REQUEST_ID_REUSED";
    case ResultCode::kCancelledBeforeArrival:
      return "CANCELLED_BEFORE_ARRIVAL";
    case ResultCode::kTokenAlreadyUsed:
      return "TOKEN_ALREADY_USED";
    case ResultCode::kNoTransfers:
      return "NO_TRANSFERS";
    case ResultCode::kAmountOutOfRange:
      return "AMOUNT_OUT_OF_RANGE";
    case ResultCode::kSameAccountTwice:
      return "SAME_ACCOUNT_TWICE";
    case ResultCode::kAccountExists:
      return "ACCOUNT_EXISTS";
    case ResultCode::kAccountUnknown:
      return "ACCOUNT_UNKNOWN";
    case ResultCode::kAccountClosed:
      return "ACCOUNT_CLOSED";
    case ResultCode::kAccountFrozen:
      return "ACCOUNT_FROZEN";
    case ResultCode::kAccountTermsInvalid:
      return "ACCOUNT_TERMS_INVALID";
    case ResultCode::kBalanceOverflow:
      return "BALANCE_OVERFLOW";
    case ResultCode::kInsufficientFunds:
      return "INSUFFICIENT_FUNDS";
    case ResultCode::kPossibleRepeat:
      return "POSSIBLE_REPEAT";
    case ResultCode::kOriginalRefused:
      return "ORIGINAL_REFUSED";
    case ResultCode::kNothingToReverse:
      return "NOTHING_TO_REVERSE";
    case ResultCode::kReversalExceedsOriginal:
      return "REVERSAL_EXCEEDS_ORIGINAL";
    case ResultCode::kCancelWindowPassed:
      return "CANCEL_WINDOW_PASSED";
  }
  return "UNKNOWN";  // A number of a newer entry version, read from a journal.
}

bool BurnsRequestId(ResultCode code) {
  return code != ResultCode::kRequestIdReused && code != ResultCode::kPossibleRepeat;
}

}  // namespace ladon::ledger
