// What the vault keeps of a person, each record sealed by itself. Plain bytes exist only while a
// call works with them. Threading: plain values and pure functions.
#ifndef LADON_SERVER_VAULT_RECORDS_H_
#define LADON_SERVER_VAULT_RECORDS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/id.h"

namespace ladon::vault {

inline constexpr uint8_t kRecordVersion = 1;
inline constexpr size_t kPursesMax = 8;
inline constexpr size_t kTemplateBytesMax = 4'096;

// YYYYMMDD; 0 = none.
using Day = uint32_t;

enum class SubjectKind : uint8_t { kPupil = 1, kStaff = 2, kVisitor = 3 };
enum class SubjectState : uint8_t { kActive = 1, kBlocked = 2 };

struct SubjectRecord {
  SubjectKind kind = SubjectKind::kPupil;
  SubjectState state = SubjectState::kActive;
  std::string family_name;
  std::string given_name;
  std::string class_name;   // Empty for staff and visitors.
  std::string external_id;  // Of the school's own register; may be empty.
  std::vector<std::pair<uint8_t, base::AccountId>> purses;  // By ascending purse number.

  // «Иван П., 5А»: as much as a till may show.
  [[nodiscard]] std::string DisplayName() const;
};

struct PalmRecord {
  uint8_t side = 0;  // 1 left, 2 right
  uint8_t quality = 0;
  base::SensorId sensor;
  std::string code;  // A template as it stands on the wire, header included.
};

// The numbers are those of the wire. kExpired is never stored: it follows from the last day.
enum class CardState : uint8_t {
  kActive = 1,
  kBlocked = 2,
  kLost = 3,
  kTemporary = 4,
  kExpired = 5
};

struct CardRecord {
  base::CardId id;
  CardState state = CardState::kActive;
  Day valid_until = 0;  // Last day of a temporary card.
  uint8_t tail = 0;     // Last byte of the UID, for a clerk to tell two cards apart.
  // The index key, so that a state change finds its index entry again.
  std::array<uint8_t, 32> hash{};

  // The state on `today`.
  [[nodiscard]] CardState StateOn(Day today) const;
};

enum class ConsentKind : uint8_t { kPersonalData = 1, kBiometric = 2 };

struct ConsentRecord {
  base::ConsentId id;
  ConsentKind kind = ConsentKind::kPersonalData;
  uint8_t signer = 0;  // 1 representative, 2 self, 3 both
  uint8_t form = 0;    // 1 paper, 2 electronic signature
  std::array<uint8_t, 32> document{};
  base::ActorId recorded_by;  // Who checked the signer's authority.
  Day valid_from = 0;
  Day valid_until = 0;
  uint64_t recorded_at_ns = 0;
  uint64_t withdrawn_at_ns = 0;  // 0 = not withdrawn

  [[nodiscard]] bool ValidOn(Day today) const {
    return withdrawn_at_ns == 0 && valid_from <= today && today <= valid_until;
  }
};

[[nodiscard]] std::string Encode(const SubjectRecord& record);
[[nodiscard]] std::string Encode(const PalmRecord& record);
[[nodiscard]] std::string Encode(const CardRecord& record);
[[nodiscard]] std::string Encode(const ConsentRecord& record);

// DataLoss: not what Encode() makes.
[[nodiscard]] absl::StatusOr<SubjectRecord> DecodeSubject(std::string_view bytes);
[[nodiscard]] absl::StatusOr<PalmRecord> DecodePalm(std::string_view bytes);
[[nodiscard]] absl::StatusOr<CardRecord> DecodeCard(std::string_view bytes);
[[nodiscard]] absl::StatusOr<ConsentRecord> DecodeConsent(std::string_view bytes);

// The first `count` code points of UTF-8 text that is known to be valid.
[[nodiscard]] std::string FirstCharacters(std::string_view text, size_t count);

}  // namespace ladon::vault

#endif  // LADON_SERVER_VAULT_RECORDS_H_
