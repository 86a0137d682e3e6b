// Goal: exactly one principal of ours in the certificate makes a caller; nothing else does.
// Method: certificates made here with OpenSSL, with every kind of serial; names, addresses and
// counts of names broken one at a time.
#include "server/access/caller.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/testing/status_testing.h"

namespace ladon::access {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;

constexpr char kTillUri[] =
    "ladon://11111111111111111111111111111111/terminal/22222222222222222222222222222222";

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(BIGNUM* number) const { BN_free(number); }
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};

// A self-signed certificate with this serial (hex, may begin with "-") and these URI names, PEM.
std::string Certificate(const std::string& serial_hex, const std::vector<std::string>& uris) {
  const std::unique_ptr<EVP_PKEY, Free> key(EVP_EC_gen("P-256"));
  const std::unique_ptr<X509, Free> certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  BIGNUM* number = nullptr;
  BN_hex2bn(&number, serial_hex.c_str());
  const std::unique_ptr<BIGNUM, Free> serial(number);
  BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate.get()));
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  std::string names;
  for (const std::string& uri : uris) names += (names.empty() ? "URI:" : ",URI:") + uri;
  if (!names.empty()) {
    X509_EXTENSION* const extension =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
    X509_add_ext(certificate.get(), extension, -1);
    X509_EXTENSION_free(extension);
  }
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  const std::unique_ptr<BIO, Free> out(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(out.get(), certificate.get());
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out.get(), &bytes);
  return {bytes, static_cast<size_t>(size)};
}

// What a TLS stack hands over: the URI names that stand in the certificate, and the certificate.
PeerIdentity PeerOf(const std::string& pem) {
  PeerIdentity peer{.certificate_pem = pem, .address = "ipv4:192.0.2.7:51000"};
  const std::unique_ptr<BIO, Free> in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const std::unique_ptr<X509, Free> certificate(
      PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
  const std::unique_ptr<GENERAL_NAMES, Free> names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    const ASN1_IA5STRING* const uri = name->d.uniformResourceIdentifier;
    peer.uris.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                           static_cast<size_t>(ASN1_STRING_length(uri)));
  }
  return peer;
}

TEST(CallerTest, OnePrincipalMakesACaller) {
  ASSERT_OK_AND_ASSIGN(const Caller caller,
                       IdentifyCaller(PeerOf(Certificate("0A0B", {kTillUri}))));
  EXPECT_EQ(caller.principal.role, base::Role::kTerminal);
  EXPECT_EQ(base::HexOf(caller.principal.school), std::string(32, '1'));
  EXPECT_EQ(base::HexOf(caller.principal.id), std::string(32, '2'));
  EXPECT_EQ(caller.uri, kTillUri);
  EXPECT_EQ(caller.peer, "ipv4:192.0.2.7:51000");
  EXPECT_EQ(caller.certificate_serial[17], 0);
  EXPECT_EQ(caller.certificate_serial[18], 0x0A);
  EXPECT_EQ(caller.certificate_serial[19], 0x0B);
}

TEST(CallerTest, NoNameAndTwoNamesAreNobody) {
  EXPECT_THAT(IdentifyCaller(PeerOf(Certificate("01", {}))),
              StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(IdentifyCaller(PeerOf(Certificate("01", {kTillUri, kTillUri}))),
              StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(IdentifyCaller(PeerOf(Certificate("01", {kTillUri, "https://example.com/"}))),
              StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST(CallerTest, AForeignOrBrokenNameIsNobody) {
  const std::string till(kTillUri);
  for (const std::string& uri :
       {std::string("https://example.com/"), till + "0", till.substr(0, till.size() - 1),
        till + "/extra", "ladon://-" + till.substr(40),
        "ladon://" + std::string(32, '0') + till.substr(40),
        till.substr(0, 41) + "director/" + std::string(32, '2')}) {
    EXPECT_THAT(IdentifyCaller(PeerOf(Certificate("01", {uri}))),
                StatusIs(absl::StatusCode::kUnauthenticated))
        << uri;
  }
}

TEST(CallerTest, SerialsMustFitTwentyOctets) {
  const std::string longest = "7F" + std::string(38, 'E');
  ASSERT_OK_AND_ASSIGN(const Caller caller,
                       IdentifyCaller(PeerOf(Certificate(longest, {kTillUri}))));
  EXPECT_EQ(caller.certificate_serial[0], 0x7F);
  EXPECT_EQ(caller.certificate_serial[19], 0xEE);
  EXPECT_THAT(IdentifyCaller(PeerOf(Certificate(longest + "EE", {kTillUri}))),
              StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(IdentifyCaller(PeerOf(Certificate("-5", {kTillUri}))),
              StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST(CallerTest, WithoutAReadableCertificateThereIsNoCaller) {
  const std::string pem = Certificate("01", {kTillUri});
  for (const std::string& broken :
       {std::string(), std::string("no certificate"), pem.substr(0, pem.size() / 2)}) {
    PeerIdentity peer = PeerOf(pem);
    peer.certificate_pem = broken;
    EXPECT_THAT(IdentifyCaller(peer), StatusIs(absl::StatusCode::kUnauthenticated));
  }
}

TEST(CallerTest, TheAddressIsBoundedAndPrintable) {
  PeerIdentity peer = PeerOf(Certificate("01", {kTillUri}));
  peer.address = "a b\n\x7F\xD0\x9F" + std::string(100, 'x');
  ASSERT_OK_AND_ASSIGN(const Caller caller, IdentifyCaller(peer));
  EXPECT_EQ(caller.peer, "a?b????" + std::string(57, 'x'));
}

TEST(CallerTest, AuthorizeGrantsWhatTheMatrixSaysAndNamesTheEvent) {
  ASSERT_OK_AND_ASSIGN(Caller caller, IdentifyCaller(PeerOf(Certificate("01", {kTillUri}))));
  EXPECT_THAT(Authorize(Matrix::BuiltIn(), "/ladon.v1.TerminalService/Debit", &caller), IsOk());
  EXPECT_EQ(caller.event, 102);
  EXPECT_EQ(caller.scope, Scope::kOwnSchool);
  EXPECT_TRUE(caller.MayActFor(caller.principal.school));
  EXPECT_FALSE(caller.MayActFor(base::SchoolId{}));
  const absl::Status denied =
      Authorize(Matrix::BuiltIn(), "/ladon.v1.AccountsService/TopUp", &caller);
  EXPECT_THAT(denied, StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(caller.event, 401) << "a refused call is recorded under its own number";
  const absl::Status unknown =
      Authorize(Matrix::BuiltIn(), "/ladon.v1.TerminalService/Steal", &caller);
  EXPECT_EQ(unknown, denied) << "the same words, whatever was wrong";
}

}  // namespace
}  // namespace ladon::access
