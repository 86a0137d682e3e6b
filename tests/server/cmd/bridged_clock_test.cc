// Goal: time never goes back, whatever the machine's clock does, and people are told.
// Method: both clocks are set by hand.
#include "server/cmd/bridged_clock.h"

#include <vector>

#include "gtest/gtest.h"

namespace ladon {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;
constexpr uint64_t kStart = 1'788'238'800 * kSecond;

class BridgedClockTest : public ::testing::Test {
 protected:
  void Pass(uint64_t ns) {
    wall_ += ns;
    steady_ += ns;
  }
  uint64_t wall_ = kStart;
  uint64_t steady_ = 77;
  std::vector<uint64_t> steps_;
  std::vector<uint64_t> too_far_;
  BridgedClock clock_{{.wall_ns = [this] { return wall_; },
                       .steady_ns = [this] { return steady_; },
                       .on_step = [this](uint64_t back) { steps_.push_back(back); },
                       .on_too_far = [this](uint64_t back) { too_far_.push_back(back); }}};
};

TEST_F(BridgedClockTest, AClockThatRunsIsFollowed) {
  EXPECT_EQ(clock_.NowNs(), kStart);
  Pass(5 * kSecond);
  EXPECT_EQ(clock_.NowNs(), kStart + 5 * kSecond);
  wall_ += 3600 * kSecond;  // Set forward: the truth, as far as anybody knows.
  EXPECT_EQ(clock_.NowNs(), kStart + 3605 * kSecond);
  EXPECT_TRUE(steps_.empty());
}

TEST_F(BridgedClockTest, AStepBackIsBridgedAndToldOnce) {
  EXPECT_EQ(clock_.NowNs(), kStart);
  wall_ -= 60 * kSecond;
  EXPECT_EQ(clock_.NowNs(), kStart) << "not a moment back";
  for (int i = 1; i <= 50; ++i) {
    Pass(kSecond);
    EXPECT_EQ(clock_.NowNs(), kStart + static_cast<uint64_t>(i) * kSecond) << "and it goes on";
  }
  ASSERT_EQ(steps_.size(), 1);
  EXPECT_EQ(steps_[0], 60 * kSecond);
  wall_ += 100 * kSecond;  // Set right again.
  EXPECT_EQ(clock_.NowNs(), kStart + 90 * kSecond);
  wall_ -= 10 * kSecond;
  EXPECT_EQ(clock_.NowNs(), kStart + 90 * kSecond);
  EXPECT_EQ(steps_.size(), 2) << "another step";
  EXPECT_TRUE(too_far_.empty());
}

TEST_F(BridgedClockTest, SlewingIsNoStep) {
  wall_ -= kStepNsMin / 2;
  EXPECT_EQ(clock_.NowNs(), kStart);
  EXPECT_TRUE(steps_.empty());
}

TEST_F(BridgedClockTest, ABrokenClockIsToldOnceAndStillDoesNotGoBack) {
  wall_ = 0;
  EXPECT_EQ(clock_.NowNs(), kStart);
  EXPECT_EQ(clock_.NowNs(), kStart);
  EXPECT_EQ(too_far_.size(), 1);
}

TEST_F(BridgedClockTest, AStartGoesOnFromWhatWasWrittenDown) {
  EXPECT_TRUE(clock_.NotBefore(0).ok());
  EXPECT_TRUE(clock_.NotBefore(kStart).ok());
  EXPECT_TRUE(steps_.empty()) << "it is later now";
  EXPECT_TRUE(clock_.NotBefore(kStart + 60 * kSecond).ok());
  ASSERT_EQ(steps_.size(), 1);
  EXPECT_EQ(steps_[0], 60 * kSecond);
  Pass(kSecond);
  EXPECT_EQ(clock_.NowNs(), kStart + 61 * kSecond) << "at the pace of the machine";
  EXPECT_EQ(steps_.size(), 1) << "still the same step";
  wall_ += 3600 * kSecond;
  EXPECT_EQ(clock_.NowNs(), kStart + 3601 * kSecond) << "and with the clock when that is ahead";
}

TEST_F(BridgedClockTest, AStartFarBehindWhatWasWrittenDownIsRefused) {
  const absl::Status refused = clock_.NotBefore(kStart + kBridgeNsMax + 1);
  EXPECT_TRUE(absl::IsFailedPrecondition(refused));
  EXPECT_NE(refused.message().find("--accept-clock"), std::string::npos) << refused;
  EXPECT_EQ(clock_.NowNs(), kStart) << "and nothing has changed";
  EXPECT_TRUE(steps_.empty());
  EXPECT_TRUE(clock_.NotBefore(kStart + kBridgeNsMax).ok());
}

}  // namespace
}  // namespace ladon
