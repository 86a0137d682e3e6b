// Revoking, with the authority in hand. For this folder only. Threading: as authority.h.
#ifndef LADON_SERVER_CLIENT_PKI_REVOKE_H_
#define LADON_SERVER_CLIENT_PKI_REVOKE_H_

#include <string>

#include "absl/status/statusor.h"
#include "server/client/pki/authority.h"
#include "server/client/pki/pki.h"

namespace ladon::pki {

// The certificate in a PEM file as it stands in the index, or as it would: an authority that is
// older than its index has issued some that do not. InvalidArgument: not a certificate of this
// authority. NotFound: no such file.
[[nodiscard]] absl::StatusOr<Issued> ReadOwn(const Authority& authority, const std::string& path);

// Marks it, adding it where it is missing, and writes the list. FailedPrecondition.
[[nodiscard]] absl::StatusOr<Revoked> Revoke(Authority* authority, const Issued& issued,
                                             const Revocation& revocation);

}  // namespace ladon::pki

#endif  // LADON_SERVER_CLIENT_PKI_REVOKE_H_
