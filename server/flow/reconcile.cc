#include "server/flow/reconcile.h"

#include <utility>

#include "absl/time/time.h"
#include "server/flow/on_worker.h"
#include "server/flow/refusal.h"
#include "server/flow/service_day.h"
#include "server/payments/payments.h"

namespace ladon::flow {
namespace {

using payments::Payment;

absl::StatusOr<Reconciliation> Reconcile(const House& house, const std::string& name,
                                         uint32_t day) {
  const payments::Contract* const contract = house.contracts->Find(name);
  if (contract == nullptr) return Refuse(Reason::kContractUnknown, "contract");
  constexpr size_t kAtOnce = 1'000;
  Reconciliation all;
  std::string after;
  for (;;) {
    auto page = payments::PaymentsOfDay(house.vault->store(), name, day, after, kAtOnce);
    if (!page.ok()) return page.status();
    if (page->empty()) break;
    after = page->back().id;
    for (Payment& payment : *page) {
      const Reconciled state = ReconciledOf(payment);
      ReconciledCount& count = all.counts[state];
      ++count.payments;
      count.paid_kopecks += payment.paid_kopecks;
      count.fee_kopecks += payment.fee_kopecks;
      if (state == Reconciled::kMatched || all.payments.size() >= kReconciledToldMax) continue;
      all.payments.push_back(std::move(payment));
    }
  }
  all.registry_overdue = all.counts.contains(Reconciled::kOnlyOnline) &&
                         RegistryIsLate(house, *contract, day, house.now_ns());
  all.books = BooksOf(*house.ledger);
  return all;
}

}  // namespace

Reconciled ReconciledOf(const Payment& payment) {
  const bool in_registry = payment.registry != payments::Digest{};
  const bool cancelled = payment.state == payments::State::kCancelled;
  if (!in_registry) return cancelled ? Reconciled::kMatched : Reconciled::kOnlyOnline;
  if (cancelled || payment.registry_kopecks != payment.paid_kopecks) return Reconciled::kDiffers;
  return payment.source == payments::Source::kRegistry ? Reconciled::kOnlyRegistry
                                                       : Reconciled::kMatched;
}

Books BooksOf(const ledger::Sequencer& ledger) {
  Books books;
  for (const auto& [code, kopecks] : ledger.BalancesByCode()) {
    switch (code) {
      case ledger::AccountCode::kWallet:
        books.purses_kopecks += kopecks;
        break;
      case ledger::AccountCode::kCatererPayable:
        books.owed_to_caterers_kopecks += kopecks;
        break;
      case ledger::AccountCode::kChannelClearing:
        books.clearing_kopecks -= kopecks;  // Whoever pays in is debited.
        break;
      case ledger::AccountCode::kSubsidyBudget:
        books.subsidies_drawn_kopecks -= kopecks;
        break;
      case ledger::AccountCode::kRefundPayable:
        books.refunds_kopecks += kopecks;
        break;
      case ledger::AccountCode::kFees:
        books.fees_kopecks += kopecks;
        break;
      case ledger::AccountCode::kSuspense:
        books.suspense_kopecks += kopecks;
        break;
    }
  }
  return books;
}

bool RegistryIsLate(const House& house, const payments::Contract& contract, uint32_t day,
                    uint64_t now_ns) {
  if (!contract.registries) return false;
  const absl::StatusOr<uint32_t> today = ServiceDay(now_ns, contract.time_zone);
  absl::TimeZone zone;
  if (!today.ok() || !absl::LoadTimeZone(contract.time_zone, &zone)) return false;
  const uint32_t due = house.calendar->AddWorkingDays(day, 1);
  if (*today != due) return *today > due;
  const absl::Time now = absl::FromUnixNanos(static_cast<int64_t>(now_ns));
  return absl::ToCivilHour(now, zone).hour() >= static_cast<int>(contract.registry_hour);
}

void GetReconciliation(const House& house, const access::Caller& caller,
                       const std::string& contract, uint32_t day, Done<Reconciliation> done) {
  OnWorker<Reconciliation>(
      house, caller, std::move(done), [&house, caller, contract, day](Done<Reconciliation> tell) {
        Reply<Reconciliation>(house, caller, {}, Reconcile(house, contract, day), std::move(tell));
      });
}

}  // namespace ladon::flow
