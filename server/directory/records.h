// The byte form of directory records in the store. Each opens with its own version byte.
// Threading: pure functions.
#ifndef LADON_SERVER_DIRECTORY_RECORDS_H_
#define LADON_SERVER_DIRECTORY_RECORDS_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/directory/directory.h"

namespace ladon::directory {

inline constexpr uint8_t kRecordVersion = 1;

[[nodiscard]] std::string Encode(const School& school);
[[nodiscard]] std::string Encode(const Terminal& terminal);
[[nodiscard]] std::string Encode(const Caterer& caterer);
[[nodiscard]] std::string Encode(const PriceList& list);

// DataLoss: not what Encode() makes.
[[nodiscard]] absl::StatusOr<School> DecodeSchool(std::string_view bytes);
[[nodiscard]] absl::StatusOr<Terminal> DecodeTerminal(std::string_view bytes);
[[nodiscard]] absl::StatusOr<Caterer> DecodeCaterer(std::string_view bytes);
[[nodiscard]] absl::StatusOr<PriceList> DecodePriceList(std::string_view bytes);

}  // namespace ladon::directory

#endif  // LADON_SERVER_DIRECTORY_RECORDS_H_
