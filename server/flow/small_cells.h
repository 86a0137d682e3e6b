// Sums of meals that single nobody out: a day of a school is a cell, and a cell in which fewer than
// kSmallCellChildren children did something is left out of whatever is told.
//
// A child may have several purses, and one sale touches more than one: children are counted as the
// most purses of one number, for nobody has two of one number. That is never more than there are.
// Invariants: whether a cell is small follows from the cell alone, and a small cell is in no sum,
// so the difference of two answers never tells one. (A day that is not over is for the caller to
// leave out: it grows by one child after the other.) Threading: plain values.
#ifndef LADON_SERVER_FLOW_SMALL_CELLS_H_
#define LADON_SERVER_FLOW_SMALL_CELLS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "server/flow/meal_movements.h"

namespace ladon::flow {

inline constexpr size_t kSmallCellChildren = 5;

// What happened at a school on a day.
class DayCell {
 public:
  void Add(const Movement& movement);
  void CountDebit() { ++debits_; }

  // Children who paid or were paid for and did not get all of it back.
  [[nodiscard]] size_t payers() const;
  // The same for LeaveOut(): 1 where everything was taken back, for there was somebody.
  [[nodiscard]] size_t weight() const { return payers() == 0 && debits_ > 0 ? 1 : payers(); }

 private:
  friend class FiguresSum;
  struct Purse {
    uint8_t number = 0;
    int64_t own_kopecks = 0;
    int64_t subsidised_kopecks = 0;
    int64_t topped_up_kopecks = 0;
  };

  // At least so many children are behind the purses that `counts` says to count.
  template <class Counts>
  [[nodiscard]] size_t Children(Counts counts) const;

  uint64_t debits_ = 0;
  int64_t portions_ = 0;
  absl::flat_hash_map<uint64_t, Purse> purses_;  // By the first bytes of their random ids.
};

// Which of cells with such weights are left out: the small ones; and while what is left out is one
// cell, or is small altogether, the smallest of the others, so that no cell is found from the other
// figures of one answer and a total over the same cells. Nothing is hidden by leaving out what is
// empty.
[[nodiscard]] std::vector<bool> LeaveOut(const std::vector<size_t>& weights);

struct MealFigures {
  bool suppressed = false;     // There were days, and all of them were left out.
  uint32_t days_left_out = 0;  // They are in none of the sums.
  uint64_t purses = 0;         // Different ones that paid.
  uint64_t debits = 0;
  int64_t portions = 0;  // Less those taken back, like the sums.
  int64_t meals_kopecks = 0;
  int64_t subsidised_kopecks = 0;      // Of it, by budgets.
  uint32_t subsidy_days_left_out = 0;  // With the days left out altogether; so below.
  int64_t topped_up_kopecks = 0;
  uint32_t top_up_days_left_out = 0;

  friend bool operator==(const MealFigures&, const MealFigures&) = default;
};

// Cells added up.
class FiguresSum {
 public:
  void Add(const DayCell& cell, bool left_out);
  [[nodiscard]] MealFigures Figures() const;

 private:
  MealFigures figures_;
  uint32_t days_told_ = 0;
  absl::flat_hash_set<uint64_t> purses_;
};

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_SMALL_CELLS_H_
