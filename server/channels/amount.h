// Sums as banks write them in their requests, read exactly and never through floating point:
// (long)(19.99 * 100) is 1998.
// Threading: pure functions.
#ifndef LADON_SERVER_CHANNELS_AMOUNT_H_
#define LADON_SERVER_CHANNELS_AMOUNT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ladon::channels {

// 100 million roubles, what one transfer of the ledger may move.
inline constexpr int64_t kAmountKopecksMax = 10'000'000'000;

// Roubles with a point and at most two decimals: "100", "100.0", "580.00"; in kopecks, 0 to
// kAmountKopecksMax. nullopt: anything else, as a comma, a sign, an exponent, a blank, a part that
// is missing, a third decimal, more than that.
[[nodiscard]] std::optional<int64_t> ParseAmount(std::string_view text);
// "580.00"; `kopecks` is 0 or more.
[[nodiscard]] std::string FormatAmount(int64_t kopecks);

}  // namespace ladon::channels

#endif  // LADON_SERVER_CHANNELS_AMOUNT_H_
