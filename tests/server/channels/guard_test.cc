// Goal: a contract's address is open to whom it says and to nobody else, and what a client says of
// itself in a proxy's headers counts only from the proxy.
// Method: every way of standing outside, one at a time.
#include "server/channels/guard.h"

#include "tests/testing/status_testing.h"

namespace ladon::channels {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;

Network Of(const std::string& text) {
  absl::StatusOr<Network> network = Network::Parse(text);
  EXPECT_THAT(network, IsOk()) << text;
  return *network;
}

TEST(NetworkTest, HoldsItsAddresses) {
  const Network bank = Of("194.186.207.0/24");
  EXPECT_TRUE(bank.Contains("194.186.207.0"));
  EXPECT_TRUE(bank.Contains("194.186.207.255"));
  EXPECT_TRUE(bank.Contains("::ffff:194.186.207.7")) << "IPv4 within IPv6";
  for (const char* other : {"194.186.206.255", "194.186.208.0", "", "x", "2a02:5180::1"}) {
    EXPECT_FALSE(bank.Contains(other)) << other;
  }
  const Network odd = Of("79.142.16.0/20");
  EXPECT_TRUE(odd.Contains("79.142.31.255"));
  EXPECT_FALSE(odd.Contains("79.142.32.0"));
  EXPECT_TRUE(Of("2a02:5180::/32").Contains("2a02:5180:0:1509::1"));
  EXPECT_FALSE(Of("2a02:5180::/32").Contains("2a02:5181::1"));
  EXPECT_TRUE(Of("0.0.0.0/0").Contains("8.8.8.8"));
  EXPECT_TRUE(Of("10.0.0.1").Contains("10.0.0.1"));
  EXPECT_FALSE(Of("10.0.0.1").Contains("10.0.0.2"));
}

TEST(NetworkTest, RefusesWhatIsNone) {
  for (const char* text : {"", "x", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x",
                           "10.0.0/8", "::/129", "/8", "10.0.0.0/8/8"}) {
    EXPECT_THAT(Network::Parse(text), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
}

constexpr char kRight[] = "Basic YmFuazpzZWNyZXQ=";  // bank:secret

TEST(GuardTest, AsksForThePassword) {
  const Guard guard({.user = "bank", .password = "secret"}, {});
  EXPECT_EQ(guard.Admit({.address = "10.0.0.1", .authorization = kRight}), Admission::kAdmitted);
  for (const char* wrong : {"", "Basic", "Basic YmFuazpzZWNyZXQ", "basic YmFuazpzZWNyZXQ=",
                            "Basic YmFuazpTZWNyZXQ=", "Basic YmFuazpzZWNyZXQ= "}) {
    EXPECT_EQ(guard.Admit({.address = "10.0.0.1", .authorization = wrong}),
              Admission::kNeedsPassword)
        << wrong;
  }
}

TEST(GuardTest, AProxysWordCountsFromTheProxyAlone) {
  const Guard guard({.networks = {Of("194.54.14.0/24")}}, {Of("127.0.0.1")});
  EXPECT_EQ(guard.Admit({.address = "127.0.0.1", .real_address = "194.54.14.9"}),
            Admission::kAdmitted);
  EXPECT_EQ(guard.Admit({.address = "194.54.14.9"}), Admission::kAdmitted) << "without a proxy";
  EXPECT_EQ(guard.Admit({.address = "10.0.0.1", .real_address = "194.54.14.9"}),
            Admission::kForbidden);
  EXPECT_EQ(guard.Admit({.address = "127.0.0.1", .real_address = "8.8.8.8"}),
            Admission::kForbidden);
  EXPECT_EQ(guard.Admit({.address = "127.0.0.1"}), Admission::kForbidden)
      << "the proxy itself is no bank";
}

TEST(GuardTest, ACertificateIsVerifiedByTheProxyAndIsTheBanks) {
  const Guard guard({.certificate_dn = "CN=bank"}, {Of("127.0.0.1")});
  const auto admit = [&](const char* address, const char* verdict, const char* dn) {
    return guard.Admit({.address = address, .certificate_verdict = verdict, .certificate_dn = dn});
  };
  EXPECT_EQ(admit("127.0.0.1", "SUCCESS", "CN=bank"), Admission::kAdmitted);
  EXPECT_EQ(admit("127.0.0.1", "FAILED:expired", "CN=bank"), Admission::kForbidden);
  EXPECT_EQ(admit("127.0.0.1", "NONE", ""), Admission::kForbidden);
  EXPECT_EQ(admit("127.0.0.1", "SUCCESS", "CN=bank2"), Admission::kForbidden);
  EXPECT_EQ(admit("10.0.0.1", "SUCCESS", "CN=bank"), Admission::kForbidden);
}

TEST(GuardTest, EverythingThatIsSetMustHold) {
  const Guard guard({.networks = {Of("10.0.0.0/8")}, .user = "bank", .password = "secret"}, {});
  EXPECT_EQ(guard.Admit({.address = "10.0.0.1", .authorization = kRight}), Admission::kAdmitted);
  EXPECT_EQ(guard.Admit({.address = "11.0.0.1", .authorization = kRight}), Admission::kForbidden);
  EXPECT_EQ(guard.Admit({.address = "10.0.0.1"}), Admission::kNeedsPassword);
}

}  // namespace
}  // namespace ladon::channels
