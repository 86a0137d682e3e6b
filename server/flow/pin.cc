#include "server/flow/pin.h"

#include <sodium.h>

#include <algorithm>
#include <cassert>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/secret.h"
#include "server/flow/erase.h"
#include "server/flow/mutate.h"
#include "server/flow/on_worker.h"
#include "server/flow/refusal.h"

namespace ladon::flow {
namespace {

using vault::PinRecord;
using vault::SubjectRef;

constexpr char kField[] = "pin";
// Where the count goes on at when it would overflow: it locks at every further five.
constexpr uint8_t kFailuresKept = 250;
static_assert(kFailuresKept % kPinFailuresMax == 0);
static_assert(sizeof(PinRecord::salt) == crypto_pwhash_argon2id_SALTBYTES);
static_assert(kPinPasses >= crypto_pwhash_argon2id_OPSLIMIT_MIN);
static_assert(kPinMemoryBytes >= crypto_pwhash_argon2id_MEMLIMIT_MIN);

// kOverloaded: there is no memory for it.
absl::Status HashPin(const House& house, const base::SchoolId& school, std::string_view pin,
                     const std::array<uint8_t, 16>& salt, std::array<uint8_t, 32>* hash) {
  const absl::StatusOr<base::SecretKey> pepper =
      house.vault->SchoolKey(school, vault::Purpose::kSchoolPinPepper);
  if (!pepper.ok()) return pepper.status();
  std::array<uint8_t, crypto_generichash_BYTES> peppered{};
  const int mixed = crypto_generichash(peppered.data(), peppered.size(),
                                       reinterpret_cast<const uint8_t*>(pin.data()), pin.size(),
                                       pepper->RevealForCrypto().data(), base::kSecretKeyBytes);
  assert(mixed == 0);
  static_cast<void>(mixed);
  const int hashed = crypto_pwhash(
      hash->data(), hash->size(), reinterpret_cast<const char*>(peppered.data()), peppered.size(),
      salt.data(), kPinPasses, kPinMemoryBytes, crypto_pwhash_ALG_ARGON2ID13);
  base::Wipe(peppered.data(), peppered.size());
  return hashed == 0 ? absl::OkStatus() : Refuse(Reason::kOverloaded);
}

// How long the lock holds that the `failures`-th wrong PIN in a row brings; 0: it brings none.
uint64_t LockOf(uint8_t failures) {
  if (failures == 0 || failures % kPinFailuresMax != 0) return 0;
  uint64_t lock_ns = kPinLockFirstNs;
  for (int i = kPinFailuresMax; i < failures && lock_ns < kPinLockMaxNs; i += kPinFailuresMax) {
    lock_ns *= 2;
  }
  return std::min(lock_ns, kPinLockMaxNs);
}

// Every digit one more than the digit before, or one less; after the 9 comes the 0.
bool IsRun(std::string_view pin) {
  for (const int step : {1, 9}) {
    bool run = true;
    for (size_t i = 1; i < pin.size(); ++i) run = run && (pin[i] - pin[i - 1] + 10) % 10 == step;
    if (run) return true;
  }
  return false;
}

// The same block over and over: 0000, 1212, 123123.
bool IsRepetition(std::string_view pin) {
  for (size_t block = 1; block <= pin.size() / 2; ++block) {
    if (pin.size() % block == 0 && pin.substr(block) == pin.substr(0, pin.size() - block)) {
      return true;
    }
  }
  return false;
}

// The ways in which people write a day with digits.
bool IsDayText(std::string_view pin, uint32_t day) {
  const std::string text = absl::StrCat(day);  // YYYYMMDD
  const std::string year = text.substr(0, 4);
  const std::string short_year = text.substr(2, 2);
  const std::string month = text.substr(4, 2);
  const std::string number = text.substr(6, 2);
  for (const std::string& written :
       {year, absl::StrCat(number, month), absl::StrCat(month, number),
        absl::StrCat(number, month, short_year), absl::StrCat(month, number, short_year),
        absl::StrCat(short_year, month, number), absl::StrCat(month, year),
        absl::StrCat(year, month), absl::StrCat(number, month, year),
        absl::StrCat(month, number, year), text}) {
    if (pin == written) return true;
  }
  return false;
}

// What SetPin() is about, from the worker to the applier thread.
struct NewPin {
  SubjectRef subject;
  std::string pin;  // Until it is checked against the birth date.
  PinRecord record;

  ~NewPin() { base::Wipe(pin.data(), pin.size()); }
};

void HashAndSet(const House& house, const access::Caller& caller, const Request& request,
                const std::shared_ptr<NewPin>& wanted, Done<uint64_t> done) {
  const SubjectRef& subject = wanted->subject;
  const bool remove = wanted->pin.empty();
  // First, because hashing makes the school's pepper: no keys for made-up schools.
  absl::Status ready = house.directory->FindSchool(subject.school) ? absl::OkStatus()
                                                                   : Refuse(Reason::kSchoolUnknown);
  if (ready.ok() && !remove) {
    base::FillRandom(wanted->record.salt);
    ready = HashPin(house, subject.school, wanted->pin, wanted->record.salt, &wanted->record.hash);
    base::WipeStack();
  }
  if (!ready.ok()) {
    return Reply<uint64_t>(house, caller, subject.subject.bytes, std::move(ready), std::move(done));
  }
  wanted->record.set_by = caller.principal.id;
  wanted->record.set_at_ns = house.now_ns();
  ledger::Submission submission =
      ForRequest(house, caller, request, subject.school, ledger::NoteOperation{});
  submission.check = [&house, wanted, remove](const storage::Reader& reader) {
    if (absl::Status s = CheckNotErased(house, wanted->subject.subject); !s.ok()) return s;
    const auto found = house.vault->ReadSubject(reader, wanted->subject);
    if (!found.ok()) return found.status();
    if (!found->has_value()) return Refuse(Reason::kSubjectUnknown, "subject_id");
    const std::string_view weakness =
        remove ? std::string_view() : PinWeakness(wanted->pin, (*found)->birth_day);
    return weakness.empty() ? absl::OkStatus() : RefuseField(kField, weakness);
  };
  submission.changes = [&house, wanted, remove](const ledger::Outcome&, storage::Overlay& overlay) {
    if (remove) {
      house.vault->RemovePin(wanted->subject, &overlay);
    } else {
      house.vault->PutPin(wanted->subject, wanted->record, &overlay);
    }
  };
  Mutate<uint64_t>(
      house, caller, subject.subject.bytes, std::move(submission),
      [](const ledger::Outcome& outcome) -> absl::StatusOr<uint64_t> { return outcome.index; },
      std::move(done));
}

}  // namespace

bool IsPin(std::string_view text) {
  return text.size() >= kPinDigitsMin && text.size() <= kPinDigitsMax &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view PinWeakness(std::string_view pin, uint32_t birth_day) {
  if (!IsPin(pin)) return "must be 4 to 8 digits";
  if (IsRun(pin)) return "must not be a run of digits";
  if (IsRepetition(pin)) return "must not be a repetition";
  if (birth_day != 0 && IsDayText(pin, birth_day)) return "must not be the birth date";
  return {};
}

absl::StatusOr<PinProof> ComparePin(const House& house, const access::Caller& caller,
                                    const vault::SubjectRef& subject, std::string_view pin,
                                    uint64_t now_ns) {
  const auto record = house.vault->ReadPin(house.vault->store(), subject);
  if (!record.ok()) return record.status();
  if (!record->has_value()) return Refuse(Reason::kPinNotSet, kField);
  if (now_ns < (*record)->locked_until_ns) return Refuse(Reason::kPinLocked, kField);
  if (!house.throttles->pins.Take(caller.principal.id, now_ns)) {
    return Refuse(Reason::kTooManyAttempts, kField);
  }
  std::array<uint8_t, 32> hash{};
  const absl::Status hashed = HashPin(house, subject.school, pin, (*record)->salt, &hash);
  base::WipeStack();
  if (!hashed.ok()) {
    house.throttles->pins.GiveBack(caller.principal.id);
    return hashed;
  }
  const bool right = sodium_memcmp(hash.data(), (*record)->hash.data(), hash.size()) == 0;
  if (right) house.throttles->pins.GiveBack(caller.principal.id);
  return PinProof{.subject = subject, .salt = (*record)->salt, .right = right, .at_ns = now_ns};
}

absl::Status CheckPin(const House& house, const storage::Reader& reader, const PinProof& proof) {
  const auto record = house.vault->ReadPin(reader, proof.subject);
  if (!record.ok()) return record.status();
  if (!record->has_value()) return Refuse(Reason::kPinNotSet, kField);
  if ((*record)->salt != proof.salt) return Refuse(Reason::kOverloaded);
  if (proof.at_ns < (*record)->locked_until_ns) return Refuse(Reason::kPinLocked, kField);
  return proof.right ? absl::OkStatus() : Refuse(Reason::kPinWrong, kField);
}

void CountPin(const House& house, const PinProof& proof, const absl::Status& status,
              storage::Overlay* overlay) {
  const bool wrong = DetailOf(status).reason == Reason::kPinWrong;
  // Refused for something else, or a repeat that was not checked: no word about the PIN.
  if (!wrong && (!status.ok() || !proof.right)) return;
  const auto found = house.vault->ReadPin(*overlay, proof.subject);
  if (!found.ok() || !found->has_value() || (*found)->salt != proof.salt) return;
  PinRecord record = **found;
  if (wrong) {
    if (record.failures > kFailuresKept + kPinFailuresMax - 1) record.failures = kFailuresKept;
    ++record.failures;
    const uint64_t lock_ns = LockOf(record.failures);
    if (lock_ns > 0) record.locked_until_ns = proof.at_ns + lock_ns;
  } else {
    if (record.failures == 0) return;
    record.failures = 0;
    record.locked_until_ns = 0;
  }
  house.vault->PutPin(proof.subject, record, overlay);
}

void SetPin(const House& house, const access::Caller& caller, const Request& request,
            const base::SubjectId& subject, std::string pin, Done<uint64_t> done) {
  const auto wanted = std::make_shared<NewPin>(
      NewPin{.subject = {.school = caller.principal.school, .subject = subject},
             .pin = std::move(pin),
             .record = {}});
  const std::string_view weakness =
      wanted->pin.empty() ? std::string_view() : PinWeakness(wanted->pin, 0);
  if (!weakness.empty()) {
    return Reply<uint64_t>(house, caller, subject.bytes, RefuseField(kField, weakness),
                           std::move(done));
  }
  OnWorker<uint64_t>(house, caller, std::move(done),
                     [&house, caller, request, wanted](Done<uint64_t> tell) {
                       HashAndSet(house, caller, request, wanted, std::move(tell));
                     });
}

}  // namespace ladon::flow
