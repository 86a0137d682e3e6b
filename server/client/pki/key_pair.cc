#include "server/client/pki/key_pair.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>

#include "absl/strings/str_cat.h"
#include "server/base/secret.h"
#include "server/client/pki/certificate.h"
#include "server/client/pki/identity_files.h"

namespace ladon::pki {
namespace {

constexpr size_t kListBytesMax = size_t{4} << 20;

struct BioFree {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct ListFree {
  void operator()(X509_CRL* list) const { X509_CRL_free(list); }
};

}  // namespace

absl::Status CheckPair(const std::string& certificate_path, const std::string& key_path) {
  const auto certificate_pem = ReadSmallFile(certificate_path);
  if (!certificate_pem.ok()) return certificate_pem.status();
  auto key_pem = ReadSmallFile(key_path);
  if (!key_pem.ok()) return key_pem.status();
  const auto certificate = CertificateOfPem(*certificate_pem);
  const auto key = KeyOfPem(*key_pem);
  base::Wipe(key_pem->data(), key_pem->size());
  if (!certificate.ok()) return certificate.status();
  if (!key.ok()) return key.status();
  const bool pair = X509_check_private_key(certificate->get(), key->get()) == 1;
  ERR_clear_error();
  if (pair) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(key_path, ": is not the key of ", certificate_path));
}

absl::StatusOr<std::chrono::sys_seconds> RevocationListGoodUntil(const std::string& path) {
  const auto pem = ReadSmallFile(path, kListBytesMax);
  if (!pem.ok()) return pem.status();
  const std::unique_ptr<BIO, BioFree> bio(
      BIO_new_mem_buf(pem->data(), static_cast<int>(pem->size())));
  const std::unique_ptr<X509_CRL, ListFree> list(
      PEM_read_bio_X509_CRL(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  const ASN1_TIME* next = list == nullptr ? nullptr : X509_CRL_get0_nextUpdate(list.get());
  std::tm parts{};
  if (next == nullptr || ASN1_TIME_to_tm(next, &parts) != 1) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": is not a revocation list"));
  }
  return std::chrono::sys_seconds{std::chrono::seconds{timegm(&parts)}};
}

}  // namespace ladon::pki
