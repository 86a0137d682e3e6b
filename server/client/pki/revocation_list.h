// An authority's revocation list (an RFC 5280 CRL), through OpenSSL.
// Threading: pure functions.
#ifndef LADON_SERVER_CLIENT_PKI_REVOCATION_LIST_H_
#define LADON_SERVER_CLIENT_PKI_REVOCATION_LIST_H_

#include <chrono>
#include <string>

#include "absl/status/statusor.h"
#include "server/client/pki/authority.h"

namespace ladon::pki {

// Of everything revoked in the authority's index, under the index's list number; good until
// `next_update`. Version 2 with the authority's key identifier, a reason for each, ECDSA with
// SHA-256 (whatever kind of key the authority has), PEM. Internal: OpenSSL failed.
[[nodiscard]] absl::StatusOr<std::string> MakeRevocationList(const Authority& authority,
                                                             std::chrono::sys_seconds now,
                                                             std::chrono::sys_seconds next_update);

}  // namespace ladon::pki

#endif  // LADON_SERVER_CLIENT_PKI_REVOCATION_LIST_H_
