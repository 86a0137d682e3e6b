// Goal: what answers for a person is a client's certificate with one principal, a sound signature
// and a strong key; whatever else may stand under a trusted chain is refused, with a reason for the
// log. Method: certificates made here with OpenSSL, good ones with one thing changed at a time.
#include "server/access/certificate.h"

#include <openssl/err.h>
#include <openssl/rsa.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/server/access/made_x509.h"
#include "tests/testing/status_testing.h"

namespace ladon::access {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::testing::HasSubstr;

constexpr char kTill[] =
    "ladon://11111111111111111111111111111111/terminal/22222222222222222222222222222222";

class CertificateTest : public ::testing::Test {
 protected:
  static CertificateShape Good() { return {.names = std::string("URI:") + kTill}; }

  // Refused, and the log is told `why`.
  void Refuses(const CertificateShape& shape, const std::string& why) {
    const auto read = ReadPeerCertificate(MakeCertificate(shape, authority_));
    EXPECT_THAT(read, StatusIs(absl::StatusCode::kUnauthenticated)) << why;
    EXPECT_THAT(std::string(read.status().message()), HasSubstr("certificate 0a0b: "));
    EXPECT_THAT(std::string(read.status().message()), HasSubstr(why));
    EXPECT_EQ(ERR_peek_error(), 0u) << "the queue is also that of the thread's TLS connections";
  }

  MadeAuthority authority_ = MakeAuthority("Authority");
};

TEST_F(CertificateTest, AGoodOneTellsWhoAndWhich) {
  ASSERT_OK_AND_ASSIGN(const PeerCertificate read,
                       ReadPeerCertificate(MakeCertificate(Good(), authority_)));
  EXPECT_EQ(base::FormatPrincipal(read.principal), kTill);
  EXPECT_EQ(HexOf(read.serial), "0a0b");
  EXPECT_EQ(read.issuer, DigestOf(X509_get_subject_name(authority_.certificate.get())));
  EXPECT_NE(read.issuer, DigestOf(X509_get_subject_name(MakeAuthority("Other").certificate.get())));
}

TEST_F(CertificateTest, TheSameIsReadAgainFromMemoryAndOnOtherThreads) {
  const std::string good = MakeCertificate(Good(), authority_);
  CertificateShape weak = Good();
  weak.extended_key_usage = "";
  const std::string bad = MakeCertificate(weak, authority_);
  ASSERT_OK_AND_ASSIGN(const PeerCertificate first, ReadPeerCertificate(good));
  const absl::Status refused = ReadPeerCertificate(bad).status();
  ASSERT_OK_AND_ASSIGN(const PeerCertificate again, ReadPeerCertificate(good));
  EXPECT_EQ(again, first);
  EXPECT_EQ(ReadPeerCertificate(bad).status(), refused);
  std::thread([&] {
    const auto elsewhere = ReadPeerCertificate(good);
    ASSERT_THAT(elsewhere, IsOk());
    EXPECT_EQ(*elsewhere, first);
  }).join();
}

TEST_F(CertificateTest, ItsPurposeIsToBeAClient) {
  CertificateShape shape = Good();
  shape.extended_key_usage = "";
  Refuses(shape, "no extended key usage");
  for (const char* usage : {"serverAuth", "emailProtection", "anyExtendedKeyUsage", "1.2.3.4"}) {
    shape.extended_key_usage = usage;
    Refuses(shape, "without clientAuth");
  }
  shape.extended_key_usage = "serverAuth,clientAuth";
  EXPECT_THAT(ReadPeerCertificate(MakeCertificate(shape, authority_)), IsOk());
  shape = Good();
  shape.basic_constraints = "critical,CA:TRUE";
  Refuses(shape, "an authority's");
  shape.basic_constraints = "";  // Not said to be one, but it may sign.
  shape.key_usage = "critical,digitalSignature,keyCertSign";
  Refuses(shape, "an authority's");
  shape.key_usage = "";
  EXPECT_THAT(ReadPeerCertificate(MakeCertificate(shape, authority_)), IsOk());
}

TEST_F(CertificateTest, ItsSignatureResistsCollisions) {
  for (const auto& [digest, name] :
       {std::pair(EVP_sha1(), "SHA1"), std::pair(EVP_sha224(), "SHA224")}) {
    CertificateShape shape = Good();
    shape.digest = digest;
    Refuses(shape, name);
  }
  for (const EVP_MD* digest : {EVP_sha384(), EVP_sha512()}) {
    CertificateShape shape = Good();
    shape.digest = digest;
    EXPECT_THAT(ReadPeerCertificate(MakeCertificate(shape, authority_)), IsOk());
  }
}

TEST_F(CertificateTest, AnOutsideAuthoritysSignaturesAreJudgedAlike) {
  authority_ = MakeAuthority("Outside", nullptr, "RSA-2048");
  for (const int padding : {RSA_PKCS1_PADDING, RSA_PKCS1_PSS_PADDING}) {
    CertificateShape shape = Good();
    shape.pss_padding = padding;
    EXPECT_THAT(ReadPeerCertificate(MakeCertificate(shape, authority_)), IsOk());
    shape.digest = EVP_sha1();
    Refuses(shape, "SHA1");
  }
  CertificateShape md5 = Good();
  md5.digest = EVP_md5();
  Refuses(md5, "MD5");
  authority_ = MakeAuthority("Edwards", nullptr, "P-256");
  authority_.key = MakeKey("ED25519");
  CertificateShape shape = Good();
  shape.digest = nullptr;
  EXPECT_THAT(ReadPeerCertificate(MakeCertificate(shape, authority_)), IsOk());
}

TEST_F(CertificateTest, ItsKeyIsStrong) {
  for (const auto& [key, why] :
       {std::pair("RSA-1024", "1024 bits: 2048"), std::pair("P-224", "224 bits: 256")}) {
    CertificateShape shape = Good();
    shape.key = key;
    Refuses(shape, why);
  }
  for (const char* key : {"RSA-2048", "P-256", "P-384", "ED25519"}) {
    CertificateShape shape = Good();
    shape.key = key;
    EXPECT_THAT(ReadPeerCertificate(MakeCertificate(shape, authority_)), IsOk()) << key;
  }
}

TEST_F(CertificateTest, ItNamesOnePrincipalAndNothingElse) {
  const std::string till = std::string("URI:") + kTill;
  for (const auto& [names, why] : std::vector<std::pair<std::string, std::string>>{
           {"", "no alternative name"},
           {"DNS:till.example", "a DNS name"},
           {till + ",DNS:till.example", "a DNS name"},
           {"IP:192.0.2.7," + till, "an IP address"},
           {till + ",email:till@example.org", "an e-mail address"},
           {till + ",RID:1.2.3.4", "another kind"},
           {till + ",otherName:1.2.3.4;UTF8:till", "another kind"},
           {till + "," + till, "more than one URI"},
           {till + ",URI:https://example.com/", "more than one URI"},
           {"URI:https://example.com/", "ladon://"},
           {till + "0", "32 hex digits"}}) {
    CertificateShape shape = Good();
    shape.names = names;
    Refuses(shape, why);
  }
}

TEST_F(CertificateTest, WhatCannotBeReadIsRefused) {
  const std::string good = MakeCertificate(Good(), authority_);
  for (const std::string& pem : {std::string(), std::string("no certificate"),
                                 good.substr(0, good.size() / 2), authority_.Pem().substr(1)}) {
    EXPECT_THAT(ReadPeerCertificate(pem), StatusIs(absl::StatusCode::kUnauthenticated));
    EXPECT_EQ(ERR_peek_error(), 0u);
  }
}

}  // namespace
}  // namespace ladon::access
