#include "server/flow/identify.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "ledger/proof/merkle.h"
#include "server/access/watch.h"
#include "server/base/secret.h"
#include "server/flow/on_worker.h"
#include "server/flow/refusal.h"
#include "server/flow/service_day.h"

namespace ladon::flow {
namespace {

absl::StatusOr<Identified> FindByProbe(const House& house, const access::Caller& caller,
                                       const Probe& probe) {
  const base::SchoolId& school = caller.principal.school;
  const auto settings = house.directory->FindSchool(school);
  if (!settings) return Refuse(Reason::kSchoolUnknown);
  if (!settings->settings.biometrics) return Refuse(Reason::kBiometricsOff);
  if (!house.palm_throttle->Take(caller.principal.id, house.now_ns())) {
    return Refuse(Reason::kPalmThrottled);
  }
  if (probe.liveness == Liveness::kFail) return Refuse(Reason::kLivenessFailed);
  const absl::StatusOr<matcher::SearchResult> found =
      house.galleries->SearchAtTill(school, probe.codes);
  if (!found.ok()) {  // Our fault: nobody has missed.
    house.palm_throttle->GiveBack(caller.principal.id);
    return found.status();
  }
  switch (found->decision) {
    case matcher::SearchResult::Decision::kNobody:
      return Refuse(Reason::kPalmNotRecognised);
    case matcher::SearchResult::Decision::kAmbiguous:
      return Refuse(Reason::kPalmAmbiguous);
    case matcher::SearchResult::Decision::kMatch:
      house.palm_throttle->GiveBack(caller.principal.id);
      break;
  }
  return Identified{.subject = {.school = school, .subject = {found->subject.bytes}},
                    .means = Means::kPalm,
                    .liveness = probe.liveness};
}

// One try with a card: of the certificate, of the card, and of the address it comes from.
class CardTry {
 public:
  CardTry(const House& house, const access::Caller& caller, const vault::CardHash& hash)
      : throttles_(house.throttles), certificate_(caller.principal.id) {
    std::copy_n(hash.begin(), card_.bytes.size(), card_.bytes.begin());
    const ledger::Digest host = ledger::Sha256(access::HostOf(caller.peer));
    std::copy_n(host.bytes.begin(), address_.bytes.size(), address_.bytes.begin());
  }
  // False: too many have missed.
  bool Take(uint64_t now_ns) {
    // First, so that one lost card does not close the till to all others.
    if (!throttles_->same_card.Take(card_, now_ns)) return false;
    if (throttles_->cards.Take(certificate_, now_ns)) {
      if (throttles_->addresses.Take(address_, now_ns)) return true;
      throttles_->cards.GiveBack(certificate_);
    }
    throttles_->same_card.GiveBack(card_);  // It has not missed.
    return false;
  }
  // It is somebody's; `works`: and not lost or blocked.
  void Hit(bool works) {
    throttles_->cards.GiveBack(certificate_);
    throttles_->addresses.GiveBack(address_);
    if (works) throttles_->same_card.GiveBack(card_);
  }

 private:
  Throttles* const throttles_;
  const base::ActorId certificate_;
  base::ActorId card_;  // These two in the form that a Throttle knows.
  base::ActorId address_;
};

absl::StatusOr<Identified> FindByCard(const House& house, const access::Caller& caller,
                                      const vault::CardNumber& number) {
  const base::SchoolId& school = caller.principal.school;
  // First, because hashing makes the school's pepper: no keys for made-up schools.
  if (!house.directory->FindSchool(school)) return Refuse(Reason::kSchoolUnknown);
  const absl::StatusOr<vault::CardHash> hash = house.vault->HashCard(school, number);
  if (!hash.ok()) return hash.status();
  CardTry attempt(house, caller, *hash);
  if (!attempt.Take(house.now_ns())) return Refuse(Reason::kTooManyAttempts);
  const auto card = house.vault->FindCard(house.vault->store(), school, *hash);
  if (!card.ok()) {
    attempt.Hit(true);  // Our fault: nobody has missed.
    return card.status();
  }
  if (!card->has_value()) return Refuse(Reason::kCardUnknown);
  const vault::CardState state = (*card)->record.state;
  attempt.Hit(state == vault::CardState::kActive || state == vault::CardState::kTemporary);
  return Identified{
      .subject = (*card)->owner, .means = Means::kCard, .card_number = (*card)->number};
}

// Everything but the durable audit record.
absl::StatusOr<IdentifyAnswer> Answer(const House& house, const access::Caller& caller,
                                      const Identified& who, uint64_t now_ns) {
  const auto subject = house.vault->ReadSubject(house.vault->store(), who.subject);
  if (!subject.ok()) return subject.status();
  if (!subject->has_value()) return Refuse(Reason::kSubjectUnknown);
  const absl::StatusOr<base::AccountId> purse = PurseAccount(**subject, kMainPurse);
  if (!purse.ok()) return purse.status();
  const auto account = house.ledger->FindAccount(ToLedger(*purse));
  if (!account) return Refuse(Reason::kAccountUnknown);
  absl::StatusOr<Payer> payer = ShowPayer(house, who.subject, account->balance_kopecks);
  if (!payer.ok()) return payer.status();
  Token token{
      .who = who, .terminal = caller.principal.id, .expires_at_ns = now_ns + kTokenLifetimeNs};
  base::FillRandom(token.nonce);
  return IdentifyAnswer{.payer = *std::move(payer),
                        .token = house.tokens->Seal(token),
                        .expires_at_ns = token.expires_at_ns};
}

void FindAndAnswer(const House& house, const access::Caller& caller, const PayMeans& means,
                   const Done<IdentifyAnswer>& done) {
  const base::SchoolId school = caller.principal.school;
  const absl::StatusOr<Identified> who = FindByMeans(house, caller, means);
  if (!who.ok()) return Reply<IdentifyAnswer>(house, caller, {}, who.status(), done);
  const Object object = who->subject.subject.bytes;
  const uint64_t now_ns = house.now_ns();
  const auto settings = house.directory->FindSchool(school);
  if (!settings) {
    return Reply<IdentifyAnswer>(house, caller, object, Refuse(Reason::kSchoolUnknown), done);
  }
  const absl::StatusOr<uint32_t> today = ServiceDay(now_ns, settings->settings.time_zone);
  if (!today.ok()) {
    return Reply<IdentifyAnswer>(house, caller, object, today.status(), done);
  }
  auto answer =
      std::make_shared<absl::StatusOr<IdentifyAnswer>>(Answer(house, caller, *who, now_ns));
  ledger::Submission submission;
  // On the applier thread, so that a withdrawal that was decided first is seen.
  submission.check = [&house, who = *who, today = *today, answer](const storage::Reader& reader) {
    if (!answer->ok()) return answer->status();
    return CheckPayer(house, reader, who, today);
  };
  Commit(house, caller, object, std::move(submission),
         [answer, done](const absl::Status& status, const ledger::Outcome&) {
           if (!status.ok()) {
             done(status);
           } else {
             done(*answer);
           }
         });
}

}  // namespace

absl::StatusOr<Identified> FindByMeans(const House& house, const access::Caller& caller,
                                       const PayMeans& means) {
  if (const auto* const probe = std::get_if<Probe>(&means)) {
    return FindByProbe(house, caller, *probe);
  }
  if (const auto* const list = std::get_if<ListMeans>(&means)) {
    return FindByList(house, caller, *list);
  }
  return FindByCard(house, caller, std::get<vault::CardNumber>(means));
}

void Identify(const House& house, const access::Caller& caller, PayMeans means,
              Done<IdentifyAnswer> done) {
  if (!std::holds_alternative<Probe>(means)) return FindAndAnswer(house, caller, means, done);
  const auto shared = std::make_shared<PayMeans>(std::move(means));
  OnWorker<IdentifyAnswer>(house, caller, std::move(done),
                           [&house, caller, shared](const Done<IdentifyAnswer>& tell) {
                             FindAndAnswer(house, caller, *shared, tell);
                           });
}

}  // namespace ladon::flow
