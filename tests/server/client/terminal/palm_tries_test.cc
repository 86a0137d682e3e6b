// Goal: a palm refused twice leads to the other means, and nothing else does. Method: every reason
// a till may hear, in the orders in which they matter.
#include "server/client/terminal/palm_tries.h"

#include "gtest/gtest.h"

namespace ladon::terminal {
namespace {

TEST(PalmTriesTest, TheSecondRefusalLeadsToOtherMeans) {
  for (const char* first : {"PALM_NOT_RECOGNISED", "PALM_AMBIGUOUS", "LIVENESS_FAILED"}) {
    for (const char* second : {"PALM_NOT_RECOGNISED", "PALM_AMBIGUOUS", "LIVENESS_FAILED"}) {
      PalmTries tries;
      EXPECT_EQ(tries.Refused(first), AfterPalm::kAgain) << first;
      EXPECT_EQ(tries.Refused(second), AfterPalm::kOtherMeans) << first << ", " << second;
    }
  }
}

TEST(PalmTriesTest, AnImageThatTheTillRefusesIsATryToo) {
  PalmTries tries;
  EXPECT_EQ(tries.Refused("TOO_DARK"), AfterPalm::kAgain);
  EXPECT_EQ(tries.Refused("NO_PALM"), AfterPalm::kOtherMeans);
}

TEST(PalmTriesTest, WhatNoOtherPalmCuresLeadsThereAtOnce) {
  for (const char* reason : {"PALM_THROTTLED", "BIOMETRICS_OFF", "CONSENT_MISSING"}) {
    EXPECT_EQ(PalmTries().Refused(reason), AfterPalm::kOtherMeans) << reason;
  }
}

TEST(PalmTriesTest, WhatOtherMeansDoNotCureLeadsNowhere) {
  for (const char* reason : {"SUBJECT_BLOCKED", "NOT_PERMITTED", "OVERLOADED", "INTERNAL", ""}) {
    PalmTries tries;
    EXPECT_EQ(tries.Refused(reason), AfterPalm::kRefused) << reason;
    EXPECT_EQ(tries.Refused("PALM_NOT_RECOGNISED"), AfterPalm::kAgain) << "and counts nothing";
  }
}

}  // namespace
}  // namespace ladon::terminal
