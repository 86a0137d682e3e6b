// NaiveLedger: what ends a hold, and what takes a transaction back.
#include <algorithm>

#include "tests/ledger/naive_ledger.h"

namespace ladon::ledger {

// Captures as much as told, or, without `capture`, voids.
ResultCode NaiveLedger::EndHold(const OperationKey& target, const std::vector<int64_t>* capture,
                                Operation* done) {
  const auto found = operations_.find(target);
  if (found == operations_.end() || found->second.void_id) return ResultCode::kHoldUnknown;
  Operation& hold = found->second;
  if (hold.code != ResultCode::kOk) return ResultCode::kOriginalRefused;
  if (hold.kind != EntryKind::kHold) return ResultCode::kHoldUnknown;
  if (hold.hold == HoldState::kCaptured) return ResultCode::kHoldCaptured;
  if (hold.hold == HoldState::kVoided) return ResultCode::kHoldVoided;
  if (hold.hold == HoldState::kExpired) return ResultCode::kHoldExpired;
  done->related = true;
  if (capture == nullptr) {
    done->kind = EntryKind::kVoid;  // Also when a cancel asked for it.
    Release(&hold, HoldState::kVoided, {});
    return ResultCode::kOk;
  }
  std::vector<int64_t> amounts = *capture;
  if (amounts.empty()) {
    for (const Line& line : hold.lines) amounts.push_back(line.own);
  }
  Verdicts verdicts;
  if (amounts.size() > hold.lines.size()) verdicts.insert(ResultCode::kCaptureExceedsHold);
  // Amounts that no transfer has are too many, and nothing else is asked about them.
  bool nothing = true;
  for (size_t i = 0; i < std::min(amounts.size(), hold.lines.size()); ++i) {
    if (amounts[i] != 0) nothing = false;
    if (amounts[i] < 0) verdicts.insert(ResultCode::kAmountOutOfRange);
    if (amounts[i] > hold.lines[i].own) verdicts.insert(ResultCode::kCaptureExceedsHold);
  }
  if (nothing) verdicts.insert(ResultCode::kNoTransfers);
  if (!verdicts.empty()) {
    return Lowest(verdicts);
  }
  Release(&hold, HoldState::kCaptured, amounts);
  done->spending_day = hold.service_date;
  done->lines = hold.lines;
  amounts.resize(hold.lines.size());
  for (size_t i = 0; i < amounts.size(); ++i) done->lines[i].own = amounts[i];
  return ResultCode::kOk;
}

// Ends an open hold: what is in `captured` is posted, the rest of it has never been.
void NaiveLedger::Release(Operation* hold, HoldState state, const std::vector<int64_t>& captured) {
  open_holds_.erase({hold->expires_at_ns, hold->transaction});
  hold->hold = state;
  for (size_t i = 0; i < hold->lines.size(); ++i) {
    const Line& line = hold->lines[i];
    const int64_t moved = i < captured.size() ? captured[i] : 0;
    Money& from = accounts_.at(line.debit).money;
    Money& to = accounts_.at(line.credit).money;
    from.debits_pending -= line.own;
    to.credits_pending -= line.own;
    touches_.push_back({line.debit, ++from.last_sequence, -line.own, from.debits_pending});
    touches_.push_back({line.credit, ++to.last_sequence, -line.own, to.credits_pending});
    if (moved > 0) {
      from.balance -= moved;
      to.balance += moved;
      touches_.push_back({line.debit, ++from.last_sequence, -moved, from.balance});
      touches_.push_back({line.credit, ++to.last_sequence, moved, to.balance});
    }
    if (line.purchase) {
      GiveBackSpending(hold->service_date, line.own - moved, &from);
    }
  }
}

ResultCode NaiveLedger::Cancel(const CancelOperation& cancel, Operation* done) {
  const auto target = operations_.find(cancel.target);
  if (target == operations_.end() || target->second.void_id) {
    if (target == operations_.end()) {
      Operation& burnt = operations_[cancel.target];
      burnt.code = ResultCode::kCancelledBeforeArrival;
      burnt.void_id = true;
      burnt.index = entries_++;
      burnt.booked_at_ns = done->booked_at_ns++;  // The answer's own entry comes behind it.
    }
    done->kind = EntryKind::kOperation;
    done->burnt = true;
    return ResultCode::kOk;
  }
  Operation& original = target->second;
  if (original.code != ResultCode::kOk) return ResultCode::kOriginalRefused;
  if (original.kind == EntryKind::kHold) {
    return cancel.ordinals.empty() ? EndHold(cancel.target, nullptr, done)
                                   : ResultCode::kNothingToReverse;
  }
  if (original.kind == EntryKind::kCapture ||
      (original.kind == EntryKind::kTransaction && !original.related)) {
    return Reverse(cancel, &original, done);
  }
  return ResultCode::kNothingToReverse;
}

ResultCode NaiveLedger::Reverse(const CancelOperation& cancel, Operation* original,
                                Operation* done) {
  std::vector<Back> backs;
  const ResultCode alone = WhatToTakeBack(cancel, *original, &backs);
  if (alone != ResultCode::kOk) {
    return alone;
  }
  Trial trial;
  Verdicts& verdicts = trial.verdicts;
  for (const Back& back : backs) {
    const Line& line = original->lines[back.ordinal];
    CheckForm(line.credit, back.by_budget ? line.budget : line.debit, back.amount, &verdicts);
  }
  if (original->booked_at_ns < cancel.not_before_ns ||
      (cancel.same_service_date != 0 && cancel.same_service_date != original->service_date)) {
    verdicts.insert(ResultCode::kCancelWindowPassed);
  }
  Operation after = *original;
  for (const Back& back : backs) {
    TakeBack(back, &after, &trial);
  }
  if (!verdicts.empty()) {
    return Lowest(verdicts);
  }
  Commit(std::move(trial));
  *original = std::move(after);
  done->kind = EntryKind::kTransaction;
  done->related = true;
  return ResultCode::kOk;
}

// The parts to take back, the last one first; or the one verdict that lets nothing else be judged.
ResultCode NaiveLedger::WhatToTakeBack(const CancelOperation& cancel, const Operation& original,
                                       std::vector<Back>* backs) {
  std::map<size_t, int64_t> wanted;
  for (const uint16_t ordinal : cancel.ordinals) {
    if (ordinal >= original.lines.size()) return ResultCode::kNothingToReverse;
  }
  for (size_t i = 0; i < cancel.ordinals.size(); ++i) {
    const uint16_t ordinal = cancel.ordinals[i];
    const int64_t left = original.lines[ordinal].Left();
    const bool told = !cancel.amounts_kopecks.empty();
    const int64_t amount = told ? cancel.amounts_kopecks[i] : left;
    if (told && (amount < 1 || amount > kTransferKopecksMax)) {
      return ResultCode::kAmountOutOfRange;
    }
    if (left == 0 || amount > left || !wanted.emplace(ordinal, amount).second) {
      return ResultCode::kReversalExceedsOriginal;
    }
  }
  if (cancel.ordinals.empty()) {
    for (size_t ordinal = 0; ordinal < original.lines.size(); ++ordinal) {
      const int64_t left = original.lines[ordinal].Left();
      if (left > 0) wanted.emplace(ordinal, left);
    }
  }
  for (const auto& [ordinal, amount] : wanted) {
    const Line& line = original.lines[ordinal];
    const int64_t own = std::min(amount, line.own - line.own_back);
    if (own > 0) backs->push_back({.ordinal = ordinal, .amount = own});
    if (amount > own) {
      backs->push_back({.ordinal = ordinal, .by_budget = true, .amount = amount - own});
    }
  }
  std::reverse(backs->begin(), backs->end());
  return backs->empty() ? ResultCode::kReversalExceedsOriginal : ResultCode::kOk;
}

void NaiveLedger::TakeBack(const Back& back, Operation* original, Trial* trial) const {
  Line& line = original->lines[back.ordinal];
  Move(line.credit, back.by_budget ? line.budget : line.debit, back.amount, trial);
  Money& payer = In(trial, line.debit);
  payer.document = Digest{};
  payer.document_ns = 0;
  if (!back.by_budget) {
    line.own_back += back.amount;
    if (line.purchase) GiveBackSpending(original->spending_day, back.amount, &payer);
    return;
  }
  line.covered_back += back.amount;
  uint32_t& uses = payer.uses[line.entitlement];
  if (line.covered_back == line.covered && payer.day == original->spending_day) {
    uses -= std::min(uses, line.uses);
  }
  trial->touches.push_back({line.debit, ++payer.last_sequence, -back.amount, uses});
}

}  // namespace ladon::ledger
