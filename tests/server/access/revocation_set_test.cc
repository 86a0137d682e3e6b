// Goal: a revocation list counts only if an authority that we trust signed it, whole and
// understood; an outside authority with an intermediate is one like ours. Method: lists made here
// with OpenSSL, good ones with one thing changed at a time, and bytes that are no list.
#include "server/access/revocation_set.h"

#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/server/access/made_x509.h"
#include "tests/testing/status_testing.h"

namespace ladon::access {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using std::chrono::days;
using std::chrono::hours;
using ::testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kUnauthenticated = absl::StatusCode::kUnauthenticated;

Serial SerialOfHex(const std::string& hex) {
  Serial serial{};
  const std::string bytes = *base::BytesOfHex(hex);
  std::copy(bytes.begin(), bytes.end(), serial.end() - static_cast<ptrdiff_t>(bytes.size()));
  return serial;
}

NameDigest NameOf(const MadeAuthority& authority) {
  return DigestOf(X509_get_subject_name(authority.certificate.get()));
}

class RevocationSetTest : public ::testing::Test {
 protected:
  static absl::StatusOr<RevocationSet> Parse(const std::string& pem, const std::string& trusted) {
    absl::StatusOr<RevocationSet> set = ParseRevocationLists(CertificatesOf(trusted), pem);
    EXPECT_EQ(ERR_peek_error(), 0u) << "the queue is also that of the thread's TLS connections";
    return set;
  }
  absl::StatusOr<RevocationSet> Parse(const ListShape& shape) {
    return Parse(MakeList(shape, authority_), authority_.Pem());
  }
  void Refuses(const ListShape& shape, absl::StatusCode code, const std::string& why) {
    const auto set = Parse(shape);
    EXPECT_THAT(set, StatusIs(code)) << why;
    EXPECT_THAT(std::string(set.status().message()), HasSubstr("CN=Authority"));
    EXPECT_THAT(std::string(set.status().message()), HasSubstr(why));
  }

  MadeAuthority authority_ = MakeAuthority("Authority");
};

TEST_F(RevocationSetTest, TellsWhatIsRevokedByWhom) {
  const std::string longest = "7F" + std::string(38, 'E');
  ASSERT_OK_AND_ASSIGN(const RevocationSet set,
                       Parse({.number = 7, .serials_hex = {"0A0B", "03", longest, "03"}}));
  EXPECT_EQ(set.size(), 3u);
  for (const std::string& hex : {std::string("0A0B"), std::string("03"), longest}) {
    EXPECT_TRUE(set.Contains(NameOf(authority_), SerialOfHex(hex))) << hex;
  }
  EXPECT_FALSE(set.Contains(NameOf(authority_), SerialOfHex("04")));
  EXPECT_FALSE(set.Contains(NameOf(MakeAuthority("Other")), SerialOfHex("03")));
  ASSERT_EQ(set.lists.size(), 1u);
  EXPECT_EQ(set.lists.begin()->second.number, SerialOfHex("07"));
  EXPECT_EQ(set.lists.begin()->second.this_update, kNow);
  EXPECT_EQ(set.next_update(), kNow + days(30));
}

TEST_F(RevocationSetTest, AnEmptyListIsGood) {
  ASSERT_OK_AND_ASSIGN(const RevocationSet set, Parse({.next_update = std::nullopt}));
  EXPECT_EQ(set.size(), 0u);
  EXPECT_EQ(set.next_update(), std::chrono::sys_seconds::max());
}

TEST_F(RevocationSetTest, NamesAreEqualAsRfc5280Says) {
  EXPECT_EQ(NameOf(MakeAuthority("The Authority")), NameOf(MakeAuthority("the  AUTHORITY")));
  EXPECT_NE(NameOf(MakeAuthority("The Authority")), NameOf(MakeAuthority("TheAuthority")));
  EXPECT_NE(NameOf(MakeAuthority("Орган")), NameOf(MakeAuthority("Другой")));
}

TEST_F(RevocationSetTest, OnlyWhoIsTrustedMaySign) {
  const std::string list = MakeList({.serials_hex = {"03"}}, authority_);
  const std::string trusted = authority_.Pem();
  const MadeAuthority impostor = MakeAuthority("Authority");
  EXPECT_THAT(Parse(list, MakeAuthority("Other").Pem()), StatusIs(kUnauthenticated));
  EXPECT_THAT(Parse(list, impostor.Pem()), StatusIs(kUnauthenticated)) << "the same name only";
  EXPECT_THAT(Parse(MakeList({}, impostor), trusted), StatusIs(kUnauthenticated));
  EXPECT_THAT(Parse(list, MakeAuthority("Other").Pem() + impostor.Pem() + trusted), IsOk());
  EXPECT_THAT(Parse(list + MakeList({}, MakeAuthority("Other")), trusted),
              StatusIs(kUnauthenticated))
      << "one bad list spoils the file";
  const MadeAuthority no_lists = MakeAuthority("Other", nullptr, "P-256", "01", "keyCertSign");
  EXPECT_THAT(Parse(MakeList({}, no_lists), no_lists.Pem()), StatusIs(kUnauthenticated));
}

TEST_F(RevocationSetTest, WeakSignaturesAreNone) {
  Refuses({.digest = EVP_sha1()}, kUnauthenticated, "SHA1");
  authority_ = MakeAuthority("Authority", nullptr, "RSA-2048");
  EXPECT_THAT(Parse({.pss_padding = RSA_PKCS1_PSS_PADDING}), IsOk());
  EXPECT_THAT(Parse({.digest = EVP_sha1(), .pss_padding = RSA_PKCS1_PSS_PADDING}),
              StatusIs(kUnauthenticated));
}

TEST_F(RevocationSetTest, WhatMustBeUnderstoodAndIsNotIsRefused) {
  constexpr int kPoint = NID_issuing_distribution_point;
  for (const auto& [what, words, why] : std::vector<std::tuple<int, std::string, std::string>>{
           {NID_delta_crl, "critical,DER:020101", "complete"},
           {NID_delta_crl, "DER:020101", "complete"},
           {kPoint, "critical,DER:30038401FF", "indirect"},
           {kPoint, "critical,DER:300483020640", "some reasons"},
           {kPoint, "critical,DER:3003", "cannot be read"},
           {NID_netscape_comment, "critical,DER:1600", "not known here"}}) {
    Refuses({.extensions = {{what, words}}}, kInvalid, why);
  }
  EXPECT_THAT(Parse({.extensions = {{NID_netscape_comment, "DER:1600"}}}), IsOk());
  const std::pair<int, std::string> reason = {NID_crl_reason, "DER:0A0101"};
  EXPECT_THAT(Parse({.serials_hex = {"03"}, .entry_extensions = {reason}}), IsOk());
  Refuses(
      {.serials_hex = {"03"}, .entry_extensions = {{NID_netscape_comment, "critical,DER:1600"}}},
      kInvalid, "entry");
}

TEST_F(RevocationSetTest, PartsOfOneAuthoritysCertificatesStandSideBySide) {
  const std::pair<int, std::string> users = {NID_issuing_distribution_point,
                                             "critical,DER:30038101FF"};
  const std::pair<int, std::string> authorities = {NID_issuing_distribution_point,
                                                   "critical,DER:30038201FF"};
  const std::string one = MakeList({.serials_hex = {"03"}, .extensions = {users}}, authority_);
  const std::string other =
      MakeList({.number = 9, .serials_hex = {"04"}, .extensions = {authorities}}, authority_);
  ASSERT_OK_AND_ASSIGN(const RevocationSet set, Parse(one + other, authority_.Pem()));
  EXPECT_EQ(set.lists.size(), 2u);
  EXPECT_EQ(set.size(), 2u);
}

TEST_F(RevocationSetTest, TheNewerOfTwoCounts) {
  const std::string first = MakeList({.number = 4, .serials_hex = {"03", "04"}}, authority_);
  const std::string second = MakeList({.number = 5, .serials_hex = {"03"}}, authority_);
  for (const std::string& file : {first + second, second + first}) {
    ASSERT_OK_AND_ASSIGN(const RevocationSet set, Parse(file, authority_.Pem()));
    EXPECT_EQ(set.lists.size(), 1u);
    EXPECT_EQ(set.size(), 1u);
  }
}

TEST_F(RevocationSetTest, AnOutsideAuthorityWithAnIntermediate) {
  const MadeAuthority root = MakeAuthority("Root", nullptr, "RSA-2048");
  const MadeAuthority middle = MakeAuthority("Middle", &root, "RSA-2048", "77");
  const MadeAuthority low = MakeAuthority("Low", &middle, "P-256", "88");
  const std::string trusted = low.Pem() + middle.Pem() + root.Pem();
  const std::string of_middle = MakeList({.number = 1, .serials_hex = {"03"}}, middle);
  ASSERT_OK_AND_ASSIGN(const RevocationSet set,
                       Parse(MakeList({.serials_hex = {"05"}}, root) + of_middle, trusted));
  EXPECT_TRUE(set.Contains(NameOf(middle), SerialOfHex("03")));
  EXPECT_FALSE(set.Contains(NameOf(root), SerialOfHex("03")));
  EXPECT_TRUE(set.Contains(NameOf(root), SerialOfHex("05")));
  EXPECT_FALSE(set.Contains(NameOf(middle), SerialOfHex("05")));
  EXPECT_THAT(Parse(of_middle, root.Pem()), StatusIs(kUnauthenticated)) << "it must be named";
  // The intermediate itself is revoked, and what it issued with it, two steps down.
  ASSERT_OK_AND_ASSIGN(const RevocationSet without,
                       Parse(MakeList({.serials_hex = {"77"}}, root), trusted));
  EXPECT_TRUE(without.Contains(NameOf(middle), SerialOfHex("04")));
  EXPECT_TRUE(without.Contains(NameOf(low), SerialOfHex("04")));
  EXPECT_FALSE(without.Contains(NameOf(root), SerialOfHex("04")));
}

TEST_F(RevocationSetTest, WhatFollowsGoesForward) {
  const auto set_of = [&](const ListShape& shape) { return *Parse(shape); };
  const RevocationSet five = set_of({.number = 5});
  EXPECT_THAT(CheckFollows(set_of({.number = 6}), five), IsOk());
  EXPECT_THAT(CheckFollows(set_of({.number = 5}), five), IsOk());
  EXPECT_THAT(CheckFollows(set_of({.number = 4}), five),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(CheckFollows(set_of({.number = 4, .this_update = kNow + hours(1)}), five),
              StatusIs(absl::StatusCode::kFailedPrecondition))
      << "the number decides where both have one";
  EXPECT_THAT(CheckFollows(set_of({.number = 6, .this_update = kNow - hours(1)}), five), IsOk());
  const RevocationSet dated = set_of({.number = std::nullopt});
  EXPECT_THAT(CheckFollows(dated, dated), IsOk());
  EXPECT_THAT(CheckFollows(set_of({.number = std::nullopt, .this_update = kNow - hours(1)}), dated),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(CheckFollows(set_of({.number = 9, .this_update = kNow - hours(1)}), dated),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(CheckFollows(RevocationSet(), five), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(CheckFollows(five, RevocationSet()), IsOk());
}

TEST_F(RevocationSetTest, CountsWhatIsNew) {
  const RevocationSet before = *Parse({.number = 1, .serials_hex = {"03", "04"}});
  const RevocationSet after = *Parse({.number = 2, .serials_hex = {"04", "05", "06"}});
  EXPECT_EQ(after.AddedSince(before), 2u);
  EXPECT_EQ(before.AddedSince(before), 0u);
  EXPECT_EQ(before.AddedSince(RevocationSet()), 2u);
}

TEST_F(RevocationSetTest, BytesThatAreNoListAreRefused) {
  const std::string good = MakeList({.serials_hex = {"03"}}, authority_);
  const std::string trusted = authority_.Pem();
  std::mt19937 draw(20300901);
  std::string noise(100'000, '\0');
  for (char& byte : noise) byte = static_cast<char>(draw());
  for (const std::string& file :
       {std::string(), std::string("no list\n"), trusted, noise,
        std::string("-----BEGIN X509 CRL-----\n-----END X509 CRL-----\n"),
        std::string("-----BEGIN X509 CRL-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n"
                    "\nAAAA\n-----END X509 CRL-----\n")}) {
    EXPECT_THAT(Parse(file, trusted), StatusIs(kInvalid));
  }
  // Cut off anywhere but in the white space at its end.
  for (size_t size = 0; size + 1 < good.size(); ++size) {
    EXPECT_THAT(Parse(good.substr(0, size), trusted), StatusIs(kInvalid)) << size;
  }
  EXPECT_THAT(Parse(good + good.substr(0, good.size() / 2), trusted), StatusIs(kInvalid));
  // One letter of the encoded list changed: something is no longer as it was signed. The last
  // letter before the padding has bits that mean nothing.
  const size_t end = std::min(good.find('='), good.find("-----END")) - 1;
  for (size_t at = good.find('\n') + 1; at < end; ++at) {
    if (good[at] == '\n') continue;
    std::string spoilt = good;
    spoilt[at] = spoilt[at] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(Parse(spoilt, trusted).ok()) << at;
  }
}

TEST_F(RevocationSetTest, TheSizeIsBounded) {
  const std::string good = MakeList({.serials_hex = {"03"}}, authority_);
  std::string most = good + std::string(kRevocationBytesMax - good.size(), '\n');
  EXPECT_THAT(Parse(most, authority_.Pem()), IsOk());
  most += '\n';
  EXPECT_THAT(Parse(most, authority_.Pem()), StatusIs(kInvalid));
}

}  // namespace
}  // namespace ladon::access
