// Goal: exactly one principal of ours in the certificate makes a caller; nothing else does.
// Method: certificates made with OpenSSL, with every kind of serial; names, addresses and counts of
// names broken one at a time.
#include "server/access/caller.h"

#include <string>
#include <vector>

#include "tests/server/access/made_x509.h"
#include "tests/testing/status_testing.h"

namespace ladon::access {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;

constexpr char kTillUri[] =
    "ladon://11111111111111111111111111111111/terminal/22222222222222222222222222222222";

// A certificate with this serial (hex, may begin with "-") and these alternative names.
std::string Certificate(const std::string& serial_hex, const std::vector<std::string>& uris) {
  static const auto* const authority = new MadeAuthority(MakeAuthority("Authority"));
  CertificateShape shape = {.serial_hex = serial_hex};
  for (const std::string& uri : uris) shape.names += (shape.names.empty() ? "URI:" : ",URI:") + uri;
  return MakeCertificate(shape, *authority);
}

PeerIdentity PeerOf(const std::string& pem) {
  return {.certificate_pem = pem, .address = "ipv4:192.0.2.7:51000"};
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
