#include "server/flow/report_reader.h"

#include <limits>
#include <string>

#include "ledger/journal_cursor.h"
#include "server/flow/refusal.h"
#include "server/flow/service_day.h"

namespace ladon::flow {
namespace {

constexpr int64_t kHoursPerDay = 24;
constexpr uint64_t kNsPerHour = uint64_t{3'600} * 1'000'000'000;
// A day begins at most 14 hours before that of UTC and ends at most 12 hours after it; the hour is
// for entries that were booked a while after their calls came.
constexpr int64_t kHoursEarlier = 14;
constexpr int64_t kHoursLater = 12 + 1;
constexpr uint64_t kEntriesBetweenLooks = 1'024;  // At the clock.

// `hours` since 1970; beyond what 64 bits of nanoseconds hold, the most that they do.
uint64_t NsOfHours(int64_t hours) {
  const auto most = static_cast<int64_t>(std::numeric_limits<uint64_t>::max() / kNsPerHour);
  if (hours > most) return std::numeric_limits<uint64_t>::max();
  return static_cast<uint64_t>(hours) * kNsPerHour;
}

}  // namespace

absl::Status CheckReportDays(const ReportDays& days) {
  const int64_t count = DayNumber(days.last) - DayNumber(days.first) + 1;
  if (count < 1) return RefuseField("last_day", "must not be before first_day");
  if (count > int64_t{kReportDaysMax}) {
    return RefuseField("last_day", "must be at most " + std::to_string(kReportDaysMax - 1) +
                                       " days after first_day");
  }
  return absl::OkStatus();
}

absl::Status RefuseMoreThan(uint64_t count, const char* of_what) {
  return RefuseField("last_day", "must be earlier: there are more than " + std::to_string(count) +
                                     " " + of_what + " in these days");
}

ReportReader::ReportReader(const House* house, const access::Caller* caller, const ReportDays& days)
    : house_(house),
      caller_(caller),
      days_(days),
      from_ns_(NsOfHours(DayNumber(days.first) * kHoursPerDay - kHoursEarlier)),
      until_ns_(NsOfHours((DayNumber(days.last) + 1) * kHoursPerDay + kHoursLater)) {
  // After the clock was wrong, and ahead, times in the journal stand still until it is later again:
  // whatever was booked since then is at the end.
  const ledger::LedgerView ledger = house_->ledger->View();
  ledger::JournalCursor cursor(ledger.store, ledger.salts);
  const uint64_t size = house_->ledger->Head().first;
  if (size == 0) return;
  const absl::StatusOr<ledger::Entry> last = cursor.Read(size - 1);
  if (last.ok() && last->leaf.booked_at_ns > house_->now_ns()) {
    until_ns_ = std::numeric_limits<uint64_t>::max();
  }
}

absl::Status ReportReader::Take(const ledger::Entry& entry, const Visit& visit) {
  if (looked_at_ == days_.entries_max) return RefuseMoreThan(days_.entries_max, "entries");
  if (looked_at_++ % kEntriesBetweenLooks == 0 && house_->now_ns() >= caller_->deadline_ns) {
    return Refuse(Reason::kDeadlinePassed);
  }
  const ledger::Date day = entry.leaf.service_date;
  return day >= days_.first && day <= days_.last ? visit(entry) : absl::OkStatus();
}

absl::Status ReportReader::ReadAccount(const ledger::AccountId& account, const Visit& visit) {
  ledger::EntryFilter filter{.from_ns = from_ns_, .until_ns = until_ns_};
  do {
    const absl::StatusOr<ledger::EntryPage> page = house_->ledger->ListEntries(account, filter);
    if (absl::IsNotFound(page.status())) return absl::OkStatus();  // Opened this moment.
    if (!page.ok()) return page.status();
    for (const ledger::Entry& entry : page->entries) {
      if (absl::Status taken = Take(entry, visit); !taken.ok()) return taken;
    }
    filter.from_sequence = page->next_sequence;
  } while (filter.from_sequence != 0);
  return absl::OkStatus();
}

absl::Status ReportReader::ReadAll(const Visit& visit) {
  const ledger::LedgerView ledger = house_->ledger->View();
  ledger::JournalCursor cursor(ledger.store, ledger.salts);
  const uint64_t size = house_->ledger->Head().first;
  const absl::StatusOr<uint64_t> begin = cursor.FirstAt(0, size, from_ns_);
  if (!begin.ok()) return begin.status();
  const absl::StatusOr<uint64_t> end = cursor.FirstAt(*begin, size, until_ns_);
  if (!end.ok()) return end.status();
  // Known before anything is read.
  if (*end - *begin > days_.entries_max) return RefuseMoreThan(days_.entries_max, "entries");
  for (uint64_t index = *begin; index < *end; ++index) {
    const absl::StatusOr<ledger::Entry> entry = cursor.Read(index);
    if (!entry.ok()) return entry.status();
    if (absl::Status taken = Take(*entry, visit); !taken.ok()) return taken;
  }
  return absl::OkStatus();
}

}  // namespace ladon::flow
