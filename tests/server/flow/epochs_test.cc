// Goal: an epoch counts as ended when nobody of us has its keys any more, the standby included.
// Method: a real key table; the standby's place is first one that cannot be written to.
#include "server/flow/epochs.h"

#include <filesystem>
#include <fstream>
#include <future>

#include "tests/server/flow/flow_world.h"
#include "tests/testing/temp_dir.h"

namespace ladon::flow {
namespace {

TEST(EpochsTest, WithoutAStandbyAnEpochEndsWithTheRotation) {
  FlowWorld world;
  const Epochs epochs({.keys = &world.keys(), .now_ns = [&world] { return world.now_ns.load(); }});
  const uint32_t before = epochs.EpochEverywhere();
  ASSERT_THAT(world.keys().Rotate(world.now_ns), testing::IsOk());
  EXPECT_EQ(epochs.EpochEverywhere(), before + 1);
}

TEST(EpochsTest, WithAStandbyItEndsWhenThatHasTheNewTable) {
  FlowWorld world;
  const testing::TempDir elsewhere;
  const std::string standby = elsewhere.Sub("standby");
  std::ofstream(standby) << "not a directory";
  std::promise<void> failed;
  std::promise<void> copied;
  Epochs epochs({.keys = &world.keys(),
                 .standby = standby,
                 .now_ns = [&world] { return world.now_ns.load(); },
                 .on_copied = [&copied] { copied.set_value(); },
                 .on_trouble =
                     [&failed](EpochTrouble what, const absl::Status&) {
                       if (what == EpochTrouble::kNotCopied) failed.set_value();
                     }});
  const uint32_t before = world.keys().state().epoch;
  epochs.Start();
  failed.get_future().wait();
  EXPECT_EQ(epochs.EpochEverywhere(), 0) << "nobody knows what lies there";
  std::filesystem::remove(standby);
  epochs.AskFor(true);
  copied.get_future().wait();
  epochs.Stop();
  EXPECT_GE(epochs.EpochEverywhere(), before);
  EXPECT_EQ(epochs.EpochEverywhere(), world.keys().state().epoch);
}

}  // namespace
}  // namespace ladon::flow
