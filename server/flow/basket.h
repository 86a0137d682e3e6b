// A basket and what makes it sellable: every price on the caterer's list of the day, free amounts
// only where the school allows them, a total that is what the child was shown.
// Threading: pure functions.
#ifndef LADON_SERVER_FLOW_BASKET_H_
#define LADON_SERVER_FLOW_BASKET_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "ledger/proof/ids.h"
#include "server/base/id.h"
#include "server/directory/directory.h"

namespace ladon::flow {

inline constexpr size_t kBasketLinesMax = 32;
inline constexpr uint32_t kQuantityMax = 99;
inline constexpr int64_t kUnitPriceKopecksMax = 10'000'000;  // 100 000 roubles.

struct BasketLine {
  base::ItemId item;  // Zero: a free amount.
  uint16_t category = 0;
  uint32_t quantity = 0;
  int64_t unit_price_kopecks = 0;
  uint8_t purse = 0;

  // Cannot overflow within the limits above.
  [[nodiscard]] int64_t amount_kopecks() const {
    return unit_price_kopecks * static_cast<int64_t>(quantity);
  }
};

struct Basket {
  base::CatererId caterer;
  std::vector<BasketLine> lines;  // 1..kBasketLinesMax
  int64_t total_kopecks = 0;
};

// kTotalMismatch, kCatererUnknown, kPriceListMissing, kPriceNotOnList, kFreeAmountNotAllowed, with
// the path of the field.
[[nodiscard]] absl::Status CheckBasket(const directory::Directory& directory,
                                       const directory::School& school, const Basket& basket,
                                       uint32_t service_day);

// SHA-256 over the lines: what the repeat guard compares.
[[nodiscard]] ledger::Digest BasketDigest(const Basket& basket);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_BASKET_H_
