#include "server/client/pki/certificate.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>
#include <ctime>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/deleter.h"
#include "server/base/id.h"
#include "server/base/principal.h"

namespace ladon::pki {
namespace {

using base::Deleter;

constexpr size_t kSerialBytes = 16;

using Bio = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using Number = std::unique_ptr<BIGNUM, Deleter<BN_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Deleter<GENERAL_NAMES_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;

std::string TextOf(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<size_t>(size)) : std::string();
}

// RFC 5280 asks for at most 20 bytes and a positive number; unpredictable by the CAs' own rules.
bool SetRandomSerial(X509* certificate) {
  std::array<unsigned char, kSerialBytes> bytes{};
  if (RAND_bytes(bytes.data(), bytes.size()) != 1) return false;
  bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7F) | 0x40);
  const Number number(BN_bin2bn(bytes.data(), bytes.size(), nullptr));
  return number != nullptr &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool SetValidity(X509* certificate, const Profile& profile) {
  const time_t from = profile.not_before.time_since_epoch().count();
  const time_t until = profile.not_after.time_since_epoch().count();
  return ASN1_TIME_set(X509_getm_notBefore(certificate), from) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), until) != nullptr;
}

bool AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  if (value.empty()) return true;
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool PushName(GENERAL_NAMES* names, int type, ASN1_STRING* value) {
  if (value == nullptr) return false;
  GENERAL_NAME* name = GENERAL_NAME_new();
  if (name == nullptr) {
    ASN1_STRING_free(value);
    return false;
  }
  GENERAL_NAME_set0_value(name, type, value);
  if (sk_GENERAL_NAME_push(names, name) > 0) return true;
  GENERAL_NAME_free(name);
  return false;
}

ASN1_STRING* Ia5(const std::string& text) {
  ASN1_STRING* value = ASN1_IA5STRING_new();
  if (value == nullptr) return nullptr;
  if (ASN1_STRING_set(value, text.data(), static_cast<int>(text.size())) == 1) return value;
  ASN1_STRING_free(value);
  return nullptr;
}

// Built from structures, not from OpenSSL's "DNS:a,IP:b" text: a comma in a name stays a comma.
absl::Status AddNames(X509* certificate, const Profile& profile) {
  const Names names(GENERAL_NAMES_new());
  if (names == nullptr) return Failed("names");
  if (!profile.uri.empty() && !PushName(names.get(), GEN_URI, Ia5(profile.uri))) {
    return Failed("URI");
  }
  for (const std::string& dns : profile.dns_names) {
    if (!PushName(names.get(), GEN_DNS, Ia5(dns))) return Failed("DNS name");
  }
  for (const std::string& ip : profile.ip_addresses) {
    ASN1_OCTET_STRING* bytes = a2i_IPADDRESS(ip.c_str());
    if (bytes == nullptr) {
      ERR_clear_error();
      return absl::InvalidArgumentError(absl::StrCat("not an IP address: ", ip));
    }
    if (!PushName(names.get(), GEN_IPADD, bytes)) return Failed("IP address");
  }
  if (sk_GENERAL_NAME_num(names.get()) == 0) return absl::OkStatus();
  if (X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, 0) != 1) {
    return Failed("subject alternative name");
  }
  return absl::OkStatus();
}

std::chrono::sys_seconds SecondsOf(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  const auto day = std::chrono::sys_days(std::chrono::year(parts.tm_year + 1900) /
                                         (parts.tm_mon + 1) / parts.tm_mday);
  return day + std::chrono::hours(parts.tm_hour) + std::chrono::minutes(parts.tm_min) +
         std::chrono::seconds(parts.tm_sec);
}

std::string NameText(const X509_NAME* name) {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr || X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253) < 0) return "";
  return TextOf(bio.get());
}

std::string Ia5Text(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<size_t>(ASN1_STRING_length(text))};
}

std::string IpText(const ASN1_STRING* bytes) {
  const unsigned char* raw = ASN1_STRING_get0_data(bytes);
  if (ASN1_STRING_length(bytes) == 4) {
    return absl::StrCat(static_cast<int>(raw[0]), ".", static_cast<int>(raw[1]), ".",
                        static_cast<int>(raw[2]), ".", static_cast<int>(raw[3]));
  }
  std::string text;
  for (int i = 0; i + 1 < ASN1_STRING_length(bytes); i += 2) {
    absl::StrAppend(&text, i == 0 ? "" : ":", absl::Hex(raw[i] << 8 | raw[i + 1]));
  }
  return text;
}

std::vector<std::string> NamesOf(X509* certificate) {
  std::vector<std::string> out;
  const Names names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  if (names == nullptr) return out;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    int type = 0;
    const auto* value = static_cast<const ASN1_STRING*>(
        GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type));
    if (type == GEN_URI) out.push_back("URI:" + Ia5Text(value));
    if (type == GEN_DNS) out.push_back("DNS:" + Ia5Text(value));
    if (type == GEN_IPADD) out.push_back("IP:" + IpText(value));
  }
  return out;
}

// The personnel number that stands in the common name before the role.
std::string HolderOf(X509* certificate, const std::vector<std::string>& names) {
  X509_NAME* const subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0 || names.size() != 1 || names.front().rfind("URI:", 0) != 0) return "";
  const auto principal = base::ParsePrincipal(std::string_view(names.front()).substr(4));
  if (!principal.ok()) return "";
  const std::string name = Ia5Text(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  const std::string end = absl::StrCat(" ", std::string(base::RoleName(principal->role)));
  if (name.size() <= end.size() || !name.ends_with(end)) return "";
  const std::string holder = name.substr(0, name.size() - end.size());
  return IsHolder(holder) ? holder : "";
}

}  // namespace

absl::Status Failed(const char* what) {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  ERR_clear_error();
  return absl::InternalError(absl::StrCat("certificates: ", what, ": ", text.data()));
}

absl::StatusOr<Key> MakeKey() {
  Key key(EVP_EC_gen("P-256"));
  if (key == nullptr) return Failed("key");
  return key;
}

absl::StatusOr<Certificate> MakeCertificate(const Profile& profile, EVP_PKEY* subject,
                                            const Issuer& issuer) {
  Certificate certificate(X509_new());
  X509* const raw = certificate.get();
  if (raw == nullptr || X509_set_version(raw, X509_VERSION_3) != 1 || !SetRandomSerial(raw) ||
      !SetValidity(raw, profile) || X509_set_pubkey(raw, subject) != 1) {
    return Failed("certificate");
  }
  X509_NAME* name = X509_get_subject_name(raw);
  if (X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
                                 reinterpret_cast<const unsigned char*>(profile.common_name.data()),
                                 static_cast<int>(profile.common_name.size()), -1, 0) != 1) {
    return Failed("subject");
  }
  X509* const signer = issuer.certificate == nullptr ? raw : issuer.certificate;
  EVP_PKEY* const signing_key = issuer.key == nullptr ? subject : issuer.key;
  if (X509_set_issuer_name(raw, X509_get_subject_name(signer)) != 1) return Failed("issuer");
  const bool self_signed = signer == raw;
  if (!AddExtension(raw, signer, NID_basic_constraints, profile.basic_constraints) ||
      !AddExtension(raw, signer, NID_key_usage, profile.key_usage) ||
      !AddExtension(raw, signer, NID_ext_key_usage, profile.extended_key_usage) ||
      !AddExtension(raw, signer, NID_subject_key_identifier, "hash") ||
      (!self_signed && !AddExtension(raw, signer, NID_authority_key_identifier, "keyid:always"))) {
    return Failed("extension");
  }
  if (absl::Status s = AddNames(raw, profile); !s.ok()) return s;
  if (X509_sign(raw, signing_key, EVP_sha256()) == 0) return Failed("signature");
  return certificate;
}

absl::StatusOr<std::string> PemOf(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr || PEM_write_bio_X509(bio.get(), certificate) != 1) return Failed("PEM");
  return TextOf(bio.get());
}

absl::StatusOr<std::string> PemOf(EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_secmem()));
  if (bio == nullptr ||
      PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return Failed("PEM");
  }
  return TextOf(bio.get());
}

absl::StatusOr<Certificate> CertificateOfPem(std::string_view pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Certificate certificate(bio == nullptr ? nullptr
                                         : PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) {
    ERR_clear_error();
    return absl::InvalidArgumentError("not a PEM certificate");
  }
  return certificate;
}

absl::StatusOr<Key> KeyOfPem(std::string_view pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  // The callback refuses to ask for a password on the terminal.
  const auto no_password = [](char*, int, int, void*) { return -1; };
  Key key(bio == nullptr ? nullptr
                         : PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
  if (key == nullptr) {
    ERR_clear_error();
    return absl::InvalidArgumentError("not a PEM private key without a password");
  }
  return key;
}

absl::StatusOr<CertificateInfo> InfoOf(X509* certificate) {
  CertificateInfo info;
  info.subject = NameText(X509_get_subject_name(certificate));
  info.issuer = NameText(X509_get_issuer_name(certificate));
  const Number serial(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr));
  if (serial == nullptr) return Failed("serial");
  std::string serial_bytes(static_cast<size_t>(BN_num_bytes(serial.get())), '\0');
  BN_bn2bin(serial.get(), reinterpret_cast<unsigned char*>(serial_bytes.data()));
  info.serial_hex = base::HexOf(serial_bytes);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int digest_size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &digest_size) != 1) {
    return Failed("fingerprint");
  }
  info.fingerprint_sha256 =
      base::HexOf({reinterpret_cast<const char*>(digest.data()), digest_size});
  info.names = NamesOf(certificate);
  info.holder = HolderOf(certificate, info.names);
  info.authority = X509_check_ca(certificate) == 1;
  info.not_before = SecondsOf(X509_get0_notBefore(certificate));
  info.not_after = SecondsOf(X509_get0_notAfter(certificate));
  return info;
}

}  // namespace ladon::pki
