#include "server/channels/amount.h"

#include "server/base/roubles.h"

namespace ladon::channels {

std::optional<int64_t> ParseAmount(std::string_view text) {
  return base::KopecksOf(text, ".", kAmountKopecksMax);
}

std::string FormatAmount(int64_t kopecks) {
  const std::string decimals = std::to_string(kopecks % 100);
  return std::to_string(kopecks / 100) + (decimals.size() == 1 ? ".0" : ".") + decimals;
}

}  // namespace ladon::channels
