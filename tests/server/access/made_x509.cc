#include "tests/server/access/made_x509.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <cassert>
#include <ctime>

namespace ladon::access {
namespace {

std::string TextOf(const Bio& bio) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &bytes);
  return {bytes, static_cast<size_t>(size)};
}

ASN1_INTEGER* NumberOf(const std::string& hex) {
  BIGNUM* number = nullptr;
  BN_hex2bn(&number, hex.c_str());
  ASN1_INTEGER* const made = BN_to_ASN1_INTEGER(number, nullptr);
  BN_free(number);
  return made;
}

void SetTime(ASN1_TIME* time, std::chrono::sys_seconds at) {
  ASN1_TIME_set(time, static_cast<time_t>(at.time_since_epoch().count()));
}

X509_EXTENSION* MakeExtension(int what, const std::string& words, X509V3_CTX* context = nullptr) {
  X509_EXTENSION* const made = X509V3_EXT_conf_nid(nullptr, context, what, words.c_str());
  assert(made != nullptr);
  return made;
}

void AddExtension(X509* certificate, int what, const std::string& words) {
  if (words.empty()) return;
  X509_EXTENSION* const made = MakeExtension(what, words);
  X509_add_ext(certificate, made, -1);
  X509_EXTENSION_free(made);
}

// Signs by the context that `begun` prepares, so that the padding can be chosen.
template <class Sign>
void SignWith(EVP_PKEY* key, const EVP_MD* digest, int pss_padding, Sign sign) {
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* options = nullptr;
  EVP_DigestSignInit(context, &options, digest, nullptr, key);
  if (pss_padding != 0) EVP_PKEY_CTX_set_rsa_padding(options, pss_padding);
  const bool signed_now = sign(context) > 0;
  EVP_MD_CTX_free(context);
  assert(signed_now);
  static_cast<void>(signed_now);
}

Certificate Make(const CertificateShape& shape, EVP_PKEY* subject, const MadeAuthority* issuer) {
  Certificate made(X509_new());
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER* const serial = NumberOf(shape.serial_hex);
  X509_set_serialNumber(made.get(), serial);
  ASN1_INTEGER_free(serial);
  SetTime(X509_getm_notBefore(made.get()), kNow - std::chrono::days(1));
  SetTime(X509_getm_notAfter(made.get()), kNow + std::chrono::days(365));
  X509_set_pubkey(made.get(), subject);
  X509_NAME_add_entry_by_NID(X509_get_subject_name(made.get()), NID_commonName, MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(shape.subject.data()),
                             static_cast<int>(shape.subject.size()), -1, 0);
  X509* const signer = issuer == nullptr ? made.get() : issuer->certificate.get();
  X509_set_issuer_name(made.get(), X509_get_subject_name(signer));
  AddExtension(made.get(), NID_basic_constraints, shape.basic_constraints);
  AddExtension(made.get(), NID_key_usage, shape.key_usage);
  AddExtension(made.get(), NID_ext_key_usage, shape.extended_key_usage);
  AddExtension(made.get(), NID_subject_alt_name, shape.names);
  SignWith(issuer == nullptr ? subject : issuer->key.get(), shape.digest, shape.pss_padding,
           [&](EVP_MD_CTX* context) { return X509_sign_ctx(made.get(), context); });
  return made;
}

}  // namespace

Key MakeKey(const std::string& kind) {
  if (kind == "ED25519") return Key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  if (kind.rfind("RSA-", 0) == 0) return Key(EVP_RSA_gen(std::stoul(kind.substr(4))));
  return Key(EVP_EC_gen(kind.c_str()));
}

std::string MadeAuthority::Pem() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate.get());
  return TextOf(bio);
}

MadeAuthority MakeAuthority(const std::string& name, const MadeAuthority* issuer,
                            const std::string& key, const std::string& serial_hex,
                            const std::string& key_usage) {
  MadeAuthority made;
  made.key = MakeKey(key);
  made.certificate = Make({.subject = name,
                           .serial_hex = serial_hex,
                           .extended_key_usage = "",
                           .basic_constraints = "critical,CA:TRUE",
                           .key_usage = "critical," + key_usage},
                          made.key.get(), issuer);
  return made;
}

std::string MakeCertificate(const CertificateShape& shape, const MadeAuthority& issuer) {
  const Key key = MakeKey(shape.key);
  const Certificate made = Make(shape, key.get(), &issuer);
  const Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), made.get());
  return TextOf(bio);
}

std::string MakeList(const ListShape& shape, const MadeAuthority& issuer) {
  const RevocationList list(X509_CRL_new());
  X509_CRL_set_version(list.get(), X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(issuer.certificate.get()));
  ASN1_TIME* const time = ASN1_TIME_new();
  SetTime(time, shape.this_update);
  X509_CRL_set1_lastUpdate(list.get(), time);
  for (const std::string& hex : shape.serials_hex) {
    X509_REVOKED* const entry = X509_REVOKED_new();
    ASN1_INTEGER* const serial = NumberOf(hex);
    X509_REVOKED_set_serialNumber(entry, serial);
    ASN1_INTEGER_free(serial);
    X509_REVOKED_set_revocationDate(entry, time);
    for (const auto& [what, words] : shape.entry_extensions) {
      X509_EXTENSION* const made = MakeExtension(what, words);
      X509_REVOKED_add_ext(entry, made, -1);
      X509_EXTENSION_free(made);
    }
    X509_CRL_add0_revoked(list.get(), entry);
  }
  if (shape.next_update) {
    SetTime(time, *shape.next_update);
    X509_CRL_set1_nextUpdate(list.get(), time);
  }
  ASN1_TIME_free(time);
  if (shape.number) {
    ASN1_INTEGER* const number = ASN1_INTEGER_new();
    ASN1_INTEGER_set_uint64(number, *shape.number);
    X509_CRL_add1_ext_i2d(list.get(), NID_crl_number, number, 0, 0);
    ASN1_INTEGER_free(number);
  }
  X509V3_CTX context;
  X509V3_set_ctx_test(&context);
  X509V3_set_ctx_nodb(&context);
  for (const auto& [what, words] : shape.extensions) {
    X509_EXTENSION* const made = MakeExtension(what, words, &context);
    X509_CRL_add_ext(list.get(), made, -1);
    X509_EXTENSION_free(made);
  }
  X509_CRL_sort(list.get());
  SignWith(issuer.key.get(), shape.digest, shape.pss_padding,
           [&](EVP_MD_CTX* signing) { return X509_CRL_sign_ctx(list.get(), signing); });
  const Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509_CRL(bio.get(), list.get());
  return TextOf(bio);
}

}  // namespace ladon::access
