#include "server/channels/amount.h"

#include <algorithm>

namespace ladon::channels {
namespace {

constexpr size_t kRoubleDigitsMax = 9;

bool AllDigits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

int64_t NumberOf(std::string_view digits) {
  int64_t number = 0;
  for (const char digit : digits) number = number * 10 + (digit - '0');
  return number;
}

}  // namespace

std::optional<int64_t> ParseAmount(std::string_view text) {
  const size_t point = text.find('.');
  const std::string_view roubles = text.substr(0, point);
  if (roubles.size() > kRoubleDigitsMax || !AllDigits(roubles)) return std::nullopt;
  int64_t kopecks = NumberOf(roubles) * 100;
  if (point != std::string_view::npos) {
    const std::string_view decimals = text.substr(point + 1);
    if (decimals.size() > 2 || !AllDigits(decimals)) return std::nullopt;
    kopecks += NumberOf(decimals) * (decimals.size() == 1 ? 10 : 1);
  }
  if (kopecks > kAmountKopecksMax) return std::nullopt;
  return kopecks;
}

std::string FormatAmount(int64_t kopecks) {
  const std::string decimals = std::to_string(kopecks % 100);
  return std::to_string(kopecks / 100) + (decimals.size() == 1 ? ".0" : ".") + decimals;
}

}  // namespace ladon::channels
