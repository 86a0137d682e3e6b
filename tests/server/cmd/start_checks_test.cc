// Goal: a server that would write down what it must keep, or computes wrongly, does not start.
// Method: the primitives as ladond has them, the matcher's among them; environments with one
// variable set; texts of /proc/swaps.
#include "server/cmd/start_checks.h"

#include <algorithm>
#include <string>

#include "tests/server/base/temp_dir.h"
#include "tests/testing/status_testing.h"

namespace ladon {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::ladon::testing::TempDir;
using ::testing::HasSubstr;

Environment With(const std::string& variable, const std::string& value) {
  return [variable, value](const std::string& name) {
    return name == variable ? value : std::string();
  };
}

TEST(StartChecksTest, WhatLadondComputesWithPasses) {
  EXPECT_THAT(base::RunSelfTests(ServerPrimitives()), IsOk());
}

TEST(StartChecksTest, ABrokenKeystreamOfTheMatcherIsFound) {
  base::Primitives broken = ServerPrimitives();
  // Blocks that count the other way round.
  broken.memory_keystream = [was = broken.memory_keystream](const base::Primitives::Stream& in) {
    std::string out = was(in);
    if (out.size() > 32) std::swap_ranges(out.begin() + 16, out.begin() + 32, out.begin() + 32);
    return out;
  };
  const absl::Status found = base::RunSelfTests(broken);
  EXPECT_THAT(found, StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(std::string(found.message()), HasSubstr("AES-128-CTR of the galleries"));
}

TEST(StartChecksTest, RefusesWhatWouldWriteDownConnectionsOrCalls) {
  EXPECT_THAT(CheckEnvironment(With("HOME", "/root")), IsOk());
  EXPECT_THAT(CheckEnvironment(With("GRPC_VERBOSITY", "info")), IsOk());
  for (const auto& [variable, value] :
       {std::pair("SSLKEYLOGFILE", "/tmp/keys"), std::pair("GRPC_TRACE", "http"),
        std::pair("GRPC_TRACE", "api,http"), std::pair("GRPC_TRACE", "all")}) {
    const absl::Status refused = CheckEnvironment(With(variable, value));
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition)) << variable;
    EXPECT_THAT(std::string(refused.message()), HasSubstr(variable));
  }
}

TEST(StartChecksTest, SeesASwapInWhatTheKernelLists) {
  const std::string head = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";
  EXPECT_FALSE(ListsSwap(""));
  EXPECT_FALSE(ListsSwap(head));
  EXPECT_TRUE(
      ListsSwap(head + "/dev/dm-1                               partition\t975868\t0\t-2\n"));
  EXPECT_TRUE(ListsSwap(head + "/swapfile                               file\t\t512\t\t0\t\t-2\n"));
}

TEST(StartChecksTest, StartsOnlyWhenAllOfItIsRight) {
  const TempDir dir;
  ASSERT_OK_AND_ASSIGN(const auto monitor, rpc::Monitor::Start({.log_file = dir.File("log")}));
  EXPECT_THAT(CheckStart(monitor.get(), With("", "")), IsOk());
  EXPECT_THAT(CheckStart(monitor.get(), With("GRPC_TRACE", "api")),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace ladon
