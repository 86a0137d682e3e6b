#include <string_view>

#include "server/flow/channel_payment.h"
#include "server/flow/on_worker.h"
#include "server/flow/payer.h"
#include "server/flow/refusal.h"
#include "server/flow/throttle.h"
#include "server/flow/throttle_bucket.h"

namespace ladon::flow {
namespace {

// How many accounts share what a throttle counts together: those with the same first four digits.
constexpr uint64_t kRange = 100'000'000;

// "Иван" -> "И***".
std::string Masked(const std::string& name) {
  return vault::FirstCharacters(name, 1) + "***";
}

// Of an account that was found.
absl::StatusOr<CheckedAccount> Describe(const House& house, const vault::Payee& payee) {
  const auto view = house.ledger->FindAccount(ToLedger(payee.purse));
  if (!view || (view->terms.flags & ledger::kAccountClosed) != 0) {
    return Refuse(Reason::kPaymentAccountInactive);
  }
  const auto record = house.vault->ReadSubject(house.vault->store(), payee.subject);
  if (!record.ok()) return record.status();
  const auto school = house.directory->FindSchool(payee.subject.school);
  if (!record->has_value() || !school) return Refuse(Reason::kPaymentAccountUnknown);
  if ((*record)->state == vault::SubjectState::kRestricted) {
    return Refuse(Reason::kPaymentAccountInactive);
  }
  return CheckedAccount{
      .masked_name = Masked((*record)->given_name) + " " + Masked((*record)->family_name),
      .school_name = school->settings.name};
}

absl::StatusOr<CheckedAccount> Check(const House& house, const std::string& name, uint64_t number,
                                     std::optional<int64_t> paid_kopecks) {
  const payments::Contract* const contract = house.contracts->Find(name);
  if (contract == nullptr) return Refuse(Reason::kContractUnknown, "contract");
  // Before anything is looked up, so that parallel tries cannot outrun the count.
  const base::ActorId all = BucketOf(name, 0);
  const base::ActorId range = BucketOf(name, number / kRange);
  const uint64_t now_ns = house.now_ns();
  if (!house.throttles->payment_ranges.Take(range, now_ns)) {
    return Refuse(Reason::kTooManyAttempts);
  }
  if (!house.throttles->payment_accounts.Take(all, now_ns)) {
    house.throttles->payment_ranges.GiveBack(range);
    return Refuse(Reason::kTooManyAttempts);
  }
  const auto payee = house.vault->FindPayee(number);
  if (!payee) return Refuse(Reason::kPaymentAccountUnknown, "payment_account");
  house.throttles->payment_accounts.GiveBack(all);
  house.throttles->payment_ranges.GiveBack(range);
  absl::StatusOr<CheckedAccount> found = Describe(house, *payee);
  if (!found.ok() || !paid_kopecks) return found;
  if (*paid_kopecks < contract->paid_kopecks_min) return Refuse(Reason::kPaymentTooSmall);
  if (*paid_kopecks > contract->paid_kopecks_max) return Refuse(Reason::kPaymentTooLarge);
  found->fee_kopecks = contract->FeeOf(*paid_kopecks);
  return found;
}

}  // namespace

void CheckAccount(const House& house, const access::Caller& caller, const std::string& contract,
                  uint64_t number, std::optional<int64_t> paid_kopecks, Done<CheckedAccount> done) {
  absl::StatusOr<CheckedAccount> checked = Check(house, contract, number, paid_kopecks);
  // Whose it is, for whoever asks later who was looked at. Of a refused one nothing was told.
  Object who{};
  if (const auto payee = house.vault->FindPayee(number); checked.ok() && payee) {
    who = payee->subject.subject.bytes;
  }
  Reply<CheckedAccount>(house, caller, who, std::move(checked), std::move(done));
}

}  // namespace ladon::flow
