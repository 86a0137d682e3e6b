// What one request would do: the accounts that it touches as they would be afterwards, and the
// openings of the entry that would say so. Nothing else changes until StateMachine::Apply().
//
// Invariants: verdicts are collected and the lowest number is kept, so that the order in which the
// rules are asked does not show; a touched account's sequence grows by one with each opening.
// Threading: one thread.
#ifndef LADON_LEDGER_SCRATCH_H_
#define LADON_LEDGER_SCRATCH_H_

#include <memory>
#include <span>
#include <vector>

#include "ledger/accounts.h"
#include "ledger/command.h"

namespace ladon::ledger {

// An account as it would be.
struct Touched {
  AccountId account;
  Accounts::Slot slot = Accounts::kNoSlot;  // kNoSlot: it would be opened.
  const AccountState* known = nullptr;      // As it is; null: it would be opened.
  Standing now;
  int64_t purchase_kopecks = 0;             // What it would pay to caterers by this request.
  std::unique_ptr<AccountTerms> new_terms;  // Null: as they are.
  std::unique_ptr<std::vector<Entitlement>> new_entitlements;  // Null: as they are.

  [[nodiscard]] const AccountTerms& terms() const { return new_terms ? *new_terms : known->terms; }
  [[nodiscard]] bool Has(AccountFlags flag) const { return (terms().flags & flag) != 0; }
  // How much more may go; meaningless when the account is not limited.
  [[nodiscard]] int64_t Available() const;
};

class Scratch {
 public:
  // `touched` is where the accounts go: emptied, and given room for `touched_max` of them.
  // `entry` is being put together; its index is set.
  Scratch(const Accounts* accounts, size_t touched_max, std::vector<Touched>* touched,
          Entry* entry);

  // nullptr: unknown. Valid until the request is decided.
  Touched* Find(const AccountId& account);
  Touched& Open(const AccountId& account);  // One that is unknown.

  void Tell(ResultCode code) {
    if (code != ResultCode::kOk && (verdict_ == ResultCode::kOk || code < verdict_)) {
      verdict_ = code;
    }
  }
  [[nodiscard]] ResultCode verdict() const { return verdict_; }

  // What can be told without balances.
  void CheckTransfers(std::span<const Transfer> transfers);
  // Moves the money of one checked transfer. A balancing one moves what is there. With `promised`
  // the limit was asked when it was reserved, and is not asked again. Tells what was moved.
  int64_t Post(const Transfer& transfer, bool promised = false);
  // Reserves (`amount` > 0) or releases (< 0) on both sides.
  void Reserve(const AccountId& debit, const AccountId& credit, int64_t amount_kopecks);
  // What the account pays to a caterer on `day`, or (< 0) gets back of what it paid that day.
  void Spend(Touched* account, Date day, int64_t amount_kopecks);
  void Add(const Opening& opening) { entry_->openings.push_back(opening); }
  [[nodiscard]] std::vector<Touched>& touched() { return *touched_; }
  // The account's next sequence number, which the opening to be added shows.
  [[nodiscard]] uint64_t NextSequence(Touched* account);

 private:
  const Accounts* accounts_;
  std::vector<Touched>* touched_;
  Entry* entry_;
  ResultCode verdict_ = ResultCode::kOk;
};

// True when `debit` buys something of `credit`: what limits, bans and entitlements are about.
[[nodiscard]] bool IsPurchase(const AccountTerms& debit, const AccountTerms& credit);

// Counters of another day begin anew.
void RollDay(Date day, Standing* now);

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_SCRATCH_H_
