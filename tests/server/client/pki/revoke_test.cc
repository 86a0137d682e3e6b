// Goal: what an authority takes back is taken back for whoever reads its list, and roles that must
// be apart do not meet in one hand. Method: OpenSSL's own chain verification with the list is the
// judge; the time is an argument.
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <chrono>
#include <ctime>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "server/client/pki/certificate.h"
#include "server/client/pki/identity_files.h"
#include "server/client/pki/pki.h"
#include "tests/server/base/temp_dir.h"
#include "tests/testing/status_testing.h"

namespace ladon::pki {
namespace {

using base::Role;
using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::ladon::testing::TempDir;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::sys_days;
using std::chrono::sys_seconds;
using ::testing::HasSubstr;

constexpr sys_seconds kNow = sys_days(std::chrono::year(2030) / 9 / 1);
constexpr Revocation kLost = {.at = kNow, .reason = RevocationReason::kKeyCompromise};

struct FreeList {
  void operator()(X509_CRL* list) const { X509_CRL_free(list); }
};
using List = std::unique_ptr<X509_CRL, FreeList>;

class RevokeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    AuthorityOptions options;
    options.now = kNow;
    ASSERT_THAT(InitAuthority(pki(), options), IsOk());
  }
  std::string pki() const { return dir_.File("pki"); }

  static base::Principal PrincipalOf(Role role, uint8_t number = 1) {
    base::Principal principal = {.role = role};
    principal.id.bytes.fill(number);
    if (base::BelongingOf(role) == base::Belonging::kOneSchool) principal.school.bytes.fill(7);
    return principal;
  }
  absl::Status Issue(const std::string& name, Role role, const std::string& holder = "",
                     sys_seconds now = kNow) const {
    return pki::Issue(pki(), PrincipalOf(role), dir_.File(name), {.now = now, .holder = holder});
  }
  CertificateInfo InfoOfIdentity(const std::string& name) const {
    const absl::StatusOr<CertificateInfo> info = Show(dir_.File(name + "/cert.pem"));
    EXPECT_THAT(info, IsOk());
    return info.ok() ? *info : CertificateInfo();
  }
  Certificate Load(const std::string& path) const {
    return *CertificateOfPem(*ReadSmallFile(path));
  }
  List LoadList() const {
    const std::string pem = *ReadSmallFile(pki() + "/ca/crl.pem");
    BIO* const bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    List list(PEM_read_bio_X509_CRL(bio, nullptr, nullptr, nullptr));
    BIO_free(bio);
    return list;
  }
  // X509_V_OK, or OpenSSL's reason for refusing the identity under the authority and its list.
  int Verify(const std::string& name, sys_seconds at) const {
    const std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store(X509_STORE_new(),
                                                                        &X509_STORE_free);
    X509_STORE_add_cert(store.get(), Load(pki() + "/ca/cert.pem").get());
    X509_STORE_add_crl(store.get(), LoadList().get());
    const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> context(
        X509_STORE_CTX_new(), &X509_STORE_CTX_free);
    const Certificate leaf = Load(dir_.File(name + "/cert.pem"));
    X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), nullptr);
    X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_CLIENT);
    X509_VERIFY_PARAM* const param = X509_STORE_CTX_get0_param(context.get());
    X509_VERIFY_PARAM_set_time(param, static_cast<time_t>(at.time_since_epoch().count()));
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT | X509_V_FLAG_CRL_CHECK);
    X509_verify_cert(context.get());
    return X509_STORE_CTX_get_error(context.get());
  }
  static uint64_t NumberOf(X509_CRL* list) {
    auto* const number =
        static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(list, NID_crl_number, nullptr, nullptr));
    uint64_t value = 0;
    ASN1_INTEGER_get_uint64(&value, number);
    ASN1_INTEGER_free(number);
    return value;
  }

  const TempDir dir_;
};

TEST_F(RevokeTest, ANewAuthorityHasAListWithNothingInIt) {
  const List list = LoadList();
  ASSERT_NE(list, nullptr);
  EXPECT_EQ(X509_CRL_get_version(list.get()), X509_CRL_VERSION_2);
  EXPECT_EQ(NumberOf(list.get()), 1u);
  EXPECT_EQ(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(list.get())), -1) << "no entries at all";
  struct stat info {};
  ASSERT_EQ(stat((pki() + "/ca/crl.pem").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0444u);
  ASSERT_THAT(Issue("till", Role::kTerminal), IsOk());
  EXPECT_EQ(Verify("till", kNow), X509_V_OK);
  EXPECT_EQ(Verify("till", kNow + days(kRevocationListDays) + hours(1)),
            X509_V_ERR_CRL_HAS_EXPIRED);
}

TEST_F(RevokeTest, WhatWasIssuedIsListed) {
  ASSERT_THAT(Issue("till", Role::kTerminal), IsOk());
  ASSERT_THAT(Issue("audit", Role::kAuditor, "P-104"), IsOk());
  ASSERT_OK_AND_ASSIGN(const std::vector<Issued> all, ListIssued(pki()));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].principal, "server");
  EXPECT_EQ(all[1].principal, base::FormatPrincipal(PrincipalOf(Role::kTerminal)));
  EXPECT_EQ(all[1].serial_hex, InfoOfIdentity("till").serial_hex);
  EXPECT_EQ(all[1].not_after, kNow + days(kClientDays));
  EXPECT_EQ(all[2].holder, "P-104");
  EXPECT_TRUE(all[2].InForce(kNow));
  EXPECT_FALSE(all[2].InForce(kNow + days(kClientDays)));
  EXPECT_THAT(ListIssued(dir_.File("none")), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(RevokeTest, ARevokedCertificateIsRefusedByTheList) {
  ASSERT_THAT(Issue("till", Role::kTerminal), IsOk());
  ASSERT_THAT(Issue("other", Role::kTerminal), IsOk());
  const std::string serial = InfoOfIdentity("till").serial_hex;
  ASSERT_OK_AND_ASSIGN(const Revoked revoked, RevokeSerial(pki(), serial, kLost));
  EXPECT_FALSE(revoked.before);
  EXPECT_EQ(revoked.issued.revocation, kLost);
  EXPECT_EQ(revoked.list.number, 2u);
  EXPECT_EQ(revoked.list.revoked, 1u);
  EXPECT_EQ(revoked.list.next_update, kNow + days(kRevocationListDays));
  EXPECT_EQ(Verify("till", kNow), X509_V_ERR_CERT_REVOKED);
  EXPECT_EQ(Verify("other", kNow), X509_V_OK);

  const List list = LoadList();
  EXPECT_EQ(NumberOf(list.get()), 2u);
  X509_REVOKED* const entry = sk_X509_REVOKED_value(X509_CRL_get_REVOKED(list.get()), 0);
  auto* const reason = static_cast<ASN1_ENUMERATED*>(
      X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, nullptr, nullptr));
  EXPECT_EQ(ASN1_ENUMERATED_get(reason), 1);
  ASN1_ENUMERATED_free(reason);
}

TEST_F(RevokeTest, AFileNamesACertificateToo) {
  ASSERT_THAT(Issue("till", Role::kTerminal), IsOk());
  ASSERT_THAT(RevokeCertificate(pki(), dir_.File("till/cert.pem"), kLost), IsOk());
  EXPECT_EQ(Verify("till", kNow), X509_V_ERR_CERT_REVOKED);
  AuthorityOptions other;
  other.now = kNow;
  ASSERT_THAT(InitAuthority(dir_.File("other"), other), IsOk());
  EXPECT_THAT(RevokeCertificate(pki(), dir_.File("other/server/cert.pem"), kLost),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(RevokeCertificate(pki(), dir_.File("till/key.pem"), kLost),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(RevokeCertificate(pki(), dir_.File("none"), kLost),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(RevokeSerial(pki(), "no number", kLost),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(RevokeSerial(pki(), "0a0b", kLost), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(RevokeSerial(dir_.File("none"), "0a0b", kLost),
              StatusIs(absl::StatusCode::kNotFound));
}

// An authority from before there was an index: what it issued is revoked by its file.
TEST_F(RevokeTest, ACertificateThatIsInNoIndexIsRevokedByItsFile) {
  ASSERT_THAT(Issue("audit", Role::kAuditor, "P-104"), IsOk());
  ASSERT_EQ(unlink((pki() + "/issued").c_str()), 0);
  EXPECT_THAT(RevokeSerial(pki(), InfoOfIdentity("audit").serial_hex, kLost),
              StatusIs(absl::StatusCode::kNotFound));
  ASSERT_OK_AND_ASSIGN(const Revoked revoked,
                       RevokeCertificate(pki(), dir_.File("audit/cert.pem"), kLost));
  EXPECT_EQ(revoked.issued.principal, base::FormatPrincipal(PrincipalOf(Role::kAuditor)));
  EXPECT_EQ(revoked.issued.holder, "P-104");
  EXPECT_EQ(Verify("audit", kNow), X509_V_ERR_CERT_REVOKED);
}

TEST_F(RevokeTest, RevokingAgainChangesNothingButTheListsNumber) {
  ASSERT_THAT(Issue("till", Role::kTerminal), IsOk());
  const std::string serial = InfoOfIdentity("till").serial_hex;
  ASSERT_THAT(RevokeSerial(pki(), serial, kLost), IsOk());
  const Revocation later = {.at = kNow + hours(5), .reason = RevocationReason::kSuperseded};
  ASSERT_OK_AND_ASSIGN(const Revoked again, RevokeSerial(pki(), serial, later));
  EXPECT_TRUE(again.before);
  EXPECT_EQ(again.issued.revocation, kLost);
  EXPECT_EQ(again.list.revoked, 1u);
  EXPECT_EQ(again.list.number, 3u);
}

TEST_F(RevokeTest, TheListsNumberOnlyGrows) {
  for (uint64_t number = 2; number < 5; ++number) {
    ASSERT_OK_AND_ASSIGN(const RevocationListInfo info, WriteRevocationList(pki(), kNow));
    EXPECT_EQ(info.number, number);
    EXPECT_EQ(NumberOf(LoadList().get()), number);
  }
  ASSERT_EQ(unlink((pki() + "/ca/crl.pem").c_str()), 0);
  ASSERT_OK_AND_ASSIGN(const RevocationListInfo info, WriteRevocationList(pki(), kNow));
  EXPECT_EQ(info.number, 5u) << "also when the list itself is gone";
}

TEST_F(RevokeTest, ARotatedIdentityStandsBesideTheOld) {
  ASSERT_THAT(Issue("old", Role::kAuditor, "P-104"), IsOk());
  const RotateOptions options = {.now = kNow + days(300), .days = 100};
  ASSERT_OK_AND_ASSIGN(const Rotated rotated,
                       Rotate(pki(), dir_.File("old"), dir_.File("new"), options));
  EXPECT_EQ(rotated.made.principal, rotated.old.principal);
  EXPECT_EQ(rotated.made.holder, "P-104");
  EXPECT_EQ(rotated.made.not_after, kNow + days(400));
  EXPECT_NE(rotated.made.serial_hex, rotated.old.serial_hex);
  EXPECT_EQ(InfoOfIdentity("new").names, InfoOfIdentity("old").names);
  EXPECT_EQ(Verify("old", kNow), X509_V_OK);
  const Certificate before = Load(dir_.File("old/cert.pem"));
  const Certificate after = Load(dir_.File("new/cert.pem"));
  EXPECT_NE(EVP_PKEY_eq(X509_get0_pubkey(before.get()), X509_get0_pubkey(after.get())), 1);
  EXPECT_THAT(Rotate(pki(), dir_.File("old"), dir_.File("new"), options),
              StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_F(RevokeTest, ARotatedIdentityMayTakeThePlaceOfTheOld) {
  ASSERT_THAT(Issue("old", Role::kTerminal), IsOk());
  const RotateOptions options = {.now = kNow, .revoke_old = true};
  ASSERT_OK_AND_ASSIGN(const Rotated rotated,
                       Rotate(pki(), dir_.File("old"), dir_.File("new"), options));
  ASSERT_TRUE(rotated.old.revocation.has_value());
  EXPECT_EQ(rotated.old.revocation->reason, RevocationReason::kSuperseded);
  EXPECT_EQ(Verify("old", kNow), X509_V_ERR_CERT_REVOKED);
  EXPECT_EQ(Verify("new", kNow), X509_V_OK);
  EXPECT_THAT(Rotate(pki(), dir_.File("old"), dir_.File("more"), options),
              StatusIs(absl::StatusCode::kFailedPrecondition))
      << "revoked";
  EXPECT_THAT(Rotate(pki(), pki() + "/server", dir_.File("more"), options),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Rotate(pki(), dir_.File("none"), dir_.File("more"), options),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_FALSE(FileExists(dir_.File("more")));
}

TEST_F(RevokeTest, OneHandDoesNotHoldRolesThatMustBeApart) {
  ASSERT_THAT(Issue("money", Role::kSeniorCashier, "P-104"), IsOk());
  const absl::Status refused = Issue("admin", Role::kSysadmin, "p-104");
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("senior-cashier"));
  EXPECT_THAT(std::string(refused.message()), HasSubstr(InfoOfIdentity("money").serial_hex));
  EXPECT_FALSE(FileExists(dir_.File("admin")));
  EXPECT_THAT(Issue("desk", Role::kEnroller, "P-104"), IsOk()) << "a small school";
  EXPECT_THAT(Issue("audit", Role::kAuditor, "P-105"), IsOk()) << "another person";
  EXPECT_THAT(Issue("nobody", Role::kSysadmin), IsOk());
  EXPECT_THAT(Issue("later", Role::kSysadmin, "P-104", kNow + days(kClientDays)), IsOk())
      << "the others have expired by then";
}

TEST_F(RevokeTest, ARevokedRoleIsNotHeldAnyMore) {
  ASSERT_THAT(Issue("money", Role::kSeniorCashier, "P-104"), IsOk());
  ASSERT_THAT(RevokeCertificate(pki(), dir_.File("money/cert.pem"),
                                {.at = kNow, .reason = RevocationReason::kAffiliationChanged}),
              IsOk());
  EXPECT_THAT(Issue("admin", Role::kSysadmin, "P-104"), IsOk());
}

TEST_F(RevokeTest, TheHolderStandsInTheSubject) {
  ASSERT_THAT(Issue("audit", Role::kAuditor, "P-104,second"), IsOk());
  EXPECT_EQ(InfoOfIdentity("audit").subject, "CN=P-104\\,second auditor");
  EXPECT_EQ(InfoOfIdentity("audit").holder, "P-104,second");
  const std::string longest(kHolderCharactersMax, 'x');
  ASSERT_THAT(Issue("officer", Role::kDataProtectionOfficer, longest), IsOk());
  EXPECT_EQ(InfoOfIdentity("officer").holder, longest);
  ASSERT_THAT(Issue("till", Role::kTerminal), IsOk());
  EXPECT_EQ(InfoOfIdentity("till").holder, "");
  for (const std::string& bad : {longest + "x", std::string("-"), std::string(" P"),
                                 std::string("P 1"), std::string("P\t1"), std::string("Иванов")}) {
    EXPECT_THAT(Issue("bad", Role::kAuditor, bad), StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST_F(RevokeTest, WhatCouldNotBeWrittenIsNotInTheIndex) {
  ASSERT_THAT(WriteNewFile(dir_.File("file"), "", 0600), IsOk());
  EXPECT_FALSE(Issue("file/below", Role::kTerminal).ok());
  ASSERT_OK_AND_ASSIGN(const std::vector<Issued> all, ListIssued(pki()));
  EXPECT_EQ(all.size(), 1u) << "the server's";
}

TEST_F(RevokeTest, ADamagedIndexStopsIssuing) {
  ASSERT_THAT(ReplaceFile(pki() + "/issued", "ladon issued certificates 1\ncrl x\n", 0600), IsOk());
  EXPECT_THAT(Issue("till", Role::kTerminal), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(WriteRevocationList(pki(), kNow), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(RevokeTest, WritersAtOnceLoseNothing) {
  constexpr int kThreads = 4;
  constexpr int kEach = 5;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([this, thread] {
      for (int i = 0; i < kEach; ++i) {
        const std::string name = std::to_string(thread) + "-" + std::to_string(i);
        EXPECT_THAT(Issue(name, Role::kTerminal), IsOk());
        EXPECT_THAT(RevokeCertificate(pki(), dir_.File(name + "/cert.pem"), kLost), IsOk());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_OK_AND_ASSIGN(const RevocationListInfo info, WriteRevocationList(pki(), kNow));
  EXPECT_EQ(info.revoked, size_t{kThreads * kEach});
  EXPECT_EQ(info.number, uint64_t{kThreads * kEach + 2});
}

}  // namespace
}  // namespace ladon::pki
