#include "server/channels/bank_json.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

#include "server/channels/amount.h"

namespace ladon::channels {

using nlohmann::json;

absl::StatusOr<json> ParseBankJson(std::string_view body) {
  if (body.size() > kBankAnswerBytesMax) {
    return absl::InvalidArgumentError("bank: its answer is too long");
  }
  json parsed = json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_object()) return absl::InvalidArgumentError("bank: its answer is no JSON object");
  return parsed;
}

std::optional<int64_t> IntegerAt(const json& object, const char* name) {
  const auto it = object.find(name);
  if (it == object.end() || !it->is_number_integer()) return std::nullopt;
  if (it->is_number_unsigned()) {
    const auto value = it->get<uint64_t>();
    if (value > uint64_t{std::numeric_limits<int64_t>::max()}) return std::nullopt;
  }
  return it->get<int64_t>();
}

std::optional<std::string> TextAt(const json& object, const char* name, size_t bytes_max) {
  const auto it = object.find(name);
  if (it == object.end() || !it->is_string()) return std::nullopt;
  const auto& text = it->get_ref<const std::string&>();
  if (text.size() > bytes_max) return std::nullopt;
  return text;
}

std::optional<int64_t> CodeAt(const json& object, const char* name) {
  if (const auto number = IntegerAt(object, name)) return number;
  constexpr size_t kDigitsMax = 9;
  const auto text = TextAt(object, name, kDigitsMax);
  if (!text || text->empty()) return std::nullopt;
  int64_t value = 0;
  const auto [rest, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || rest != text->data() + text->size()) return std::nullopt;
  return value;
}

std::optional<int64_t> KopecksAt(const json& object, const char* name) {
  const auto kopecks = IntegerAt(object, name);
  return kopecks && *kopecks > 0 && *kopecks <= kAmountKopecksMax ? kopecks : std::nullopt;
}

bool IsBankId(std::string_view text) {
  constexpr size_t kBytesMax = 64;
  return !text.empty() && text.size() <= kBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}

}  // namespace ladon::channels
