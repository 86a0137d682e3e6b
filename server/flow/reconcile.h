// A day's payments of a contract beside what its registries say, and the books of the whole ledger.
// Threading: any thread; `done` on a thread of the ledger's.
#ifndef LADON_SERVER_FLOW_RECONCILE_H_
#define LADON_SERVER_FLOW_RECONCILE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "server/flow/commit.h"
#include "server/payments/contract.h"
#include "server/payments/record.h"

namespace ladon::flow {

inline constexpr size_t kReconciledToldMax = 500;

// Numbers of ladon.v1.Reconciled.
enum class Reconciled : uint8_t {
  kMatched = 1,
  kOnlyRegistry = 2,  // Booked by the registry.
  kOnlyOnline = 3,    // In none yet.
  kDiffers = 4,       // Another sum, or cancelled.
};
[[nodiscard]] Reconciled ReconciledOf(const payments::Payment& payment);

struct ReconciledCount {
  uint32_t payments = 0;
  int64_t paid_kopecks = 0;
  int64_t fee_kopecks = 0;
};

// All balances of a kind of account, now. What people own, are owed and were charged is what came
// in less what was paid out: purses + caterers + suspense + fees + refunds - subsidies = clearing.
struct Books {
  int64_t purses_kopecks = 0;
  int64_t owed_to_caterers_kopecks = 0;
  int64_t suspense_kopecks = 0;
  int64_t fees_kopecks = 0;
  int64_t refunds_kopecks = 0;
  int64_t subsidies_drawn_kopecks = 0;
  int64_t clearing_kopecks = 0;

  [[nodiscard]] bool Balance() const {
    return purses_kopecks + owed_to_caterers_kopecks + suspense_kopecks + fees_kopecks +
               refunds_kopecks - subsidies_drawn_kopecks ==
           clearing_kopecks;
  }
};
[[nodiscard]] Books BooksOf(const ledger::Sequencer& ledger);

struct Reconciliation {
  std::map<Reconciled, ReconciledCount> counts;
  std::vector<payments::Payment> payments;  // Those that somebody must look at.
  bool registry_overdue = false;            // Late, and something is only online.
  Books books;
};
// kContractUnknown.
void GetReconciliation(const House& house, const access::Caller& caller,
                       const std::string& contract, uint32_t day, Done<Reconciliation> done);

// Whether the registry of `day` is late at `now_ns`: the hour of the next working day is over.
// Never when the bank sends none.
[[nodiscard]] bool RegistryIsLate(const House& house, const payments::Contract& contract,
                                  uint32_t day, uint64_t now_ns);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_RECONCILE_H_
