// The certificate that a caller came with, read and judged.
//
// TLS has verified that a trusted authority signed it, that it is in force, and that its purpose,
// if it names one, is that of a client. Refused here is what may well stand under a good chain and
// is still not good enough to answer for a person:
//   - no extended key usage, or one without clientAuth;
//   - a signature over SHA-1, MD5 or another digest in which collisions can be made;
//   - a key of RSA under 2048 bits, of EC under 256, or of another kind than those, Ed25519, Ed448;
//   - an authority's certificate;
//   - names: exactly one, a URI that is a principal (server/base/principal.h), and none of another
//     kind beside it;
//   - a serial number that is negative or longer than 20 octets.
// Threading: any thread. Each remembers what it has read: a till calls with one certificate all
// day, and reading it costs more than the rest of its admission.
#ifndef LADON_SERVER_ACCESS_CERTIFICATE_H_
#define LADON_SERVER_ACCESS_CERTIFICATE_H_

#include <array>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "server/base/principal.h"

namespace ladon::access {

using Serial = std::array<uint8_t, 20>;      // Right-aligned.
using NameDigest = std::array<uint8_t, 32>;  // SHA-256 of an issuer's name.

inline constexpr int kRsaBitsMin = 2'048;
inline constexpr int kEcBitsMin = 256;

struct PeerCertificate {
  base::Principal principal;
  Serial serial{};
  NameDigest issuer{};
  uint64_t not_after_ns = 0;  // Since 1970-01-01 UTC; TLS looks at it when a connection begins.

  friend bool operator==(const PeerCertificate&, const PeerCertificate&) = default;
};

// Unauthenticated, in a sentence for the log that names the certificate by its serial number and
// says what is wrong with it. The caller is not told: all hear the same.
[[nodiscard]] absl::StatusOr<PeerCertificate> ReadPeerCertificate(const std::string& pem);

// Without leading zeros, as ladonctl prints it.
[[nodiscard]] std::string HexOf(const Serial& serial);

}  // namespace ladon::access

#endif  // LADON_SERVER_ACCESS_CERTIFICATE_H_
