// From what a cashier types to a basket the server accepts.
//
// Prices come from the caterer's price list of the day, never from the command line; a free amount
// is the one exception and the school must allow it. Money is parsed digit by digit, never through
// floating point. Threading: pure functions.
#ifndef LADON_SERVER_CLIENT_TERMINAL_BASKET_H_
#define LADON_SERVER_CLIENT_TERMINAL_BASKET_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "ladon/v1/admin_service.pb.h"
#include "ladon/v1/types.pb.h"
#include "server/client/terminal/attempt_log.h"

namespace ladon::terminal {

inline constexpr size_t kBasketLinesMax = 32;
inline constexpr uint32_t kQuantityMax = 99;
inline constexpr int64_t kAmountMaxKopecks = 10'000'000;
// An item may be named by the first digits of its id, when they fit one item only.
inline constexpr size_t kItemPrefixMin = 4;

// "85", "85.5", "85,50" -> kopecks. InvalidArgument: anything else, zero, above kAmountMaxKopecks.
[[nodiscard]] absl::StatusOr<int64_t> ParseRoubles(std::string_view text);

struct Order {
  std::string caterer_id;          // 16 bytes
  std::vector<std::string> items;  // "ID" or "IDxQTY"; ID in hex, whole or a prefix
  std::optional<int64_t> free_amount_kopecks;
  std::optional<int64_t> total_kopecks;  // What the child was shown; absent = the sum.
  v1::Purse purse = v1::PURSE_MAIN;
};

struct PricedBasket {
  v1::Basket basket;
  std::vector<SlipLine> lines;
};

// InvalidArgument: nothing ordered, more than kBasketLinesMax lines, a quantity out of range, an
// item that does not stand on the list or fits several. `free_amount_name` is how a typed sum is
// called on the slip.
[[nodiscard]] absl::StatusOr<PricedBasket> PriceOrder(const Order& order,
                                                      const v1::PriceList& prices,
                                                      const std::string& free_amount_name);

}  // namespace ladon::terminal

#endif  // LADON_SERVER_CLIENT_TERMINAL_BASKET_H_
