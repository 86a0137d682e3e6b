// Accounts, and the rules by which requests change them. Pure: no I/O, no clock, no randomness, so
// the same requests with the same facts and stamps give byte for byte the same leaves.
//
// A request is decided in two steps. Decide() changes nothing and tells the verdict, the entries to
// book and the accounts as they will be; Apply() puts those accounts in place. Replay() does what
// Apply() did, from an entry read back.
//
// Rules. Every transfer is judged on the state that the transfers before it left behind: no booked
// balance is ever beyond its limit, not even inside a transaction. A transaction is posted wholly
// or not at all. Limits bind debits only: a wallet below its limit may always be topped up. When
// several verdicts hold, of whatever transfer, the one with the lowest number is told. Reversals
// take back the last transfer first, so that a full reversal passes through the same states.
//
// Threading: Decide(), Find() and size() may run beside each other; Apply() and Replay() need
// everybody else to be out. OK from Replay() means: the entry follows from the state before it.
#ifndef LADON_LEDGER_STATE_MACHINE_H_
#define LADON_LEDGER_STATE_MACHINE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "ledger/command.h"
#include "ledger/seal.h"

namespace ladon::ledger {

struct AccountState {
  AccountTerms terms;
  int64_t balance_kopecks = 0;
  uint64_t sequence = 0;  // The last one used.
  // The repeat guard: what this account paid for last, and when. Zero = nothing to compare with.
  Digest last_document;
  uint64_t last_paid_at_ns = 0;

  friend bool operator==(const AccountState&, const AccountState&) = default;
};

// A submission without its callbacks.
struct Request {
  OperationKey operation;
  Digest content;
  const Command* command = nullptr;  // Not std::monostate.
  Context context;
  Date service_date = 0;
  Date effective_date = 0;
  TransactionId transaction;
  uint16_t reason = 0;
};

// What the store knows of the things a command names; looked up beforehand.
struct Facts {
  bool nonce_used = false;
  const Entry* original = nullptr;  // What booked CancelOperation::target; nullptr = unknown id.
  std::vector<uint16_t> reversed;   // Ordinals of the original that were taken back, ascending.
};

// Where and when the next entry stands. A second entry gets the next index and nanosecond.
struct Stamp {
  uint64_t index = 0;
  uint64_t booked_at_ns = 0;
};

struct Decision {
  ResultCode code = ResultCode::kOk;
  bool burnt = false;
  // None when the verdict leaves no trace; otherwise the last one answers the request. A cancel
  // that burns an id has the kBurnt entry of that id before it.
  std::vector<Entry> entries;
  std::vector<AccountState> accounts;  // As they will be.
  std::vector<uint16_t> reversed;      // All ordinals of the original taken back, ascending.
  TransactionId reversed_transaction;  // Of the original; zero = nothing is reversed.
};

class StateMachine {
 public:
  explicit StateMachine(const std::array<uint8_t, 32>& ledger_secret) : secret_(ledger_secret) {}

  [[nodiscard]] Decision Decide(const Request& request, const Facts& facts, Stamp stamp) const;
  void Apply(const Decision& decision);

  // DataLoss: the openings do not match the leaf, a sequence has a gap, a balance is not the sum.
  [[nodiscard]] absl::Status Replay(const Entry& entry);

  // nullptr: unknown. Valid until the next Apply() or Replay().
  [[nodiscard]] const AccountState* Find(const AccountId& account) const;
  [[nodiscard]] size_t size() const { return accounts_.size(); }

 private:
  class Scratch;

  [[nodiscard]] ResultCode DecideAccounts(const std::vector<AccountTerms>& wanted, Scratch* scratch,
                                          std::vector<Opening>* openings) const;
  [[nodiscard]] ResultCode DecideTransaction(const PostTransaction& command, const Facts& facts,
                                             Stamp stamp, Scratch* scratch,
                                             std::vector<Opening>* openings) const;
  [[nodiscard]] ResultCode DecideReversal(const CancelOperation& command, const Facts& facts,
                                          Scratch* scratch, Decision* decision,
                                          std::vector<Opening>* openings) const;
  void DecideCancel(const Request& request, const CancelOperation& command, const Facts& facts,
                    Stamp stamp, Decision* decision) const;
  void Book(const Request& request, Entry entry, Decision* decision) const;

  absl::Status ReplayTransaction(const Entry& entry);
  absl::Status ReplayAccounts(const Entry& entry);
  absl::Status ReplayPosting(const Posting& posting);

  std::array<uint8_t, 32> secret_;
  absl::flat_hash_map<AccountId, AccountState, IdHash> accounts_;
};

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_STATE_MACHINE_H_
