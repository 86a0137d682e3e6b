#include "server/vault/vault.h"

#include <sodium.h>

#include <cassert>
#include <cstring>
#include <memory>
#include <mutex>
#include <vector>

#include "server/base/codec.h"
#include "server/base/secret.h"
#include "server/vault/record_key.h"
#include "server/vault/work_crew.h"

namespace ladon::vault {
namespace {

using storage::Family;

std::string_view View(const CardHash& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

// Wherever something of the subject may be.
std::vector<RecordPlace> PlacesOf(const SubjectRef& subject) {
  std::vector<RecordPlace> places = {{subject, RecordKind::kSubject, 0},
                                     {subject, RecordKind::kPin, 0}};
  const auto add = [&](RecordKind kind, uint16_t from, uint16_t count) {
    for (uint16_t i = 0; i < count; ++i) {
      places.push_back({subject, kind, static_cast<uint16_t>(from + i)});
    }
  };
  add(RecordKind::kPalm, 0, kPalmSamplesMax);
  add(RecordKind::kCard, 0, kCardsMax);
  for (const auto kind : {ConsentKind::kPersonalData, ConsentKind::kBiometric}) {
    add(RecordKind::kConsent, static_cast<uint16_t>(kind), 1);
  }
  add(RecordKind::kConsent, kPastConsentsFrom, kPastConsentsMax);
  return places;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Vault>> Vault::Open(const storage::Store* store, KeyTable* keys) {
  std::unique_ptr<Vault> vault(new Vault(store, keys));
  const absl::Status loaded = vault->Visit(
      "",
      [&](const SubjectRef& subject, RecordKind kind, uint16_t number,
          std::string_view blob) -> absl::StatusOr<bool> {
        if (kind != RecordKind::kSubject) return true;
        const absl::StatusOr<std::string> plain = vault->OpenRecord(subject, kind, number, blob);
        if (!plain.ok()) return plain.status();
        const absl::StatusOr<SubjectRecord> record = DecodeSubject(*plain);
        if (!record.ok()) return record.status();
        vault->Remember(subject, *record);
        return true;
      });
  if (!loaded.ok()) return loaded;
  return vault;
}

absl::Status Vault::PrepareKeys(const SubjectRef& subject, Purpose purpose) {
  return keys_->FindOrCreate({.owner = subject.subject.bytes, .purpose = purpose}).status();
}

bool Vault::HasKey(const SubjectRef& subject, Purpose purpose) const {
  return keys_->Has({.owner = subject.subject.bytes, .purpose = purpose});
}

absl::StatusOr<DestroyedKeys> Vault::DestroyKeys(std::span<const SubjectRef> subjects,
                                                 std::span<const Purpose> purposes,
                                                 uint64_t now_ns) {
  std::vector<KeyName> names;
  for (const SubjectRef& subject : subjects) {
    for (const Purpose purpose : purposes) {
      const KeyName name{.owner = subject.subject.bytes, .purpose = purpose};
      if (keys_->Has(name)) names.push_back(name);
    }
  }
  if (absl::Status s = keys_->Destroy(names, now_ns); !s.ok()) return s;
  // The epoch may have ended meanwhile: a later number only means one more rotation.
  return DestroyedKeys{.keys = names.size(), .epoch = keys_->state().epoch};
}

absl::StatusOr<base::SecretKey> Vault::SchoolKey(const base::SchoolId& school, Purpose purpose) {
  return keys_->FindOrCreate({.owner = school.bytes, .purpose = purpose});
}

absl::Status Vault::Visit(
    std::string_view prefix,
    const std::function<absl::StatusOr<bool>(const SubjectRef&, RecordKind, uint16_t,
                                             std::string_view blob)>& visit) const {
  const std::unique_ptr<storage::Scan> scan = store_->NewScan(Family::kVault);
  for (scan->Seek(prefix); scan->Valid(); scan->Next()) {
    const std::string_view key = scan->key();
    if (key.substr(0, prefix.size()) != prefix) break;
    const std::optional<RecordPlace> place = PlaceOf(key);
    if (!place) return absl::DataLossError("vault: record under a malformed key");
    const absl::StatusOr<bool> more =
        visit(place->subject, place->kind, place->number, scan->value());
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
  }
  return scan->status();
}

absl::StatusOr<base::SecretKey> Vault::FindKey(const KeyName& name) const {
  absl::StatusOr<base::SecretKey> key = keys_->Find(name);
  if (key.ok()) return key;
  return absl::DataLossError(
      "vault: the key of a stored record is gone: restore the keys directory from the standby "
      "copy");
}

absl::StatusOr<std::string> Vault::OpenRecord(const SubjectRef& subject, RecordKind kind,
                                              uint16_t number, std::string_view blob) const {
  const KeyName name = KeyNameOf({subject, kind});
  const absl::StatusOr<base::SecretKey> key = FindKey(name);
  if (!key.ok()) return key.status();
  return OpenBlob(*key, name, LabelOf({subject, kind, number}), blob);
}

absl::StatusOr<std::optional<std::string>> Vault::ReadRecord(const storage::Reader& reader,
                                                             const SubjectRef& subject,
                                                             RecordKind kind,
                                                             uint16_t number) const {
  const auto blob = reader.Get(Family::kVault, RecordKey({subject, kind, number}));
  if (!blob.ok()) return blob.status();
  if (!blob->has_value()) return std::optional<std::string>();
  absl::StatusOr<std::string> plain = OpenRecord(subject, kind, number, **blob);
  if (!plain.ok()) return plain.status();
  return std::optional<std::string>(*std::move(plain));
}

absl::StatusOr<std::optional<SubjectRecord>> Vault::ReadSubject(const storage::Reader& reader,
                                                                const SubjectRef& subject) const {
  const auto plain = ReadRecord(reader, subject, RecordKind::kSubject, 0);
  if (!plain.ok()) return plain.status();
  if (!plain->has_value()) return std::optional<SubjectRecord>();
  absl::StatusOr<SubjectRecord> record = DecodeSubject(**plain);
  if (!record.ok()) return record.status();
  return std::optional<SubjectRecord>(*std::move(record));
}

absl::StatusOr<std::optional<ConsentRecord>> Vault::ReadConsent(const storage::Reader& reader,
                                                                const SubjectRef& subject,
                                                                ConsentKind kind) const {
  const auto plain = ReadRecord(reader, subject, RecordKind::kConsent, static_cast<uint16_t>(kind));
  if (!plain.ok()) return plain.status();
  if (!plain->has_value()) return std::optional<ConsentRecord>();
  absl::StatusOr<ConsentRecord> record = DecodeConsent(**plain);
  if (!record.ok()) return record.status();
  return std::optional<ConsentRecord>(*std::move(record));
}

absl::StatusOr<std::optional<CardRecord>> Vault::ReadCard(const storage::Reader& reader,
                                                          const SubjectRef& subject,
                                                          uint16_t number) const {
  const auto plain = ReadRecord(reader, subject, RecordKind::kCard, number);
  if (!plain.ok()) return plain.status();
  if (!plain->has_value()) return std::optional<CardRecord>();
  absl::StatusOr<CardRecord> record = DecodeCard(**plain);
  if (!record.ok()) return record.status();
  return std::optional<CardRecord>(*std::move(record));
}

absl::StatusOr<std::optional<PalmRecord>> Vault::ReadPalm(const storage::Reader& reader,
                                                          const SubjectRef& subject,
                                                          uint16_t number) const {
  const auto plain = ReadRecord(reader, subject, RecordKind::kPalm, number);
  if (!plain.ok()) return plain.status();
  if (!plain->has_value()) return std::optional<PalmRecord>();
  absl::StatusOr<PalmRecord> record = DecodePalm(**plain);
  if (!record.ok()) return record.status();
  return std::optional<PalmRecord>(*std::move(record));
}

absl::StatusOr<std::vector<uint16_t>> Vault::PalmNumbers(const storage::Reader& reader,
                                                         const SubjectRef& subject) const {
  std::vector<uint16_t> numbers;
  for (uint16_t number = 0; number < kPalmSamplesMax; ++number) {
    const auto blob = reader.Get(Family::kVault, RecordKey({subject, RecordKind::kPalm, number}));
    if (!blob.ok()) return blob.status();
    if (blob->has_value()) numbers.push_back(number);
  }
  return numbers;
}

absl::StatusOr<std::vector<std::pair<uint16_t, CardRecord>>> Vault::Cards(
    const storage::Reader& reader, const SubjectRef& subject) const {
  std::vector<std::pair<uint16_t, CardRecord>> cards;
  for (uint16_t number = 0; number < kCardsMax; ++number) {
    auto card = ReadCard(reader, subject, number);
    if (!card.ok()) return card.status();
    if (!card->has_value()) break;  // Numbers are given in order and never taken back.
    cards.emplace_back(number, **std::move(card));
  }
  return cards;
}

absl::StatusOr<CardHash> Vault::HashCard(const base::SchoolId& school, const CardNumber& number) {
  const absl::StatusOr<base::SecretKey> pepper = SchoolKey(school, Purpose::kSchoolCardPepper);
  if (!pepper.ok()) return pepper.status();
  CardHash hash{};
  const int failed = crypto_generichash(
      hash.data(), hash.size(), reinterpret_cast<const uint8_t*>(number.canonical.data()),
      number.canonical.size(), pepper->RevealForCrypto().data(), base::kSecretKeyBytes);
  assert(failed == 0);
  static_cast<void>(failed);
  return hash;
}

absl::StatusOr<std::optional<FoundCard>> Vault::FindCard(const storage::Reader& reader,
                                                         const base::SchoolId& school,
                                                         const CardHash& hash) const {
  const auto value = reader.Get(Family::kCardIndex, View(hash));
  if (!value.ok()) return value.status();
  if (!value->has_value()) return std::optional<FoundCard>();
  base::Decoder in(**value);
  FoundCard found;
  found.owner = {.school = school, .subject = in.Get<base::SubjectId>()};
  found.number = in.U16();
  if (!in.Done()) return absl::DataLossError("vault: damaged card index");
  auto record = ReadCard(reader, found.owner, found.number);
  if (!record.ok()) return record.status();
  if (!record->has_value()) return absl::DataLossError("vault: card index names no card");
  found.record = **record;
  return std::optional<FoundCard>(found);
}

absl::StatusOr<std::string> Vault::SealText(const SubjectRef& subject, std::string_view label,
                                            std::string_view text) const {
  const KeyName name = KeyNameOf({subject, RecordKind::kSubject});
  const absl::StatusOr<base::SecretKey> key = keys_->Find(name);
  if (!key.ok()) return key.status();
  return SealBlob(*key, name, label, text);
}

absl::StatusOr<std::string> Vault::OpenText(const SubjectRef& subject, std::string_view label,
                                            std::string_view sealed) const {
  const KeyName name = KeyNameOf({subject, RecordKind::kSubject});
  const absl::StatusOr<base::SecretKey> key = keys_->Find(name);
  if (absl::IsNotFound(key.status())) return std::string();
  if (!key.ok()) return key.status();
  return OpenBlob(*key, name, label, sealed);
}

std::optional<SubjectRef> Vault::OwnerOf(const base::AccountId& account) const {
  const std::shared_lock lock(mutex_);
  const auto it = owners_.find(account);
  if (it == owners_.end()) return std::nullopt;
  return it->second;
}

std::optional<Payee> Vault::FindPayee(uint64_t payment_account) const {
  const std::shared_lock lock(mutex_);
  const auto it = payees_.find(payment_account);
  if (it == payees_.end()) return std::nullopt;
  return it->second;
}

std::map<base::SubjectId, base::SchoolId> Vault::Homes() const {
  std::map<base::SubjectId, base::SchoolId> homes;
  const std::shared_lock lock(mutex_);
  for (const auto& [account, owner] : owners_) homes[owner.subject] = owner.school;
  return homes;
}

void Vault::PutRecord(const SubjectRef& subject, RecordKind kind, uint16_t number,
                      std::string_view plain, storage::Overlay* overlay) {
  const KeyName name = KeyNameOf({subject, kind});
  const absl::StatusOr<base::SecretKey> key = keys_->Find(name);
  assert(key.ok());
  overlay->Put(Family::kVault, RecordKey({subject, kind, number}),
               SealBlob(*key, name, LabelOf({subject, kind, number}), plain));
}

void Vault::PutSubject(const SubjectRef& subject, const SubjectRecord& record,
                       storage::Overlay* overlay) {
  PutRecord(subject, RecordKind::kSubject, 0, Encode(record), overlay);
  const std::unique_lock lock(mutex_);
  Remember(subject, record);
}

void Vault::Remember(const SubjectRef& subject, const SubjectRecord& record) {
  for (const auto& [purse, account] : record.purses) owners_[account] = subject;
  if (record.payment_account != 0 && !record.purses.empty()) {
    payees_[record.payment_account] = {.subject = subject, .purse = record.purses.front().second};
  }
}

void Vault::PutPalm(const SubjectRef& subject, uint16_t number, const PalmRecord& record,
                    storage::Overlay* overlay) {
  assert(number < kPalmSamplesMax);
  PutRecord(subject, RecordKind::kPalm, number, Encode(record), overlay);
}

void Vault::PutConsent(const SubjectRef& subject, const ConsentRecord& record,
                       storage::Overlay* overlay) {
  PutRecord(subject, RecordKind::kConsent, static_cast<uint16_t>(record.kind), Encode(record),
            overlay);
}

void Vault::PutCard(const SubjectRef& subject, uint16_t number, const CardRecord& record,
                    storage::Overlay* overlay) {
  assert(number < kCardsMax);
  PutRecord(subject, RecordKind::kCard, number, Encode(record), overlay);
  base::Encoder out;
  out.Put(subject.subject);
  out.U16(number);
  overlay->Put(Family::kCardIndex, View(record.hash), out.Take());
}

size_t Vault::RemovePalms(const SubjectRef& subject, storage::Overlay* overlay) {
  const absl::StatusOr<std::vector<uint16_t>> numbers = PalmNumbers(*overlay, subject);
  assert(numbers.ok());
  for (const uint16_t number : *numbers) {
    overlay->Delete(Family::kVault, RecordKey({subject, RecordKind::kPalm, number}));
  }
  return numbers->size();
}

absl::StatusOr<std::optional<PinRecord>> Vault::ReadPin(const storage::Reader& reader,
                                                        const SubjectRef& subject) const {
  const auto plain = ReadRecord(reader, subject, RecordKind::kPin, 0);
  if (!plain.ok()) return plain.status();
  if (!plain->has_value()) return std::optional<PinRecord>();
  absl::StatusOr<PinRecord> record = DecodePin(**plain);
  if (!record.ok()) return record.status();
  return std::optional<PinRecord>(*record);
}

void Vault::PutPin(const SubjectRef& subject, const PinRecord& record, storage::Overlay* overlay) {
  PutRecord(subject, RecordKind::kPin, 0, Encode(record), overlay);
}

void Vault::RemovePin(const SubjectRef& subject, storage::Overlay* overlay) {
  overlay->Delete(Family::kVault, RecordKey({subject, RecordKind::kPin, 0}));
}

absl::StatusOr<std::vector<ConsentRecord>> Vault::PastConsents(const storage::Reader& reader,
                                                               const SubjectRef& subject) const {
  std::vector<ConsentRecord> past;
  for (uint16_t number = kPastConsentsFrom; number < kPastConsentsFrom + kPastConsentsMax;
       ++number) {
    const auto plain = ReadRecord(reader, subject, RecordKind::kConsent, number);
    if (!plain.ok()) return plain.status();
    if (!plain->has_value()) break;  // They are kept in order and never taken back.
    absl::StatusOr<ConsentRecord> record = DecodeConsent(**plain);
    if (!record.ok()) return record.status();
    past.push_back(*std::move(record));
  }
  return past;
}

void Vault::KeepPastConsent(const SubjectRef& subject, const ConsentRecord& record, size_t place,
                            storage::Overlay* overlay) {
  assert(place < kPastConsentsMax);
  PutRecord(subject, RecordKind::kConsent, static_cast<uint16_t>(kPastConsentsFrom + place),
            Encode(record), overlay);
}

absl::StatusOr<RemovedRecords> Vault::RemoveSubject(const SubjectRef& subject,
                                                    storage::Overlay* overlay) {
  RemovedRecords removed;
  std::vector<RecordPlace> places;
  for (const RecordPlace& place : PlacesOf(subject)) {
    const auto blob = overlay->Get(Family::kVault, RecordKey(place));
    if (!blob.ok()) return blob.status();
    if (blob->has_value()) places.push_back(place);
  }
  const auto cards = Cards(*overlay, subject);
  if (!cards.ok()) return cards.status();
  for (const auto& [number, card] : *cards) overlay->Delete(Family::kCardIndex, View(card.hash));
  for (const RecordPlace& place : places) {
    overlay->Delete(Family::kVault, RecordKey(place));
    removed.palms += place.kind == RecordKind::kPalm ? 1 : 0;
    ++removed.records;
  }
  removed.cards = cards->size();
  const std::unique_lock lock(mutex_);
  std::erase_if(owners_, [&](const auto& owner) { return owner.second == subject; });
  std::erase_if(payees_, [&](const auto& payee) { return payee.second.subject == subject; });
  return removed;
}

absl::StatusOr<std::vector<std::pair<SubjectRef, SubjectRecord>>> Vault::ListSubjects(
    const base::SchoolId& school, const base::SubjectId& after, size_t limit) const {
  std::vector<std::pair<SubjectRef, SubjectRecord>> page;
  const std::unique_ptr<storage::Scan> scan = store_->NewScan(Family::kVault);
  // One seek a subject: past all records of the last one, whatever their number.
  SubjectRef from{.school = school, .subject = after};
  std::string position =
      after.IsZero() ? std::string(school.view()) : SubjectPrefix(from) + std::string(3, '\xFF');
  for (scan->Seek(position); scan->Valid() && page.size() < limit; scan->Seek(position)) {
    const std::string_view key = scan->key();
    if (key.substr(0, base::kIdBytes) != school.view()) break;
    base::Decoder in(key);
    SubjectRef subject;
    subject.school = in.Get<base::SchoolId>();
    subject.subject = in.Get<base::SubjectId>();
    position = SubjectPrefix(subject) + std::string(3, '\xFF');
    if (static_cast<RecordKind>(in.U8()) != RecordKind::kSubject) continue;
    const absl::StatusOr<std::string> plain =
        OpenRecord(subject, RecordKind::kSubject, in.U16(), scan->value());
    if (!plain.ok()) return plain.status();
    absl::StatusOr<SubjectRecord> record = DecodeSubject(*plain);
    if (!record.ok()) return record.status();
    page.emplace_back(subject, *std::move(record));
  }
  if (absl::Status s = scan->status(); !s.ok()) return s;
  return page;
}

absl::Status Vault::ForEachPalm(size_t threads,
                                const std::function<absl::Status(const SubjectRef&, uint16_t number,
                                                                 const PalmRecord&)>& visit) const {
  // The records of one subject lie together and have one key, which costs more than they do.
  struct Palms {
    SubjectRef subject;
    std::vector<std::pair<uint16_t, std::string>> sealed;
  };
  const auto open = [&](const Palms& palms) -> absl::Status {
    const KeyName name = KeyNameOf({palms.subject, RecordKind::kPalm});
    const absl::StatusOr<base::SecretKey> key = FindKey(name);
    if (!key.ok()) return key.status();
    for (const auto& [number, blob] : palms.sealed) {
      const absl::StatusOr<std::string> plain =
          OpenBlob(*key, name, LabelOf({palms.subject, RecordKind::kPalm, number}), blob);
      if (!plain.ok()) return plain.status();
      const absl::StatusOr<PalmRecord> record = DecodePalm(*plain);
      if (!record.ok()) return record.status();
      if (absl::Status s = visit(palms.subject, number, *record); !s.ok()) return s;
    }
    base::WipeStack();
    return absl::OkStatus();
  };
  // A school goes to one thread: two would only wait for each other at its gallery.
  std::vector<std::unique_ptr<WorkCrew<Palms>>> crews;
  for (size_t i = 0; i < threads; ++i) crews.push_back(std::make_unique<WorkCrew<Palms>>(1, open));
  size_t crew = 0;
  Palms next;
  const auto give = [&] {
    const bool wanted = next.sealed.empty() || crews[crew]->Give(std::move(next));
    next = {};
    return wanted;
  };
  const absl::Status read = Visit("",
                                  [&](const SubjectRef& subject, RecordKind kind, uint16_t number,
                                      std::string_view blob) -> absl::StatusOr<bool> {
                                    if (kind != RecordKind::kPalm) return true;
                                    if (subject != next.subject) {
                                      const bool same = subject.school == next.subject.school;
                                      if (!give()) return false;
                                      if (!same) crew = (crew + 1) % crews.size();
                                      next.subject = subject;
                                    }
                                    next.sealed.emplace_back(number, blob);
                                    return true;
                                  });
  if (read.ok()) (void)give();  // A refusal is told by Finish().
  absl::Status opened;
  for (const auto& one : crews) opened.Update(one->Finish());
  return opened.ok() ? read : opened;
}

}  // namespace ladon::vault
