// What certificates and revocation lists have in common, through OpenSSL.
//
// A failure inside OpenSSL leaves its queue of errors empty: the thread's queue is also that of its
// TLS connections. Threading: pure functions.
#ifndef LADON_SERVER_ACCESS_X509_H_
#define LADON_SERVER_ACCESS_X509_H_

#include <openssl/x509.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/access/certificate.h"
#include "server/base/deleter.h"

namespace ladon::access {

using Bio = std::unique_ptr<BIO, base::Deleter<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, base::Deleter<X509_free>>;
using RevocationList = std::unique_ptr<X509_CRL, base::Deleter<X509_CRL_free>>;

// nullptr: out of memory, or longer than anything we read.
[[nodiscard]] Bio BioOver(std::string_view bytes);
// Every certificate in a PEM text, in order; what cannot be read ends it.
[[nodiscard]] std::vector<Certificate> CertificatesOf(std::string_view pem);

// nullopt: negative, or longer than the 20 octets of RFC 5280 section 4.1.2.2.
[[nodiscard]] std::optional<Serial> SerialOf(const ASN1_INTEGER* number);

// Equal for names that differ in the case of letters, in runs of spaces or in the kind of string
// only: RFC 5280 section 7.1 calls them equal.
[[nodiscard]] NameDigest DigestOf(const X509_NAME* name);

// nullopt: the signature's digest resists collisions, or it needs none. Otherwise what it is
// called: "SHA1", or the algorithm when that is one we do not know.
[[nodiscard]] std::optional<std::string> WeakDigestOf(const X509* certificate);
[[nodiscard]] std::optional<std::string> WeakDigestOf(const X509_CRL* list);

}  // namespace ladon::access

#endif  // LADON_SERVER_ACCESS_X509_H_
