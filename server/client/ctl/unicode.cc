#include "server/client/ctl/unicode.h"

#include <cassert>
#include <cstdint>

namespace ladon::ctl {
namespace {

constexpr int kLastGrade = 11;

// Latin letters, lower case, that a class name may hold in place of the Cyrillic twin.
struct Twin {
  char32_t latin;
  char32_t cyrillic;
};
constexpr Twin kTwins[] = {{U'a', U'а'}, {U'b', U'в'}, {U'c', U'с'}, {U'e', U'е'},
                           {U'h', U'н'}, {U'k', U'к'}, {U'm', U'м'}, {U'o', U'о'},
                           {U'p', U'р'}, {U't', U'т'}, {U'x', U'х'}, {U'y', U'у'}};

char32_t Lower(char32_t c) {
  if (c >= U'A' && c <= U'Z') return c + 32;
  if (c >= 0x410 && c <= 0x42F) return c + 32;  // А..Я
  if (c >= 0x400 && c <= 0x40F) return c + 80;  // Ѐ..Џ with Ё
  if (c == 0x4C0) return 0x4CF;                 // The palochka stands apart from its pair rule.
  if (c >= 0x4C1 && c <= 0x4CE) return c % 2 == 1 ? c + 1 : c;
  const bool paired =
      (c >= 0x460 && c <= 0x481) || (c >= 0x48A && c <= 0x4BF) || (c >= 0x4D0 && c <= 0x52F);
  return paired && c % 2 == 0 ? c + 1 : c;
}

char32_t Fold(char32_t c) {
  const char32_t lower = Lower(c);
  return lower == U'ё' ? U'е' : lower;
}

bool IsBlank(char32_t c) {
  return c == U' ' || c == U'\t' || c == 0xA0;
}

bool IsLetterOrDigit(char32_t c) {
  return (c >= U'0' && c <= U'9') || (c >= U'a' && c <= U'z') || c >= 0x370;
}

// Length of the sequence that `lead` opens, 0 when it opens none.
size_t LengthOf(uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

}  // namespace

std::optional<std::u32string> DecodeUtf8(std::string_view text) {
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  constexpr uint8_t kLeadMask[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  std::u32string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<uint8_t>(text[i]);
    const size_t length = LengthOf(lead);
    if (length == 0 || i + length > text.size()) return std::nullopt;
    char32_t c = lead & kLeadMask[length];
    for (size_t k = 1; k < length; ++k) {
      const auto byte = static_cast<uint8_t>(text[i + k]);
      if ((byte & 0xC0) != 0x80) return std::nullopt;
      c = c << 6 | (byte & 0x3F);
    }
    const bool surrogate = c >= 0xD800 && c <= 0xDFFF;
    if (c < kLeast[length] || surrogate || c > 0x10FFFF) return std::nullopt;
    out.push_back(c);
    i += length;
  }
  return out;
}

std::string EncodeUtf8(std::u32string_view text) {
  std::string out;
  out.reserve(2 * text.size());
  for (const char32_t c : text) {
    if (c < 0x80) {
      out.push_back(static_cast<char>(c));
      continue;
    }
    const int tails = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    const uint32_t lead_bits = tails == 1 ? 0xC0 : tails == 2 ? 0xE0 : 0xF0;
    out.push_back(static_cast<char>(lead_bits | c >> (6 * tails)));
    for (int k = tails - 1; k >= 0; --k) {
      out.push_back(static_cast<char>(0x80 | ((c >> (6 * k)) & 0x3F)));
    }
  }
  return out;
}

std::string FoldName(std::string_view name) {
  const std::optional<std::u32string> text = DecodeUtf8(name);
  assert(text.has_value());
  std::u32string out;
  for (const char32_t c : *text) {
    if (!IsBlank(c)) {
      out.push_back(Fold(c));
    } else if (!out.empty() && out.back() != U' ') {
      out.push_back(U' ');
    }
  }
  if (!out.empty() && out.back() == U' ') out.pop_back();
  return EncodeUtf8(out);
}

std::string FoldClass(std::string_view class_name) {
  const std::optional<std::u32string> text = DecodeUtf8(class_name);
  assert(text.has_value());
  std::u32string out;
  for (const char32_t raw : *text) {
    char32_t c = Fold(raw);
    if (!IsLetterOrDigit(c)) continue;
    for (const Twin& twin : kTwins) {
      if (c == twin.latin) c = twin.cyrillic;
    }
    out.push_back(c);
  }
  return EncodeUtf8(out);
}

std::string NextClass(std::string_view folded_class) {
  size_t digits = 0;
  int grade = 0;
  while (digits < folded_class.size() && digits < 3 && folded_class[digits] >= '0' &&
         folded_class[digits] <= '9') {
    grade = grade * 10 + (folded_class[digits] - '0');
    ++digits;
  }
  if (digits == 0 || grade >= kLastGrade) return "";
  return std::to_string(grade + 1) + std::string(folded_class.substr(digits));
}

}  // namespace ladon::ctl
