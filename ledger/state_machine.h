// Accounts, and the rules by which requests change them. Pure: no I/O, no clock, no randomness, so
// the same requests with the same facts and stamps give the same entries.
//
// A request is decided in two steps. Decide() changes nothing and tells the verdict, the entries to
// book and the accounts as they will be; Apply() puts those in place. Replay() does what Apply()
// did, from an entry read back. Before a request is decided, the holds whose time is over by then
// are to be expired (DueHold(), DecideExpiry()), in order of (deadline, transaction).
//
// Rules. Every transfer is judged on the state that the transfers before it left behind: no booked
// balance is ever beyond its limit, not even inside a transaction, and what is reserved by holds
// counts as gone. A transaction is posted wholly or not at all. Limits bind debits only: a wallet
// below its limit may always be topped up. When several verdicts hold, of whatever transfer, the
// one with the lowest number is told. Reversals take back the last transfer first, so that a full
// reversal passes through the same states. Limits of an account and of its school, bans and
// entitlements are judged here, on the service date of the request, so that nothing races them.
//
// Threading: Decide...(), Find() and other const functions may run beside each other; Apply() and
// Replay() need everybody else to be out.
// OK from Replay() means: the entry follows from the state before it.
#ifndef LADON_LEDGER_STATE_MACHINE_H_
#define LADON_LEDGER_STATE_MACHINE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/accounts.h"
#include "ledger/command.h"
#include "ledger/scratch.h"
#include "ledger/seal.h"

namespace ladon::ledger {

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

// How much of a booked transfer, by its position in the entry, was taken back.
struct Taken {
  uint16_t position = 0;
  int64_t amount_kopecks = 0;

  friend bool operator==(const Taken&, const Taken&) = default;
};

enum class HoldState : uint8_t { kOpen = 0, kCaptured = 1, kVoided = 2, kExpired = 3 };

// What the store knows of the things a command names; looked up beforehand.
struct Facts {
  bool nonce_used = false;
  // What booked the command's `target`; nullptr = unknown id.
  const Entry* original = nullptr;
  std::vector<Taken> reversed;  // Of the original, by ascending position.
  // Of a hold that is not open any more. Open ones the machine knows.
  std::optional<HoldState> hold_ended;
};

// Where and when the next entry stands. A second entry gets the next index and nanosecond.
struct Stamp {
  uint64_t index = 0;
  uint64_t booked_at_ns = 0;
};

// Reused from request to request: what it holds keeps its memory.
struct Decision {
  ResultCode code = ResultCode::kOk;
  bool burnt = false;
  // None when the verdict leaves no trace; otherwise the last one answers the request. A cancel
  // that burns an id has the kBurnt entry of that id before it.
  std::vector<Entry> entries;
  std::vector<Touched> touched;        // Valid until the next Apply().
  std::vector<Taken> reversed;         // Everything of the original taken back.
  TransactionId reversed_transaction;  // Of the original; zero = nothing is reversed.
  TransactionId hold;                  // Placed or ended; zero = none.
  HoldState hold_state = HoldState::kOpen;

  void Clear();
  // An empty entry, one that Clear() found if there is one.
  [[nodiscard]] Entry NewEntry();

 private:
  std::vector<Entry> spare_;
};

class StateMachine {
 public:
  void Decide(const Request& request, const Facts& facts, Stamp stamp, Decision* decision) const;

  // The first open hold whose time is over at `now_ns`.
  [[nodiscard]] std::optional<TransactionId> DueHold(uint64_t now_ns) const;
  void DecideExpiry(const TransactionId& hold, Stamp stamp, Decision* decision) const;

  void Apply(const Decision& decision);

  // Why a request with the id of `entry` but another content is not the same, as precisely as the
  // entry tells.
  [[nodiscard]] static ResultCode Difference(const Request& request, const Entry& entry);

  // DataLoss: a sequence has a gap, a balance is not the sum, a rule of form is broken. (The
  // caller checks the seal.)
  [[nodiscard]] absl::Status Replay(const Entry& entry);

  // A state that was written behind: pages of accounts, each at some moment between the journal
  // index that Replay() goes on from and the journal's end; limits and open holds as of its end.
  // Between StartRestored() and FinishReplay(), Replay() passes over what is there already.
  void StartRestored(Accounts accounts);
  [[nodiscard]] absl::Status RestoreHold(const Entry& hold);
  void RestoreSchoolLimits(const SchoolLimits& limits);
  void FinishReplay() { restored_ = false; }

  // nullptr: unknown. Valid until the next Apply() or Replay().
  [[nodiscard]] const AccountState* Find(const AccountId& account) const {
    return accounts_.Find(account);
  }
  [[nodiscard]] bool HoldIsOpen(const TransactionId& hold) const { return holds_.contains(hold); }
  [[nodiscard]] size_t size() const { return accounts_.size(); }
  [[nodiscard]] size_t open_holds() const { return holds_.size(); }
  [[nodiscard]] const Limits* FindSchoolLimits(const SchoolId& school) const;
  [[nodiscard]] Accounts& accounts() { return accounts_; }
  [[nodiscard]] const Accounts& accounts() const { return accounts_; }

 private:
  struct Hold {
    uint64_t expires_at_ns = 0;
    Date service_date = 0;
    std::vector<Transfer> transfers;  // As reserved.
  };
  // A part of a requested transfer, as it is to be posted.
  struct Part {
    Transfer transfer;
    bool by_budget = false;
    AccountId owner;  // Whose entitlement it is.
    uint8_t entitlement = 0;
    uint8_t uses = 0;
  };

  void DecideAccounts(const std::vector<AccountTerms>& wanted, Scratch* scratch) const;
  void DecideEntitlements(const SetEntitlements& command, Scratch* scratch) const;
  void DecideSchoolLimits(const SetSchoolLimits& command, Scratch* scratch) const;
  void DecideTransaction(const Request& request, const PostTransaction& command, const Facts& facts,
                         Stamp stamp, Scratch* scratch, Decision* decision) const;
  void PostLines(const Request& request, const PostTransaction& command, Scratch* scratch) const;
  void HoldLines(const Request& request, const PostTransaction& command, Scratch* scratch) const;
  void PostByBudget(const Part& part, Date day, Scratch* scratch) const;
  void CheckLimits(const PostTransaction& command, const std::vector<Touched>& touched,
                   Scratch* scratch) const;
  [[nodiscard]] std::optional<Part> CoveredPart(const Transfer& transfer, Date day,
                                                Scratch* scratch) const;
  void DecideReversal(const CancelOperation& command, const Facts& facts, Scratch* scratch,
                      Decision* decision) const;
  static std::vector<int64_t> WantedBack(const CancelOperation& command,
                                         const std::vector<int64_t>& left, Scratch* scratch);
  void PostBack(const BookedTransfer& booked, int64_t amount_kopecks, bool whole, Date day,
                Scratch* scratch) const;
  void DecideBurn(const Request& request, const CancelOperation& command, const Facts& facts,
                  Stamp stamp, Decision* decision) const;
  void DecideHoldEnd(const Facts& facts, const std::vector<int64_t>* capture, Scratch* scratch,
                     Decision* decision) const;
  void Book(const Request& request, Entry entry, Decision* decision) const;

  // The accounts of one transfer that an entry changes; null: it has changed them already.
  struct Parties {
    AccountState* debit = nullptr;
    AccountState* credit = nullptr;
    AccountState* owner = nullptr;  // Of the entitlement that was used.
  };
  absl::Status ReplayTransfers(const Entry& entry);
  absl::StatusOr<Parties> ReplayTransfer(const BookedTransfer& transfer, const Entry& entry,
                                         size_t* numbered);
  void ReplaySpending(const BookedTransfer& transfer, const Parties& parties, const Leaf& leaf);
  void ReplaySpent(AccountState* payer, const AccountId& seller, Date day, int64_t amount_kopecks);
  absl::Status ReplayAccounts(const Entry& entry);
  absl::Status ReplayHold(const Entry& entry);
  static absl::Status ReplayPosting(const Posting& posting, AccountState* account);
  static absl::Status ReplayReservation(const Reservation& one, AccountState* account);
  static void ForgetPaid(AccountState* account);
  absl::StatusOr<AccountState*> Advance(const AccountId& account, uint64_t sequence,
                                        const Entry& entry, size_t* numbered);

  Accounts accounts_;
  std::map<SchoolId, Limits> schools_;
  std::map<TransactionId, Hold> holds_;                     // Open ones.
  std::set<std::pair<uint64_t, TransactionId>> deadlines_;  // Of them.
  bool restored_ = false;
};

// The service day that the limits of an entry's purchases count for.
[[nodiscard]] Date SpendingDay(const Leaf& leaf);

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_STATE_MACHINE_H_
