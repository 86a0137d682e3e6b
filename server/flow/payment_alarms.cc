#include "server/flow/payment_alarms.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "ledger/proof/merkle.h"
#include "server/audit/record.h"
#include "server/base/calendar.h"
#include "server/flow/reconcile.h"
#include "server/flow/service_day.h"
#include "server/payments/payments.h"

namespace ladon::flow {
namespace {

constexpr size_t kAtOnce = 1'000;

// Whether something of the day is in no registry.
absl::StatusOr<bool> IsSomethingMissing(const storage::Store& store, const std::string& contract,
                                        uint32_t day) {
  std::string after;
  for (;;) {
    const auto page = payments::PaymentsOfDay(store, contract, day, after, kAtOnce);
    if (!page.ok()) return page.status();
    const bool missing = std::any_of(page->begin(), page->end(), [](const auto& payment) {
      return ReconciledOf(payment) == Reconciled::kOnlyOnline;
    });
    if (missing || page->size() < kAtOnce) return missing;
    after = page->back().id;
  }
}

}  // namespace

absl::Status PaymentAlarms::Look() {
  const uint64_t now_ns = house_->now_ns();
  absl::Status worst;
  for (const auto& [name, contract] : house_->contracts->all()) {
    // One that cannot be looked at keeps nobody from looking at the others.
    worst.Update(LookAtRegistries(contract, now_ns));
    worst.Update(LookAtRefunds(contract, now_ns));
  }
  return worst;
}

absl::Status PaymentAlarms::LookAtRegistries(const payments::Contract& contract, uint64_t now_ns) {
  const absl::StatusOr<uint32_t> today = ServiceDay(now_ns, contract.time_zone);
  if (!today.ok()) return today.status();
  for (int32_t ago = kRegistryDaysBack; ago > 0; --ago) {
    const uint32_t day = base::AddDays(*today, -ago);
    if (done_.contains({contract.name, day}) || !RegistryIsLate(*house_, contract, day, now_ns)) {
      continue;
    }
    const absl::StatusOr<bool> missing =
        IsSomethingMissing(house_->vault->store(), contract.name, day);
    if (!missing.ok()) return missing.status();
    if (*missing) {
      absl::Status s = Raise(audit::ProcessEvent::kRegistryLate, contract.name,
                             absl::StrCat("registry/", day), day);
      if (!s.ok()) return s;
    }
    done_.emplace(contract.name, day);
  }
  return absl::OkStatus();
}

absl::Status PaymentAlarms::LookAtRefunds(const payments::Contract& contract, uint64_t now_ns) {
  const absl::StatusOr<uint32_t> today = ServiceDay(now_ns, contract.time_zone);
  if (!today.ok()) return today.status();
  std::string after;
  for (;;) {
    const auto page = payments::OpenRefunds(house_->vault->store(), contract.name, after, kAtOnce);
    if (!page.ok()) return page.status();
    for (const payments::Refund& refund : *page) {
      if (refund.due_day >= *today) continue;
      absl::Status s = Raise(audit::ProcessEvent::kRefundOverdue, contract.name,
                             absl::StrCat("refund/", refund.number), refund.due_day);
      if (!s.ok()) return s;
    }
    if (page->size() < kAtOnce) return absl::OkStatus();
    after = page->back().number;
  }
}

absl::Status PaymentAlarms::Raise(audit::ProcessEvent event, const std::string& contract,
                                  const std::string& what, uint32_t day) {
  const auto before = payments::IsDone(house_->vault->store(), contract, what);
  if (!before.ok() || *before) return before.status();
  const ledger::AuditLeaf leaf = audit::LeafOf(
      event, ledger::Sha256(absl::StrCat("ladon/payment-alarm/1", contract, "/", what)),
      house_->now_ns());
  const auto recorded = audit::RecordAndWait(
      house_->ledger, house_->audit, leaf,
      [&](uint64_t, storage::Overlay* overlay) { payments::PutDone(contract, what, overlay); });
  if (recorded.ok()) on_alarm_(event, contract, day);
  return recorded.status();
}

}  // namespace ladon::flow
