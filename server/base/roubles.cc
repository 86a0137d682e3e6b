#include "server/base/roubles.h"

#include <algorithm>

namespace ladon::base {
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

std::optional<int64_t> KopecksOf(std::string_view roubles, std::string_view marks,
                                 int64_t kopecks_max) {
  const size_t mark = roubles.find_first_of(marks);
  const std::string_view whole = roubles.substr(0, mark);
  if (whole.size() > kRoubleDigitsMax || !AllDigits(whole)) return std::nullopt;
  int64_t kopecks = NumberOf(whole) * 100;
  if (mark != std::string_view::npos) {
    const std::string_view decimals = roubles.substr(mark + 1);
    if (decimals.size() > 2 || !AllDigits(decimals)) return std::nullopt;
    kopecks += NumberOf(decimals) * (decimals.size() == 1 ? 10 : 1);
  }
  if (kopecks > kopecks_max) return std::nullopt;
  return kopecks;
}

}  // namespace ladon::base
