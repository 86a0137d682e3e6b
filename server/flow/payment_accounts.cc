#include "server/flow/payment_accounts.h"

#include <utility>
#include <vector>

#include "server/audit/record.h"
#include "server/base/payment_account.h"
#include "server/base/secret.h"
#include "server/payments/payments.h"

namespace ladon::flow {
namespace {

constexpr size_t kAtOnce = 1'000;

constexpr std::string_view kAssigned = "payment-accounts-assigned";

absl::Status AssignOf(const House& house, const base::SchoolId& school) {
  base::SubjectId after;
  for (;;) {
    const auto page = house.vault->ListSubjects(school, after, kAtOnce);
    if (!page.ok()) return page.status();
    if (page->empty()) return absl::OkStatus();
    after = page->back().first.subject;
    absl::Status s = audit::CommitAndWait(house.ledger, [&](storage::Overlay* overlay) {
      for (const auto& [subject, record] : *page) {
        if (record.payment_account != 0 || record.state == vault::SubjectState::kRestricted) {
          continue;
        }
        vault::SubjectRecord with = record;
        with.payment_account = UnusedPaymentAccount(house);
        house.vault->PutSubject(subject, with, overlay);
      }
    });
    if (!s.ok()) return s;
  }
}

}  // namespace

uint64_t UnusedPaymentAccount(const House& house) {
  for (;;) {
    const uint64_t drawn = base::PaymentAccount::Draw(base::FillRandom).number();
    if (!house.vault->FindPayee(drawn)) return drawn;
  }
}

absl::Status AssignPaymentAccounts(const House& house) {
  const auto before = payments::IsDone(house.vault->store(), {}, kAssigned);
  if (!before.ok() || *before) return before.status();
  base::SchoolId after;
  for (;;) {
    const std::vector<directory::School> schools = house.directory->ListSchools(after, kAtOnce);
    if (schools.empty()) break;
    after = schools.back().id;
    for (const directory::School& school : schools) {
      if (absl::Status s = AssignOf(house, school.id); !s.ok()) return s;
    }
  }
  return audit::CommitAndWait(
      house.ledger, [](storage::Overlay* overlay) { payments::PutDone({}, kAssigned, overlay); });
}

}  // namespace ladon::flow
