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
  kNoTransfers = 10,            // A transaction without a transfer.
  kAmountOutOfRange = 11,       // Not within 1..kTransferKopecksMax.
  kSameAccountTwice = 12,       // A transfer from an account to itself.
  kAccountExists = 20,
  kAccountUnknown = 21,
  kAccountClosed = 22,
  kAccountFrozen = 23,
  kAccountTermsInvalid = 24,      // Negative overdraft, unknown flag, limits out of order.
  kBalanceOverflow = 30,          // A balance would leave the range of int64.
  kInsufficientFunds = 31,        // Beyond the overdraft limit.
  kPossibleRepeat = 40,           // Same payer and basket within the window, not confirmed.
  kOriginalRefused = 50,          // What should be reversed was itself refused.
  kNothingToReverse = 51,         // Not a transaction with transfers, or a line that is not there.
  kReversalExceedsOriginal = 52,  // All of it, or this line, was reversed before.
  kCancelWindowPassed = 53,
};

// A stable name for logs and JSON ("INSUFFICIENT_FUNDS").
[[nodiscard]] std::string_view ResultName(ResultCode code);

// True when the verdict is for ever: it becomes a leaf and a repeat of the id gets it again.
// kRequestIdReused and kPossibleRepeat do not burn: the first belongs to another request, the
// second asks the cashier a question.
[[nodiscard]] bool BurnsRequestId(ResultCode code);

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_RESULT_H_
