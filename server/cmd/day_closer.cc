#include "server/cmd/day_closer.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "server/flow/service_day.h"

namespace ladon {
namespace {

constexpr std::chrono::seconds kLookEvery{20};
constexpr uint64_t kHourNs = uint64_t{3600} * 1'000'000'000;

}  // namespace

absl::StatusOr<std::optional<ledger::Date>> DayToClose(const ledger::Sequencer& ledger,
                                                       uint64_t now_ns,
                                                       const std::string& time_zone) {
  const absl::StatusOr<uint32_t> today = flow::ServiceDay(now_ns, time_zone);
  if (!today.ok()) return today.status();
  const absl::StatusOr<std::vector<ledger::BookedClosing>> closings = ledger.ListClosings();
  if (!closings.ok()) return closings.status();
  // Entries between a closing's tree size and its leaf are not covered by it, but for the leaf.
  const uint64_t first = closings->empty() ? 1 : closings->back().head.tree_size;
  const uint64_t size = ledger.Head().first;
  auto day_of = [&](uint64_t index) -> absl::StatusOr<uint32_t> {
    const absl::StatusOr<ledger::Entry> entry = ledger.ReadEntry(index);
    if (!entry.ok()) return entry.status();
    return flow::ServiceDay(entry->leaf.booked_at_ns, time_zone);
  };
  const uint64_t own_leaf = closings->empty() ? 0 : closings->back().index;
  const uint64_t first_open = first == own_leaf ? first + 1 : first;
  if (first_open >= size) return std::optional<ledger::Date>();
  const absl::StatusOr<uint32_t> oldest = day_of(first_open);
  if (!oldest.ok()) return oldest.status();
  if (*oldest >= *today) return std::optional<ledger::Date>();
  // The newest entry's day, unless that is today's already: then it is yesterday that ended.
  const absl::StatusOr<uint32_t> newest = day_of(size - 1);
  if (!newest.ok()) return newest.status();
  if (*newest < *today) return std::optional<ledger::Date>(*newest);
  // Hour by hour: a day may have 25 of them.
  absl::StatusOr<uint32_t> yesterday = *today;
  for (uint64_t ago = kHourNs; yesterday.ok() && *yesterday == *today; ago += kHourNs) {
    yesterday = flow::ServiceDay(now_ns - ago, time_zone);
  }
  if (!yesterday.ok()) return yesterday.status();
  return std::optional<ledger::Date>(std::max(*oldest, *yesterday));
}

DayCloser::DayCloser(Options options) : options_(std::move(options)), thread_([this] { Run(); }) {}

DayCloser::~DayCloser() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void DayCloser::Run() {
  std::unique_lock lock(mutex_);
  do {
    lock.unlock();
    const auto day = DayToClose(*options_.ledger, options_.now_ns(), options_.time_zone);
    if (!day.ok()) {
      options_.on_closing(day.status());
    } else if (day->has_value()) {
      options_.on_closing(options_.ledger->BookClosing(**day));
    }
    lock.lock();
  } while (!wake_.wait_for(lock, kLookEvery, [this] { return stopping_; }));
}

}  // namespace ladon
