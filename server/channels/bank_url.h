// Addresses that a bank's order API has, and those that it sends payers to.
//
// TLS everywhere but on this machine itself, where a test's bank listens: "http://" is taken with
// 127.0.0.1 alone, and a payer is sent there by such a bank alone. Threading: pure functions.
#ifndef LADON_SERVER_CHANNELS_BANK_URL_H_
#define LADON_SERVER_CHANNELS_BANK_URL_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace ladon::channels {

inline constexpr size_t kUrlBytesMax = 1'024;

struct BankUrl {
  std::string origin;  // "https://bank.example:8443"
  std::string path;    // "/ecomm/gw/partner/api/v1", without a slash behind; may be empty.
  bool loopback = false;
};

// InvalidArgument: neither https nor loopback's http, too long, a user, a query, a fragment, or a
// character that stands in no address.
[[nodiscard]] absl::StatusOr<BankUrl> ParseBankUrl(std::string_view text);
// Whether a payer's browser may be sent there: an address as above, a query and a fragment allowed.
[[nodiscard]] bool IsPayerLink(std::string_view link, bool loopback_allowed);

}  // namespace ladon::channels

#endif  // LADON_SERVER_CHANNELS_BANK_URL_H_
