#include "server/client/pki/revocation_list.h"

#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <memory>

#include "absl/status/status.h"
#include "server/base/deleter.h"
#include "server/base/id.h"

namespace ladon::pki {
namespace {

using base::Deleter;

using Bio = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using List = std::unique_ptr<X509_CRL, Deleter<X509_CRL_free>>;
using Entry = std::unique_ptr<X509_REVOKED, Deleter<X509_REVOKED_free>>;
using Time = std::unique_ptr<ASN1_TIME, Deleter<ASN1_TIME_free>>;
using Integer = std::unique_ptr<ASN1_INTEGER, Deleter<ASN1_INTEGER_free>>;
using Enumerated = std::unique_ptr<ASN1_ENUMERATED, Deleter<ASN1_ENUMERATED_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;
using Number = std::unique_ptr<BIGNUM, Deleter<BN_free>>;

Time TimeOf(std::chrono::sys_seconds at) {
  return Time(ASN1_TIME_set(nullptr, static_cast<time_t>(at.time_since_epoch().count())));
}

Integer SerialOf(const std::string& hex) {
  const std::optional<std::string> bytes = base::BytesOfHex(hex);
  if (!bytes) return nullptr;
  const Number number(BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes->data()),
                                static_cast<int>(bytes->size()), nullptr));
  return Integer(number == nullptr ? nullptr : BN_to_ASN1_INTEGER(number.get(), nullptr));
}

bool AddEntry(X509_CRL* list, const Issued& issued) {
  Entry entry(X509_REVOKED_new());
  const Integer serial = SerialOf(issued.serial_hex);
  const Time at = TimeOf(issued.revocation->at);
  const Enumerated reason(ASN1_ENUMERATED_new());
  const bool made =
      entry != nullptr && serial != nullptr && at != nullptr && reason != nullptr &&
      X509_REVOKED_set_serialNumber(entry.get(), serial.get()) == 1 &&
      X509_REVOKED_set_revocationDate(entry.get(), at.get()) == 1 &&
      ASN1_ENUMERATED_set(reason.get(), static_cast<long>(issued.revocation->reason)) == 1 &&
      X509_REVOKED_add1_ext_i2d(entry.get(), NID_crl_reason, reason.get(), 0, 0) == 1 &&
      X509_CRL_add0_revoked(list, entry.get()) == 1;
  if (made) static_cast<void>(entry.release());  // It is the list's now.
  return made;
}

bool AddExtensions(X509_CRL* list, X509* issuer, uint64_t list_number) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, nullptr, nullptr, list, 0);
  const Extension key(
      X509V3_EXT_conf_nid(nullptr, &context, NID_authority_key_identifier, "keyid:always"));
  const Integer number(ASN1_INTEGER_new());
  return key != nullptr && X509_CRL_add_ext(list, key.get(), -1) == 1 && number != nullptr &&
         ASN1_INTEGER_set_uint64(number.get(), list_number) == 1 &&
         X509_CRL_add1_ext_i2d(list, NID_crl_number, number.get(), 0, 0) == 1;
}

bool Fill(X509_CRL* list, const Authority& authority, std::chrono::sys_seconds now,
          std::chrono::sys_seconds next_update) {
  X509* const issuer = authority.certificate.get();
  const Time this_time = TimeOf(now);
  const Time next_time = TimeOf(next_update);
  if (this_time == nullptr || next_time == nullptr ||
      X509_CRL_set_version(list, X509_CRL_VERSION_2) != 1 ||
      X509_CRL_set_issuer_name(list, X509_get_subject_name(issuer)) != 1 ||
      X509_CRL_set1_lastUpdate(list, this_time.get()) != 1 ||
      X509_CRL_set1_nextUpdate(list, next_time.get()) != 1) {
    return false;
  }
  for (const Issued& issued : authority.issued.all) {
    if (issued.revocation && !AddEntry(list, issued)) return false;
  }
  return AddExtensions(list, issuer, authority.issued.list_number) && X509_CRL_sort(list) == 1 &&
         X509_CRL_sign(list, authority.key.get(), EVP_sha256()) != 0;
}

}  // namespace

absl::StatusOr<std::string> MakeRevocationList(const Authority& authority,
                                               std::chrono::sys_seconds now,
                                               std::chrono::sys_seconds next_update) {
  const List list(X509_CRL_new());
  const Bio bio(BIO_new(BIO_s_mem()));
  if (list == nullptr || bio == nullptr || !Fill(list.get(), authority, now, next_update) ||
      PEM_write_bio_X509_CRL(bio.get(), list.get()) != 1) {
    return Failed("revocation list");
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, size > 0 ? static_cast<size_t>(size) : 0);
}

}  // namespace ladon::pki
