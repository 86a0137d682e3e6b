#include "server/channels/sbp_link.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace ladon::channels {
namespace {

constexpr std::string_view kBegin = "https://qr.nspk.ru/";
constexpr std::string_view kMark = "&crc=";
constexpr size_t kDigits = 4;

}  // namespace

uint16_t SbpCrc(std::string_view text) {
  constexpr uint16_t kPolynomial = 0x1021;
  constexpr uint16_t kTop = 0x8000;
  constexpr int kBits = 8;
  uint16_t crc = 0xffff;
  for (const char c : text) {
    crc = static_cast<uint16_t>(crc ^ (static_cast<uint8_t>(c) << kBits));
    for (int bit = 0; bit < kBits; ++bit) {
      const bool carry = (crc & kTop) != 0;
      crc = static_cast<uint16_t>((crc << 1) ^ (carry ? kPolynomial : 0));
    }
  }
  return crc;
}

std::string WithSbpCrc(std::string_view text) {
  return std::string(text) + absl::StrFormat("&crc=%04X", SbpCrc(text));
}

absl::Status CheckSbpLink(std::string_view link) {
  if (link.size() > kSbpLinkBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("SBP link: longer than ", kSbpLinkBytesMax, " bytes"));
  }
  if (!link.starts_with(kBegin) ||
      !std::all_of(link.begin(), link.end(), [](char c) { return c > ' ' && c <= '~'; })) {
    return absl::InvalidArgumentError("SBP link: no link of qr.nspk.ru");
  }
  if (link.size() < kBegin.size() + kMark.size() + kDigits) {
    return absl::InvalidArgumentError("SBP link: cut off");
  }
  const std::string_view told = link.substr(0, link.size() - kDigits - kMark.size());
  if (WithSbpCrc(told) != link) {
    return absl::InvalidArgumentError("SBP link: its crc is missing or wrong");
  }
  return absl::OkStatus();
}

}  // namespace ladon::channels
