// StateMachine: holds, and what ends them. A hold is a transaction in two steps: its transfers are
// reserved together, and later captured (in whole or in part), voided, or expired, once.
#include <cassert>

#include "ledger/state_machine.h"

namespace ladon::ledger {
namespace {

ResultCode CodeOf(std::optional<HoldState> ended) {
  switch (ended.value_or(HoldState::kOpen)) {
    case HoldState::kOpen:
      return ResultCode::kHoldUnknown;
    case HoldState::kCaptured:
      return ResultCode::kHoldCaptured;
    case HoldState::kVoided:
      return ResultCode::kHoldVoided;
    case HoldState::kExpired:
      return ResultCode::kHoldExpired;
  }
  return ResultCode::kHoldUnknown;
}

}  // namespace

// What is reserved counts as spent from now on, so that limits bind holds too. Entitlements do not
// cover holds: how much of a serving a budget pays is known when it is served.
void StateMachine::HoldLines(const Request& request, const PostTransaction& command,
                             Scratch* scratch) const {
  for (size_t i = 0; i < command.transfers.size(); ++i) {
    const Transfer& transfer = command.transfers[i];
    Touched* const payer = scratch->Find(transfer.debit);
    int64_t amount = transfer.amount_kopecks;
    if (transfer.balancing && payer->Has(kAccountLimited)) {
      amount = std::min(amount, payer->Available());
      if (amount < 1) return scratch->Tell(ResultCode::kInsufficientFunds);
    }
    scratch->Reserve(transfer.debit, transfer.credit, amount);
    if (transfer.line) {
      LineDetail line = *transfer.line;
      line.ordinal = static_cast<uint16_t>(i);
      scratch->Add(line);
    }
    if (IsPurchase(payer->terms(), scratch->Find(transfer.credit)->terms())) {
      scratch->Spend(payer, request.service_date, amount);
    }
  }
}

// `capture`: how much of each transfer to post; null: void, all is released.
void StateMachine::DecideHoldEnd(const Facts& facts, const std::vector<int64_t>* capture,
                                 Scratch* scratch, Decision* decision) const {
  if (facts.original != nullptr && facts.original->leaf.kind == EntryKind::kRefusal) {
    return scratch->Tell(ResultCode::kOriginalRefused);
  }
  if (facts.original == nullptr || facts.original->leaf.kind != EntryKind::kHold) {
    return scratch->Tell(ResultCode::kHoldUnknown);
  }
  const auto found = holds_.find(facts.original->leaf.transaction);
  if (found == holds_.end()) return scratch->Tell(CodeOf(facts.hold_ended));
  const Hold& hold = found->second;
  int64_t captured_in_all = 0;
  std::vector<int64_t> amounts(hold.transfers.size());
  for (size_t i = 0; i < amounts.size() && capture != nullptr; ++i) {
    const int64_t reserved = hold.transfers[i].amount_kopecks;
    amounts[i] = capture->empty() ? reserved : i < capture->size() ? (*capture)[i] : 0;
    if (amounts[i] < 0) scratch->Tell(ResultCode::kAmountOutOfRange);
    if (amounts[i] > reserved) scratch->Tell(ResultCode::kCaptureExceedsHold);
    captured_in_all |= amounts[i];
  }
  if (capture != nullptr && capture->size() > amounts.size()) {
    scratch->Tell(ResultCode::kCaptureExceedsHold);
  }
  if (capture != nullptr && captured_in_all == 0) scratch->Tell(ResultCode::kNoTransfers);
  if (scratch->verdict() != ResultCode::kOk) return;
  for (size_t i = 0; i < amounts.size(); ++i) {
    const Transfer& transfer = hold.transfers[i];
    scratch->Reserve(transfer.debit, transfer.credit, -transfer.amount_kopecks);
    if (amounts[i] > 0) {
      Transfer posted = transfer;
      posted.amount_kopecks = amounts[i];
      scratch->Post(posted, true);
    }
    if (transfer.line && capture != nullptr) scratch->Add(*transfer.line);
    Touched* const payer = scratch->Find(transfer.debit);
    if (IsPurchase(payer->terms(), scratch->Find(transfer.credit)->terms())) {
      const int64_t released = transfer.amount_kopecks - amounts[i];
      if (released > 0) scratch->Spend(payer, hold.service_date, -released);
    }
  }
  decision->hold = found->first;
  decision->hold_state = capture != nullptr ? HoldState::kCaptured : HoldState::kVoided;
}

std::optional<TransactionId> StateMachine::DueHold(uint64_t now_ns) const {
  if (deadlines_.empty() || deadlines_.begin()->first > now_ns) return std::nullopt;
  return deadlines_.begin()->second;
}

void StateMachine::DecideExpiry(const TransactionId& id, Stamp stamp, Decision* decision) const {
  decision->Clear();
  const Hold& hold = holds_.at(id);
  Entry entry;
  entry.leaf.kind = EntryKind::kExpiry;
  entry.leaf.index = stamp.index;
  entry.leaf.booked_at_ns = stamp.booked_at_ns;
  entry.leaf.related = id;
  entry.leaf.effective_date = hold.service_date;
  Scratch scratch(&accounts_, 2 * hold.transfers.size(), &decision->touched, &entry);
  for (const Transfer& transfer : hold.transfers) {
    scratch.Reserve(transfer.debit, transfer.credit, -transfer.amount_kopecks);
    Touched* const payer = scratch.Find(transfer.debit);
    if (IsPurchase(payer->terms(), scratch.Find(transfer.credit)->terms())) {
      scratch.Spend(payer, hold.service_date, -transfer.amount_kopecks);
    }
  }
  assert(scratch.verdict() == ResultCode::kOk);  // Releasing cannot be refused.
  decision->hold = id;
  decision->hold_state = HoldState::kExpired;
  decision->entries.push_back(std::move(entry));
}

// Keeps the list of open holds; the accounts are none of its business.
absl::Status StateMachine::ReplayHold(const Entry& entry) {
  const Leaf& leaf = entry.leaf;
  if (leaf.kind == EntryKind::kHold) {
    const absl::StatusOr<std::vector<BookedTransfer>> booked = BookedTransfers(entry);
    if (!booked.ok()) return booked.status();
    Hold hold = {
        .expires_at_ns = leaf.expires_at_ns, .service_date = leaf.service_date, .transfers = {}};
    hold.transfers.reserve(booked->size());
    for (const BookedTransfer& transfer : *booked) {
      hold.transfers.push_back({.debit = transfer.debit_reserved->account,
                                .credit = transfer.credit_reserved->account,
                                .amount_kopecks = transfer.debit_reserved->amount_kopecks,
                                .line = transfer.line});
    }
    if (leaf.expires_at_ns == 0 || !holds_.try_emplace(leaf.transaction, std::move(hold)).second) {
      return absl::DataLossError("a hold without an end, or one that is there already");
    }
    deadlines_.emplace(leaf.expires_at_ns, leaf.transaction);
    return absl::OkStatus();
  }
  const auto found = holds_.find(leaf.related);
  if (found == holds_.end()) return absl::DataLossError("the end of a hold that is not open");
  deadlines_.erase({found->second.expires_at_ns, found->first});
  holds_.erase(found);
  return absl::OkStatus();
}

absl::Status StateMachine::RestoreHold(const Entry& hold) {
  return ReplayHold(hold);
}

}  // namespace ladon::ledger
