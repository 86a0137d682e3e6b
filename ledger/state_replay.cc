// StateMachine::Replay(): the accounts derived again from what was booked. The rules (limits,
// flags) are not asked again: they may change from version to version, and what was booked under
// the old ones stands.
#include <string>

#include "absl/strings/str_cat.h"
#include "ledger/state_machine.h"

namespace ladon::ledger {
namespace {

absl::Status ReplayError(std::string_view what) {
  return absl::DataLossError(absl::string_view(what.data(), what.size()));
}

bool HasContextOnly(const Entry& entry) {
  return entry.openings.size() == 1 && std::holds_alternative<Context>(entry.openings.front());
}

bool EndsHold(EntryKind kind) {
  return kind == EntryKind::kCapture || kind == EntryKind::kVoid || kind == EntryKind::kExpiry;
}

// No request made these.
bool HasNoOperation(EntryKind kind) {
  return kind == EntryKind::kOrigin || kind == EntryKind::kExpiry || kind == EntryKind::kClosing;
}

}  // namespace

// The account, to be changed, after its sequence number was counted on; null: the restored state
// has this number behind it already.
absl::StatusOr<AccountState*> StateMachine::Advance(const AccountId& id, uint64_t sequence,
                                                    const Entry& entry, size_t* numbered) {
  const size_t at = (*numbered)++;
  const Accounts::Slot slot = accounts_.FindSlot(id);
  if (slot == Accounts::kNoSlot) {
    return ReplayError("a posting to an account that was never opened");
  }
  const Standing& now = accounts_.at(slot).now;
  if (restored_ && sequence <= now.sequence) {
    return nullptr;
  }
  if (sequence != now.sequence + 1) {
    return ReplayError(absl::StrCat("account sequence ", sequence, " follows ", now.sequence));
  }
  const bool has_previous = entry.leaf.version > 1;  // Blocks of the first format do not have it.
  if (has_previous && (at >= entry.previous.size() || entry.previous[at] != now.last_index)) {
    return ReplayError("the entry before it is another one");
  }
  AccountState& account = accounts_.Change(slot);
  account.now.sequence = sequence;
  account.now.last_index = entry.leaf.index;
  return &account;
}

// Both sides of one transfer: sequence numbers, balances, what is pending.
absl::StatusOr<StateMachine::Parties> StateMachine::ReplayTransfer(const BookedTransfer& transfer,
                                                                   const Entry& entry,
                                                                   size_t* numbered) {
  Parties parties;
  absl::Status status;
  const auto advance = [&](const AccountId& account, uint64_t sequence, AccountState** party) {
    absl::StatusOr<AccountState*> state = Advance(account, sequence, entry, numbered);
    status.Update(state.status());
    if (state.ok()) *party = *state;
  };
  if (transfer.debit_reserved) {
    advance(transfer.debit_reserved->account, transfer.debit_reserved->sequence, &parties.debit);
    advance(transfer.credit_reserved->account, transfer.credit_reserved->sequence, &parties.credit);
    if (!status.ok()) return status;
    status.Update(ReplayReservation(*transfer.debit_reserved, parties.debit));
    status.Update(ReplayReservation(*transfer.credit_reserved, parties.credit));
  }
  if (status.ok() && transfer.debit.amount_kopecks != 0) {
    advance(transfer.debit.account, transfer.debit.sequence, &parties.debit);
    advance(transfer.credit.account, transfer.credit.sequence, &parties.credit);
    if (!status.ok()) return status;
    status.Update(ReplayPosting(transfer.debit, parties.debit));
    status.Update(ReplayPosting(transfer.credit, parties.credit));
  }
  if (status.ok() && transfer.use) {
    advance(transfer.use->account, transfer.use->sequence, &parties.owner);
  }
  if (!status.ok()) return status;
  return parties;
}

// What `payer` bought of `seller`, or (< 0) got back of what it bought that day.
void StateMachine::ReplaySpent(AccountState* payer, const AccountId& seller, Date day,
                               int64_t amount_kopecks) {
  if (payer == nullptr || !IsPurchase(payer->terms, accounts_.Find(seller)->terms)) return;
  Standing& now = payer->now;
  if (amount_kopecks > 0) {
    RollDay(day, &now);
    now.spent_kopecks += amount_kopecks;
  } else if (now.day == day) {
    now.spent_kopecks = std::max<int64_t>(0, now.spent_kopecks + amount_kopecks);
  }
}

void StateMachine::ReplaySpending(const BookedTransfer& transfer, const Parties& parties,
                                  const Leaf& leaf) {
  const Date day = SpendingDay(leaf);
  const bool reversal = leaf.kind == EntryKind::kTransaction && !leaf.related.IsZero();
  if (transfer.use) {
    if (parties.owner == nullptr) return;
    Standing& owner = parties.owner->now;
    if (!reversal) RollDay(day, &owner);
    owner.uses[transfer.use->ordinal % kEntitlementsMax] = transfer.use->uses_today;
    if (reversal) ForgetPaid(parties.owner);
  } else if (reversal) {
    if (parties.credit != nullptr) ForgetPaid(parties.credit);  // Who got the money back.
    ReplaySpent(parties.credit, transfer.debit.account, day, -transfer.credit.amount_kopecks);
  } else if (leaf.kind == EntryKind::kHold) {
    ReplaySpent(parties.debit, transfer.credit_reserved->account, day,
                transfer.debit_reserved->amount_kopecks);
  } else if (EndsHold(leaf.kind)) {
    const int64_t released =
        -transfer.debit_reserved->amount_kopecks - transfer.credit.amount_kopecks;
    if (released > 0) {
      ReplaySpent(parties.debit, transfer.credit_reserved->account, day, -released);
    }
  } else {
    ReplaySpent(parties.debit, transfer.credit.account, day, transfer.credit.amount_kopecks);
  }
}

absl::Status StateMachine::ReplayTransfers(const Entry& entry) {
  const Leaf& leaf = entry.leaf;
  const absl::StatusOr<std::vector<BookedTransfer>> transfers = BookedTransfers(entry);
  if (!transfers.ok()) {
    return transfers.status();
  }
  const bool names_itself = leaf.kind == EntryKind::kTransaction || leaf.kind == EntryKind::kHold ||
                            leaf.kind == EntryKind::kCapture;
  if (names_itself == leaf.transaction.IsZero()) {
    return ReplayError("a transaction without an id, or another entry with one");
  }
  if (EndsHold(leaf.kind) && leaf.related.IsZero()) {
    return ReplayError("the end of a hold that names none");
  }
  size_t numbered = 0;
  AccountState* payer = nullptr;  // Of the first transfer: whom the repeat guard watches.
  for (size_t i = 0; i < transfers->size(); ++i) {
    const BookedTransfer& transfer = (*transfers)[i];
    const absl::StatusOr<Parties> parties = ReplayTransfer(transfer, entry, &numbered);
    if (!parties.ok()) return parties.status();
    ReplaySpending(transfer, *parties, leaf);
    if (i == 0) payer = transfer.use ? parties->owner : parties->debit;
  }
  if (leaf.related.IsZero() && !leaf.document.IsZero() && payer != nullptr) {
    payer->now.last_document = leaf.document;
    payer->now.last_paid_at_ns = leaf.booked_at_ns;
  }
  if (restored_ || leaf.kind == EntryKind::kTransaction) return absl::OkStatus();
  return ReplayHold(entry);
}

absl::Status StateMachine::ReplayPosting(const Posting& posting, AccountState* account) {
  if (account == nullptr) return absl::OkStatus();
  int64_t& balance = account->now.balance_kopecks;
  if (__builtin_add_overflow(balance, posting.amount_kopecks, &balance) ||
      balance != posting.balance_kopecks) {
    return ReplayError("a balance is not the sum of the postings");
  }
  return absl::OkStatus();
}

absl::Status StateMachine::ReplayReservation(const Reservation& one, AccountState* account) {
  if (account == nullptr) return absl::OkStatus();
  int64_t& pending =
      one.credit ? account->now.credits_pending_kopecks : account->now.debits_pending_kopecks;
  if (__builtin_add_overflow(pending, one.amount_kopecks, &pending) ||
      pending != one.pending_kopecks) {
    return ReplayError("what is pending is not the sum of the reservations");
  }
  return absl::OkStatus();
}

void StateMachine::ForgetPaid(AccountState* account) {
  account->now.last_document = Digest{};
  account->now.last_paid_at_ns = 0;
}

absl::Status StateMachine::ReplayAccounts(const Entry& entry) {
  if (entry.openings.empty() || !std::holds_alternative<Context>(entry.openings.back())) {
    return ReplayError("the context is not the last opening");
  }
  size_t numbered = 0;
  for (size_t i = 0; i + 1 < entry.openings.size(); ++i) {
    const auto* const terms = std::get_if<AccountTerms>(&entry.openings[i]);
    const auto* const entitlements = std::get_if<Entitlements>(&entry.openings[i]);
    if (terms == nullptr && entitlements == nullptr) {
      return ReplayError("something else among account terms");
    }
    if (terms != nullptr && accounts_.FindSlot(terms->account) == Accounts::kNoSlot) {
      (void)accounts_.Open(terms->account);
    }
    const auto [id, sequence] = SequenceOf(entry.openings[i]);
    const absl::StatusOr<AccountState*> account = Advance(id, sequence, entry, &numbered);
    if (!account.ok()) return account.status();
    if (*account == nullptr) continue;
    if (terms != nullptr) {
      (*account)->terms = *terms;
    } else {
      (*account)->entitlements = entitlements->list;
      (*account)->now.uses = {};
    }
  }
  return absl::OkStatus();
}

absl::Status StateMachine::Replay(const Entry& entry) {
  const Leaf& leaf = entry.leaf;
  if (leaf.operation.IsZero() != HasNoOperation(leaf.kind)) {
    return ReplayError("an entry that no request made with an operation, or another one without");
  }
  switch (leaf.kind) {
    case EntryKind::kOrigin:
      // The first entry, or one that names the checkpoint of a log that was rolled back.
      return (leaf.index == 0) == leaf.document.IsZero() && entry.openings.empty()
                 ? absl::OkStatus()
                 : ReplayError("an origin that is not the first entry");
    case EntryKind::kTransaction:
    case EntryKind::kHold:
    case EntryKind::kCapture:
    case EntryKind::kVoid:
    case EntryKind::kExpiry:
      return ReplayTransfers(entry);
    case EntryKind::kAccounts:
      return ReplayAccounts(entry);
    case EntryKind::kSchoolLimits:
      if (entry.openings.size() != 2 ||
          !std::holds_alternative<SchoolLimits>(entry.openings.front())) {
        return ReplayError("a school's limits out of form");
      }
      RestoreSchoolLimits(std::get<SchoolLimits>(entry.openings.front()));
      return absl::OkStatus();
    case EntryKind::kRefusal:
    case EntryKind::kOperation:
    case EntryKind::kBurnt:
      return HasContextOnly(entry)
                 ? absl::OkStatus()
                 : ReplayError("an entry without money opens more than a context");
    case EntryKind::kClosing:
      return entry.openings.size() == 1 &&
                     std::holds_alternative<ClosingHead>(entry.openings.front())
                 ? absl::OkStatus()
                 : ReplayError("a closing out of form");
  }
  return ReplayError("an unknown kind");
}

void StateMachine::RestoreSchoolLimits(const SchoolLimits& limits) {
  schools_[limits.school] = limits.limits;
}

void StateMachine::StartRestored(Accounts accounts) {
  accounts_ = std::move(accounts);
  restored_ = true;
}

}  // namespace ladon::ledger
