// Who may speak to a contract's address: networks, HTTP Basic, a client certificate that the proxy
// in front has verified. Each that is configured must hold.
//
// What a proxy says of its client (X-Real-IP, X-Client-Verify, X-Client-DN) counts when it comes
// from an address that is configured as a proxy, and from nowhere else.
// Threading: immutable after it is made.
#ifndef LADON_SERVER_CHANNELS_GUARD_H_
#define LADON_SERVER_CHANNELS_GUARD_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace ladon::channels {

// Of IPv4 and IPv6: "194.186.207.0/24", "2a02:5180::/32", one address alone.
class Network {
 public:
  // InvalidArgument: none of these.
  [[nodiscard]] static absl::StatusOr<Network> Parse(const std::string& text);
  [[nodiscard]] bool Contains(const std::string& address) const;

 private:
  std::string bytes_;  // Of the address, 4 or 16.
  unsigned bits_ = 0;
};

struct GuardOptions {
  std::vector<Network> networks;  // Empty: any.
  std::string user;               // Empty: no HTTP Basic.
  std::string password;
  std::string
      certificate_dn;  // Of the bank's client certificate, as the proxy writes it; empty: none.
};

// What a request tells of whoever sent it.
struct Visitor {
  std::string address;        // Of the other end of the connection.
  std::string authorization;  // The header.
  // The headers of a proxy; looked at only when `address` is one.
  std::string real_address;
  std::string certificate_verdict;
  std::string certificate_dn;
};

enum class Admission : uint8_t { kAdmitted, kForbidden, kNeedsPassword };

class Guard {
 public:
  Guard(GuardOptions options, std::vector<Network> proxies);
  [[nodiscard]] Admission Admit(const Visitor& visitor) const;

 private:
  const GuardOptions options_;
  const std::vector<Network> proxies_;
  const std::string authorization_;  // The header's value that is right.
};

}  // namespace ladon::channels

#endif  // LADON_SERVER_CHANNELS_GUARD_H_
