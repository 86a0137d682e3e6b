// 128-bit opaque identifiers as the server's own parts name them, and their text form.
//
// The wire carries ids as 16 bytes; people and certificates see 32 lower-case hex digits.
// Threading: plain values.
#ifndef LADON_SERVER_BASE_ID_H_
#define LADON_SERVER_BASE_ID_H_

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace ladon::base {

inline constexpr size_t kIdBytes = 16;

// The tag keeps a school from being passed where a subject is meant.
template <class Tag>
struct Id {
  std::array<uint8_t, kIdBytes> bytes{};

  friend auto operator<=>(const Id&, const Id&) = default;
  [[nodiscard]] bool IsZero() const { return *this == Id{}; }
  // The 16 bytes as they stand in keys and messages.
  [[nodiscard]] std::string_view view() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  // nullopt unless `raw` is exactly 16 bytes.
  static std::optional<Id> FromBytes(std::string_view raw) {
    if (raw.size() != kIdBytes) return std::nullopt;
    Id id;
    std::memcpy(id.bytes.data(), raw.data(), kIdBytes);
    return id;
  }
  template <class H>
  friend H AbslHashValue(H h, const Id& id) {
    return H::combine(std::move(h), id.bytes);
  }
};

using SchoolId = Id<struct SchoolTag>;
using SubjectId = Id<struct SubjectTag>;
using TerminalId = Id<struct TerminalTag>;
using CatererId = Id<struct CatererTag>;
using AccountId = Id<struct AccountTag>;
using CardId = Id<struct CardTag>;
using ConsentId = Id<struct ConsentTag>;
using ItemId = Id<struct ItemTag>;
using RequestId = Id<struct RequestTag>;
using ActorId = Id<struct ActorTag>;
using SensorId = Id<struct SensorTag>;
using ApprovalId = Id<struct ApprovalTag>;
using ErasureId = Id<struct ErasureTag>;
using RightsRequestId = Id<struct RightsRequestTag>;
using IncidentId = Id<struct IncidentTag>;

[[nodiscard]] std::string HexOf(std::string_view bytes);
// nullopt unless `hex` is an even number of hex digits.
[[nodiscard]] std::optional<std::string> BytesOfHex(std::string_view hex);

template <class Tag>
[[nodiscard]] std::string HexOf(const Id<Tag>& id) {
  return HexOf(id.view());
}
// nullopt unless `hex` is exactly 32 hex digits.
template <class IdType>
[[nodiscard]] std::optional<IdType> IdOfHex(std::string_view hex) {
  if (hex.size() != 2 * kIdBytes) return std::nullopt;
  const std::optional<std::string> raw = BytesOfHex(hex);
  if (!raw) return std::nullopt;
  return IdType::FromBytes(*raw);
}

}  // namespace ladon::base

#endif  // LADON_SERVER_BASE_ID_H_
