// Goal: any three shares of five give the root key back, two give nothing, and no damaged, doubled
// or foreign share ever ends in a key.
// Method: every combination of every count; every byte of a share's text changed or cut off; sets
// mixed; shares that were changed behind their own sums.
#include "server/client/ctl/key_shares.h"

#include <algorithm>
#include <bitset>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/testing/status_testing.h"

namespace ladon::ctl {
namespace {

using ::ladon::base::Language;
using ::ladon::base::SecretKey;
using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::testing::HasSubstr;

constexpr Language kEnglish = Language::kEnglish;

bool Same(const SecretKey& one, const SecretKey& other) {
  return std::ranges::equal(one.RevealForCrypto(), other.RevealForCrypto());
}

std::vector<KeyShare> SplitOrDie(const SecretKey& key, const ShareCounts& counts = {}) {
  absl::StatusOr<std::vector<KeyShare>> shares = SplitKey(key, counts, kEnglish);
  EXPECT_THAT(shares, IsOk());
  return *std::move(shares);
}

// The shares whose bits are set, as files.
std::vector<ShareOfFile> Some(const std::vector<KeyShare>& shares, unsigned bits) {
  std::vector<ShareOfFile> some;
  for (size_t i = 0; i < shares.size(); ++i) {
    if ((bits >> i & 1) == 0) continue;
    absl::StatusOr<KeyShare> copy = ParseShare(FormatShare(shares[i]), "copy", kEnglish);
    EXPECT_THAT(copy, IsOk());
    some.push_back({.path = "share-" + std::to_string(i + 1), .share = *std::move(copy)});
  }
  return some;
}

KeyShare WithBytes(const KeyShare& from, const SecretKey& bytes) {
  return {.set = from.set,
          .number = from.number,
          .counts = from.counts,
          .check = from.check,
          .share = bytes.Clone()};
}

SecretKey Changed(const SecretKey& key, size_t at) {
  std::array<uint8_t, base::kSecretKeyBytes> bytes{};
  std::ranges::copy(key.RevealForCrypto(), bytes.begin());
  bytes[at] ^= 0x10;
  return SecretKey(bytes);
}

TEST(KeySharesTest, AnyThreeOfFiveGiveTheKeyAndNoFewerDo) {
  const SecretKey key = SecretKey::Random();
  const std::vector<KeyShare> shares = SplitOrDie(key);
  ASSERT_EQ(shares.size(), 5u);
  int threes = 0;
  for (unsigned bits = 0; bits < 32; ++bits) {
    const auto combined = CombineShares(Some(shares, bits), kEnglish);
    const size_t count = std::bitset<5>(bits).count();
    if (count < 3) {
      EXPECT_THAT(combined, StatusIs(absl::StatusCode::kInvalidArgument)) << bits;
      continue;
    }
    threes += count == 3 ? 1 : 0;
    ASSERT_THAT(combined, IsOk()) << bits;
    EXPECT_TRUE(Same(*combined, key)) << bits;
  }
  EXPECT_EQ(threes, 10);
}

TEST(KeySharesTest, TheirOrderDoesNotMatter) {
  const SecretKey key = SecretKey::Random();
  std::vector<ShareOfFile> some = Some(SplitOrDie(key), 0b10110);
  std::ranges::reverse(some);
  ASSERT_OK_AND_ASSIGN(const SecretKey combined, CombineShares(some, kEnglish));
  EXPECT_TRUE(Same(combined, key));
}

// Two shares taken for a set of two would give something: the check tells that it is not the key.
TEST(KeySharesTest, TwoSharesThatClaimToSufficeAreFoundOut) {
  std::vector<KeyShare> shares = SplitOrDie(SecretKey::Random());
  for (KeyShare& share : shares) share.counts.threshold = 2;
  const auto combined = CombineShares(Some(shares, 0b00011), kEnglish);
  EXPECT_THAT(combined, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(combined.status().message()), HasSubstr("do not give the key"));
}

TEST(KeySharesTest, EveryCountUpToTheLimitWorksAndNoneBeyond) {
  const SecretKey key = SecretKey::Random();
  for (uint32_t total = 2; total <= kKeySharesMax; ++total) {
    for (uint32_t threshold = 2; threshold <= total; ++threshold) {
      const auto shares = SplitOrDie(key, {.threshold = threshold, .total = total});
      ASSERT_EQ(shares.size(), total);
      EXPECT_EQ(shares.back().number, total);
    }
  }
  for (const ShareCounts& counts :
       {ShareCounts{0, 0}, ShareCounts{0, 5}, ShareCounts{1, 5}, ShareCounts{3, 2},
        ShareCounts{3, kKeySharesMax + 1}, ShareCounts{kKeySharesMax + 1, kKeySharesMax + 1}}) {
    EXPECT_THAT(SplitKey(key, counts, kEnglish), StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST(KeySharesTest, EverySplitIsAnotherOne) {
  const SecretKey key = SecretKey::Random();
  const std::vector<KeyShare> one = SplitOrDie(key);
  const std::vector<KeyShare> other = SplitOrDie(key);
  EXPECT_NE(one[0].set, other[0].set);
  EXPECT_EQ(one[0].check, other[0].check);  // Of the key: tells which key a set is of.
  for (size_t i = 0; i < one.size(); ++i) EXPECT_FALSE(Same(one[i].share, other[i].share));
  std::vector<ShareOfFile> mixed = Some(one, 0b00011);
  for (ShareOfFile& share : Some(other, 0b11100)) mixed.push_back(std::move(share));
  const auto combined = CombineShares(mixed, kEnglish);
  EXPECT_THAT(combined, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(combined.status().message()), HasSubstr("share-3: a share of another"));
}

TEST(KeySharesTest, TheSameShareTwiceIsRefusedEvenBesideEnoughOthers) {
  const std::vector<KeyShare> shares = SplitOrDie(SecretKey::Random());
  std::vector<ShareOfFile> some = Some(shares, 0b01111);
  some.push_back(std::move(Some(shares, 0b00100).front()));
  some.back().path = "again";
  const auto combined = CombineShares(some, kEnglish);
  EXPECT_THAT(combined, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(combined.status().message()),
              HasSubstr("again: the same share, number 3, as share-3"));
}

TEST(KeySharesTest, AShareThatWasChangedBehindItsSumGivesNoKey) {
  const std::vector<KeyShare> shares = SplitOrDie(SecretKey::Random());
  for (size_t at = 0; at < base::kSecretKeyBytes; ++at) {
    std::vector<ShareOfFile> some = Some(shares, 0b00111);
    some[1].share = WithBytes(some[1].share, Changed(some[1].share.share, at));
    const auto combined = CombineShares(some, kEnglish);
    EXPECT_THAT(combined, StatusIs(absl::StatusCode::kInvalidArgument)) << at;
  }
  std::vector<ShareOfFile> some = Some(shares, 0b00111);
  some[2].share.number = 5;  // Its bytes belong to number 3.
  EXPECT_THAT(CombineShares(some, kEnglish), StatusIs(absl::StatusCode::kInvalidArgument));
  some = Some(shares, 0b00111);
  some[2].share.counts.total = 6;
  EXPECT_THAT(CombineShares(some, kEnglish), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(KeySharesTest, ATextIsReadBackExactlyHoweverItIsSpaced) {
  const std::vector<KeyShare> shares = SplitOrDie(SecretKey::Random());
  const std::string text = FormatShare(shares[1]);
  EXPECT_THAT(text, ::testing::StartsWith("ladon root key share 1\nset "));
  EXPECT_THAT(text, HasSubstr("\nnumber 2\nthreshold 3\ntotal 5\ncheck "));
  EXPECT_LT(text.size(), kKeyShareTextBytesMax);
  std::string typed = "\r\n ";
  for (const char c : text) typed += c == '\n' ? std::string(" \r\n\t") : std::string(1, c);
  for (const std::string& form : {text, typed}) {
    ASSERT_OK_AND_ASSIGN(const KeyShare again, ParseShare(form, "file", kEnglish));
    EXPECT_EQ(again.set, shares[1].set);
    EXPECT_EQ(again.number, 2u);
    EXPECT_EQ(again.check, shares[1].check);
    EXPECT_TRUE(Same(again.share, shares[1].share));
  }
}

TEST(KeySharesTest, EveryCutAndEveryChangedLetterIsRefusedWithoutShowingTheShare) {
  const std::string good = FormatShare(SplitOrDie(SecretKey::Random())[0]);
  for (size_t size = 0; size + 1 < good.size(); ++size) {  // The last line feed is white space.
    EXPECT_THAT(ParseShare(good.substr(0, size), "file", kEnglish),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << size;
  }
  const std::string secret = good.substr(good.find("\nshare ") + 7, 16);
  for (size_t at = 0; at + 1 < good.size(); ++at) {
    for (const char letter : {'0', '7', 'x', '~'}) {
      if (good[at] == letter) continue;
      std::string bad = good;
      bad[at] = letter;
      const auto refused = ParseShare(bad, "file", kEnglish);
      ASSERT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument)) << at << letter;
      const std::string message(refused.status().message());
      EXPECT_THAT(message, HasSubstr("file"));
      EXPECT_EQ(message.find(secret), std::string::npos);
    }
  }
  EXPECT_THAT(ParseShare(good + "more", "file", kEnglish),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ParseShare("ladon root key 1\n" + std::string(64, '0') + "\n", "file", kEnglish),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(KeySharesTest, ANewerFormatIsToldApart) {
  std::string newer = FormatShare(SplitOrDie(SecretKey::Random())[0]);
  newer.replace(newer.find("share 1"), 7, "share 2");
  const auto refused = ParseShare(newer, "file", kEnglish);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("another format"));
}

}  // namespace
}  // namespace ladon::ctl
