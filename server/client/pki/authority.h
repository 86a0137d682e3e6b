// An authority with its key, and the right to change its files. For this folder only.
// Threading: any thread; writers exclude each other, across processes too.
#ifndef LADON_SERVER_CLIENT_PKI_AUTHORITY_H_
#define LADON_SERVER_CLIENT_PKI_AUTHORITY_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/descriptor.h"
#include "server/client/pki/certificate.h"
#include "server/client/pki/issued.h"

namespace ladon::pki {

// Everything under `dir`, held until destroyed.
struct Authority {
  std::string dir;
  Certificate certificate;
  Key key;
  std::string certificate_pem;
  IssuedIndex issued;
  std::unique_ptr<const base::Descriptor> lock;
};

// Waits for another writer to be done. NotFound: no authority. FailedPrecondition: a file that is
// not what it should be.
[[nodiscard]] absl::StatusOr<Authority> OpenAuthority(const std::string& dir);

// Makes a key and a certificate of this profile and writes both, with the authority's certificate,
// into `out_dir` (0700, created). It stands in the index before it exists, so that nothing ever
// exists that cannot be revoked by its number. AlreadyExists, FailedPrecondition.
[[nodiscard]] absl::StatusOr<Issued> WriteIdentity(Authority* authority, const std::string& out_dir,
                                                   const Profile& profile,
                                                   const std::string& holder);

// Whether this authority signed it.
[[nodiscard]] bool IsOwn(const Authority& authority, X509* certificate);

// The private key into a new file that is closed to everybody but its owner.
[[nodiscard]] absl::Status WriteKey(const std::string& path, EVP_PKEY* key);

}  // namespace ladon::pki

#endif  // LADON_SERVER_CLIENT_PKI_AUTHORITY_H_
