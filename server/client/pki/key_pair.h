// What somebody who looks after identities asks of their files. Threading: pure functions.
#ifndef LADON_SERVER_CLIENT_PKI_KEY_PAIR_H_
#define LADON_SERVER_CLIENT_PKI_KEY_PAIR_H_

#include <chrono>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace ladon::pki {

// OK: the private key is the one whose public half the certificate holds. NotFound: one of the
// files. FailedPrecondition: unreadable. InvalidArgument: not PEM, or no pair.
[[nodiscard]] absl::Status CheckPair(const std::string& certificate_path,
                                     const std::string& key_path);

// When the next revocation list is due (RFC 5280, nextUpdate); the first one in the file.
// NotFound, FailedPrecondition; InvalidArgument: not a list in PEM, or one without that moment.
[[nodiscard]] absl::StatusOr<std::chrono::sys_seconds> RevocationListGoodUntil(
    const std::string& path);

}  // namespace ladon::pki

#endif  // LADON_SERVER_CLIENT_PKI_KEY_PAIR_H_
