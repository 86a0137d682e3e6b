// Goal: a bank's sum is read to the kopeck or refused. Method: sums that floating point gets wrong,
// and everything that is no sum.
#include "server/channels/amount.h"

#include "gtest/gtest.h"

namespace ladon::channels {
namespace {

TEST(AmountTest, IsReadToTheKopeck) {
  const std::pair<const char*, int64_t> sums[] = {{"19.99", 1'999},
                                                  {"4.35", 435},
                                                  {"1.15", 115},
                                                  {"0.29", 29},
                                                  {"100", 10'000},
                                                  {"100.0", 10'000},
                                                  {"580.00", 58'000},
                                                  {"0", 0},
                                                  {"0.01", 1},
                                                  {"007.5", 750},
                                                  {"100000000", kAmountKopecksMax}};
  for (const auto& [text, kopecks] : sums) EXPECT_EQ(ParseAmount(text), kopecks) << text;
}

TEST(AmountTest, EveryKopeckOfAThousandRoublesComesBack) {
  for (int64_t kopecks = 0; kopecks < 100'000; ++kopecks) {
    ASSERT_EQ(ParseAmount(FormatAmount(kopecks)), kopecks);
  }
  EXPECT_EQ(FormatAmount(58'000), "580.00");
  EXPECT_EQ(FormatAmount(5), "0.05");
}

TEST(AmountTest, WhatIsNoSumIsRefused) {
  for (const char* text : {"",
                           ".",
                           "1.",
                           ".5",
                           "1e2",
                           "-1",
                           "+1",
                           "10,45",
                           "NaN",
                           "inf",
                           "1.234",
                           "1.2.3",
                           " 1",
                           "1 ",
                           "1_000",
                           "0x10",
                           "100000000.01",
                           "999999999",
                           "999999999999999999",
                           "٣"}) {
    EXPECT_EQ(ParseAmount(text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseAmount(std::string_view("1\0", 2)), std::nullopt);
  EXPECT_EQ(ParseAmount(std::string(1'000'000, '9')), std::nullopt);
}

}  // namespace
}  // namespace ladon::channels
