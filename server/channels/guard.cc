#include "server/channels/guard.h"

#include <arpa/inet.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "absl/strings/escaping.h"

namespace ladon::channels {
namespace {

constexpr size_t kBytesOf4 = 4;
constexpr size_t kBytesOf6 = 16;
constexpr unsigned kBitsOfByte = 8;

// 4 or 16 bytes; empty: no address. One of IPv4 within IPv6 is one of IPv4.
std::string BytesOf(const std::string& address) {
  std::string bytes(kBytesOf6, '\0');
  if (inet_pton(AF_INET, address.c_str(), bytes.data()) == 1) return bytes.substr(0, kBytesOf4);
  if (inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) return {};
  const std::string mapped = std::string(10, '\0') + "\xFF\xFF";
  return bytes.substr(0, mapped.size()) == mapped ? bytes.substr(mapped.size()) : bytes;
}

bool Same(std::string_view given, std::string_view right) {
  return given.size() == right.size() &&
         CRYPTO_memcmp(given.data(), right.data(), right.size()) == 0;
}

bool IsAmong(const std::vector<Network>& networks, const std::string& address) {
  return std::any_of(networks.begin(), networks.end(),
                     [&](const Network& one) { return one.Contains(address); });
}

}  // namespace

absl::StatusOr<Network> Network::Parse(const std::string& text) {
  const size_t slash = text.find('/');
  Network network;
  network.bytes_ = BytesOf(text.substr(0, slash));
  network.bits_ = static_cast<unsigned>(network.bytes_.size()) * kBitsOfByte;
  bool good = !network.bytes_.empty();
  if (good && slash != std::string::npos) {
    const char* const end = text.data() + text.size();
    unsigned bits = 0;
    const auto [rest, error] = std::from_chars(text.data() + slash + 1, end, bits);
    good = error == std::errc() && rest == end && bits <= network.bits_;
    network.bits_ = bits;
  }
  if (!good) {
    return absl::InvalidArgumentError("«" + text +
                                      "» is no address and no network like 10.0.0.0/8");
  }
  return network;
}

bool Network::Contains(const std::string& address) const {
  const std::string bytes = BytesOf(address);
  if (bytes.size() != bytes_.size()) return false;
  for (unsigned bit = 0; bit < bits_; ++bit) {
    const unsigned mask = 0x80U >> (bit % kBitsOfByte);
    const auto differ =
        static_cast<unsigned>(static_cast<unsigned char>(bytes[bit / kBitsOfByte]) ^
                              static_cast<unsigned char>(bytes_[bit / kBitsOfByte]));
    if ((differ & mask) != 0) return false;
  }
  return true;
}

Guard::Guard(GuardOptions options, std::vector<Network> proxies)
    : options_(std::move(options)),
      proxies_(std::move(proxies)),
      authorization_("Basic " + absl::Base64Escape(options_.user + ":" + options_.password)) {}

Admission Guard::Admit(const Visitor& visitor) const {
  const bool by_proxy = IsAmong(proxies_, visitor.address);
  const bool tells = by_proxy && !visitor.real_address.empty();
  const std::string& address = tells ? visitor.real_address : visitor.address;
  if (!options_.networks.empty() && !IsAmong(options_.networks, address)) {
    return Admission::kForbidden;
  }
  if (!options_.certificate_dn.empty() && (!by_proxy || visitor.certificate_verdict != "SUCCESS" ||
                                           visitor.certificate_dn != options_.certificate_dn)) {
    return Admission::kForbidden;
  }
  if (!options_.user.empty() && !Same(visitor.authorization, authorization_)) {
    return Admission::kNeedsPassword;
  }
  return Admission::kAdmitted;
}

}  // namespace ladon::channels
