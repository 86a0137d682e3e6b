// Reads the journal for a report: the entries of some service days, of one account or of all.
//
// Bounded: one reader looks at ReportDays::entries_max entries, and not beyond its caller's
// deadline. Threading: one thread that may wait, the exporter's.
#ifndef LADON_SERVER_FLOW_REPORT_READER_H_
#define LADON_SERVER_FLOW_REPORT_READER_H_

#include <cstddef>
#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "ledger/command.h"
#include "server/access/caller.h"
#include "server/flow/house.h"

namespace ladon::flow {

inline constexpr uint32_t kReportDaysMax = 62;
inline constexpr uint64_t kReportEntriesMax = 1'000'000;
inline constexpr size_t kReportLinesMax = 5'000;  // Of one answer: it is one message.

// Service days, both included, and how much may be read and told of them.
struct ReportDays {
  uint32_t first = 0;  // YYYYMMDD
  uint32_t last = 0;
  uint64_t entries_max = kReportEntriesMax;
  size_t lines_max = kReportLinesMax;
};

// By field: the last day lies before the first, or is more than kReportDaysMax days from it.
[[nodiscard]] absl::Status CheckReportDays(const ReportDays& days);
// By field: fewer days must be asked for.
[[nodiscard]] absl::Status RefuseMoreThan(uint64_t count, const char* of_what);

class ReportReader {
 public:
  using Visit = std::function<absl::Status(const ledger::Entry&)>;

  ReportReader(const House* house, const access::Caller* caller, const ReportDays& days);

  // Tells `visit` the entries of the days that touched `account`, oldest first; or all of them.
  // Its error ends the reading. last_day by field: more than may be looked at. kDeadlinePassed.
  // Others as the ledger says.
  [[nodiscard]] absl::Status ReadAccount(const ledger::AccountId& account, const Visit& visit);
  [[nodiscard]] absl::Status ReadAll(const Visit& visit);

 private:
  [[nodiscard]] absl::Status Take(const ledger::Entry& entry, const Visit& visit);

  const House* house_;
  const access::Caller* caller_;
  ReportDays days_;
  // When entries of the days may have been booked, wherever the school is.
  uint64_t from_ns_ = 0;
  uint64_t until_ns_ = 0;
  uint64_t looked_at_ = 0;
};

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_REPORT_READER_H_
