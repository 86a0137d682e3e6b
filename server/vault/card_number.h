// One card, one number, whatever reader read it.
//
// Canonical form: technology (1 byte), length (1 byte), UID bytes in transmission order (the byte
// that the card sends first comes first). A reader that delivers the bytes reversed says so in its
// profile and they are turned round. Lengths: ISO 14443-A 4, 7 or 10; EM4100 5; Wiegand-26 3 (only
// unique within one school, which is why cards are always looked up within one). A 4-byte UID that
// begins with 08 is random at every read (NXP AN10927) and is refused.
// Threading: pure functions.
#ifndef LADON_SERVER_VAULT_CARD_NUMBER_H_
#define LADON_SERVER_VAULT_CARD_NUMBER_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace ladon::vault {

enum class CardTechnology : uint8_t { kIso14443A = 1, kEm4100 = 2, kWiegand26 = 3 };
enum class ReaderProfile : uint8_t { kTransmissionOrder = 1, kReversed = 2 };

struct CardNumber {
  std::string canonical;
};

// InvalidArgument: a length that the technology does not have. FailedPrecondition: a random UID.
[[nodiscard]] absl::StatusOr<CardNumber> CanonicalCard(CardTechnology technology,
                                                       std::string_view uid, ReaderProfile profile);

}  // namespace ladon::vault

#endif  // LADON_SERVER_VAULT_CARD_NUMBER_H_
