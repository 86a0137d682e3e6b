// StateMachine: transactions, entitlements, limits and reversals.
#include <algorithm>
#include <cassert>

#include "ledger/state_machine.h"

namespace ladon::ledger {
namespace {

// The value of a typed limit; nullopt = there is none.
std::optional<int64_t> LimitOf(const Limits& limits, uint16_t type) {
  for (const auto& [known, value] : limits) {
    if (known == type) return value;
  }
  return std::nullopt;
}

bool Exceeds(int64_t amount_kopecks, uint16_t type, const Limits& own, const Limits* school) {
  const std::optional<int64_t> mine = LimitOf(own, type);
  if (mine && amount_kopecks > *mine) return true;
  const std::optional<int64_t> theirs = school ? LimitOf(*school, type) : std::nullopt;
  return theirs && amount_kopecks > *theirs;
}

bool Bans(const Limits& limits, uint16_t category) {
  return category < kLimitCategoryBan &&
         LimitOf(limits, static_cast<uint16_t>(kLimitCategoryBan | category)).has_value();
}

LineDetail WithOrdinal(LineDetail line, size_t ordinal) {
  line.ordinal = static_cast<uint16_t>(ordinal);
  return line;
}

}  // namespace

// What a budget pays of `transfer`, by the first entitlement of the payer that covers the line and
// has uses left; nullopt: nothing.
std::optional<StateMachine::Part> StateMachine::CoveredPart(const Transfer& transfer, Date day,
                                                            Scratch* scratch) const {
  if (!transfer.line || transfer.line->quantity == 0 || transfer.balancing) return std::nullopt;
  Touched* const payer = scratch->Find(transfer.debit);
  if (payer->known->entitlements.empty() ||
      !IsPurchase(payer->terms(), scratch->Find(transfer.credit)->terms())) {
    return std::nullopt;
  }
  const std::vector<Entitlement>& list = payer->known->entitlements;
  for (size_t i = 0; i < list.size(); ++i) {
    const Entitlement& one = list[i];
    const uint8_t used = day > payer->now.day ? uint8_t{0} : payer->now.uses[i];
    if (one.category != transfer.line->category || day < one.valid_from || day > one.valid_to ||
        used >= one.uses_per_day) {
      continue;
    }
    const auto uses =
        static_cast<uint8_t>(std::min<uint32_t>(transfer.line->quantity, one.uses_per_day - used));
    const int64_t price = transfer.amount_kopecks / transfer.line->quantity;
    const int64_t covered =
        std::min(transfer.amount_kopecks, uses * std::min(one.cap_kopecks, price));
    if (covered < 1) continue;
    Part part{.transfer = transfer,
              .by_budget = true,
              .owner = transfer.debit,
              .entitlement = static_cast<uint8_t>(i),
              .uses = uses};
    part.transfer.debit = one.budget;
    part.transfer.amount_kopecks = covered;
    return part;
  }
  return std::nullopt;
}

void StateMachine::PostByBudget(const Part& part, Date day, Scratch* scratch) const {
  const Touched* const budget = scratch->Find(part.transfer.debit);
  Touched* const owner = scratch->Find(part.owner);
  RollDay(day, &owner->now);
  owner->now.uses[part.entitlement] =
      static_cast<uint8_t>(owner->now.uses[part.entitlement] + part.uses);
  if (budget == nullptr || budget->Has(kAccountClosed) || budget->Has(kAccountFrozen) ||
      part.transfer.debit == part.transfer.credit ||
      (budget->Has(kAccountLimited) && budget->Available() < part.transfer.amount_kopecks)) {
    return scratch->Tell(ResultCode::kBudgetUnavailable);
  }
  scratch->Post(part.transfer);
  scratch->Add(*part.transfer.line);
  scratch->Add(EntitlementUse{.account = part.owner,
                              .sequence = scratch->NextSequence(owner),
                              .ordinal = part.entitlement,
                              .amount_kopecks = part.transfer.amount_kopecks,
                              .uses = part.uses,
                              .uses_today = owner->now.uses[part.entitlement]});
}

void StateMachine::PostLines(const Request& request, const PostTransaction& command,
                             Scratch* scratch) const {
  for (size_t i = 0; i < command.transfers.size(); ++i) {
    Transfer own = command.transfers[i];
    if (own.line) own.line = WithOrdinal(*own.line, i);
    const std::optional<Part> covered = CoveredPart(own, request.service_date, scratch);
    if (covered) own.amount_kopecks -= covered->transfer.amount_kopecks;
    if (own.amount_kopecks > 0) {
      const int64_t moved = scratch->Post(own);
      if (own.line) scratch->Add(*own.line);
      Touched* const payer = scratch->Find(own.debit);
      if (IsPurchase(payer->terms(), scratch->Find(own.credit)->terms())) {
        if (moved > 0) scratch->Spend(payer, request.service_date, moved);
      }
    }
    if (covered) PostByBudget(*covered, request.service_date, scratch);
  }
}

void StateMachine::CheckLimits(const PostTransaction& command, const std::vector<Touched>& touched,
                               Scratch* scratch) const {
  for (const Touched& account : touched) {
    if (account.purchase_kopecks == 0) continue;
    const AccountTerms& terms = account.terms();
    const Limits* const school = FindSchoolLimits(terms.school);
    if (Exceeds(account.purchase_kopecks, kLimitPerPurchase, terms.limits, school)) {
      scratch->Tell(ResultCode::kPurchaseLimitExceeded);
    }
    if (Exceeds(account.now.spent_kopecks, kLimitPerServiceDay, terms.limits, school)) {
      scratch->Tell(ResultCode::kDayLimitExceeded);
    }
  }
  for (const Transfer& transfer : command.transfers) {
    const AccountTerms& payer = scratch->Find(transfer.debit)->terms();
    if (!transfer.line || !IsPurchase(payer, scratch->Find(transfer.credit)->terms())) continue;
    const Limits* const school = FindSchoolLimits(payer.school);
    if (Bans(payer.limits, transfer.line->category) ||
        (school != nullptr && Bans(*school, transfer.line->category))) {
      scratch->Tell(ResultCode::kCategoryBanned);
    }
  }
}

void StateMachine::DecideTransaction(const Request& request, const PostTransaction& command,
                                     const Facts& facts, Stamp stamp, Scratch* scratch,
                                     Decision* decision) const {
  if (facts.nonce_used) scratch->Tell(ResultCode::kTokenAlreadyUsed);
  scratch->CheckTransfers(command.transfers);
  if (command.hold_seconds > kHoldSecondsMax) scratch->Tell(ResultCode::kHoldSecondsOutOfRange);
  if (scratch->verdict() != ResultCode::kOk) return;  // All lower than what follows.
  if (command.hold_seconds > 0) {
    HoldLines(request, command, scratch);
    decision->hold = request.transaction;
    decision->hold_state = HoldState::kOpen;
  } else {
    PostLines(request, command, scratch);
  }
  CheckLimits(command, decision->touched, scratch);
  if (command.document.IsZero()) return;
  Standing& payer = scratch->Find(command.transfers.front().debit)->now;
  if (command.repeat_window_ns != 0 && payer.last_document == command.document &&
      stamp.booked_at_ns - payer.last_paid_at_ns < command.repeat_window_ns) {
    scratch->Tell(ResultCode::kPossibleRepeat);
  }
  payer.last_document = command.document;
  payer.last_paid_at_ns = stamp.booked_at_ns;
}

// Takes `amount_kopecks` of one booked transfer back; `whole`: nothing of it is left then.
void StateMachine::PostBack(const BookedTransfer& booked, int64_t amount_kopecks, bool whole,
                            Date day, Scratch* scratch) const {
  LineDetail line = WithOrdinal(booked.line.value_or(LineDetail{}), booked.ordinal);
  scratch->Post({.debit = booked.credit.account,
                 .credit = booked.debit.account,
                 .amount_kopecks = amount_kopecks,
                 .line = line});
  scratch->Add(line);
  Touched* const payer = scratch->Find(booked.use ? booked.use->account : booked.debit.account);
  // Who got the money back may buy the same again.
  payer->now.last_document = Digest{};
  payer->now.last_paid_at_ns = 0;
  if (booked.use) {
    uint8_t& uses = payer->now.uses[booked.use->ordinal % kEntitlementsMax];
    const uint8_t given = whole && payer->now.day == day ? std::min(uses, booked.use->uses) : 0;
    uses = static_cast<uint8_t>(uses - given);
    scratch->Add(EntitlementUse{.account = booked.use->account,
                                .sequence = scratch->NextSequence(payer),
                                .ordinal = booked.use->ordinal,
                                .amount_kopecks = -amount_kopecks,
                                .uses = given,
                                .uses_today = uses});
  } else if (IsPurchase(payer->terms(), scratch->Find(booked.credit.account)->terms())) {
    scratch->Spend(payer, day, -amount_kopecks);
  }
}

// How much of each ordinal's money is to go back; `left` is what there is of each. Tells the first
// thing that is wrong.
std::vector<int64_t> StateMachine::WantedBack(const CancelOperation& command,
                                              const std::vector<int64_t>& left, Scratch* scratch) {
  if (command.ordinals.empty()) {
    const bool nothing =
        std::all_of(left.begin(), left.end(), [](int64_t one) { return one == 0; });
    if (nothing) scratch->Tell(ResultCode::kReversalExceedsOriginal);
    return left;
  }
  std::vector<int64_t> wanted(left.size());
  for (const uint16_t ordinal : command.ordinals) {
    if (ordinal >= left.size()) scratch->Tell(ResultCode::kNothingToReverse);
  }
  for (size_t i = 0; i < command.ordinals.size() && scratch->verdict() == ResultCode::kOk; ++i) {
    const uint16_t ordinal = command.ordinals[i];
    const bool given = !command.amounts_kopecks.empty();
    const int64_t amount = given ? command.amounts_kopecks[i] : left[ordinal];
    if (given && (amount < 1 || amount > kTransferKopecksMax)) {
      scratch->Tell(ResultCode::kAmountOutOfRange);
    } else if (wanted[ordinal] != 0 || amount == 0 || amount > left[ordinal]) {
      scratch->Tell(ResultCode::kReversalExceedsOriginal);
    }
    wanted[ordinal] = amount;
  }
  return wanted;
}

// As far as the original allows nothing to be posted, its verdicts stand alone; otherwise the
// accounts are asked first and the window last, as their numbers say.
void StateMachine::DecideReversal(const CancelOperation& command, const Facts& facts,
                                  Scratch* scratch, Decision* decision) const {
  const Leaf& original = facts.original->leaf;
  if (original.kind == EntryKind::kRefusal) return scratch->Tell(ResultCode::kOriginalRefused);
  if (original.kind == EntryKind::kHold && command.ordinals.empty()) {
    return DecideHoldEnd(facts, nullptr, scratch, decision);
  }
  const bool posted = original.kind == EntryKind::kCapture ||
                      (original.kind == EntryKind::kTransaction && original.related.IsZero());
  if (!posted) return scratch->Tell(ResultCode::kNothingToReverse);
  const absl::StatusOr<std::vector<BookedTransfer>> booked = BookedTransfers(*facts.original);
  assert(booked.ok());  // Verified when it was read, or decided by us.
  std::vector<int64_t> left(booked->back().ordinal + size_t{1});
  std::vector<int64_t> taken(booked->size());  // By position.
  for (const Taken& one : facts.reversed) taken.at(one.position) = one.amount_kopecks;
  for (size_t i = 0; i < booked->size(); ++i) {
    left[(*booked)[i].ordinal] += (*booked)[i].credit.amount_kopecks - taken[i];
  }
  std::vector<int64_t> wanted = WantedBack(command, left, scratch);
  if (scratch->verdict() != ResultCode::kOk) return;
  // By position: the payer's own part, which stands first, gives before the budget's.
  std::vector<int64_t> back(booked->size());
  std::vector<Transfer> transfers;
  for (size_t i = 0; i < booked->size(); ++i) {
    const BookedTransfer& transfer = (*booked)[i];
    back[i] = std::min(transfer.credit.amount_kopecks - taken[i], wanted[transfer.ordinal]);
    if (back[i] == 0) continue;
    wanted[transfer.ordinal] -= back[i];
    transfers.push_back({.debit = transfer.credit.account,
                         .credit = transfer.debit.account,
                         .amount_kopecks = back[i],
                         .line = std::nullopt});
  }
  scratch->CheckTransfers(transfers);
  if (scratch->verdict() != ResultCode::kOk) return;
  for (size_t i = booked->size(); i-- > 0;) {
    if (back[i] == 0) continue;
    taken[i] += back[i];
    const bool whole = taken[i] == (*booked)[i].credit.amount_kopecks;
    PostBack((*booked)[i], back[i], whole, SpendingDay(original), scratch);
  }
  if (original.booked_at_ns < command.not_before_ns ||
      (command.same_service_date != 0 && original.service_date != command.same_service_date)) {
    scratch->Tell(ResultCode::kCancelWindowPassed);
  }
  for (size_t i = 0; i < taken.size(); ++i) {
    if (taken[i] == 0) continue;
    decision->reversed.push_back(
        {.position = static_cast<uint16_t>(i), .amount_kopecks = taken[i]});
  }
  decision->reversed_transaction = original.transaction;
}

}  // namespace ladon::ledger
