// Goal: the authority's certificates are what RFC 5280 peers accept, for their purpose only.
// Method: OpenSSL's own chain verification is the judge; the time of day is an argument.
#include "server/client/pki/pki.h"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <chrono>
#include <ctime>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "server/client/pki/certificate.h"
#include "server/client/pki/identity_files.h"
#include "tests/server/base/temp_dir.h"
#include "tests/testing/status_testing.h"

namespace ladon::pki {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::ladon::testing::TempDir;
using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::sys_seconds;
using ::testing::ElementsAre;

constexpr sys_seconds kNow = sys_days(std::chrono::year(2030) / 9 / 1);

mode_t ModeOf(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 ? info.st_mode & 07777 : 0;
}

base::Principal Till() {
  return {.role = base::Role::kTerminal,
          .school = *base::IdOfHex<base::SchoolId>("0123456789abcdef0123456789abcdef"),
          .id = *base::IdOfHex<base::ActorId>("00112233445566778899aabbccddeeff")};
}

Certificate Load(const std::string& path) {
  const absl::StatusOr<std::string> pem = ReadSmallFile(path);
  if (!pem.ok()) return nullptr;
  absl::StatusOr<Certificate> certificate = CertificateOfPem(*pem);
  return certificate.ok() ? *std::move(certificate) : nullptr;
}

// X509_V_OK, or OpenSSL's reason for refusing `leaf` under `root` for the purpose.
int Verify(X509* leaf, X509* root, int purpose, sys_seconds at, const char* host = nullptr,
           const char* ip = nullptr) {
  const std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store(X509_STORE_new(),
                                                                      &X509_STORE_free);
  X509_STORE_add_cert(store.get(), root);
  const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> context(
      X509_STORE_CTX_new(), &X509_STORE_CTX_free);
  X509_STORE_CTX_init(context.get(), store.get(), leaf, nullptr);
  X509_STORE_CTX_set_purpose(context.get(), purpose);
  X509_VERIFY_PARAM* const param = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(param, static_cast<time_t>(at.time_since_epoch().count()));
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT);
  if (host != nullptr) X509_VERIFY_PARAM_set1_host(param, host, 0);
  if (ip != nullptr) X509_VERIFY_PARAM_set1_ip_asc(param, ip);
  X509_verify_cert(context.get());
  return X509_STORE_CTX_get_error(context.get());
}

class PkiTest : public ::testing::Test {
 protected:
  void SetUp() override {
    AuthorityOptions options;
    options.now = kNow;
    options.dns_names = {"core.school.example", "localhost"};
    options.ip_addresses = {"127.0.0.1", "10.0.0.5", "::1"};
    ASSERT_THAT(InitAuthority(pki(), options), IsOk());
    root_ = Load(pki() + "/ca/cert.pem");
    ASSERT_NE(root_, nullptr);
  }
  std::string pki() const { return dir_.File("pki"); }

  TempDir dir_;
  Certificate root_;
};

TEST_F(PkiTest, FilesAreClosed) {
  EXPECT_EQ(ModeOf(pki()), 0700u);
  EXPECT_EQ(ModeOf(pki() + "/ca"), 0700u);
  EXPECT_EQ(ModeOf(pki() + "/ca/key.pem"), 0400u);
  EXPECT_EQ(ModeOf(pki() + "/server/key.pem"), 0400u);
  ASSERT_THAT(Issue(pki(), Till(), dir_.File("till"), {.now = kNow}), IsOk());
  EXPECT_EQ(ModeOf(dir_.File("till")), 0700u);
  EXPECT_EQ(ModeOf(dir_.File("till/key.pem")), 0400u);
}

TEST_F(PkiTest, AuthorityMaySignLeavesOnly) {
  EXPECT_EQ(X509_check_ca(root_.get()), 1);
  EXPECT_EQ(X509_get_pathlen(root_.get()), 0);
  EXPECT_EQ(EVP_PKEY_get_bits(X509_get0_pubkey(root_.get())), 256);
  EXPECT_EQ(X509_get_signature_nid(root_.get()), NID_ecdsa_with_SHA256);
  ASSERT_OK_AND_ASSIGN(const CertificateInfo info, Show(pki() + "/ca/cert.pem"));
  EXPECT_TRUE(info.authority);
  EXPECT_EQ(info.not_after, kNow + days(kAuthorityDays));
}

TEST_F(PkiTest, ServerIsAcceptedUnderItsNamesOnly) {
  const Certificate server = Load(pki() + "/server/cert.pem");
  ASSERT_NE(server, nullptr);
  X509* const leaf = server.get();
  X509* const root = root_.get();
  const int as_server = X509_PURPOSE_SSL_SERVER;
  EXPECT_EQ(Verify(leaf, root, as_server, kNow, "core.school.example"), X509_V_OK);
  EXPECT_EQ(Verify(leaf, root, as_server, kNow, nullptr, "10.0.0.5"), X509_V_OK);
  EXPECT_EQ(Verify(leaf, root, as_server, kNow, nullptr, "::1"), X509_V_OK);
  EXPECT_EQ(Verify(leaf, root, as_server, kNow, "other.example"), X509_V_ERR_HOSTNAME_MISMATCH);
  EXPECT_EQ(Verify(leaf, root, as_server, kNow, nullptr, "10.0.0.6"),
            X509_V_ERR_IP_ADDRESS_MISMATCH);
  EXPECT_NE(Verify(leaf, root, X509_PURPOSE_SSL_CLIENT, kNow), X509_V_OK);
  EXPECT_EQ(Verify(leaf, root, as_server, kNow + days(kServerDays + 1)),
            X509_V_ERR_CERT_HAS_EXPIRED);
  ASSERT_OK_AND_ASSIGN(const CertificateInfo info, Show(pki() + "/server/cert.pem"));
  EXPECT_THAT(info.names, ElementsAre("DNS:core.school.example", "DNS:localhost", "IP:127.0.0.1",
                                      "IP:10.0.0.5", "IP:0:0:0:0:0:0:0:1"));
}

TEST_F(PkiTest, ClientCarriesItsPrincipalAndNothingElse) {
  ASSERT_THAT(Issue(pki(), Till(), dir_.File("till"), {.now = kNow}), IsOk());
  const Certificate till = Load(dir_.File("till/cert.pem"));
  ASSERT_NE(till, nullptr);
  EXPECT_EQ(Verify(till.get(), root_.get(), X509_PURPOSE_SSL_CLIENT, kNow), X509_V_OK);
  EXPECT_NE(Verify(till.get(), root_.get(), X509_PURPOSE_SSL_SERVER, kNow), X509_V_OK);
  ASSERT_OK_AND_ASSIGN(const CertificateInfo info, Show(dir_.File("till/cert.pem")));
  EXPECT_EQ(info.subject, "CN=terminal");
  EXPECT_THAT(info.names, ElementsAre("URI:" + base::FormatPrincipal(Till())));
  EXPECT_GE(info.serial_hex.size(), 16u);
  EXPECT_EQ(info.fingerprint_sha256.size(), 64u);
  EXPECT_FALSE(info.authority);
  EXPECT_EQ(info.not_before, kNow - kClockSlack);
  EXPECT_EQ(info.not_after, kNow + days(kClientDays));
}

TEST_F(PkiTest, SerialsAndKeysDiffer) {
  ASSERT_THAT(Issue(pki(), Till(), dir_.File("a"), {.now = kNow}), IsOk());
  ASSERT_THAT(Issue(pki(), Till(), dir_.File("b"), {.now = kNow}), IsOk());
  ASSERT_OK_AND_ASSIGN(const CertificateInfo a, Show(dir_.File("a/cert.pem")));
  ASSERT_OK_AND_ASSIGN(const CertificateInfo b, Show(dir_.File("b/cert.pem")));
  EXPECT_NE(a.serial_hex, b.serial_hex);
  const Certificate first = Load(dir_.File("a/cert.pem"));
  const Certificate second = Load(dir_.File("b/cert.pem"));
  EXPECT_NE(EVP_PKEY_eq(X509_get0_pubkey(first.get()), X509_get0_pubkey(second.get())), 1);
}

TEST_F(PkiTest, MakesAnExpiredCertificateOnRequest) {
  const IssueOptions options = {.now = kNow, .days = 10, .days_back = 20};
  ASSERT_THAT(Issue(pki(), Till(), dir_.File("old"), options), IsOk());
  const Certificate old = Load(dir_.File("old/cert.pem"));
  ASSERT_NE(old, nullptr);
  EXPECT_EQ(Verify(old.get(), root_.get(), X509_PURPOSE_SSL_CLIENT, kNow),
            X509_V_ERR_CERT_HAS_EXPIRED);
}

TEST_F(PkiTest, NothingIsOverwritten) {
  ASSERT_OK_AND_ASSIGN(const CertificateInfo before, Show(pki() + "/ca/cert.pem"));
  AuthorityOptions again;
  again.now = kNow;
  EXPECT_THAT(InitAuthority(pki(), again), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(IssueServer(pki(), pki() + "/server", again),
              StatusIs(absl::StatusCode::kAlreadyExists));
  ASSERT_THAT(Issue(pki(), Till(), dir_.File("till"), {.now = kNow}), IsOk());
  EXPECT_THAT(Issue(pki(), Till(), dir_.File("till"), {.now = kNow}),
              StatusIs(absl::StatusCode::kAlreadyExists));
  ASSERT_OK_AND_ASSIGN(const CertificateInfo after, Show(pki() + "/ca/cert.pem"));
  EXPECT_EQ(before.fingerprint_sha256, after.fingerprint_sha256);
}

TEST_F(PkiTest, RefusesBadRequests) {
  const std::string out = dir_.File("out");
  const auto bad = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(Issue(pki(), Till(), out, {.now = kNow, .days = 0}), StatusIs(bad));
  EXPECT_THAT(Issue(pki(), Till(), out, {.now = kNow, .days = kClientDaysMax + 1}), StatusIs(bad));
  EXPECT_THAT(Issue(pki(), Till(), out, {.now = kNow, .days_back = -1}), StatusIs(bad));
  base::Principal nobody = Till();
  nobody.id = {};
  EXPECT_THAT(Issue(pki(), nobody, out, {.now = kNow}), StatusIs(bad));
  base::Principal everywhere = Till();
  everywhere.school = {};
  EXPECT_THAT(Issue(pki(), everywhere, out, {.now = kNow}), StatusIs(bad));
  EXPECT_THAT(Issue(dir_.File("none"), Till(), out, {.now = kNow}),
              StatusIs(absl::StatusCode::kNotFound));
  for (const std::string name : {"", "a b", "a,DNS:b", "ä.example", ".example"}) {
    AuthorityOptions options;
    options.now = kNow;
    options.dns_names = {name};
    EXPECT_THAT(InitAuthority(dir_.File("bad"), options), StatusIs(bad)) << name;
  }
  AuthorityOptions many;
  many.now = kNow;
  many.dns_names.assign(kNamesMax + 1, "a.example");
  EXPECT_THAT(InitAuthority(dir_.File("bad"), many), StatusIs(bad));
  EXPECT_FALSE(FileExists(dir_.File("bad")));
  AuthorityOptions address;
  address.now = kNow;
  address.ip_addresses = {"10.0.0.256"};
  EXPECT_THAT(IssueServer(pki(), out, address), StatusIs(bad));
  EXPECT_FALSE(FileExists(out));
}

TEST_F(PkiTest, TellsAForeignKeyFromItsOwn) {
  AuthorityOptions other;
  other.now = kNow;
  ASSERT_THAT(InitAuthority(dir_.File("other"), other), IsOk());
  ASSERT_EQ(rename((dir_.File("other") + "/ca/key.pem").c_str(), (pki() + "/ca/key.pem").c_str()),
            0);
  EXPECT_THAT(Issue(pki(), Till(), dir_.File("till"), {.now = kNow}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Show(dir_.File("none")), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Show(pki() + "/ca/key.pem"), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace ladon::pki
