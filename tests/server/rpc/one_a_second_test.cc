// Goal: whoever comes with bad certificates cannot fill the log, and nothing is lost silently.
// Method: the time is an argument.
#include "server/rpc/one_a_second.h"

#include <chrono>

#include "gtest/gtest.h"

namespace ladon::rpc {
namespace {

TEST(OneASecondTest, LetsOneThroughAndCountsTheOthers) {
  OneASecond lines;
  const std::chrono::steady_clock::time_point begin{};
  const auto at = [&](int ms) { return lines.Pass(begin + std::chrono::milliseconds(ms)); };
  EXPECT_EQ(at(0), 0u) << "the first at once";
  EXPECT_EQ(at(1), std::nullopt);
  EXPECT_EQ(at(999), std::nullopt);
  EXPECT_EQ(at(1'000), 2u);
  EXPECT_EQ(at(1'999), std::nullopt);
  EXPECT_EQ(at(9'000), 1u);
  EXPECT_EQ(at(20'000), 0u);
}

}  // namespace
}  // namespace ladon::rpc
