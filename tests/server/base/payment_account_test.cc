// Goal: a payment account survives being typed and dictated: whatever one slip makes of it is
// found. Method: every single wrong digit and every swap of neighbours, over many numbers; the
// published example of the check digit; randomness given by hand.
#include "server/base/payment_account.h"

#include <algorithm>
#include <random>
#include <set>
#include <utility>

#include "gtest/gtest.h"

namespace ladon::base {
namespace {

std::function<void(std::span<uint8_t>)> Drawing(std::mt19937_64* draw) {
  return [draw](std::span<uint8_t> out) {
    for (uint8_t& byte : out) byte = static_cast<uint8_t>((*draw)());
  };
}

TEST(PaymentAccountTest, TheCheckDigitOfThePublishedExample) {
  EXPECT_EQ(DammDigit("572"), '4');
  EXPECT_EQ(DammDigit("5724"), '0');
}

TEST(PaymentAccountTest, EverySlipOfOneDigitAndEverySwapIsFound) {
  std::mt19937_64 draw(56'042);
  for (int i = 0; i < 2'000; ++i) {
    const std::string digits = PaymentAccount::Draw(Drawing(&draw)).Digits();
    ASSERT_EQ(digits.size(), kPaymentAccountDigits);
    ASSERT_TRUE(PaymentAccount::Parse(digits));
    for (size_t at = 0; at < digits.size(); ++at) {
      for (char other = '0'; other <= '9'; ++other) {
        std::string slip = digits;
        slip[at] = other;
        ASSERT_EQ(PaymentAccount::Parse(slip).has_value(), slip == digits) << slip;
      }
      if (at == 0 || digits[at - 1] == digits[at]) continue;
      std::string swapped = digits;
      std::swap(swapped[at - 1], swapped[at]);
      ASSERT_FALSE(PaymentAccount::Parse(swapped)) << digits;
    }
  }
}

TEST(PaymentAccountTest, IsReadAsPeopleWriteIt) {
  std::mt19937_64 draw(7);
  const PaymentAccount account = PaymentAccount::Draw(Drawing(&draw));
  const std::string grouped = account.Grouped();
  EXPECT_EQ(grouped.size(), kPaymentAccountDigits + 2);
  std::string hyphens = grouped;
  std::replace(hyphens.begin(), hyphens.end(), ' ', '-');
  for (const std::string& typed : {account.Digits(), grouped, hyphens}) {
    EXPECT_EQ(PaymentAccount::Parse(typed), account) << typed;
  }
  for (const std::string& bad :
       {std::string(), std::string(" "), " " + grouped, grouped + " ", grouped + "\n",
        grouped.substr(0, 5) + " " + grouped.substr(5), account.Digits() + "0",
        account.Digits().substr(1), "0" + account.Digits().substr(1), std::string("40521793886А"),
        std::string("+") + account.Digits(), std::string(1'000'000, '4')}) {
    EXPECT_FALSE(PaymentAccount::Parse(bad)) << bad.substr(0, 40);
  }
}

TEST(PaymentAccountTest, IsDrawnFromAllOfThemAlike) {
  // The largest draws are thrown away, not folded onto the smallest numbers.
  int calls = 0;
  const PaymentAccount second = PaymentAccount::Draw([&](std::span<uint8_t> out) {
    std::fill(out.begin(), out.end(), static_cast<uint8_t>(calls++ == 0 ? 0xff : 0));
  });
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(second.number() / 10, 10'000'000'000);
  std::mt19937_64 draw(11);
  std::set<PaymentAccount> all;
  std::set<char> firsts;
  for (int i = 0; i < 1'000; ++i) {
    const PaymentAccount account = PaymentAccount::Draw(Drawing(&draw));
    all.insert(account);
    firsts.insert(account.Digits().front());
  }
  EXPECT_EQ(all.size(), 1'000);
  EXPECT_EQ(firsts.size(), 9);
}

}  // namespace
}  // namespace ladon::base
