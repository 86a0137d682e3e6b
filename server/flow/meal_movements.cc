#include "server/flow/meal_movements.h"

#include <optional>
#include <vector>

#include "ledger/seal.h"

namespace ladon::flow {
namespace {

using ledger::EntryKind;

const Place* Find(const Places& places, const ledger::AccountId& account) {
  const auto found = places.find(account);
  return found == places.end() ? nullptr : &found->second;
}

// The place that a transfer concerns and the account beyond it. Forward, a purse or a budget pays
// a caterer and a cash desk pays a purse; a reversal is the same from the other end. Anything else
// (a caterer is paid out) is of nobody's meal.
std::optional<Movement> MovementOf(const ledger::BookedTransfer& transfer, bool taken_back,
                                   const Places& places,
                                   const std::function<bool(const ledger::AccountId&)>& is_purse) {
  const ledger::AccountId& payer = taken_back ? transfer.credit.account : transfer.debit.account;
  const ledger::AccountId& payee = taken_back ? transfer.debit.account : transfer.credit.account;
  Movement movement{.kopecks = transfer.credit.amount_kopecks, .taken_back = taken_back};
  if (const Place* const to = Find(places, payee); to && to->kind == PlaceKind::kCaterer) {
    movement.place = *to;
    movement.by_budget = transfer.use.has_value();
    movement.purse = movement.by_budget ? transfer.use->account : payer;
    return movement;
  }
  const Place* const from = Find(places, payer);
  if (from == nullptr || from->kind != PlaceKind::kCashDesk || !is_purse(payee)) {
    return std::nullopt;
  }
  movement.place = *from;
  movement.purse = payee;
  return movement;
}

}  // namespace

absl::Status VisitMovements(const ledger::Entry& entry, const Places& places,
                            const std::function<bool(const ledger::AccountId&)>& is_purse,
                            const std::function<void(const Movement&)>& visit) {
  const ledger::Leaf& leaf = entry.leaf;
  if (leaf.kind != EntryKind::kTransaction && leaf.kind != EntryKind::kCapture) {
    return absl::OkStatus();
  }
  const auto booked = ledger::BookedTransfers(entry);
  if (!booked.ok()) return booked.status();
  // A capture names the hold that it ends, a reversal what it takes back.
  const bool taken_back = leaf.kind == EntryKind::kTransaction && !leaf.related.IsZero();
  std::optional<uint16_t> counted;  // The line whose portions were told last.
  for (const ledger::BookedTransfer& transfer : *booked) {
    if (transfer.credit.amount_kopecks == 0) continue;  // Nothing of it was captured.
    std::optional<Movement> movement = MovementOf(transfer, taken_back, places, is_purse);
    if (!movement) continue;
    if (transfer.line && counted != transfer.ordinal) movement->line = &*transfer.line;
    counted = transfer.ordinal;
    visit(*movement);
  }
  return absl::OkStatus();
}

}  // namespace ladon::flow
