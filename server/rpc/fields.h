// Reading the fields of a request: each is checked against its range, the first thing wrong is
// remembered with the field's path, and later reads go on harmlessly.
// Threading: one request, one thread.
#ifndef LADON_SERVER_RPC_FIELDS_H_
#define LADON_SERVER_RPC_FIELDS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "ladon/v1/enrolment_service.pb.h"
#include "ladon/v1/terminal_service.pb.h"
#include "ladon/v1/types.pb.h"
#include "server/base/id.h"
#include "server/flow/basket.h"
#include "server/flow/identify.h"
#include "server/flow/refusal.h"
#include "server/rpc/call.h"
#include "server/vault/card_number.h"

namespace ladon::rpc {

class Fields {
 public:
  [[nodiscard]] bool ok() const { return status_.ok(); }
  [[nodiscard]] const absl::Status& status() const { return status_; }

  void Fail(std::string_view field, std::string_view what) {
    if (status_.ok()) status_ = flow::RefuseField(field, what);
  }
  void FailWith(const absl::Status& status) {
    if (status_.ok()) status_ = status;
  }
  void Require(bool good, std::string_view field, std::string_view what) {
    if (!good) Fail(field, what);
  }

  // Exactly 16 bytes, not all zero.
  template <class IdType>
  IdType Id(std::string_view field, std::string_view bytes) {
    const std::optional<IdType> id = IdType::FromBytes(bytes);
    if (!id || id->IsZero()) {
      Fail(field, "must be 16 bytes, not all zero");
      return IdType{};
    }
    return *id;
  }
  // Empty, or as Id().
  template <class IdType>
  IdType OptionalId(std::string_view field, std::string_view bytes) {
    return bytes.empty() ? IdType{} : Id<IdType>(field, bytes);
  }

  int64_t Range(std::string_view field, int64_t value, int64_t least, int64_t most);
  // A text of `least`..`most` characters: letters of any script with marks, digits, spaces and
  // simple punctuation; no control, format (zero-width, right-to-left) or private characters, no
  // space at either end.
  std::string Text(std::string_view field, const std::string& text, size_t least, size_t most);
  // A person's name: letters, spaces, hyphens, apostrophes, full stops.
  std::string Name(std::string_view field, const std::string& text, size_t most);
  // At most `most` printable ASCII characters.
  std::string Ascii(std::string_view field, const std::string& text, size_t least, size_t most);
  // YYYYMMDD.
  uint32_t Day(std::string_view field, bool present, const v1::Date& date);
  // Nanoseconds since 1970; of a time that is not there, `otherwise`. From 2554 on they are the
  // most that 64 bits hold.
  uint64_t Time(std::string_view field, bool present, const google::protobuf::Timestamp& time,
                uint64_t otherwise);
  // 1 and up, a number that the enumeration has.
  template <class E>
  E Enum(std::string_view field, E value, bool (*is_valid)(int)) {
    if (static_cast<int>(value) == 0 || !is_valid(static_cast<int>(value))) {
      Fail(field, "must be one of the named values");
    }
    return value;
  }

  // Empty, or 4 to 8 digits.
  std::string OptionalPin(std::string_view field, const std::string& text);
  vault::CardNumber Card(std::string_view field, bool present, const v1::Card& card);
  flow::Probe Probe(std::string_view field, const v1::Probe& probe);
  matcher::VeinCode Template(std::string_view field, std::string_view bytes);
  flow::Basket Basket(std::string_view field, bool present, const v1::Basket& basket);
  size_t PageSize(int32_t page_size);
  // The page token of an account's entries: the sequence number where the page begins; empty: 1.
  uint64_t SequenceToken(const std::string& token);

 private:
  absl::Status status_;
};

// The idempotency identity of a mutating call.
[[nodiscard]] flow::Request RequestOf(const CallContext& call, const base::RequestId& request_id);

// Opaque page tokens: the hex of the last id.
template <class IdType>
[[nodiscard]] IdType PageStart(Fields* fields, const std::string& token) {
  if (token.empty()) return IdType{};
  const std::optional<IdType> id = base::IdOfHex<IdType>(token);
  if (!id) fields->Fail("page_token", "must be the token of an earlier answer");
  return id.value_or(IdType{});
}

void SetDate(uint32_t day, v1::Date* date);
void SetTimestamp(uint64_t at_ns, google::protobuf::Timestamp* timestamp);
[[nodiscard]] std::string BytesOf(const std::array<uint8_t, 16>& id);

}  // namespace ladon::rpc

#endif  // LADON_SERVER_RPC_FIELDS_H_
