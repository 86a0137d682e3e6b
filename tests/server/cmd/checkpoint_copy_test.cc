// Goal: the second host has every day's last checkpoint and the newest one, whole. Method: notes of
// several days; a directory that is not there, and one that comes back.
#include "server/cmd/checkpoint_copy.h"

#include <condition_variable>
#include <filesystem>
#include <future>
#include <memory>
#include <mutex>
#include <vector>

#include "ledger/replaced_file.h"
#include "tests/testing/status_testing.h"
#include "tests/testing/temp_dir.h"

namespace ladon {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::ladon::testing::TempDir;
namespace fs = std::filesystem;

constexpr uint64_t kNoonNs = uint64_t{1'788'264'000} * 1'000'000'000;  // 2026-09-01 12:00 UTC.
constexpr uint64_t kHourNs = uint64_t{3600} * 1'000'000'000;

std::string Read(const std::string& path) {
  return ledger::ReadSmallFile(path, 1'000).value_or("nothing");
}

TEST(CheckpointCopyTest, KeepsTheLastOfEachDayAndTheNewest) {
  const TempDir dir;
  CheckpointCopy copy(dir.path());
  ASSERT_THAT(copy.Keep("first", kNoonNs), IsOk());
  ASSERT_THAT(copy.Keep("second", kNoonNs + 11 * kHourNs), IsOk());
  ASSERT_THAT(copy.Keep("third", kNoonNs + 13 * kHourNs), IsOk());
  EXPECT_EQ(Read(dir.Sub("security-checkpoint-2026-09-01")), "second");
  EXPECT_EQ(Read(dir.Sub("security-checkpoint-2026-09-02")), "third");
  EXPECT_EQ(Read(dir.Sub("security-checkpoint-latest")), "third");
  ASSERT_THAT(copy.Keep("third", kNoonNs + 40 * kHourNs), IsOk());
  EXPECT_FALSE(fs::exists(dir.Sub("security-checkpoint-2026-09-03"))) << "nothing new to keep";
}

TEST(CheckpointCopyTest, ADirectoryThatIsNotThereIsNotMade) {
  const TempDir dir;
  const std::string mount = dir.Sub("mount");
  CheckpointCopy copy(mount);
  EXPECT_THAT(copy.Keep("first", kNoonNs), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_FALSE(fs::exists(mount));
  fs::create_directory(mount);
  ASSERT_THAT(copy.Keep("first", kNoonNs), IsOk()) << "what failed is tried again";
  EXPECT_EQ(Read(mount + "/security-checkpoint-latest"), "first");
}

struct Told {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<absl::Status> all;

  void Tell(const absl::Status& why) {
    const std::scoped_lock lock(mutex);
    all.push_back(why);
    changed.notify_all();
  }
};

CopyThread::Options OptionsOf(const std::string& directory, Told* told) {
  return {.directory = directory,
          .now_ns = [] { return kNoonNs; },
          .on_failed = [told](const absl::Status& why) { told->Tell(why); },
          .patience = std::chrono::milliseconds(50),
          .stop_patience = std::chrono::milliseconds(50)};
}

TEST(CopyThreadTest, KeepsTheNewestAndTellsOnceWhatFails) {
  const TempDir dir;
  const std::string directory = dir.Sub("second-host");
  Told told;
  CopyThread copies(OptionsOf(directory, &told));
  for (int i = 0; i < 2; ++i) {
    copies.Keep("first");
    copies.Flush();
  }
  EXPECT_TRUE(copies.failing());
  EXPECT_EQ(copies.copied_at_ns(), 0);
  EXPECT_EQ(told.all.size(), 1) << "once, until it is well again";
  fs::create_directory(directory);
  copies.Keep("second");
  copies.Flush();
  EXPECT_FALSE(copies.failing());
  EXPECT_EQ(copies.copied_at_ns(), kNoonNs);
  EXPECT_EQ(Read(directory + "/security-checkpoint-latest"), "second");
}

// A clock that does not answer stands for a file system whose machine is down.
TEST(CopyThreadTest, ACopyThatHangsHoldsUpNobody) {
  const TempDir dir;
  Told told;
  auto hangs = std::make_shared<std::promise<void>>();
  std::shared_future<void> until = hangs->get_future().share();
  {
    CopyThread::Options options = OptionsOf(dir.path(), &told);
    options.now_ns = [until] {
      until.wait();
      return kNoonNs;
    };
    CopyThread copies(options);
    copies.Keep("first");
    std::unique_lock lock(told.mutex);
    while (told.all.empty()) {  // As the signer does, over and over.
      lock.unlock();
      copies.Keep("second");
      lock.lock();
      told.changed.wait_for(lock, std::chrono::milliseconds(10));
    }
    EXPECT_TRUE(absl::IsDeadlineExceeded(told.all[0])) << told.all[0];
    lock.unlock();
    EXPECT_TRUE(copies.failing());
  }  // Comes back although the thread does not.
  hangs->set_value();
  EXPECT_EQ(told.all.size(), 1);
}

}  // namespace
}  // namespace ladon
