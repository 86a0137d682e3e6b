#include "server/vault/records.h"

#include <cstring>

#include "server/base/codec.h"

namespace ladon::vault {
namespace {

template <size_t N>
std::string_view View(const std::array<uint8_t, N>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), N};
}

template <size_t N>
void Copy(std::string_view from, std::array<uint8_t, N>* to) {
  if (from.size() == N) std::memcpy(to->data(), from.data(), N);
}

// Enumerations are stored as their numbers, 1..last; anything else is damage.
template <class E>
bool TakeEnum(base::Decoder* in, E last, E* value) {
  const uint8_t number = in->U8();
  *value = static_cast<E>(number);
  return number >= 1 && number <= static_cast<uint8_t>(last);
}

// The first byte of a record. False: a version that this program does not read.
bool TakeVersion(base::Decoder* in, uint8_t* version) {
  *version = in->U8();
  return *version >= 1 && *version <= kRecordVersion;
}

absl::Status Damaged(const char* what) {
  return absl::DataLossError(std::string("vault: damaged ") + what + " record");
}

}  // namespace

std::string FirstCharacters(std::string_view text, size_t count) {
  size_t end = 0;
  while (end < text.size() && count > 0) {
    ++end;
    while (end < text.size() && (static_cast<uint8_t>(text[end]) & 0xC0) == 0x80) ++end;
    --count;
  }
  return std::string(text.substr(0, end));
}

std::string SubjectRecord::DisplayName() const {
  std::string shown = given_name + " " + FirstCharacters(family_name, 1) + ".";
  if (!class_name.empty()) shown += ", " + class_name;
  return shown;
}

CardState CardRecord::StateOn(Day today) const {
  if (state == CardState::kTemporary && today > valid_until) return CardState::kExpired;
  return state;
}

std::string Encode(const SubjectRecord& record) {
  base::Encoder out;
  out.U8(kRecordVersion);
  out.U8(static_cast<uint8_t>(record.kind));
  out.U8(static_cast<uint8_t>(record.state));
  out.String(record.family_name);
  out.String(record.given_name);
  out.String(record.class_name);
  out.String(record.external_id);
  out.U8(static_cast<uint8_t>(record.purses.size()));
  for (const auto& [purse, account] : record.purses) {
    out.U8(purse);
    out.Put(account);
  }
  out.U32(record.birth_day);
  out.U32(record.left_on);
  out.U64(record.payment_account);
  return out.Take();
}

absl::StatusOr<SubjectRecord> DecodeSubject(std::string_view bytes) {
  base::Decoder in(bytes);
  SubjectRecord record;
  uint8_t version = 0;
  if (!TakeVersion(&in, &version) || !TakeEnum(&in, SubjectKind::kVisitor, &record.kind) ||
      !TakeEnum(&in, SubjectState::kRestricted, &record.state)) {
    return Damaged("subject");
  }
  record.family_name = in.String();
  record.given_name = in.String();
  record.class_name = in.String();
  record.external_id = in.String();
  const uint8_t purses = in.U8();
  if (purses > kPursesMax) return Damaged("subject");
  for (uint8_t i = 0; i < purses; ++i) {
    const uint8_t purse = in.U8();
    record.purses.emplace_back(purse, in.Get<base::AccountId>());
  }
  if (version >= 2) {
    record.birth_day = in.U32();
    record.left_on = in.U32();
  }
  if (version >= 3) record.payment_account = in.U64();
  if (!in.Done()) return Damaged("subject");
  return record;
}

std::string Encode(const PalmRecord& record) {
  base::Encoder out;
  out.U8(kRecordVersion);
  out.U8(record.side);
  out.U8(record.quality);
  out.Put(record.sensor);
  out.String(record.code);
  return out.Take();
}

absl::StatusOr<PalmRecord> DecodePalm(std::string_view bytes) {
  base::Decoder in(bytes);
  PalmRecord record;
  uint8_t version = 0;
  if (!TakeVersion(&in, &version)) return Damaged("palm");
  record.side = in.U8();
  record.quality = in.U8();
  record.sensor = in.Get<base::SensorId>();
  record.code = in.String();
  if (!in.Done() || record.code.size() > kTemplateBytesMax) return Damaged("palm");
  return record;
}

std::string Encode(const CardRecord& record) {
  base::Encoder out;
  out.U8(kRecordVersion);
  out.Put(record.id);
  out.U8(static_cast<uint8_t>(record.state));
  out.U32(record.valid_until);
  out.U8(record.tail);
  out.Raw(View(record.hash));
  out.String(record.canonical);
  return out.Take();
}

absl::StatusOr<CardRecord> DecodeCard(std::string_view bytes) {
  base::Decoder in(bytes);
  CardRecord record;
  uint8_t version = 0;
  if (!TakeVersion(&in, &version)) return Damaged("card");
  record.id = in.Get<base::CardId>();
  if (!TakeEnum(&in, CardState::kTemporary, &record.state)) return Damaged("card");
  record.valid_until = in.U32();
  record.tail = in.U8();
  Copy(in.Raw(record.hash.size()), &record.hash);
  if (version >= 2) record.canonical = in.String();
  if (!in.Done()) return Damaged("card");
  return record;
}

std::string Encode(const ConsentRecord& record) {
  base::Encoder out;
  out.U8(kRecordVersion);
  out.Put(record.id);
  out.U8(static_cast<uint8_t>(record.kind));
  out.U8(record.signer);
  out.U8(record.form);
  out.Raw(View(record.document));
  out.Put(record.recorded_by);
  out.U32(record.valid_from);
  out.U32(record.valid_until);
  out.U64(record.recorded_at_ns);
  out.U64(record.withdrawn_at_ns);
  out.Raw(View(record.authority_document));
  out.U16(record.purposes);
  out.String(record.processor);
  return out.Take();
}

absl::StatusOr<ConsentRecord> DecodeConsent(std::string_view bytes) {
  base::Decoder in(bytes);
  ConsentRecord record;
  uint8_t version = 0;
  if (!TakeVersion(&in, &version)) return Damaged("consent");
  record.id = in.Get<base::ConsentId>();
  if (!TakeEnum(&in, ConsentKind::kBiometric, &record.kind)) return Damaged("consent");
  record.signer = in.U8();
  record.form = in.U8();
  Copy(in.Raw(record.document.size()), &record.document);
  record.recorded_by = in.Get<base::ActorId>();
  record.valid_from = in.U32();
  record.valid_until = in.U32();
  record.recorded_at_ns = in.U64();
  record.withdrawn_at_ns = in.U64();
  if (version >= 2) {
    Copy(in.Raw(record.authority_document.size()), &record.authority_document);
    record.purposes = in.U16();
    record.processor = in.String();
  }
  if (!in.Done()) return Damaged("consent");
  return record;
}

std::string Encode(const PinRecord& record) {
  base::Encoder out;
  out.U8(kRecordVersion);
  out.Raw(View(record.salt));
  out.Raw(View(record.hash));
  out.U8(record.failures);
  out.U64(record.locked_until_ns);
  out.Put(record.set_by);
  out.U64(record.set_at_ns);
  return out.Take();
}

absl::StatusOr<PinRecord> DecodePin(std::string_view bytes) {
  base::Decoder in(bytes);
  PinRecord record;
  if (in.U8() != kRecordVersion) return Damaged("PIN");  // The first version had none.
  Copy(in.Raw(record.salt.size()), &record.salt);
  Copy(in.Raw(record.hash.size()), &record.hash);
  record.failures = in.U8();
  record.locked_until_ns = in.U64();
  record.set_by = in.Get<base::ActorId>();
  record.set_at_ns = in.U64();
  if (!in.Done()) return Damaged("PIN");
  return record;
}

}  // namespace ladon::vault
