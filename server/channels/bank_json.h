// What a bank's order API says, read with suspicion: an answer of bounded size that is an object,
// and its parts only as what they must be.
//
// Money is an integer of kopecks: 1999.0 and 1.999e3 are refused, as is what does not fit int64_t
// (such a number is a double to the parser). Threading: pure functions.
#ifndef LADON_SERVER_CHANNELS_BANK_JSON_H_
#define LADON_SERVER_CHANNELS_BANK_JSON_H_

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace ladon::channels {

inline constexpr size_t kBankAnswerBytesMax = 65'536;

// InvalidArgument: longer than kBankAnswerBytesMax, no JSON, or no object.
[[nodiscard]] absl::StatusOr<nlohmann::json> ParseBankJson(std::string_view body);

// Of a member of `object`; nullopt: it is not there, or is of another type.
[[nodiscard]] std::optional<int64_t> IntegerAt(const nlohmann::json& object, const char* name);
// At most `bytes_max` long.
[[nodiscard]] std::optional<std::string> TextAt(const nlohmann::json& object, const char* name,
                                                size_t bytes_max);
// An integer or a text of digits: codes come as both.
[[nodiscard]] std::optional<int64_t> CodeAt(const nlohmann::json& object, const char* name);
// Of kopecks, 1 to kAmountKopecksMax.
[[nodiscard]] std::optional<int64_t> KopecksAt(const nlohmann::json& object, const char* name);

// What the core takes for the id of a payment: 1 to 64 letters, digits, hyphens, underscores.
[[nodiscard]] bool IsBankId(std::string_view text);

}  // namespace ladon::channels

#endif  // LADON_SERVER_CHANNELS_BANK_JSON_H_
