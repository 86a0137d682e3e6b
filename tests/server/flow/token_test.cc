// Goal: a token opens at the terminal and school it was sealed for, in time, and nowhere else.
// Method: seal one; open it everywhere else, later, with every byte flipped, in another process.
#include "server/flow/token.h"

#include <string>

#include "server/flow/refusal.h"
#include "tests/testing/status_testing.h"

namespace ladon::flow {
namespace {

template <class Id>
constexpr Id Filled(uint8_t value) {
  Id id;
  id.bytes.fill(value);
  return id;
}

constexpr base::SchoolId kSchool = Filled<base::SchoolId>(1);
constexpr base::ActorId kTill = Filled<base::ActorId>(2);
constexpr uint64_t kExpires = 1'000;

Token TokenOf() {
  Token token{.who = {.subject = {.school = kSchool, .subject = Filled<base::SubjectId>(3)},
                      .means = Means::kCard,
                      .liveness = Liveness::kUnknown,
                      .card_number = 0x0102},
              .terminal = kTill,
              .expires_at_ns = kExpires};
  token.nonce.fill(4);
  return token;
}

Reason ReasonOf(const absl::StatusOr<Token>& token) {
  return DetailOf(token.status()).reason;
}

TEST(TokenTest, RoundTripsInTime) {
  const TokenSealer sealer;
  const std::string sealed = sealer.Seal(TokenOf());
  EXPECT_LE(sealed.size(), kTokenBytesMax);
  ASSERT_OK_AND_ASSIGN(const Token token, sealer.Open(sealed, kSchool, kTill, kExpires - 1));
  EXPECT_EQ(token.who.subject, TokenOf().who.subject);
  EXPECT_EQ(token.who.means, Means::kCard);
  EXPECT_EQ(token.who.liveness, Liveness::kUnknown);
  EXPECT_EQ(token.who.card_number, 0x0102);
  EXPECT_EQ(token.nonce, TokenOf().nonce);
  EXPECT_EQ(token.terminal, kTill);
  EXPECT_EQ(token.expires_at_ns, kExpires);
}

TEST(TokenTest, ExpiresAtItsMoment) {
  const TokenSealer sealer;
  const std::string sealed = sealer.Seal(TokenOf());
  EXPECT_EQ(ReasonOf(sealer.Open(sealed, kSchool, kTill, kExpires)), Reason::kTokenExpired);
  EXPECT_EQ(ReasonOf(sealer.Open(sealed, kSchool, kTill, ~uint64_t{0})), Reason::kTokenExpired);
}

TEST(TokenTest, IsWorthNothingElsewhere) {
  const TokenSealer sealer;
  const std::string sealed = sealer.Seal(TokenOf());
  EXPECT_EQ(ReasonOf(sealer.Open(sealed, kSchool, Filled<base::ActorId>(9), 0)),
            Reason::kTokenInvalid);
  EXPECT_EQ(ReasonOf(sealer.Open(sealed, Filled<base::SchoolId>(9), kTill, 0)),
            Reason::kTokenInvalid);
  const TokenSealer restarted;  // The key is drawn at start.
  EXPECT_EQ(ReasonOf(restarted.Open(sealed, kSchool, kTill, 0)), Reason::kTokenInvalid);
}

TEST(TokenTest, RefusesEveryFlippedByteAndEveryOtherLength) {
  const TokenSealer sealer;
  const std::string sealed = sealer.Seal(TokenOf());
  for (size_t at = 0; at < sealed.size(); ++at) {
    std::string broken = sealed;
    broken[at] = static_cast<char>(broken[at] ^ 0x04);
    EXPECT_EQ(ReasonOf(sealer.Open(broken, kSchool, kTill, 0)), Reason::kTokenInvalid) << at;
    EXPECT_EQ(ReasonOf(sealer.Open(sealed.substr(0, at), kSchool, kTill, 0)),
              Reason::kTokenInvalid);
  }
  EXPECT_EQ(ReasonOf(sealer.Open(sealed + "x", kSchool, kTill, 0)), Reason::kTokenInvalid);
}

TEST(TokenTest, ShowsNobody) {
  const TokenSealer sealer;
  const std::string sealed = sealer.Seal(TokenOf());
  EXPECT_EQ(sealed.find(std::string(8, '\x03')), std::string::npos);
  EXPECT_NE(sealed, sealer.Seal(TokenOf()));
}

}  // namespace
}  // namespace ladon::flow
