#include "server/flow/spending_limits.h"

#include <utility>

#include "server/flow/money.h"
#include "server/flow/mutate.h"

namespace ladon::flow {
namespace {

ledger::Limits ToLedger(const SpendingLimits& limits) {
  ledger::Limits typed;
  if (limits.per_purchase_kopecks) {
    typed.emplace_back(ledger::kLimitPerPurchase, *limits.per_purchase_kopecks);
  }
  if (limits.per_service_day_kopecks) {
    typed.emplace_back(ledger::kLimitPerServiceDay, *limits.per_service_day_kopecks);
  }
  for (const uint16_t category : limits.banned_categories) {
    typed.emplace_back(static_cast<uint16_t>(ledger::kLimitCategoryBan | category), 1);
  }
  return typed;
}

SpendingLimits FromLedger(const ledger::Limits& typed) {
  SpendingLimits limits;
  for (const auto& [type, value] : typed) {
    if (type == ledger::kLimitPerPurchase) limits.per_purchase_kopecks = value;
    if (type == ledger::kLimitPerServiceDay) limits.per_service_day_kopecks = value;
    if ((type & ledger::kLimitCategoryBan) != 0) {
      limits.banned_categories.push_back(type & ~ledger::kLimitCategoryBan);
    }
  }
  return limits;
}

absl::StatusOr<SpendingLimits> ReadLimits(const House& house, const access::Caller& caller,
                                          const base::AccountId& account) {
  if (account.IsZero()) {
    return FromLedger(house.ledger->FindSchoolLimits({caller.principal.school.bytes}));
  }
  const absl::StatusOr<ledger::AccountView> purse = OwnPurse(house, caller, account);
  if (!purse.ok()) return purse.status();
  return FromLedger(purse->terms.limits);
}

}  // namespace

void SetLimits(const House& house, const access::Caller& caller, const Request& request,
               const base::AccountId& account, const SpendingLimits& limits, Done<uint64_t> done) {
  if (!account.IsZero()) {
    return ReplaceTerms(
        house, caller, request, account,
        [&limits](ledger::AccountTerms* terms) { terms->limits = ToLedger(limits); },
        std::move(done));
  }
  const base::SchoolId& school = caller.principal.school;
  ledger::Submission submission = ForRequest(
      house, caller, request, school,
      ledger::SetSchoolLimits{.limits = {.school = {school.bytes}, .limits = ToLedger(limits)}});
  Mutate<uint64_t>(
      house, caller, school.bytes, std::move(submission),
      [](const ledger::Outcome& outcome) -> absl::StatusOr<uint64_t> { return outcome.index; },
      std::move(done));
}

void GetLimits(const House& house, const access::Caller& caller, const base::AccountId& account,
               Done<SpendingLimits> done) {
  Reply(house, caller, account.IsZero() ? caller.principal.school.bytes : account.bytes,
        ReadLimits(house, caller, account), std::move(done));
}

}  // namespace ladon::flow
