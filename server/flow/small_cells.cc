#include "server/flow/small_cells.h"

#include <algorithm>
#include <cstring>
#include <map>

namespace ladon::flow {
namespace {

bool IsSmall(size_t children) {
  return children > 0 && children < kSmallCellChildren;
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
  purse.number = movement.purse_number;
  if (movement.place.kind == PlaceKind::kCashDesk) {
    purse.topped_up_kopecks += sign * movement.kopecks;
    return;
  }
  if (movement.line != nullptr) portions_ += sign * int64_t{movement.line->quantity};
  (movement.by_budget ? purse.subsidised_kopecks : purse.own_kopecks) += sign * movement.kopecks;
}

template <class Counts>
size_t DayCell::Children(Counts counts) const {
  std::map<uint8_t, size_t> by_number;
  for (const auto& [key, purse] : purses_) by_number[purse.number] += counts(purse) ? 1 : 0;
  size_t most = 0;
  for (const auto& [number, count] : by_number) most = std::max(most, count);
  return most;
}

size_t DayCell::payers() const {
  return Children(
      [](const Purse& purse) { return purse.own_kopecks != 0 || purse.subsidised_kopecks != 0; });
}

std::vector<bool> LeaveOut(const std::vector<size_t>& weights) {
  std::vector<bool> left_out(weights.size());
  size_t cells = 0;
  size_t children = 0;
  const auto leave_out = [&](size_t i) {
    left_out[i] = true;
    ++cells;
    children += weights[i];
  };
  for (size_t i = 0; i < weights.size(); ++i) {
    if (IsSmall(weights[i])) leave_out(i);
  }
  while (cells == 1 || IsSmall(children)) {
    size_t smallest = weights.size();
    for (size_t i = 0; i < weights.size(); ++i) {
      if (left_out[i] || weights[i] == 0) continue;
      if (smallest == weights.size() || weights[i] < weights[smallest]) smallest = i;
    }
    if (smallest == weights.size()) break;
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
  const size_t own = cell.Children([](const auto& purse) { return purse.own_kopecks != 0; });
  const size_t subsidised =
      cell.Children([](const auto& purse) { return purse.subsidised_kopecks != 0; });
  const size_t topped_up =
      cell.Children([](const auto& purse) { return purse.topped_up_kopecks != 0; });
  int64_t subsidised_kopecks = 0;
  int64_t topped_up_kopecks = 0;
  for (const auto& [key, purse] : cell.purses_) {
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
