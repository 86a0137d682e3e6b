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

// What Encode() writes. Records of version 1 lack what is marked so, and are read.
inline constexpr uint8_t kRecordVersion = 3;
inline constexpr size_t kPursesMax = 8;
inline constexpr size_t kTemplateBytesMax = 4'096;

// YYYYMMDD; 0 = none.
using Day = uint32_t;

enum class SubjectKind : uint8_t { kPupil = 1, kStaff = 2, kVisitor = 3 };
// Blocked by the school, or restricted by the data-protection officer (152-FZ article 21): only the
// officer takes that back.
enum class SubjectState : uint8_t { kActive = 1, kBlocked = 2, kRestricted = 3 };

struct SubjectRecord {
  SubjectKind kind = SubjectKind::kPupil;
  SubjectState state = SubjectState::kActive;
  std::string family_name;
  std::string given_name;
  std::string class_name;   // Empty for staff and visitors.
  std::string external_id;  // Of the school's own register; may be empty.
  std::vector<std::pair<uint8_t, base::AccountId>> purses;  // By ascending purse number.
  // Since version 2:
  Day birth_day = 0;  // So that a representative's consent ends with the 18th birthday.
  Day left_on = 0;    // The last day at this school; what is kept goes 30 days after it.
  // Since version 3:
  uint64_t payment_account = 0;  // base/payment_account.h; 0: it has none.

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
  // Since version 2: the number itself (card_number.h), so that the card can follow its child to
  // another school, whose index has another key. Empty: not known.
  std::string canonical;

  // The state on `today`.
  [[nodiscard]] CardState StateOn(Day today) const;
};

enum class ConsentKind : uint8_t { kPersonalData = 1, kBiometric = 2 };
// What the signed document allows. Bit n - 1 of ConsentRecord::purposes.
enum class ConsentPurpose : uint8_t {
  kMeals = 1,
  kSettlement = 2,
  kNotification = 3,
  kPalmIdentification = 4,
};
inline constexpr std::array kConsentPurposes = {ConsentPurpose::kMeals, ConsentPurpose::kSettlement,
                                                ConsentPurpose::kNotification,
                                                ConsentPurpose::kPalmIdentification};
[[nodiscard]] constexpr uint16_t BitOf(ConsentPurpose purpose) {
  return static_cast<uint16_t>(1U << (static_cast<unsigned>(purpose) - 1));
}

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
  // Since version 2:
  std::array<uint8_t, 32> authority_document{};  // Proves that the signer may sign; zero: none.
  uint16_t purposes = 0;  // Bits of ConsentPurpose; 0 in records of before: all of the kind.
  std::string processor;  // Who processes on the operator's behalf (152-FZ article 6 part 3).

  [[nodiscard]] bool ValidOn(Day today) const {
    return withdrawn_at_ns == 0 && valid_from <= today && today <= valid_until;
  }
};

// What a child may confirm a card or a class list with. The hash is Argon2id over the PIN and a
// secret of the vault (flow/pin.h).
struct PinRecord {
  std::array<uint8_t, 16> salt{};
  std::array<uint8_t, 32> hash{};
  uint8_t failures = 0;          // In a row.
  uint64_t locked_until_ns = 0;  // 0: not locked.
  base::ActorId set_by;
  uint64_t set_at_ns = 0;
};

[[nodiscard]] std::string Encode(const SubjectRecord& record);
[[nodiscard]] std::string Encode(const PinRecord& record);
[[nodiscard]] std::string Encode(const PalmRecord& record);
[[nodiscard]] std::string Encode(const CardRecord& record);
[[nodiscard]] std::string Encode(const ConsentRecord& record);

// DataLoss: not what Encode() makes.
[[nodiscard]] absl::StatusOr<SubjectRecord> DecodeSubject(std::string_view bytes);
[[nodiscard]] absl::StatusOr<PalmRecord> DecodePalm(std::string_view bytes);
[[nodiscard]] absl::StatusOr<CardRecord> DecodeCard(std::string_view bytes);
[[nodiscard]] absl::StatusOr<ConsentRecord> DecodeConsent(std::string_view bytes);
[[nodiscard]] absl::StatusOr<PinRecord> DecodePin(std::string_view bytes);

// The first `count` code points of UTF-8 text that is known to be valid.
[[nodiscard]] std::string FirstCharacters(std::string_view text, size_t count);

}  // namespace ladon::vault

#endif  // LADON_SERVER_VAULT_RECORDS_H_
