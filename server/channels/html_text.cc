#include "server/channels/html_text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace ladon::channels {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

struct Point {
  char32_t value = 0;
  size_t bytes = 0;
};

// The character that `text` begins with; nullopt: none of UTF-8.
std::optional<Point> First(std::string_view text) {
  struct Form {
    uint8_t mask;
    uint8_t lead;
    char32_t least;  // A shorter form must have been used below it.
  };
  constexpr Form kForms[] = {
      {0x80, 0x00, 0x0}, {0xE0, 0xC0, 0x80}, {0xF0, 0xE0, 0x800}, {0xF8, 0xF0, 0x10000}};
  const auto lead = static_cast<uint8_t>(text.front());
  for (size_t more = 0; more < std::size(kForms); ++more) {
    const Form& form = kForms[more];
    if ((lead & form.mask) != form.lead) continue;
    if (text.size() <= more) return std::nullopt;
    char32_t value = lead & static_cast<uint8_t>(~form.mask);
    for (size_t i = 1; i <= more; ++i) {
      const auto byte = static_cast<uint8_t>(text[i]);
      if ((byte & 0xC0) != 0x80) return std::nullopt;
      value = (value << 6) | (byte & 0x3F);
    }
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < form.least || value > 0x10FFFF || surrogate) return std::nullopt;
    return Point{.value = value, .bytes = more + 1};
  }
  return std::nullopt;
}

bool IsHidden(char32_t c) {
  struct Range {
    char32_t first;
    char32_t last;
  };
  constexpr Range kRanges[] = {
      {0x00, 0x1F},     {0x7F, 0x9F},     {0xAD, 0xAD},       {0x61C, 0x61C},   {0x180B, 0x180F},
      {0x200B, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F},   {0xE000, 0xF8FF}, {0xFE00, 0xFE0F},
      {0xFEFF, 0xFEFF}, {0xFFF0, 0xFFFF}, {0xE0000, 0x10FFFF}};
  return std::any_of(std::begin(kRanges), std::end(kRanges),
                     [c](const Range& one) { return one.first <= c && c <= one.last; });
}

std::string_view Entity(char32_t c) {
  switch (c) {
    case U'&':
      return "&amp;";
    case U'<':
      return "&lt;";
    case U'>':
      return "&gt;";
    case U'"':
      return "&quot;";
    case U'\'':
      return "&#39;";
    default:
      return "";
  }
}

}  // namespace

std::string HtmlOf(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::optional<Point> point = First(text);
    const size_t bytes = point ? point->bytes : 1;
    if (!point || IsHidden(point->value)) {
      out += kReplacement;
    } else if (const std::string_view entity = Entity(point->value); !entity.empty()) {
      out += entity;
    } else {
      out += text.substr(0, bytes);
    }
    text.remove_prefix(bytes);
  }
  return out;
}

}  // namespace ladon::channels
