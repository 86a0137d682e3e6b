// StateMachine::Replay(): the accounts derived again from what was booked. The rules (limits,
// flags) are not asked again: they may change from version to version, and what was booked under
// the old ones stands.
#include <cassert>
#include <string>

#include "absl/strings/str_cat.h"
#include "ledger/state_machine.h"

namespace ladon::ledger {
namespace {

absl::Status ReplayError(std::string_view what) {
  return absl::DataLossError(std::string(what));
}

bool HasContextOnly(const Entry& entry) {
  return entry.openings.size() == 1 && std::holds_alternative<Context>(entry.openings.front());
}

}  // namespace

absl::Status StateMachine::ReplayPosting(const Posting& posting) {
  const auto it = accounts_.find(posting.account);
  if (it == accounts_.end()) {
    return ReplayError("a posting to an account that was never opened");
  }
  AccountState& account = it->second;
  if (posting.sequence != account.sequence + 1) {
    return ReplayError(
        absl::StrCat("account sequence ", posting.sequence, " follows ", account.sequence));
  }
  int64_t balance = 0;
  if (__builtin_add_overflow(account.balance_kopecks, posting.amount_kopecks, &balance) ||
      balance != posting.balance_kopecks) {
    return ReplayError("a balance is not the sum of the postings");
  }
  account.sequence = posting.sequence;
  account.balance_kopecks = balance;
  return absl::OkStatus();
}

absl::Status StateMachine::ReplayTransaction(const Entry& entry) {
  const absl::StatusOr<std::vector<BookedTransfer>> transfers = BookedTransfers(entry);
  if (!transfers.ok()) {
    return transfers.status();
  }
  if (entry.leaf.transaction.IsZero()) {
    return ReplayError("a transaction without an id");
  }
  for (const BookedTransfer& transfer : *transfers) {
    if (absl::Status posted = ReplayPosting(transfer.debit); !posted.ok()) {
      return posted;
    }
    if (absl::Status posted = ReplayPosting(transfer.credit); !posted.ok()) {
      return posted;
    }
    if (!entry.leaf.related.IsZero()) {
      accounts_[transfer.credit.account].last_document = Digest{};
      accounts_[transfer.credit.account].last_paid_at_ns = 0;
    }
  }
  if (entry.leaf.related.IsZero() && !entry.leaf.document.IsZero()) {
    AccountState& payer = accounts_[transfers->front().debit.account];
    payer.last_document = entry.leaf.document;
    payer.last_paid_at_ns = entry.leaf.booked_at_ns;
  }
  return absl::OkStatus();
}

absl::Status StateMachine::ReplayAccounts(const Entry& entry) {
  if (entry.openings.empty() || !std::holds_alternative<Context>(entry.openings.back())) {
    return ReplayError("the context is not the last opening");
  }
  for (size_t i = 0; i + 1 < entry.openings.size(); ++i) {
    const auto* terms = std::get_if<AccountTerms>(&entry.openings[i]);
    if (terms == nullptr) {
      return ReplayError("something else among account terms");
    }
    AccountState& account = accounts_[terms->account];
    if (terms->sequence != account.sequence + 1) {
      return ReplayError(
          absl::StrCat("account sequence ", terms->sequence, " follows ", account.sequence));
    }
    account.terms = *terms;
    account.sequence = terms->sequence;
  }
  return absl::OkStatus();
}

absl::Status StateMachine::Replay(const Entry& entry) {
  if (absl::Status sealed = CheckSeal(secret_, entry); !sealed.ok()) {
    return sealed;
  }
  if (entry.leaf.operation.IsZero() != (entry.leaf.kind == EntryKind::kOrigin)) {
    return ReplayError("an origin with an operation, or another entry without one");
  }
  switch (entry.leaf.kind) {
    case EntryKind::kOrigin:
      return entry.leaf.index == 0 && entry.openings.empty()
                 ? absl::OkStatus()
                 : ReplayError("an origin that is not the first entry");
    case EntryKind::kTransaction:
      return ReplayTransaction(entry);
    case EntryKind::kAccounts:
      return ReplayAccounts(entry);
    case EntryKind::kRefusal:
    case EntryKind::kOperation:
    case EntryKind::kBurnt:
      return HasContextOnly(entry)
                 ? absl::OkStatus()
                 : ReplayError("an entry without money opens more than a context");
  }
  return ReplayError("an unknown kind");
}

}  // namespace ladon::ledger
