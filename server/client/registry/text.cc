#include "server/client/registry/text.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "server/base/roubles.h"

namespace ladon::registry {
namespace {

constexpr size_t kQuotedBytesMax = 40;

bool IsControl(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

bool IsContinuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

absl::Status CheckLine(size_t line, std::string_view text) {
  if (text.size() > kLineBytesMax) {
    return Refused(line, "longer than " + std::to_string(kLineBytesMax) + " bytes");
  }
  const auto bad =
      std::find_if(text.begin(), text.end(), [](char c) { return IsControl(c) && c != '\t'; });
  if (bad != text.end()) {
    return Refused(line, absl::StrFormat("the byte 0x%02X there is no text",
                                         static_cast<unsigned>(static_cast<unsigned char>(*bad))));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Refused(size_t line, std::string_view what) {
  return absl::InvalidArgumentError("line " + std::to_string(line) + ": " + std::string(what));
}

std::string Quoted(std::string_view text) {
  const bool cut = text.size() > kQuotedBytesMax;
  if (cut) {
    size_t end = kQuotedBytesMax;
    while (end > 0 && IsContinuation(text[end])) --end;
    text = text.substr(0, end);
  }
  std::string plain(text);
  std::replace_if(plain.begin(), plain.end(), IsControl, '?');
  return "«" + plain + (cut ? "…»" : "»");
}

std::string_view Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

absl::Status CheckText(std::string_view bytes) {
  if (bytes.size() > kFileBytesMax) {
    return absl::InvalidArgumentError("the file is larger than " +
                                      std::to_string(kFileBytesMax >> 20U) + " MiB");
  }
  return ForEachLine(bytes, CheckLine);
}

absl::Status ForEachLine(
    std::string_view text,
    absl::FunctionRef<absl::Status(size_t line, std::string_view text_of_line)> take) {
  for (size_t line = 1; !text.empty(); ++line) {
    const size_t end = text.find('\n');
    std::string_view one = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!one.empty() && one.back() == '\r') one.remove_suffix(1);
    if (absl::Status s = take(line, one); !s.ok()) return s;
  }
  return absl::OkStatus();
}

std::optional<int64_t> TotalKopecksOf(std::string_view roubles, std::string_view mark,
                                      int64_t kopecks_max) {
  // What KopecksOf() reads at once; the digits in front of that are read as a number of their own.
  constexpr size_t kDigits = 9;
  constexpr size_t kHeadDigitsMax = 6;
  constexpr int64_t kHeadUnit = 1'000'000'000;
  const size_t whole = std::min(roubles.find_first_of(mark), roubles.size());
  int64_t head = 0;
  if (whole > kDigits) {
    const size_t head_digits = whole - kDigits;
    if (head_digits > kHeadDigitsMax) return std::nullopt;
    const auto read = base::KopecksOf(roubles.substr(0, head_digits), mark, kHeadUnit);
    if (!read) return std::nullopt;
    head = *read * kHeadUnit;
    roubles.remove_prefix(head_digits);
  }
  const auto tail = base::KopecksOf(roubles, mark, kHeadUnit * 100);
  if (!tail || head + *tail > kopecks_max) return std::nullopt;
  return head + *tail;
}

std::string RoublesOf(int64_t kopecks) {
  const int64_t size = kopecks < 0 ? -kopecks : kopecks;
  return absl::StrFormat("%s%d.%02d", kopecks < 0 ? "-" : "", size / 100, size % 100);
}

}  // namespace ladon::registry
