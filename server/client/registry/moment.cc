#include "server/client/registry/moment.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_format.h"
#include "server/base/calendar.h"

namespace ladon::registry {
namespace {

constexpr size_t kPatternBytesMax = 40;
constexpr std::string_view kLetters = "DMYHS";

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

std::string Moment::Text() const {
  std::string text = absl::StrFormat("%04d-%02d-%02d", day / 10'000, day / 100 % 100, day % 100);
  if (second) {
    absl::StrAppendFormat(&text, " %02d:%02d:%02d", *second / 3600, *second / 60 % 60,
                          *second % 60);
  }
  return text;
}

std::optional<MomentFormat::Element> MomentFormat::NextElement(std::string_view* pattern,
                                                               bool behind_hour) {
  struct Token {
    std::string_view letters;
    Part part;
    size_t digits_min;
  };
  // The longer ones first.
  const std::array<Token, 6> tokens = {{{"YYYY", Part::kYear, 4},
                                        {"DD", Part::kDay, 2},
                                        {"MM", behind_hour ? Part::kMinute : Part::kMonth, 2},
                                        {"HH", Part::kHour, 2},
                                        {"H", Part::kHour, 1},
                                        {"SS", Part::kSecond, 2}}};
  for (const Token& token : tokens) {
    if (!pattern->starts_with(token.letters)) continue;
    pattern->remove_prefix(token.letters.size());
    return Element{.part = token.part,
                   .digits_min = token.digits_min,
                   .digits_max = std::max<size_t>(2, token.digits_min)};
  }
  const char literal = pattern->front();
  if (kLetters.find(literal) != std::string_view::npos) return std::nullopt;
  pattern->remove_prefix(1);
  return Element{.literal = literal};
}

absl::StatusOr<MomentFormat> MomentFormat::Parse(std::string_view pattern) {
  if (pattern.size() > kPatternBytesMax) {
    return absl::InvalidArgumentError("longer than " + std::to_string(kPatternBytesMax) + " bytes");
  }
  MomentFormat format;
  std::array<size_t, 6> times = {};  // How often each part stands there.
  const auto count = [&times](Part part) -> size_t& { return times[static_cast<size_t>(part)]; };
  while (!pattern.empty()) {
    const std::optional<Element> element = NextElement(&pattern, count(Part::kHour) > 0);
    if (!element) {
      return absl::InvalidArgumentError("made of DD, MM, YYYY, HH (or H), MM, SS and marks");
    }
    if (element->part != Part::kLiteral) ++count(element->part);
    format.elements_.push_back(*element);
  }
  if (std::any_of(times.begin(), times.end(), [](size_t n) { return n > 1; })) {
    return absl::InvalidArgumentError("without any part twice");
  }
  const size_t day_parts = count(Part::kYear) + count(Part::kMonth) + count(Part::kDay);
  const size_t time_parts = count(Part::kHour) + count(Part::kMinute);
  format.has_day_ = day_parts == 3;
  format.has_time_ = time_parts == 2;
  if ((day_parts != 0 && !format.has_day_) || (time_parts != 0 && !format.has_time_) ||
      (count(Part::kSecond) != 0 && !format.has_time_) || (!format.has_day_ && !format.has_time_)) {
    return absl::InvalidArgumentError("a whole day (DD, MM, YYYY), a time (HH, MM) or both");
  }
  return format;
}

std::optional<Moment> MomentFormat::Read(std::string_view text) const {
  if (elements_.empty()) return std::nullopt;
  std::array<uint32_t, 6> values = {};
  for (const Element& element : elements_) {
    if (element.part == Part::kLiteral) {
      if (text.empty() || text.front() != element.literal) return std::nullopt;
      text.remove_prefix(1);
      continue;
    }
    size_t digits = 0;
    uint32_t& value = values[static_cast<size_t>(element.part)];
    while (digits < element.digits_max && digits < text.size() && IsDigit(text[digits])) {
      value = value * 10 + static_cast<uint32_t>(text[digits] - '0');
      ++digits;
    }
    if (digits < element.digits_min) return std::nullopt;
    text.remove_prefix(digits);
  }
  const auto [year, month, day, hour, minute, second] = values;
  if (!text.empty() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  Moment moment;
  if (has_day_) {
    moment.day = year * 10'000 + month * 100 + day;
    if (!base::IsCalendarDay(moment.day)) return std::nullopt;
  }
  if (has_time_) moment.second = hour * 3600 + minute * 60 + second;
  return moment;
}

}  // namespace ladon::registry
