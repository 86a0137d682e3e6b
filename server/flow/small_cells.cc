#include "server/flow/small_cells.h"

#include <algorithm>
#include <cstring>

namespace ladon::flow {
namespace {

bool IsSmall(size_t purses) {
  return purses > 0 && purses < kSmallCellPurses;
}

uint64_t KeyOf(const ledger::AccountId& purse) {
  uint64_t key = 0;
  std::memcpy(&key, purse.bytes.data(), sizeof(key));
  return key;
}

}  // namespace

void DayCell::Add(const Movement& movement) {
  const int64_t sign = movement.taken_back ? -1 : 1;
  Purse& purse = purses_[KeyOf(movement.purse)];
  if (movement.place.kind == PlaceKind::kCashDesk) {
    purse.topped_up_kopecks += sign * movement.kopecks;
    return;
  }
  if (movement.line != nullptr) portions_ += sign * int64_t{movement.line->quantity};
  (movement.by_budget ? purse.subsidised_kopecks : purse.own_kopecks) += sign * movement.kopecks;
}

size_t DayCell::payers() const {
  return static_cast<size_t>(std::count_if(purses_.begin(), purses_.end(), [](const auto& one) {
    return one.second.own_kopecks != 0 || one.second.subsidised_kopecks != 0;
  }));
}

std::vector<bool> LeaveOut(const std::vector<size_t>& payers) {
  std::vector<bool> left_out(payers.size());
  size_t cells = 0;
  size_t purses = 0;
  const auto leave_out = [&](size_t i) {
    left_out[i] = true;
    ++cells;
    purses += payers[i];
  };
  for (size_t i = 0; i < payers.size(); ++i) {
    if (IsSmall(payers[i])) leave_out(i);
  }
  while (cells == 1 || IsSmall(purses)) {
    size_t smallest = payers.size();
    for (size_t i = 0; i < payers.size(); ++i) {
      if (left_out[i] || payers[i] == 0) continue;
      if (smallest == payers.size() || payers[i] < payers[smallest]) smallest = i;
    }
    if (smallest == payers.size()) break;
    leave_out(smallest);
  }
  return left_out;
}

void FiguresSum::Add(const DayCell& cell, bool left_out) {
  if (left_out) {
    ++figures_.days_left_out;
    ++figures_.subsidy_days_left_out;
    ++figures_.top_up_days_left_out;
    return;
  }
  ++days_told_;
  size_t own = 0;
  size_t subsidised = 0;
  size_t topped_up = 0;
  int64_t subsidised_kopecks = 0;
  int64_t topped_up_kopecks = 0;
  for (const auto& [key, purse] : cell.purses_) {
    if (purse.own_kopecks != 0) ++own;
    if (purse.subsidised_kopecks != 0) ++subsidised;
    if (purse.topped_up_kopecks != 0) ++topped_up;
    if (purse.own_kopecks != 0 || purse.subsidised_kopecks != 0) purses_.insert(key);
    figures_.meals_kopecks += purse.own_kopecks + purse.subsidised_kopecks;
    subsidised_kopecks += purse.subsidised_kopecks;
    topped_up_kopecks += purse.topped_up_kopecks;
  }
  figures_.debits += cell.debits_;
  figures_.portions += cell.portions_;
  // The rest of the meals is what purses paid themselves, so it must not single out anybody either.
  if (IsSmall(subsidised) || (subsidised > 0 && IsSmall(own))) {
    ++figures_.subsidy_days_left_out;
  } else {
    figures_.subsidised_kopecks += subsidised_kopecks;
  }
  if (IsSmall(topped_up)) {
    ++figures_.top_up_days_left_out;
  } else {
    figures_.topped_up_kopecks += topped_up_kopecks;
  }
}

MealFigures FiguresSum::Figures() const {
  MealFigures figures = figures_;
  figures.suppressed = figures.days_left_out > 0 && days_told_ == 0;
  figures.purses = purses_.size();
  return figures;
}

}  // namespace ladon::flow
