#include "server/access/x509.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>

#include <algorithm>
#include <climits>
#include <utility>

namespace ladon::access {
namespace {

// RSA-PSS names its digest in its parameters, and means SHA-1 when it names none.
int PssDigest(const X509_ALGOR* algorithm) {
  const ASN1_OBJECT* object = nullptr;
  const void* value = nullptr;
  int type = 0;
  X509_ALGOR_get0(&object, &type, &value, algorithm);
  if (type != V_ASN1_SEQUENCE) return NID_undef;
  const std::unique_ptr<RSA_PSS_PARAMS, base::Deleter<RSA_PSS_PARAMS_free>> parameters(
      static_cast<RSA_PSS_PARAMS*>(ASN1_item_unpack(static_cast<const ASN1_STRING*>(value),
                                                    ASN1_ITEM_rptr(RSA_PSS_PARAMS))));
  if (parameters == nullptr) {
    ERR_clear_error();
    return NID_undef;
  }
  return parameters->hashAlgorithm == nullptr ? NID_sha1
                                              : OBJ_obj2nid(parameters->hashAlgorithm->algorithm);
}

bool ResistsCollisions(int digest) {
  switch (digest) {
    case NID_sha256:
    case NID_sha384:
    case NID_sha512:
    case NID_id_GostR3411_2012_256:
    case NID_id_GostR3411_2012_512:
      return true;
    default:
      return false;
  }
}

std::optional<std::string> WeakDigestOf(const X509_ALGOR* algorithm) {
  const int signature = OBJ_obj2nid(algorithm->algorithm);
  if (signature == NID_ED25519 || signature == NID_ED448) return std::nullopt;
  int digest = NID_undef;
  if (signature == NID_rsassaPss) {
    digest = PssDigest(algorithm);
  } else if (OBJ_find_sigid_algs(signature, &digest, nullptr) != 1) {
    digest = NID_undef;
  }
  if (ResistsCollisions(digest)) return std::nullopt;
  return OBJ_nid2sn(digest == NID_undef ? signature : digest);
}

}  // namespace

Bio BioOver(std::string_view bytes) {
  if (bytes.size() > INT_MAX) return nullptr;
  return Bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

std::vector<Certificate> CertificatesOf(std::string_view pem) {
  std::vector<Certificate> all;
  const auto no_password = [](char*, int, int, void*) { return -1; };  // Nobody is asked for one.
  const Bio bio = BioOver(pem);
  while (bio != nullptr) {
    Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr));
    if (certificate == nullptr) break;
    all.push_back(std::move(certificate));
  }
  ERR_clear_error();
  return all;
}

std::optional<Serial> SerialOf(const ASN1_INTEGER* number) {
  const std::unique_ptr<BIGNUM, base::Deleter<BN_free>> value(ASN1_INTEGER_to_BN(number, nullptr));
  Serial serial{};
  if (value == nullptr || BN_is_negative(value.get()) ||
      BN_bn2binpad(value.get(), serial.data(), static_cast<int>(serial.size())) < 0) {
    ERR_clear_error();
    return std::nullopt;
  }
  return serial;
}

NameDigest DigestOf(const X509_NAME* name) {
  const Bio bio(BIO_new(BIO_s_mem()));
  std::string text;
  if (bio != nullptr && X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253) >= 0) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    text.assign(data, static_cast<size_t>(std::max(size, 0L)));
  }
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const auto same_space = [](char a, char b) { return a == ' ' && b == ' '; };
  text.erase(std::unique(text.begin(), text.end(), same_space), text.end());
  NameDigest digest{};
  static_assert(sizeof(digest) == SHA256_DIGEST_LENGTH);
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return digest;
}

std::optional<std::string> WeakDigestOf(const X509* certificate) {
  const X509_ALGOR* algorithm = nullptr;
  X509_get0_signature(nullptr, &algorithm, certificate);
  return WeakDigestOf(algorithm);
}

std::optional<std::string> WeakDigestOf(const X509_CRL* list) {
  const X509_ALGOR* algorithm = nullptr;
  X509_CRL_get0_signature(list, nullptr, &algorithm);
  return WeakDigestOf(algorithm);
}

}  // namespace ladon::access
