#include "server/channels/bank_url.h"

#include <algorithm>

namespace ladon::channels {
namespace {

constexpr std::string_view kSecure = "https://";
constexpr std::string_view kLoopback = "http://127.0.0.1";

bool IsHost(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-';
  });
}

// Of "host" or "host:8443"; IPv6 has no use here.
bool IsAuthority(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return IsHost(text);
  const std::string_view port = text.substr(colon + 1);
  constexpr size_t kDigitsMax = 5;
  return IsHost(text.substr(0, colon)) && !port.empty() && port.size() <= kDigitsMax &&
         std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// What may stand in an address as it is. Quotes, angles and blanks may not, nor may line ends,
// which would begin another header.
bool IsPlain(std::string_view text) {
  constexpr std::string_view kNever = "\"'<>\\^`{|}";
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return c > ' ' && c <= '~' && kNever.find(c) == std::string_view::npos;
  });
}

size_t AuthorityEnd(std::string_view text, size_t begin) {
  return std::min(text.find_first_of("/?#", begin), text.size());
}

}  // namespace

absl::StatusOr<BankUrl> ParseBankUrl(std::string_view text) {
  const absl::Status wrong = absl::InvalidArgumentError(
      "address: write https://host/path; http://127.0.0.1 is for tests alone");
  if (text.size() > kUrlBytesMax || !IsPlain(text)) return wrong;
  const bool secure = text.starts_with(kSecure);
  const size_t begin = secure ? kSecure.size() : std::string_view("http://").size();
  if (!secure && !text.starts_with(kLoopback)) return wrong;
  const size_t end = AuthorityEnd(text, begin);
  const std::string_view authority = text.substr(begin, end - begin);
  if (!IsAuthority(authority)) return wrong;
  // "http://127.0.0.1.example.org" begins like loopback too.
  if (!secure && authority.substr(0, authority.find(':')) != "127.0.0.1") return wrong;
  std::string_view path = text.substr(end);
  if (path.find_first_of("?#") != std::string_view::npos) return wrong;
  while (path.ends_with('/')) path.remove_suffix(1);
  return BankUrl{
      .origin = std::string(text.substr(0, end)), .path = std::string(path), .loopback = !secure};
}

bool IsPayerLink(std::string_view link, bool loopback_allowed) {
  if (link.size() > kUrlBytesMax || !IsPlain(link)) return false;
  const absl::StatusOr<BankUrl> base = ParseBankUrl(link.substr(0, link.find_first_of("?#")));
  return base.ok() && (!base->loopback || loopback_allowed);
}

}  // namespace ladon::channels
