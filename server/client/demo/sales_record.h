// The tills' own record of what was acknowledged, and its comparison with what the server's
// statements say: the proof that nothing acknowledged is lost or doubled.
//
// Every sale of the demonstration has one line, so a transaction stands on its child's statement
// exactly once. Threading: SalesRecord from any thread; Reconcile is pure.
#ifndef LADON_SERVER_CLIENT_DEMO_SALES_RECORD_H_
#define LADON_SERVER_CLIENT_DEMO_SALES_RECORD_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "ladon/v1/accounts_service.pb.h"

namespace ladon::demo {

struct Booking {
  size_t child = 0;
  int64_t amount_kopecks = 0;  // As on the statement: negative for a sale.
};

class SalesRecord {
 public:
  // A sale, a return or a top-up that the server acknowledged. Naming a sale twice (an answer and
  // its replay) is one booking. False: that transaction is known with another child or sum.
  bool Sold(const std::string& transaction_id, size_t child, int64_t amount_kopecks);
  bool Returned(const std::string& transaction_id, size_t child, int64_t amount_kopecks);
  void ToppedUp(size_t child, int64_t amount_kopecks);

  [[nodiscard]] std::map<std::string, Booking> sales() const;
  [[nodiscard]] std::map<std::string, Booking> returns() const;
  [[nodiscard]] std::map<size_t, int64_t> top_ups() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Booking> sales_;
  std::map<std::string, Booking> returns_;
  std::map<size_t, int64_t> top_ups_;
};

struct Reconciliation {
  int64_t acknowledged = 0;
  int64_t lost = 0;            // Acknowledged, and not on the child's statement with its sum.
  int64_t duplicated = 0;      // On a statement more than once, or never acknowledged.
  int64_t wrong_child = 0;     // On another child's statement.
  int64_t wrong_balances = 0;  // Children whose balance is not what their lines add up to.
  int64_t acknowledged_kopecks = 0;
  int64_t found_kopecks = 0;

  friend bool operator==(const Reconciliation&, const Reconciliation&) = default;
};

// `statements` by child: all lines, oldest first. `balances_kopecks` by child, asked separately.
[[nodiscard]] Reconciliation Reconcile(
    const SalesRecord& record, const std::vector<std::vector<v1::StatementLine>>& statements,
    const std::vector<int64_t>& balances_kopecks);

}  // namespace ladon::demo

#endif  // LADON_SERVER_CLIENT_DEMO_SALES_RECORD_H_
