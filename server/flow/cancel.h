// Cancel: gives a debit back, whole or by line, without the child; or, when it overtakes its
// debit, makes the debit's id void for ever. Also: what became of a call (GetOperation).
// Threading: any thread; `done` on the applier thread.
#ifndef LADON_SERVER_FLOW_CANCEL_H_
#define LADON_SERVER_FLOW_CANCEL_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "server/flow/commit.h"

namespace ladon::flow {

struct CancelInput {
  Request request;
  base::RequestId debit_request_id;
  std::vector<uint16_t> lines;  // Ascending; empty = all that is left.
  uint16_t reason = 0;
  // The till that made the debit. Terminals: themselves; a senior cashier names it, or leaves it
  // zero for what they booked by class list themselves.
  base::ActorId terminal;
};

struct CancelAnswer {
  bool burnt = false;
  std::array<uint8_t, 16> transaction{};
  uint64_t journal_index = 0;
  int64_t returned_kopecks = 0;
  bool replayed = false;
};

// A terminal may cancel its own debits within its school's window, a senior cashier those of any
// till of the school on the same service day, and the bookings by list that they made on it. One of
// these must have been booked: its booker knows what to repeat, and no id is made void that may be
// another call's of the same person. kSchoolUnknown, kTerminalUnknown, kNotPermitted
// (another till's debit), kFieldInvalid (the cancel's own id), kNothingToCancel,
// kAlreadyCancelled, kOriginalRefused, kCancelWindowPassed. A senior cashier's of a debit above the
// configured sum needs a second person: those of NeedApproval().
void Cancel(const House& house, const access::Caller& caller, CancelInput input,
            Done<CancelAnswer> done);

enum class OperationState : uint8_t { kUnknown = 1, kSucceeded = 2, kRefused = 3, kBurnt = 4 };

struct OperationAnswer {
  OperationState state = OperationState::kUnknown;
  absl::Status refusal;  // When refused.
  std::array<uint8_t, 16> transaction{};
  uint64_t journal_index = 0;
  uint64_t booked_at_ns = 0;
  int64_t amount_kopecks = 0;
  std::vector<bool> lines_cancelled;
};

void GetOperation(const House& house, const access::Caller& caller, const ledger::OperationKey& key,
                  Done<OperationAnswer> done);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_CANCEL_H_
