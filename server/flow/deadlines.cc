#include "server/flow/deadlines.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <optional>

namespace ladon::flow {
namespace {

enum class Unit : uint8_t { kWorkingDays, kDays, kMonths };

struct Term {
  uint32_t count = 0;
  Unit unit = Unit::kDays;
};

constexpr Term WorkingDays(uint32_t count) {
  return {.count = count, .unit = Unit::kWorkingDays};
}

constexpr Term Days(uint32_t count) {
  return {.count = count, .unit = Unit::kDays};
}

constexpr Term kAtOnce = Days(0);
// Article 21 part 6: what cannot be destroyed in time is blocked, and destroyed within six months.
// The article does not say from when; from the request is the safe reading.
constexpr Term kBlockedMax = {.count = kBlockedMonthsMax, .unit = Unit::kMonths};

struct Row {
  RequestKind kind;
  std::optional<Term> stop;
  Term warn;
  Term due;
  Term longest;  // with the extension, counted from the request
};

constexpr std::array<Row, 8> kRows = {{
    // Article 20 part 1 with article 14: ten working days, five more with reasons given.
    {.kind = RequestKind::kAccess,
     .stop = std::nullopt,
     .warn = WorkingDays(7),
     .due = WorkingDays(10),
     .longest = WorkingDays(15)},
    // Article 21 part 2: seven working days. Part 1 blocks only where that does the subject no
    // harm,
    // and a child whose name is misspelt has to eat.
    {.kind = RequestKind::kRectify,
     .stop = std::nullopt,
     .warn = WorkingDays(4),
     .due = WorkingDays(7),
     .longest = WorkingDays(7)},
    // Article 21 part 1: from the moment of the request.
    {.kind = RequestKind::kBlock,
     .stop = kAtOnce,
     .warn = kAtOnce,
     .due = kAtOnce,
     .longest = kAtOnce},
    // Article 21 part 5.1: ten working days, five more with reasons given.
    {.kind = RequestKind::kStop,
     .stop = WorkingDays(10),
     .warn = WorkingDays(7),
     .due = WorkingDays(10),
     .longest = WorkingDays(15)},
    // Article 9 part 2: a consent may be withdrawn at any time, and from then on there is none.
    // Article 21 part 5: destroyed within thirty days, unless there is another basis.
    {.kind = RequestKind::kWithdraw,
     .stop = kAtOnce,
     .warn = Days(20),
     .due = Days(30),
     .longest = kBlockedMax},
    // Article 21 part 3: stopped within three working days; what cannot be made lawful is destroyed
    // within ten. The first of the two is so short that the warning stands from the start.
    {.kind = RequestKind::kUnlawful,
     .stop = WorkingDays(3),
     .warn = kAtOnce,
     .due = WorkingDays(10),
     .longest = kBlockedMax},
    // Article 21 part 4: stopped and destroyed within thirty days.
    {.kind = RequestKind::kPurposeReached,
     .stop = Days(30),
     .warn = Days(20),
     .due = Days(30),
     .longest = kBlockedMax},
    // A demand to destroy ends the consent: article 21 part 5. Blocked from the request on (part
    // 1).
    {.kind = RequestKind::kErase,
     .stop = kAtOnce,
     .warn = Days(20),
     .due = Days(30),
     .longest = kBlockedMax},
}};

const Row* RowOf(RequestKind kind) {
  const auto* const row =
      std::find_if(kRows.begin(), kRows.end(), [&](const Row& one) { return one.kind == kind; });
  return row == kRows.end() ? nullptr : row;
}

uint32_t LastDay(uint32_t received, const Term& term, const base::Calendar& calendar) {
  switch (term.unit) {
    case Unit::kWorkingDays:
      return calendar.AddWorkingDays(received, term.count);
    case Unit::kDays:
      return base::AddDays(received, static_cast<int32_t>(term.count));
    case Unit::kMonths:
      break;
  }
  return base::AddMonths(received, term.count);
}

}  // namespace

bool IsRequestKind(int kind) {
  return std::any_of(kRows.begin(), kRows.end(),
                     [&](const Row& row) { return static_cast<int>(row.kind) == kind; });
}

Deadlines DeadlinesOf(RequestKind kind, uint32_t received, const base::Calendar& calendar) {
  const Row* const row = RowOf(kind);
  assert(row != nullptr && "a kind of request that has no row");
  Deadlines found;
  if (row->stop) found.stop_by = LastDay(received, *row->stop, calendar);
  found.warn_from = LastDay(received, row->warn, calendar);
  found.due = LastDay(received, row->due, calendar);
  found.extended_max = LastDay(received, row->longest, calendar);
  found.covered = calendar.Covers(received) && calendar.Covers(found.due);
  return found;
}

}  // namespace ladon::flow
