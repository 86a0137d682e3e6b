// Goal: no lunch is slowed, every climb is. Method: a clock of the test's own; lunches with 30 % of
// misses drawn many times; a client that shows nothing but strangers; many threads at once.
#include "server/flow/throttle.h"

#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace ladon::flow {
namespace {

constexpr uint64_t kSecondNs = 1'000'000'000;
constexpr uint64_t kNoon = 1'790'000'000 * kSecondNs;
constexpr base::ActorId kTill = {.bytes = {1}};
constexpr base::ActorId kOther = {.bytes = {2}};

TEST(ThrottleTest, ALunchWithThirtyPercentOfMissesPasses) {
  // A till at its fastest: an attempt every two seconds and a half for half an hour.
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Throttle throttle;
    std::mt19937_64 random(seed);
    uint64_t now_ns = kNoon;
    for (int attempt = 0; attempt < 720; ++attempt, now_ns += 5 * kSecondNs / 2) {
      ASSERT_TRUE(throttle.Take(kTill, now_ns)) << "seed " << seed << ", attempt " << attempt;
      if (random() % 100 >= 30) throttle.GiveBack(kTill);
    }
  }
}

TEST(ThrottleTest, AClimbGetsTheBurstAndThenTheRate) {
  std::vector<base::ActorId> told;
  Throttle throttle(
      ThrottleOptions{.on_empty = [&](const base::ActorId& till) { told.push_back(till); }});
  const ThrottleOptions defaults;
  uint64_t searched = 0;
  for (uint64_t tenth = 0; tenth < 36'000; ++tenth) {  // An hour, ten attempts a second.
    searched += throttle.Take(kTill, kNoon + tenth * kSecondNs / 10) ? 1 : 0;
  }
  EXPECT_LE(searched, defaults.burst + 60 * defaults.per_minute + 1);
  EXPECT_GE(searched, defaults.burst + 59 * defaults.per_minute);
  EXPECT_EQ(told, std::vector{kTill}) << "once, not at every refusal";
  EXPECT_TRUE(throttle.Take(kOther, kNoon));
}

TEST(ThrottleTest, ToldAgainAfterItHasRecovered) {
  int told = 0;
  Throttle throttle(
      ThrottleOptions{.burst = 2, .per_minute = 2, .on_empty = [&](const auto&) { ++told; }});
  uint64_t now_ns = kNoon;
  for (int round = 1; round <= 3; ++round, now_ns += 3600 * kSecondNs) {
    while (throttle.Take(kTill, now_ns)) {
    }
    EXPECT_EQ(told, round);
  }
}

TEST(ThrottleTest, ParallelAttemptsDoNotOutrunTheCount) {
  Throttle throttle;
  std::atomic<uint32_t> through = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int attempt = 0; attempt < 1'000; ++attempt) {
        if (throttle.Take(kTill, kNoon)) ++through;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(through, ThrottleOptions{}.burst);
}

TEST(ThrottleTest, ClocksThatJump) {
  Throttle throttle;
  while (throttle.Take(kTill, kNoon)) {
  }
  EXPECT_FALSE(throttle.Take(kTill, kNoon - 3600 * kSecondNs)) << "set back";
  uint32_t through = 0;
  while (throttle.Take(kTill, kNoon + 1'000'000 * kSecondNs)) ++through;
  EXPECT_EQ(through, ThrottleOptions{}.burst) << "set forward: a full bucket, no more";
}

TEST(ThrottleTest, GivingBackNeverOverfills) {
  Throttle throttle;
  throttle.GiveBack(kTill);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(throttle.Take(kTill, kNoon));
    throttle.GiveBack(kTill);
    throttle.GiveBack(kTill);
  }
  uint32_t through = 0;
  while (throttle.Take(kTill, kNoon)) ++through;
  EXPECT_EQ(through, ThrottleOptions{}.burst);
}

TEST(ThrottleTest, ZeroIsOff) {
  Throttle throttle(ThrottleOptions{.burst = 0, .per_minute = 0});
  for (int i = 0; i < 10'000; ++i) ASSERT_TRUE(throttle.Take(kTill, kNoon));
}

base::ActorId Till(uint32_t number) {
  base::ActorId id = {};
  for (size_t byte = 0; byte < 4; ++byte) {
    id.bytes[byte] = static_cast<uint8_t>(number >> 8 * byte);
  }
  return id;
}

TEST(ThrottleTest, ForgetsFullBucketsButNoEmptyOne) {
  Throttle throttle;
  uint64_t now_ns = kNoon;
  for (uint32_t till = 0; till < 5 * Throttle::kSweepBeyondMin; ++till) {
    // A till's one miss is filled up again within five seconds.
    now_ns += kSecondNs;
    ASSERT_TRUE(throttle.Take(Till(till), now_ns));
    ASSERT_LE(throttle.buckets(), Throttle::kSweepBeyondMin + 1);
  }
  while (throttle.Take(kTill, now_ns)) {
  }
  for (uint32_t till = 2; till < 2 * Throttle::kSweepBeyondMin; ++till) {
    ASSERT_TRUE(throttle.Take(Till(till), now_ns));
  }
  EXPECT_FALSE(throttle.Take(kTill, now_ns));
}

TEST(ThrottlesTest, WhoMissesTooOftenIsToldAndAnAddressIsNobody) {
  std::vector<base::ActorId> told;
  Throttles throttles([&](const base::ActorId& whose) { told.push_back(whose); });
  const base::ActorId till{.bytes = {7}};
  while (throttles.pins.Take(till, 1)) {
  }
  EXPECT_EQ(told, std::vector{till});
  while (throttles.addresses.Take(till, 1)) {
  }
  EXPECT_EQ(told, (std::vector{till, base::ActorId{}}));
}

}  // namespace
}  // namespace ladon::flow
