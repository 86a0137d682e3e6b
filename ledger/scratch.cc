#include "ledger/scratch.h"

#include <algorithm>
#include <cassert>
#include <limits>

namespace ladon::ledger {

bool IsPurchase(const AccountTerms& debit, const AccountTerms& credit) {
  return debit.code == AccountCode::kWallet && credit.code == AccountCode::kCatererPayable;
}

void RollDay(Date day, Standing* now) {
  if (day <= now->day) return;
  now->day = day;
  now->spent_kopecks = 0;
  now->uses = {};
}

int64_t Touched::Available() const {
  // Neither sum can leave the range by much: pending and overdraft are 0 or more.
  const __int128 available = static_cast<__int128>(now.balance_kopecks) -
                             now.debits_pending_kopecks + terms().overdraft_limit_kopecks;
  constexpr __int128 kMax = std::numeric_limits<int64_t>::max();
  constexpr __int128 kMin = std::numeric_limits<int64_t>::min();
  return static_cast<int64_t>(std::clamp(available, kMin, kMax));
}

Scratch::Scratch(const Accounts* accounts, size_t touched_max, std::vector<Touched>* touched,
                 Entry* entry)
    : accounts_(accounts), touched_(touched), entry_(entry) {
  entry_->openings.reserve(2 * touched_max + 1);
  entry_->previous.reserve(touched_max);
  touched_->clear();
  touched_->reserve(touched_max);  // Find() gives out pointers: the elements must not move.
}

Touched* Scratch::Find(const AccountId& account) {
  for (Touched& touched : *touched_) {
    if (touched.account == account) return &touched;
  }
  const Accounts::Slot slot = accounts_->FindSlot(account);
  if (slot == Accounts::kNoSlot) return nullptr;
  Touched& touched = Open(account);
  touched.slot = slot;
  touched.known = &accounts_->at(slot);
  touched.now = touched.known->now;
  return &touched;
}

Touched& Scratch::Open(const AccountId& account) {
  assert(touched_->size() < touched_->capacity());
  Touched& touched = touched_->emplace_back();
  touched.account = account;
  return touched;
}

uint64_t Scratch::NextSequence(Touched* account) {
  entry_->previous.push_back(account->now.last_index);
  account->now.last_index = entry_->leaf.index;
  return ++account->now.sequence;
}

void Scratch::CheckTransfers(std::span<const Transfer> transfers) {
  if (transfers.empty()) Tell(ResultCode::kNoTransfers);
  for (const Transfer& transfer : transfers) {
    if (transfer.amount_kopecks < 1 || transfer.amount_kopecks > kTransferKopecksMax) {
      Tell(ResultCode::kAmountOutOfRange);
    }
    if (transfer.debit == transfer.credit) Tell(ResultCode::kSameAccountTwice);
    const Touched* const debit = Find(transfer.debit);
    const Touched* const credit = Find(transfer.credit);
    if (debit == nullptr || credit == nullptr) {
      Tell(ResultCode::kAccountUnknown);
      continue;
    }
    if (debit->Has(kAccountClosed) || credit->Has(kAccountClosed)) {
      Tell(ResultCode::kAccountClosed);
    }
    if (debit->Has(kAccountFrozen)) Tell(ResultCode::kAccountFrozen);
  }
}

int64_t Scratch::Post(const Transfer& transfer, bool promised) {
  Touched* const debit = Find(transfer.debit);
  Touched* const credit = Find(transfer.credit);
  int64_t amount = transfer.amount_kopecks;
  const bool limited = debit->Has(kAccountLimited);
  if (transfer.balancing && limited) {
    amount = std::min(amount, debit->Available());
    if (amount < 1) {
      Tell(ResultCode::kInsufficientFunds);
      return 0;
    }
  }
  if (__builtin_sub_overflow(debit->now.balance_kopecks, amount, &debit->now.balance_kopecks) ||
      __builtin_add_overflow(credit->now.balance_kopecks, amount, &credit->now.balance_kopecks)) {
    Tell(ResultCode::kBalanceOverflow);
    return 0;
  }
  if (limited && !promised && debit->Available() < 0) Tell(ResultCode::kInsufficientFunds);
  Add(Posting{.account = transfer.debit,
              .amount_kopecks = -amount,
              .sequence = NextSequence(debit),
              .balance_kopecks = debit->now.balance_kopecks});
  Add(Posting{.account = transfer.credit,
              .amount_kopecks = amount,
              .sequence = NextSequence(credit),
              .balance_kopecks = credit->now.balance_kopecks});
  return amount;
}

void Scratch::Reserve(const AccountId& debit_id, const AccountId& credit_id,
                      int64_t amount_kopecks) {
  Touched* const debit = Find(debit_id);
  Touched* const credit = Find(credit_id);
  if (__builtin_add_overflow(debit->now.debits_pending_kopecks, amount_kopecks,
                             &debit->now.debits_pending_kopecks) ||
      __builtin_add_overflow(credit->now.credits_pending_kopecks, amount_kopecks,
                             &credit->now.credits_pending_kopecks)) {
    return Tell(ResultCode::kBalanceOverflow);
  }
  if (amount_kopecks > 0 && debit->Has(kAccountLimited) && debit->Available() < 0) {
    Tell(ResultCode::kInsufficientFunds);
  }
  Add(Reservation{.account = debit_id,
                  .credit = false,
                  .amount_kopecks = amount_kopecks,
                  .sequence = NextSequence(debit),
                  .pending_kopecks = debit->now.debits_pending_kopecks});
  Add(Reservation{.account = credit_id,
                  .credit = true,
                  .amount_kopecks = amount_kopecks,
                  .sequence = NextSequence(credit),
                  .pending_kopecks = credit->now.credits_pending_kopecks});
}

void Scratch::Spend(Touched* account, Date day, int64_t amount_kopecks) {
  Standing& now = account->now;
  if (amount_kopecks > 0) {
    RollDay(day, &now);
    now.spent_kopecks += amount_kopecks;
    account->purchase_kopecks += amount_kopecks;
  } else if (now.day == day) {
    now.spent_kopecks = std::max<int64_t>(0, now.spent_kopecks + amount_kopecks);
  }
}

}  // namespace ladon::ledger
