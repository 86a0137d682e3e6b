// Goal: a store that could not write says so, says nothing more until it is reopened, and then has
// everything it ever acknowledged and nothing halves. Method: a small fixed scenario on a disk that
// fails at its n-th operation, for every n and every kind of fault.
#include <map>
#include <optional>
#include <set>

#include "storage/rocks_store.h"
#include "tests/testing/fault_fs.h"
#include "tests/testing/status_testing.h"
#include "tests/testing/temp_dir.h"

namespace ladon::storage {
namespace {

using ::ladon::testing::Fault;
using ::ladon::testing::FaultDisk;
using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::ladon::testing::TempDir;

constexpr int kWrites = 5;

RocksStoreOptions OptionsFor(const std::string& path, FaultDisk* disk) {
  RocksStoreOptions options;
  options.path = path;
  options.create_if_missing = true;
  options.new_store_id.fill(7);
  options.env = disk->env();
  return options;
}

Batch TwoKeys(int number) {
  Batch batch;
  batch.Put(Family::kJournal, "key-" + std::to_string(number), std::string(5'000, 'j'));
  batch.Put(Family::kVault, "key-" + std::to_string(number), std::string(5'000, 'v'));
  return batch;
}

// Writes until something fails; returns how many writes were acknowledged.
int RunScenario(const std::string& path, FaultDisk* disk) {
  const auto store = OpenRocksStore(OptionsFor(path, disk));
  if (!store.ok()) {
    return 0;
  }
  int acknowledged = 0;
  for (; acknowledged < kWrites; ++acknowledged) {
    const absl::Status written = (*store)->Write(TwoKeys(acknowledged));
    if (written.ok()) {
      continue;
    }
    EXPECT_NE(written.code(), absl::StatusCode::kInvalidArgument) << written;
    EXPECT_THAT((*store)->Write(TwoKeys(0)), StatusIs(absl::StatusCode::kUnavailable));
    EXPECT_THAT((*store)->Get(Family::kVault, "key-0"), StatusIs(absl::StatusCode::kUnavailable));
    EXPECT_THAT((*store)->NewScan(Family::kVault)->status(),
                StatusIs(absl::StatusCode::kUnavailable));
    break;
  }
  return acknowledged;
}

// After the power cut: all acknowledged writes, at most one more, each whole.
void CheckAfterwards(const std::string& path, int acknowledged, uint64_t operation) {
  FaultDisk healthy;  // Not the real disk, only to save the time of its syncs.
  ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksStore(OptionsFor(path, &healthy)));
  bool gone = false;
  for (int i = 0; i < kWrites; ++i) {
    const std::string key = "key-" + std::to_string(i);
    ASSERT_OK_AND_ASSIGN(const std::optional<std::string> one, store->Get(Family::kJournal, key));
    ASSERT_OK_AND_ASSIGN(const std::optional<std::string> two, store->Get(Family::kVault, key));
    EXPECT_EQ(one.has_value(), two.has_value()) << "operation " << operation;
    EXPECT_TRUE(one.has_value() || i >= acknowledged) << "lost write " << i << " at " << operation;
    EXPECT_FALSE(one.has_value() && gone) << "a hole before " << i << " at " << operation;
    EXPECT_FALSE(one.has_value() && i > acknowledged) << "never issued";
    gone = gone || !one.has_value();
  }
}

class StoreFaultTest : public ::testing::TestWithParam<Fault> {};

TEST_P(StoreFaultTest, EveryOperationMayFail) {
  // Making a store is most of the operations; two kinds of fault are enough to try there.
  uint64_t operation = 1;
  if (GetParam() == Fault::kNoSpace || GetParam() == Fault::kTornAppend) {
    const TempDir dir;
    FaultDisk disk;
    ASSERT_THAT(OpenRocksStore(OptionsFor(dir.Sub("store"), &disk)), IsOk());
    operation = disk.operations();
  }
  const uint64_t first = operation;
  for (bool happened = true; happened; ++operation) {
    const TempDir dir;
    FaultDisk disk(operation, /*tear=*/operation % 2 == 0);
    disk.FailAt(operation, GetParam());
    const int acknowledged = RunScenario(dir.Sub("store"), &disk);
    happened = disk.happened();
    EXPECT_TRUE(happened || acknowledged == kWrites);
    disk.PowerCut();
    CheckAfterwards(dir.Sub("store"), acknowledged, operation);
    if (HasFatalFailure()) {
      FAIL() << "operation " << operation;
    }
  }
  EXPECT_GT(operation, first + 2 * kWrites) << "the scenario hardly touched the disk";
}

INSTANTIATE_TEST_SUITE_P(Faults, StoreFaultTest,
                         ::testing::Values(Fault::kIoError, Fault::kNoSpace, Fault::kTornAppend,
                                           Fault::kPowerCut));

TEST(StoreFaultTest, FullDiskIsToldAsSuch) {
  const TempDir dir;
  FaultDisk disk;
  ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksStore(OptionsFor(dir.Sub("store"), &disk)));
  ASSERT_THAT(store->Write(TwoKeys(0)), IsOk());
  disk.FailAt(disk.operations() + 1, Fault::kNoSpace);
  EXPECT_THAT(store->Write(TwoKeys(1)), StatusIs(absl::StatusCode::kResourceExhausted));
}

// Nobody waits for a table that is written in the background; its failure stops the store all the
// same, and what was acknowledged is still in the log.
TEST(StoreFaultTest, BackgroundErrorStopsTheStore) {
  const TempDir dir;
  FaultDisk disk;
  int acknowledged = 0;
  {
    ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksStore(OptionsFor(dir.Sub("store"), &disk)));
    disk.FailAppendsTo(".sst");
    absl::Status written;
    constexpr int kEnough = 40;  // Several write buffers: the store cannot but write a table.
    while (written.ok() && acknowledged < kEnough) {
      Batch batch;
      batch.Put(Family::kVault, "key-" + std::to_string(acknowledged),
                std::string(kValueBytesMax / 2, 'v'));
      written = store->Write(batch);
      acknowledged += written.ok() ? 1 : 0;
    }
    EXPECT_FALSE(written.ok());
    EXPECT_THAT(store->Write(TwoKeys(0)), StatusIs(absl::StatusCode::kUnavailable));
    EXPECT_THAT(store->Get(Family::kVault, "key-0"), StatusIs(absl::StatusCode::kUnavailable));
    disk.PowerCut();
  }
  FaultDisk healthy;
  ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksStore(OptionsFor(dir.Sub("store"), &healthy)));
  for (int i = 0; i < acknowledged; ++i) {
    ASSERT_OK_AND_ASSIGN(const std::optional<std::string> value,
                         store->Get(Family::kVault, "key-" + std::to_string(i)));
    EXPECT_TRUE(value.has_value()) << i << " of " << acknowledged;
  }
}

// The proof that the tests above can fail: without syncs an acknowledged write is lost.
TEST(StoreFaultTest, WithoutSyncsThePowerCutLosesWrites) {
  const TempDir dir;
  FaultDisk disk;
  {
    RocksStoreOptions options = OptionsFor(dir.Sub("store"), &disk);
    options.unsafe_no_sync_for_tests = true;
    ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksStore(options));
    ASSERT_THAT(store->Write(TwoKeys(0)), IsOk());
    disk.PowerCut();
  }
  FaultDisk healthy;
  ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksStore(OptionsFor(dir.Sub("store"), &healthy)));
  ASSERT_OK_AND_ASSIGN(const std::optional<std::string> value, store->Get(Family::kVault, "key-0"));
  EXPECT_FALSE(value.has_value());
}

}  // namespace
}  // namespace ladon::storage
