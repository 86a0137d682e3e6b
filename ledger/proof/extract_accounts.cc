#include "ledger/proof/extract_accounts.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"

namespace ladon::ledger {
namespace {

int64_t SaturatingAdd(int64_t a, int64_t b) {
  int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b > 0 ? std::numeric_limits<int64_t>::max() : std::numeric_limits<int64_t>::min();
}

int64_t SaturatingNegate(int64_t a) {
  return a == std::numeric_limits<int64_t>::min() ? std::numeric_limits<int64_t>::max() : -a;
}

bool IsSum(int64_t before, int64_t amount, int64_t after) {
  int64_t sum = 0;
  return !__builtin_add_overflow(before, amount, &sum) && sum == after;
}

}  // namespace

void ExtractAccounts::Open(const ClosingRow& row) {
  ExtractAccount& account = accounts_[row.account];
  account = {.now = row,
             .sequence_before = row.sequence,
             .opening_kopecks = row.balance_kopecks,
             .terms_known = true,
             .balance_known = true,
             .debits_known = true,
             .credits_known = true};
}

ExtractAccount* ExtractAccounts::Advance(const AccountId& account, uint64_t sequence,
                                         const OnDefect& on_defect, bool opens) {
  const auto [it, is_new] = accounts_.try_emplace(account);
  ExtractAccount& state = it->second;
  if (is_new) {
    state.now.account = account;
    // In a piece of a journal the numbers before are not there to be seen.
    state.sequence_before = complete_ || sequence == 0 ? 0 : sequence - 1;
    state.now.sequence = state.sequence_before;
    const bool from_nothing = state.sequence_before == 0;
    state.balance_known = state.debits_known = state.credits_known = from_nothing;
  }
  if (sequence != state.now.sequence + 1) {
    on_defect(account, absl::StrCat("sequence number ", sequence, " follows ", state.now.sequence));
  }
  // One that no terms opened would stand in no closing.
  if (complete_ && !opens && !state.terms_known) on_defect(account, "used and never opened");
  state.now.sequence = sequence;
  return &state;
}

void ExtractAccounts::TakeOpening(const Opening& opening, const OnDefect& on_defect) {
  if (const auto* const posting = std::get_if<Posting>(&opening)) {
    ExtractAccount& state = *Advance(posting->account, posting->sequence, on_defect);
    if (!std::exchange(state.balance_known, true)) {
      state.opening_kopecks =
          SaturatingAdd(posting->balance_kopecks, SaturatingNegate(posting->amount_kopecks));
      state.now.balance_kopecks = state.opening_kopecks;
    }
    if (!IsSum(state.now.balance_kopecks, posting->amount_kopecks, posting->balance_kopecks)) {
      on_defect(
          posting->account,
          absl::StrCat("a balance of ", posting->balance_kopecks, " kopecks after a posting of ",
                       posting->amount_kopecks, " to ", state.now.balance_kopecks));
    }
    state.now.balance_kopecks = posting->balance_kopecks;
    const int64_t amount = posting->amount_kopecks;
    int64_t& turnover = amount < 0 ? state.debited_kopecks : state.credited_kopecks;
    turnover = SaturatingAdd(turnover, amount < 0 ? SaturatingNegate(amount) : amount);
  } else if (const auto* const side = std::get_if<Reservation>(&opening)) {
    ExtractAccount& state = *Advance(side->account, side->sequence, on_defect);
    int64_t& pending =
        side->credit ? state.now.credits_pending_kopecks : state.now.debits_pending_kopecks;
    const bool known = std::exchange(side->credit ? state.credits_known : state.debits_known, true);
    if (known && !IsSum(pending, side->amount_kopecks, side->pending_kopecks)) {
      on_defect(side->account,
                absl::StrCat(side->pending_kopecks, " kopecks pending after a change by ",
                             side->amount_kopecks, " of ", pending));
    }
    pending = side->pending_kopecks;
  } else if (const auto* const terms = std::get_if<AccountTerms>(&opening)) {
    ExtractAccount& state = *Advance(terms->account, terms->sequence, on_defect, true);
    if (state.terms_known && state.now.code != terms->code) {
      on_defect(terms->account, "the account code changed");
    }
    state.now.school = terms->school;
    state.now.code = terms->code;
    state.terms_known = true;
  } else if (const auto* const use = std::get_if<EntitlementUse>(&opening)) {
    ExtractAccount& state = *Advance(use->account, use->sequence, on_defect);
    state.budgets_kopecks = SaturatingAdd(state.budgets_kopecks, use->amount_kopecks);
  } else if (const auto* const entitlements = std::get_if<Entitlements>(&opening)) {
    Advance(entitlements->account, entitlements->sequence, on_defect);
  }
}

void ExtractAccounts::Take(const OpenedEntry& entry, const OnDefect& on_defect) {
  for (const OpenedCommitment& opened : entry.openings) {
    TakeOpening(opened.opening, on_defect);
    const auto it = accounts_.find(SequenceOf(opened.opening).first);
    if (it == accounts_.end()) continue;
    const bool again = it->second.entries > 0 && it->second.last_entry == entry.leaf.index;
    it->second.entries += again ? 0 : 1;
    it->second.last_entry = entry.leaf.index;
  }
}

const ExtractAccount* ExtractAccounts::Find(const AccountId& account) const {
  const auto it = accounts_.find(account);
  return it == accounts_.end() ? nullptr : &it->second;
}

std::vector<ClosingRow> ExtractAccounts::SortedRows() const {
  std::vector<ClosingRow> rows;
  rows.reserve(accounts_.size());
  for (const auto& [id, account] : accounts_) {
    if (account.terms_known) rows.push_back(account.now);
  }
  std::sort(rows.begin(), rows.end(), RowBefore);
  return rows;
}

std::vector<ExtractAccount> ExtractAccounts::Sorted() const {
  std::vector<ExtractAccount> sorted;
  sorted.reserve(accounts_.size());
  for (const auto& [id, account] : accounts_) sorted.push_back(account);
  std::sort(sorted.begin(), sorted.end(), [](const ExtractAccount& a, const ExtractAccount& b) {
    return a.now.account < b.now.account;
  });
  return sorted;
}

}  // namespace ladon::ledger
