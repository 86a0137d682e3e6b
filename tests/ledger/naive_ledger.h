// The rules of the ledger told a second time: no batches, no indexes, no encoding, nothing durable.
//
// It is written from the rules alone (head of ledger/state_machine.h, ledger/command.h,
// ledger/result.h) and shares no code with what it is compared to but the checks of form
// (CheckTerms and its like). Where the real one stops at the first verdict, this one collects all
// that hold and takes the lowest. Not for threads.
#ifndef LADON_TESTS_LEDGER_NAIVE_LEDGER_H_
#define LADON_TESTS_LEDGER_NAIVE_LEDGER_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "ledger/sequencer.h"

namespace ladon::ledger {

class NaiveLedger {
 public:
  // What used a sequence number of an account.
  struct Touch {
    AccountId account;
    uint64_t sequence = 0;
    int64_t amount = 0;  // Posted, reserved or paid by an entitlement; 0: terms.
    int64_t after = 0;   // The balance, what is pending, or the uses of the day.

    friend bool operator==(const Touch&, const Touch&) = default;
  };
  struct Answer {
    ResultCode code = ResultCode::kOk;
    bool replayed = false;
    bool burnt = false;
    std::optional<uint64_t> index;  // Of the entry that answers, if there is one.
    uint64_t booked_at_ns = 0;      // Of that entry.
    std::vector<Touch> touches;     // Of that entry, when it is new.
  };
  // Of an account, everything but its terms: what postings change.
  struct Money {
    int64_t balance = 0;
    int64_t debits_pending = 0;
    int64_t credits_pending = 0;
    uint64_t last_sequence = 0;
    // Counted for the last service day on which the account bought something.
    Date day = 0;
    int64_t spent = 0;
    std::array<uint32_t, kEntitlementsMax> uses{};
    // The repeat guard.
    Digest document;
    uint64_t document_ns = 0;
  };
  struct Account {
    AccountTerms terms;
    std::vector<Entitlement> entitlements;
    Money money;
  };

  // A ledger whose origin was booked at that time.
  explicit NaiveLedger(uint64_t origin_ns) : last_ns_(origin_ns) {}

  Answer Submit(const Submission& submission, uint64_t now_ns);

  // nullptr: unknown.
  [[nodiscard]] const Account* Find(const AccountId& account) const;
  [[nodiscard]] Limits SchoolLimitsOf(const SchoolId& school) const;
  // What a repeat of the operation would be answered; nullopt: unknown.
  [[nodiscard]] std::optional<Answer> FindOperation(const OperationKey& key) const;
  [[nodiscard]] uint64_t entries() const { return entries_; }
  [[nodiscard]] size_t open_holds() const { return open_holds_.size(); }

  // Drops what is known of an operation that nobody will name again, to save memory in long runs.
  void Forget(const OperationKey& key);
  void Forget(const Nonce& nonce) { nonces_.erase(nonce); }

 private:
  using Verdicts = std::set<ResultCode>;

  // A requested transfer, and what it moved (or, in a hold, reserved).
  struct Line {
    AccountId debit;
    AccountId credit;
    bool purchase = false;
    int64_t own = 0;  // Paid by the debit account itself,
    int64_t own_back = 0;
    int64_t covered = 0;  // and by the budget of one of its entitlements.
    int64_t covered_back = 0;
    AccountId budget;
    size_t entitlement = 0;
    uint32_t uses = 0;

    [[nodiscard]] int64_t Moved() const { return own + covered; }
    [[nodiscard]] int64_t Left() const { return own + covered - own_back - covered_back; }
  };
  struct Operation {
    Digest content;
    ResultCode code = ResultCode::kOk;
    bool void_id = false;  // Burnt by a cancel: any content gets the same answer.
    bool burnt = false;
    EntryKind kind = EntryKind::kRefusal;
    bool related = false;  // To another transaction.
    uint64_t index = 0;
    uint64_t booked_at_ns = 0;
    Date service_date = 0;
    Date effective_date = 0;
    Date spending_day = 0;  // The service day that its purchases were counted for.
    Digest document;
    std::vector<Line> lines;
    TransactionId transaction;
    HoldState hold = HoldState::kOpen;
    uint64_t expires_at_ns = 0;
  };
  // One backward transfer of a reversal.
  struct Back {
    size_t ordinal = 0;
    bool by_budget = false;
    int64_t amount = 0;
  };
  // Accounts as they would be, and what is to be said against it.
  struct Trial {
    std::map<AccountId, Money> after;
    std::map<AccountId, int64_t> paid;  // By wallets themselves, for purchases.
    std::vector<Touch> touches;
    Verdicts verdicts;
  };

  static ResultCode Lowest(const Verdicts& verdicts);
  static ResultCode Difference(const Submission& submission, const Operation& before);
  static EntryKind KindOf(const Command& command);
  static int64_t Available(const AccountTerms& terms, const Money& money);
  static void BeginDay(Date day, Money* money);
  static void GiveBackSpending(Date day, int64_t amount, Money* money);
  static const int64_t* FindLimit(const Limits& limits, uint16_t type);

  [[nodiscard]] uint64_t NextTime(uint64_t now_ns) const { return std::max(now_ns, last_ns_ + 1); }
  void ExpireHolds(uint64_t now_ns);
  ResultCode Decide(const Submission& submission, Operation* done);

  ResultCode SetAccounts(const std::vector<AccountTerms>& wanted, bool may_be_new);
  ResultCode SetList(const Entitlements& wanted);
  ResultCode SetLimits(const SchoolLimits& wanted);

  ResultCode Post(const PostTransaction& post, Operation* done);
  void CheckForm(const AccountId& debit, const AccountId& credit, int64_t amount,
                 Verdicts* verdicts) const;
  Line PostLine(const Transfer& transfer, bool hold, Date day, Trial* trial) const;
  void Cover(const Transfer& transfer, Date day, Line* line, Trial* trial) const;
  void PayByBudget(const Line& line, Trial* trial) const;
  void Move(const AccountId& debit, const AccountId& credit, int64_t amount, Trial* trial) const;
  void Reserve(const AccountId& debit, const AccountId& credit, int64_t amount, Trial* trial) const;
  void CheckPurchases(const PostTransaction& post, Trial* trial) const;
  Money& In(Trial* trial, const AccountId& account) const;
  void Commit(Trial trial);

  ResultCode EndHold(const OperationKey& target, const std::vector<int64_t>* capture,
                     Operation* done);
  void Release(Operation* hold, HoldState state, const std::vector<int64_t>& captured);

  ResultCode Cancel(const CancelOperation& cancel, Operation* done);
  ResultCode Reverse(const CancelOperation& cancel, Operation* original, Operation* done);
  static ResultCode WhatToTakeBack(const CancelOperation& cancel, const Operation& original,
                                   std::vector<Back>* backs);
  void TakeBack(const Back& back, Operation* original, Trial* trial) const;

  std::unordered_map<AccountId, Account, IdHash> accounts_;
  std::map<SchoolId, Limits> schools_;
  std::unordered_map<OperationKey, Operation, IdHash> operations_;
  std::map<std::pair<uint64_t, TransactionId>, OperationKey> open_holds_;  // By deadline.
  std::unordered_set<Nonce, IdHash> nonces_;
  std::vector<Touch> touches_;  // Of what was accepted last.
  uint64_t last_ns_;
  uint64_t entries_ = 1;  // The origin.
};

}  // namespace ladon::ledger

#endif  // LADON_TESTS_LEDGER_NAIVE_LEDGER_H_
