// What the import of a pupil list tells: before (the comparison) and after (what was done).
// Threading: pure functions.
#ifndef LADON_SERVER_CLIENT_CTL_IMPORT_REPORT_H_
#define LADON_SERVER_CLIENT_CTL_IMPORT_REPORT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "server/client/ctl/context.h"
#include "server/client/ctl/roster_diff.h"

namespace ladon::ctl {

struct RefusedRow {
  size_t line = 0;
  std::string why;
};

// Somebody who was not there before.
struct CreatedRow {
  size_t line = 0;
  std::string subject_id;       // 16 bytes
  std::string account_id;       // 16 bytes: the main purse
  std::string payment_account;  // 12 digits
};

struct Applied {
  size_t created = 0;
  std::vector<CreatedRow> people;  // Those who were created.
  size_t cards = 0;                // Bound to them.
  size_t updated = 0;
  std::vector<RefusedRow> refused;
  std::string stopped;  // Why it broke off; empty when it did not.
};

[[nodiscard]] Json JsonOfDiff(const RosterDiff& diff);
[[nodiscard]] Json JsonOfApplied(const Applied& applied);
// A table of counts, class renames as one line each, then the lists.
[[nodiscard]] std::string TextOfDiff(const Context& context, const RosterDiff& diff);
[[nodiscard]] std::string TextOfApplied(const Context& context, const Applied& applied);

}  // namespace ladon::ctl

#endif  // LADON_SERVER_CLIENT_CTL_IMPORT_REPORT_H_
