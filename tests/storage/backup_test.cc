// Goal: a backup of a store at work is a prefix of its writes, and comes back whole or not at all.
// Method: real stores; writes and sorted runs go on while backups are made; one is given up, one
// spoilt, one put where something is.
#include "storage/backup.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "storage/rocks_store.h"
#include "tests/testing/status_testing.h"
#include "tests/testing/temp_dir.h"

namespace ladon::storage {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::ladon::testing::TempDir;

class BackupTest : public ::testing::Test {
 protected:
  void SetUp() override { store_ = Open(dir_.Sub("store"), /*create=*/true); }

  static std::unique_ptr<Store> Open(const std::string& path, bool create = false) {
    RocksStoreOptions options{.path = path, .create_if_missing = create};
    options.new_store_id.fill(0x5a);
    absl::StatusOr<std::unique_ptr<Store>> store = OpenRocksStore(options);
    EXPECT_THAT(store.status(), IsOk());
    return store.ok() ? *std::move(store) : nullptr;
  }

  // Two keys in one batch: whoever sees the first without the second sees half a batch.
  void WriteOne(uint64_t number) {
    Batch batch;
    batch.Put(Family::kJournal, absl::StrCat("j", number), std::string(1'000, 'x'));
    batch.Put(Family::kMeta, "last", absl::StrCat(number));
    ASSERT_THAT(store_->Write(batch), IsOk());
  }

  // Checks that `store` holds what was written up to some number, and returns that.
  static uint64_t LastOf(const Store& store) {
    const auto last = store.Get(Family::kMeta, "last");
    EXPECT_TRUE(last.ok() && last->has_value());
    const uint64_t number = std::stoull(**last);
    for (const uint64_t other : {uint64_t{0}, number / 2, number}) {
      EXPECT_TRUE(store.Get(Family::kJournal, absl::StrCat("j", other))->has_value()) << other;
    }
    EXPECT_FALSE(store.Get(Family::kJournal, absl::StrCat("j", number + 1))->has_value());
    return number;
  }

  BackupRequest Request(const std::string& note = "") {
    return {.directory = dir_.Sub("backups"), .note = note};
  }

  TempDir dir_;
  std::unique_ptr<Store> store_;
};

TEST_F(BackupTest, ComesBackWithItsNote) {
  for (uint64_t i = 0; i < 100; ++i) WriteOne(i);
  const std::string note(kBackupNoteBytesMax, '\n');
  ASSERT_OK_AND_ASSIGN(const BackupSummary made, store_->Backup(Request(note)));
  EXPECT_EQ(made.number, 1u);
  EXPECT_GT(made.bytes, 100'000u);
  for (uint64_t i = 100; i < 200; ++i) WriteOne(i);
  ASSERT_OK_AND_ASSIGN(const BackupSummary restored,
                       RestoreBackup(dir_.Sub("backups"), 0, dir_.Sub("restored")));
  EXPECT_EQ(restored.note, note);
  EXPECT_EQ(LastOf(*Open(dir_.Sub("restored"))), 99u);
  EXPECT_THAT(store_->Backup(Request(note + "x")).status(),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(BackupTest, IsAPrefixOfWhatIsWrittenMeanwhile) {
  WriteOne(0);
  std::atomic<bool> stop = false;
  uint64_t written = 1;
  std::thread writer([&] {
    while (!stop) {
      WriteOne(written++);
      if (written % 50 != 0) continue;
      uint64_t at = 0;
      ASSERT_THAT(store_->Load(Family::kOperations,
                               [&, key = std::string(), value = std::string()](
                                   std::string_view* k, std::string_view* v) mutable {
                                 if (at == 100) return false;
                                 key = absl::StrCat("o", written * 1'000 + at++);
                                 value = "x";
                                 *k = key;
                                 *v = value;
                                 return true;
                               }),
                  IsOk());
    }
  });
  for (uint32_t i = 1; i <= 5; ++i) {
    ASSERT_OK_AND_ASSIGN(const BackupSummary made, store_->Backup(Request()));
    EXPECT_EQ(made.number, i);
  }
  stop = true;
  writer.join();
  uint64_t before = 0;
  for (uint32_t i = 1; i <= 5; ++i) {
    const std::string path = dir_.Sub(absl::StrCat("restored", i));
    ASSERT_THAT(RestoreBackup(dir_.Sub("backups"), i, path).status(), IsOk());
    const uint64_t last = LastOf(*Open(path));
    EXPECT_GE(last, before);
    EXPECT_LT(last, written);
    before = last;
  }
}

TEST_F(BackupTest, GivenUpItIsNotThere) {
  for (uint64_t i = 0; i < 10'000; ++i) WriteOne(i);  // 10 MB: progress is told every 4.
  ASSERT_THAT(store_->Backup(Request("first")).status(), IsOk());
  for (uint64_t i = 10'000; i < 20'000; ++i) WriteOne(i);
  BackupRequest request = Request("second");
  uint64_t told = 0;
  request.on_progress = [&told](uint64_t bytes) {
    told = bytes;
    return false;
  };
  EXPECT_FALSE(store_->Backup(request).ok());
  EXPECT_GT(told, 0u);
  ASSERT_OK_AND_ASSIGN(const auto list, ListBackups(dir_.Sub("backups")));
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0].note, "first");
  WriteOne(20'000);  // The store goes on.
  ASSERT_OK_AND_ASSIGN(const BackupSummary third, store_->Backup(Request("third")));
  EXPECT_EQ(third.note, "third");
}

TEST_F(BackupTest, RefusesWhatIsInTheWayOrDamagedOrNotThere) {
  WriteOne(0);
  const std::string backups = dir_.Sub("backups");
  ASSERT_OK_AND_ASSIGN(const auto none, ListBackups(backups));
  EXPECT_TRUE(none.empty());
  EXPECT_THAT(RestoreBackup(backups, 0, dir_.Sub("restored")).status(),
              StatusIs(absl::StatusCode::kNotFound));
  ASSERT_THAT(store_->Backup(Request()).status(), IsOk());
  EXPECT_THAT(RestoreBackup(backups, 2, dir_.Sub("restored")).status(),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(RestoreBackup(backups, 1, dir_.Sub("store")).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  std::filesystem::create_directory(dir_.Sub("restored"));  // Empty: nothing is in the way.
  EXPECT_THAT(RestoreBackup(backups, 1, dir_.Sub("restored")).status(), IsOk());
  size_t spoilt = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(backups)) {
    if (!file.is_regular_file() || file.path().extension() != ".sst") continue;
    std::fstream bytes(file.path(), std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(10);
    bytes.put('\x7f');
    ++spoilt;
  }
  ASSERT_GT(spoilt, 0u);
  EXPECT_THAT(RestoreBackup(backups, 1, dir_.Sub("again")).status(),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_FALSE(std::filesystem::exists(dir_.Sub("again")));
}

}  // namespace
}  // namespace ladon::storage
