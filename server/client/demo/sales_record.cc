#include "server/client/demo/sales_record.h"

#include <utility>

namespace ladon::demo {
namespace {

bool Put(std::map<std::string, Booking>* bookings, const std::string& id, const Booking& booking) {
  const auto [it, fresh] = bookings->emplace(id, booking);
  return fresh ||
         (it->second.child == booking.child && it->second.amount_kopecks == booking.amount_kopecks);
}

struct Sighting {
  size_t child = 0;
  int64_t amount_kopecks = 0;
};
using Sightings = std::multimap<std::string, Sighting>;

// Compares one kind of booking with where its transactions were seen.
void Compare(const std::map<std::string, Booking>& bookings, const Sightings& seen,
             Reconciliation* out) {
  for (const auto& [id, booking] : bookings) {
    int64_t right = 0;
    const auto [first, last] = seen.equal_range(id);
    for (auto it = first; it != last; ++it) {
      if (it->second.child != booking.child) {
        ++out->wrong_child;
      } else if (it->second.amount_kopecks == booking.amount_kopecks) {
        ++right;
      }
    }
    if (right == 0) ++out->lost;
    if (right > 1) out->duplicated += right - 1;
  }
  for (const auto& [id, sighting] : seen) {
    if (!bookings.contains(id)) ++out->duplicated;
  }
}

}  // namespace

bool SalesRecord::Sold(const std::string& transaction_id, size_t child, int64_t amount_kopecks) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return Put(&sales_, transaction_id, {.child = child, .amount_kopecks = -amount_kopecks});
}

bool SalesRecord::Returned(const std::string& transaction_id, size_t child,
                           int64_t amount_kopecks) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return Put(&returns_, transaction_id, {.child = child, .amount_kopecks = amount_kopecks});
}

void SalesRecord::ToppedUp(size_t child, int64_t amount_kopecks) {
  const std::lock_guard<std::mutex> lock(mutex_);
  top_ups_[child] += amount_kopecks;
}

std::map<std::string, Booking> SalesRecord::sales() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return sales_;
}

std::map<std::string, Booking> SalesRecord::returns() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return returns_;
}

std::map<size_t, int64_t> SalesRecord::top_ups() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return top_ups_;
}

Reconciliation Reconcile(const SalesRecord& record,
                         const std::vector<std::vector<v1::StatementLine>>& statements,
                         const std::vector<int64_t>& balances_kopecks) {
  Reconciliation out;
  Sightings meals;
  Sightings cancels;
  std::vector<int64_t> expected_kopecks(statements.size(), 0);
  for (size_t child = 0; child < statements.size(); ++child) {
    for (const v1::StatementLine& line : statements[child]) {
      const Sighting sighting = {.child = child, .amount_kopecks = line.amount_kopecks()};
      if (line.kind() == v1::STATEMENT_KIND_MEAL) meals.emplace(line.transaction_id(), sighting);
      if (line.kind() == v1::STATEMENT_KIND_CANCEL) {
        cancels.emplace(line.transaction_id(), sighting);
      }
      if (line.kind() == v1::STATEMENT_KIND_MEAL) out.found_kopecks -= line.amount_kopecks();
    }
  }
  const std::map<std::string, Booking> sales = record.sales();
  const std::map<std::string, Booking> returns = record.returns();
  Compare(sales, meals, &out);
  Compare(returns, cancels, &out);
  out.acknowledged = static_cast<int64_t>(sales.size());
  for (const auto& [id, booking] : sales) {
    out.acknowledged_kopecks -= booking.amount_kopecks;
    expected_kopecks.at(booking.child) += booking.amount_kopecks;
  }
  for (const auto& [id, booking] : returns) {
    expected_kopecks.at(booking.child) += booking.amount_kopecks;
  }
  for (const auto& [child, amount] : record.top_ups()) expected_kopecks.at(child) += amount;
  for (size_t child = 0; child < statements.size(); ++child) {
    const int64_t last = statements[child].empty() ? 0 : statements[child].back().balance_kopecks();
    if (last != expected_kopecks[child] || balances_kopecks[child] != last) ++out.wrong_balances;
  }
  return out;
}

}  // namespace ladon::demo
