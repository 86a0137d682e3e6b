// Every verdict the ledger can give, in order of precedence: when several hold, the first is told.
// The numbers are part of entry version 1 and of the wire's reason codes; none is ever reused.
#ifndef LADON_LEDGER_RESULT_H_
#define LADON_LEDGER_RESULT_H_

#include <cstdint>
#include <string_view>

namespace ladon::ledger {

enum class ResultCode : uint16_t {
  kOk = 0,
  kRequestIdReused = 1,         // Same id, other content. Nothing is written.
  kCancelledBeforeArrival = 2,  // A Cancel burnt the id before the request came.
  kTokenAlreadyUsed = 3,        // The identification token has paid for another transaction.
  // The same as kRequestIdReused, where the entry tells what is different:
  kExistsWithDifferentCommand = 4,
  kExistsWithDifferentAccounts = 5,  // Or another number of transfers.
  kExistsWithDifferentAmount = 6,
  kExistsWithDifferentDocument = 7,
  kExistsWithDifferentDate = 8,  // The effective date.

  kNoTransfers = 10,       // A transaction without a transfer.
  kAmountOutOfRange = 11,  // Not within 1..kTransferKopecksMax.
  kSameAccountTwice = 12,  // A transfer from an account to itself.
  kHoldSecondsOutOfRange = 13,
  kAccountExists = 20,
  kAccountUnknown = 21,
  kAccountClosed = 22,
  kAccountFrozen = 23,
  kAccountTermsInvalid = 24,      // Negative overdraft, unknown flag, limits out of order.
  kAccountNotEmpty = 25,          // To be closed with a balance or something pending.
  kEntitlementsInvalid = 26,      // Too many, days out of order, paid by the account itself.
  kLimitsInvalid = 27,            // A school's limits out of order, or too many.
  kBalanceOverflow = 30,          // A balance would leave the range of int64.
  kInsufficientFunds = 31,        // Beyond the overdraft limit; what is on hold counts.
  kBudgetUnavailable = 32,        // An entitlement's budget is short, frozen, closed or unknown.
  kPurchaseLimitExceeded = 33,    // kLimitPerPurchase of the account or its school.
  kDayLimitExceeded = 34,         // kLimitPerServiceDay.
  kCategoryBanned = 35,           // kLimitCategoryBan.
  kPossibleRepeat = 40,           // Same payer and basket within the window, not confirmed.
  kOriginalRefused = 50,          // What should be reversed was itself refused.
  kNothingToReverse = 51,         // Not a transaction with transfers, or a line that is not there.
  kReversalExceedsOriginal = 52,  // All of it, or this line, was reversed before.
  kCancelWindowPassed = 53,
  kHoldUnknown = 54,         // No such operation, or it is no hold.
  kHoldCaptured = 55,        // It was captured before.
  kHoldVoided = 56,          // It was voided before.
  kHoldExpired = 57,         // Its time was over.
  kCaptureExceedsHold = 58,  // More than was reserved, of some transfer.
};

// A stable name for logs and JSON ("INSUFFICIENT_FUNDS").
[[nodiscard]] std::string_view ResultName(ResultCode code);

// True when the verdict is for ever: it becomes a leaf and a repeat of the id gets it again.
// kRequestIdReused, kExistsWithDifferent... and kPossibleRepeat do not burn: the first ones belong
// to another request, the last asks the cashier a question.
[[nodiscard]] bool BurnsRequestId(ResultCode code);

// True for kRequestIdReused and every kExistsWithDifferent...
[[nodiscard]] bool IsReuse(ResultCode code);

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_RESULT_H_
