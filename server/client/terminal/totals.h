// A till's own figures, from its attempt log: what it sold and took back, day by day.
//
// They are for comparing, not for accounting: the ledger decides. Threading: pure functions.
#ifndef LADON_SERVER_CLIENT_TERMINAL_TOTALS_H_
#define LADON_SERVER_CLIENT_TERMINAL_TOTALS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "server/client/terminal/attempt_log.h"

namespace ladon::terminal {

enum class TotalKind { kSale, kReturn, kEnrolment, kRefusal };

// "sale", "return", "enrolment", "refusal": for machines, and the tails of catalogue keys.
[[nodiscard]] std::string_view TotalKindName(TotalKind kind);

struct Total {
  std::string day;  // "2026-09-01"
  TotalKind kind = TotalKind::kSale;
  int64_t count = 0;
  int64_t amount_kopecks = 0;  // 0 for enrolments and refusals

  friend bool operator==(const Total&, const Total&) = default;
};

// By day, then by kind. `day_of_ms` gives the till's calendar day where the server named none.
// What is pending or never happened is not counted.
[[nodiscard]] std::vector<Total> TotalsOf(
    const std::vector<AttemptEntry>& entries,
    const std::function<std::string(int64_t unix_ms)>& day_of_ms);

}  // namespace ladon::terminal

#endif  // LADON_SERVER_CLIENT_TERMINAL_TOTALS_H_
