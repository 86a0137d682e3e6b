// Sums of money as text, exactly: never through floating point, where (long)(19.99 * 100) is 1998.
// Threading: pure functions.
#ifndef LADON_SERVER_BASE_ROUBLES_H_
#define LADON_SERVER_BASE_ROUBLES_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace ladon::base {

// Roubles with at most two decimals behind one of `marks` (".,", or "." where a machine writes):
// "45", "45.5", "45,50"; in kopecks, 0..kopecks_max. nullopt for anything else: signs, exponents,
// blanks, a part that is missing, a third decimal, more than nine digits of roubles.
[[nodiscard]] std::optional<int64_t> KopecksOf(std::string_view roubles, std::string_view marks,
                                               int64_t kopecks_max);

}  // namespace ladon::base

#endif  // LADON_SERVER_BASE_ROUBLES_H_
