#include "server/client/terminal/totals.h"

#include <map>
#include <optional>
#include <utility>

namespace ladon::terminal {
namespace {

std::optional<TotalKind> KindOf(const AttemptEntry& entry) {
  if (!entry.outcome) return std::nullopt;
  switch (entry.outcome->kind) {
    case OutcomeKind::kRefused:
      return TotalKind::kRefusal;
    case OutcomeKind::kBurnt:
    case OutcomeKind::kAbandoned:
      return std::nullopt;
    case OutcomeKind::kDone:
      break;
  }
  switch (entry.attempt.kind) {
    case AttemptKind::kDebit:
      return TotalKind::kSale;
    case AttemptKind::kCancel:
      // A Cancel that burnt an id gave no money back.
      if (entry.outcome->transaction_id.empty()) return std::nullopt;
      return TotalKind::kReturn;
    case AttemptKind::kEnrol:
      return TotalKind::kEnrolment;
  }
  return std::nullopt;
}

}  // namespace

std::string_view TotalKindName(TotalKind kind) {
  switch (kind) {
    case TotalKind::kSale:
      return "sale";
    case TotalKind::kReturn:
      return "return";
    case TotalKind::kEnrolment:
      return "enrolment";
    case TotalKind::kRefusal:
      return "refusal";
  }
  return "";
}

std::vector<Total> TotalsOf(const std::vector<AttemptEntry>& entries,
                            const std::function<std::string(int64_t unix_ms)>& day_of_ms) {
  std::map<std::pair<std::string, TotalKind>, Total> totals;
  for (const AttemptEntry& entry : entries) {
    const std::optional<TotalKind> kind = KindOf(entry);
    if (!kind) continue;
    const std::string day = entry.outcome->service_date.empty() ? day_of_ms(entry.attempt.at_ms)
                                                                : entry.outcome->service_date;
    Total& total = totals[{day, *kind}];
    total.day = day;
    total.kind = *kind;
    ++total.count;
    total.amount_kopecks += entry.outcome->amount_kopecks;
  }
  std::vector<Total> sorted;
  sorted.reserve(totals.size());
  for (const auto& [key, total] : totals) sorted.push_back(total);
  return sorted;
}

}  // namespace ladon::terminal
