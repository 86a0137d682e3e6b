// Goal: one certificate from two places is noticed, and whoever tries doors is shut out, while
// everybody else goes on. Method: calls by a clock set by hand.
#include "server/access/watch.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace ladon::access {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;

Caller CallerFrom(uint8_t serial, const std::string& host) {
  Caller caller;
  caller.certificate_serial.back() = serial;
  caller.peer = "ipv4:" + host + ":40000";
  return caller;
}

class WatchTest : public ::testing::Test {
 protected:
  uint64_t now_ = 1'000 * kSecond;
  std::vector<std::string> alerts_;
  int often_ = 0;
  Watch watch_{{.denied_burst = 3,
                .denied_per_minute = 60,
                .on_two_addresses = [this](const Caller&,
                                           std::string_view other) { alerts_.emplace_back(other); },
                .on_denied_often = [this](const Caller&) { ++often_; }}};
};

TEST_F(WatchTest, OneCertificateFromTwoPlacesIsToldOnceInAWhile) {
  const Caller here = CallerFrom(1, "192.0.2.1");
  const Caller there = CallerFrom(1, "192.0.2.2");
  EXPECT_TRUE(watch_.MayCall(here, now_));
  EXPECT_TRUE(watch_.MayCall(here, now_ + kSecond));
  EXPECT_TRUE(alerts_.empty());
  EXPECT_TRUE(watch_.MayCall(there, now_ + 2 * kSecond)) << "an alert, no refusal";
  ASSERT_EQ(alerts_.size(), 1);
  EXPECT_EQ(alerts_[0], "192.0.2.1");
  EXPECT_TRUE(watch_.MayCall(here, now_ + 3 * kSecond));
  EXPECT_EQ(alerts_.size(), 1);
  EXPECT_TRUE(watch_.MayCall(there, now_ + 3 * kSecond + kTwoAddressesNs));
  EXPECT_EQ(alerts_.size(), 1) << "it moved house: the last call was long ago";
}

TEST_F(WatchTest, AnotherPortOrCertificateIsNoSecondPlace) {
  Caller caller = CallerFrom(1, "192.0.2.1");
  EXPECT_TRUE(watch_.MayCall(caller, now_));
  caller.peer = "ipv4:192.0.2.1:40001";
  EXPECT_TRUE(watch_.MayCall(caller, now_));
  EXPECT_TRUE(watch_.MayCall(CallerFrom(2, "192.0.2.2"), now_));
  EXPECT_TRUE(alerts_.empty());
}

TEST_F(WatchTest, WhoIsDeniedOverAndOverIsShutOutForAWhile) {
  const Caller thief = CallerFrom(1, "192.0.2.1");
  const Caller neighbour = CallerFrom(2, "192.0.2.9");
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(watch_.MayCall(thief, now_));
    watch_.Denied(thief, now_);
  }
  EXPECT_EQ(often_, 1);
  EXPECT_FALSE(watch_.MayCall(thief, now_));
  EXPECT_TRUE(watch_.MayCall(CallerFrom(3, "192.0.2.1"), now_)) << "the other tills of the school";
  EXPECT_FALSE(watch_.MayCall(CallerFrom(1, "192.0.2.5"), now_)) << "nor the same from elsewhere";
  EXPECT_TRUE(watch_.MayCall(neighbour, now_));
  EXPECT_TRUE(watch_.MayCall(thief, now_ + 2 * kSecond)) << "forgiven by the minute";
}

TEST_F(WatchTest, ManyThievesFromOneAddressAreShutOutTogether) {
  for (uint8_t serial = 1; serial <= 10; ++serial) {
    for (int i = 0; i < 5; ++i) watch_.Denied(CallerFrom(serial, "192.0.2.1"), now_);
  }
  EXPECT_FALSE(watch_.MayCall(CallerFrom(99, "192.0.2.1"), now_));
  EXPECT_TRUE(watch_.MayCall(CallerFrom(99, "192.0.2.2"), now_));
}

TEST(HostOfTest, LeavesThePortOut) {
  EXPECT_EQ(HostOf("ipv4:192.0.2.7:51000"), "192.0.2.7");
  EXPECT_EQ(HostOf("ipv6:[2001:db8::1]:51000"), "[2001:db8::1]");
  EXPECT_EQ(HostOf("unix"), "unix");
}

}  // namespace
}  // namespace ladon::access
