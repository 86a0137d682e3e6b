#include "server/vault/card_number.h"

#include <algorithm>

namespace ladon::vault {
namespace {

constexpr char kRandomUidFirstByte = 0x08;

bool LengthFits(CardTechnology technology, size_t size) {
  switch (technology) {
    case CardTechnology::kIso14443A:
      return size == 4 || size == 7 || size == 10;
    case CardTechnology::kEm4100:
      return size == 5;
    case CardTechnology::kWiegand26:
      return size == 3;
  }
  return false;
}

}  // namespace

absl::StatusOr<CardNumber> CanonicalCard(CardTechnology technology, std::string_view uid,
                                         ReaderProfile profile) {
  if (!LengthFits(technology, uid.size())) {
    return absl::InvalidArgumentError("a UID of " + std::to_string(uid.size()) +
                                      " bytes does not exist in this card technology");
  }
  std::string bytes(uid);
  if (profile == ReaderProfile::kReversed) std::reverse(bytes.begin(), bytes.end());
  if (technology == CardTechnology::kIso14443A && bytes.size() == 4 &&
      bytes.front() == kRandomUidFirstByte) {
    return absl::FailedPreconditionError("this card shows a random UID at every read");
  }
  std::string canonical;
  canonical.push_back(static_cast<char>(technology));
  canonical.push_back(static_cast<char>(bytes.size()));
  return CardNumber{canonical + bytes};
}

}  // namespace ladon::vault
