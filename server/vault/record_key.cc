#include "server/vault/record_key.h"

#include "server/base/codec.h"

namespace ladon::vault {
namespace {

constexpr uint8_t kLabelVersion = 1;
constexpr size_t kRecordKeyBytes = 2 * base::kIdBytes + 1 + 2;

}  // namespace

std::string SubjectPrefix(const SubjectRef& subject) {
  base::Encoder out;
  out.Put(subject.school);
  out.Put(subject.subject);
  return out.Take();
}

std::string RecordKey(const RecordPlace& place) {
  base::Encoder out;
  out.Raw(SubjectPrefix(place.subject));
  out.U8(static_cast<uint8_t>(place.kind));
  out.U16(place.number);
  return out.Take();
}

std::optional<RecordPlace> PlaceOf(std::string_view key) {
  if (key.size() != kRecordKeyBytes) return std::nullopt;
  base::Decoder in(key);
  RecordPlace place;
  place.subject.school = in.Get<base::SchoolId>();
  place.subject.subject = in.Get<base::SubjectId>();
  place.kind = static_cast<RecordKind>(in.U8());
  place.number = in.U16();
  return place;
}

std::string LabelOf(const RecordPlace& place) {
  return std::string(1, static_cast<char>(kLabelVersion)) + RecordKey(place);
}

KeyName KeyNameOf(const RecordPlace& place) {
  return {.owner = place.subject.subject.bytes,
          .purpose = place.kind == RecordKind::kPalm ? Purpose::kBiometric : Purpose::kPersonal};
}

}  // namespace ladon::vault
