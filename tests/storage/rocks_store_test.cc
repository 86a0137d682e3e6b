// Goal: what the store says is kept is kept, what it cannot open it refuses with its reason, and a
// store of every released format opens. Method: real stores in temporary directories, damaged by
// hand; a golden store in the tree.
#include "storage/rocks_store.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "absl/strings/match.h"
#include "rocksdb/db.h"
#include "tests/testing/status_testing.h"
#include "tests/testing/temp_dir.h"

namespace ladon::storage {
namespace {

namespace fs = std::filesystem;
using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::ladon::testing::TempDir;

RocksStoreOptions NewStore(const std::string& path) {
  RocksStoreOptions options;
  options.path = path;
  options.create_if_missing = true;
  options.new_store_id.fill(0x5a);
  return options;
}

RocksStoreOptions OldStore(const std::string& path) {
  RocksStoreOptions options;
  options.path = path;
  return options;
}

void WriteOne(Store* store, Family family, const std::string& key, const std::string& value) {
  Batch batch;
  batch.Put(family, key, value);
  ASSERT_THAT(store->Write(batch), IsOk());
}

// A store with a few keys, closed again.
void MakeStore(const std::string& path) {
  ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksStore(NewStore(path)));
  for (int i = 0; i < 100; ++i) {
    WriteOne(store.get(), Family::kVault, "key-" + std::to_string(i), std::string(100, 'v'));
  }
}

// The path of some file of the store whose name ends so.
std::string FileOf(const std::string& path, const std::string& ending) {
  for (const auto& file : fs::directory_iterator(path)) {
    if (file.path().string().ends_with(ending) && fs::file_size(file) > 0) {
      return file.path().string();
    }
  }
  ADD_FAILURE() << "no " << ending;
  return "";
}

void FlipByte(const std::string& path, std::streamoff at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(at);
  const char byte = static_cast<char>(file.get() ^ 0x20);
  file.seekp(at);
  file.put(byte);
}

void ExpectRefusal(const std::string& path, absl::StatusCode code, const std::string& advice) {
  const auto store = OpenRocksStore(OldStore(path));
  EXPECT_THAT(store, StatusIs(code));
  EXPECT_TRUE(absl::StrContains(store.status().message(), advice)) << store.status();
}

TEST(RocksStoreTest, KeepsBatchesOverReopening) {
  const TempDir dir;
  const std::string path = dir.Sub("store");
  {
    ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksStore(NewStore(path)));
    EXPECT_EQ(store->store_id(), "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a");
    WriteOne(store.get(), Family::kVault, "a", "1");
    Batch batch;
    batch.Delete(Family::kVault, "a");
    batch.Put(Family::kMeta, "b", "2");
    ASSERT_THAT(store->Write(batch), IsOk());
  }
  RocksStoreOptions again = NewStore(path);
  again.new_store_id.fill(0x11);  // Ignored: the store has its id.
  ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksStore(again));
  EXPECT_EQ(store->store_id(), "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a");
  ASSERT_OK_AND_ASSIGN(std::optional<std::string> value, store->Get(Family::kVault, "a"));
  EXPECT_EQ(value, std::nullopt);
  ASSERT_OK_AND_ASSIGN(value, store->Get(Family::kMeta, "b"));
  EXPECT_EQ(value, "2");
  ASSERT_OK_AND_ASSIGN(value, store->Get(Family::kDirectory, "b"));
  EXPECT_EQ(value, std::nullopt);
}

TEST(RocksStoreTest, ScansASnapshotBothWays) {
  const TempDir dir;
  ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksStore(NewStore(dir.Sub("store"))));
  for (const char* key : {"b", "d", "f"}) {
    WriteOne(store.get(), Family::kDirectory, key, std::string("value ") + key);
  }
  const std::unique_ptr<Scan> scan = store->NewScan(Family::kDirectory);
  WriteOne(store.get(), Family::kDirectory, "c", "after the scan began");
  scan->Seek("c");
  ASSERT_TRUE(scan->Valid());
  EXPECT_EQ(scan->key(), "d");
  EXPECT_EQ(scan->value(), "value d");
  scan->Prev();
  EXPECT_EQ(scan->key(), "b");
  scan->SeekForPrev("e");
  EXPECT_EQ(scan->key(), "d");
  scan->Next();
  EXPECT_EQ(scan->key(), "f");
  scan->Next();
  EXPECT_FALSE(scan->Valid());
  EXPECT_THAT(scan->status(), IsOk());
  scan->SeekForPrev("a");
  EXPECT_FALSE(scan->Valid());
}

TEST(RocksStoreTest, RefusesWhatIsTooLargeAndGoesOn) {
  const TempDir dir;
  ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksStore(NewStore(dir.Sub("store"))));
  Batch largest;
  largest.Put(Family::kVault, std::string(kKeyBytesMax, 'k'), std::string(kValueBytesMax, 'v'));
  EXPECT_THAT(store->Write(largest), IsOk());
  Batch long_key;
  long_key.Put(Family::kVault, std::string(kKeyBytesMax + 1, 'k'), "");
  EXPECT_THAT(store->Write(long_key), StatusIs(absl::StatusCode::kInvalidArgument));
  Batch long_value;
  long_value.Put(Family::kVault, "first", "1");
  long_value.Put(Family::kVault, "k", std::string(kValueBytesMax + 1, 'v'));
  EXPECT_THAT(store->Write(long_value), StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_OK_AND_ASSIGN(const std::optional<std::string> first, store->Get(Family::kVault, "first"));
  EXPECT_EQ(first, std::nullopt);
  WriteOne(store.get(), Family::kVault, "later", "1");
}

TEST(RocksStoreTest, DirectoryIsTheOwnersAlone) {
  const TempDir dir;
  const std::string path = dir.Sub("store");
  MakeStore(path);
  struct stat info = {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0700u);
  ASSERT_EQ(::chmod(path.c_str(), 0750), 0);
  ExpectRefusal(path, absl::StatusCode::kFailedPrecondition, "chmod 700 " + path);
}

TEST(RocksStoreTest, NeedsLeaveAndAnIdToMakeAStore) {
  const TempDir dir;
  ExpectRefusal(dir.Sub("store"), absl::StatusCode::kNotFound, "create a store there first");
  ExpectRefusal(dir.path(), absl::StatusCode::kNotFound, "create a store there");
  RocksStoreOptions nameless = NewStore(dir.Sub("store"));
  nameless.new_store_id.fill(0);
  EXPECT_THAT(OpenRocksStore(nameless), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(OpenRocksStore(NewStore(dir.Sub("store"))), IsOk());
}

TEST(RocksStoreTest, OneProcessAtATime) {
  const TempDir dir;
  const std::string path = dir.Sub("store");
  ASSERT_OK_AND_ASSIGN(auto store, OpenRocksStore(NewStore(path)));
  ExpectRefusal(path, absl::StatusCode::kFailedPrecondition, "another process uses");
  store.reset();
  EXPECT_THAT(OpenRocksStore(OldStore(path)), IsOk());
}

TEST(RocksStoreTest, RefusesANewerFormat) {
  const TempDir dir;
  const std::string path = dir.Sub("store");
  {
    ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksStore(NewStore(path)));
    WriteOne(store.get(), Family::kMeta, "store/format", std::string("\0\0\0\x08", 4));
  }
  ExpectRefusal(path, absl::StatusCode::kFailedPrecondition, "newer program");
}

// Opens `path` with plain RocksDB, every family it has, and lets `change` work on it.
template <class Change>
void WithRocks(const std::string& path, Change change) {
  rocksdb::Options options;
  options.create_if_missing = true;
  std::vector<std::string> names;
  if (!rocksdb::DB::ListColumnFamilies(options, path, &names).ok()) {
    names = {rocksdb::kDefaultColumnFamilyName};
  }
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string& name : names) {
    families.emplace_back(name, options);
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, path, families, &handles, &db).ok());
  change(db, handles);
  for (rocksdb::ColumnFamilyHandle* handle : handles) {
    ASSERT_TRUE(db->DestroyColumnFamilyHandle(handle).ok());
  }
  delete db;
}

TEST(RocksStoreTest, RefusesAnUnknownFamily) {
  const TempDir dir;
  const std::string path = dir.Sub("store");
  MakeStore(path);
  WithRocks(path, [](rocksdb::DB* db, auto& handles) {
    handles.emplace_back();
    ASSERT_TRUE(db->CreateColumnFamily({}, "from_the_future", &handles.back()).ok());
  });
  ExpectRefusal(path, absl::StatusCode::kFailedPrecondition, "unknown family from_the_future");
}

TEST(RocksStoreTest, RefusesALostFamily) {
  const TempDir dir;
  const std::string path = dir.Sub("store");
  MakeStore(path);
  WithRocks(path, [](rocksdb::DB* db, auto& handles) {
    const auto it = std::find_if(handles.begin(), handles.end(),
                                 [](auto* handle) { return handle->GetName() == "vault"; });
    ASSERT_TRUE(db->DropColumnFamily(*it).ok());
  });
  ExpectRefusal(path, absl::StatusCode::kDataLoss, "lacks a family");
  EXPECT_THAT(OpenRocksStore(NewStore(path)), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(RocksStoreTest, RefusesAForeignDatabase) {
  const TempDir dir;
  const std::string path = dir.path();
  WithRocks(path, [](rocksdb::DB* db, auto& /*handles*/) {
    ASSERT_TRUE(db->Put(rocksdb::WriteOptions(), "theirs", "data").ok());
  });
  ExpectRefusal(path, absl::StatusCode::kFailedPrecondition, "not a store of ours");
  EXPECT_THAT(OpenRocksStore(NewStore(path)), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(RocksStoreTest, RefusesALostCurrentFile) {
  const TempDir dir;
  const std::string path = dir.Sub("store");
  MakeStore(path);
  fs::remove(path + "/CURRENT");
  ExpectRefusal(path, absl::StatusCode::kDataLoss, "restore the store from backup");
  EXPECT_THAT(OpenRocksStore(NewStore(path)), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(RocksStoreTest, RefusesALostManifestOrTable) {
  for (const char* ending : {"MANIFEST", ".sst"}) {
    const TempDir dir;
    const std::string path = dir.Sub("store");
    MakeStore(path);
    EXPECT_THAT(OpenRocksStore(OldStore(path)), IsOk());  // Turns the log into a table.
    for (const auto& file : fs::directory_iterator(path)) {
      if (absl::StrContains(file.path().string(), ending)) {
        fs::remove(file.path());
      }
    }
    ExpectRefusal(path, absl::StatusCode::kDataLoss, "restore it from backup");
  }
}

TEST(RocksStoreTest, RefusesADamagedMiddleOfTheLogButDropsATornTail) {
  const TempDir dir;
  MakeStore(dir.Sub("whole"));
  for (const bool torn : {false, true}) {
    const std::string path = dir.Sub(torn ? "torn" : "damaged");
    fs::copy(dir.Sub("whole"), path);
    ASSERT_EQ(::chmod(path.c_str(), 0700), 0);
    const std::string log = FileOf(path, ".log");
    if (!torn) {
      FlipByte(log, static_cast<std::streamoff>(fs::file_size(log) / 2));
      ExpectRefusal(path, absl::StatusCode::kDataLoss, "restore it from backup");
      continue;
    }
    fs::resize_file(log, fs::file_size(log) - 10);
    ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksStore(OldStore(path)));
    ASSERT_OK_AND_ASSIGN(std::optional<std::string> value, store->Get(Family::kVault, "key-98"));
    EXPECT_TRUE(value.has_value());
    ASSERT_OK_AND_ASSIGN(value, store->Get(Family::kVault, "key-99"));
    EXPECT_FALSE(value.has_value());
  }
}

TEST(RocksStoreTest, TellsDamageOfATable) {
  const TempDir dir;
  const std::string path = dir.Sub("store");
  MakeStore(path);
  EXPECT_THAT(OpenRocksStore(OldStore(path)), IsOk());  // Turns the log into a table.
  for (const auto& file : fs::directory_iterator(path)) {
    if (file.path().extension() == ".sst" && fs::file_size(file) > 2'000) {
      FlipByte(file.path().string(), 50);
    }
  }
  const auto store = OpenRocksStore(OldStore(path));
  if (store.ok()) {
    EXPECT_THAT((*store)->Get(Family::kVault, "key-0"), StatusIs(absl::StatusCode::kDataLoss));
    const std::unique_ptr<Scan> scan = (*store)->NewScan(Family::kVault);
    scan->Seek("");
    EXPECT_FALSE(scan->Valid());
    EXPECT_THAT(scan->status(), StatusIs(absl::StatusCode::kDataLoss));
  } else {
    EXPECT_THAT(store, StatusIs(absl::StatusCode::kDataLoss));
  }
}

// What make_golden_store wrote to the families that a store of `version` has.
void ExpectGolden(const Store& store, uint32_t version) {
  EXPECT_EQ(store.store_id(), "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf");
  for (size_t family = 0; family < kFamilyNames.size(); ++family) {
    for (int i = 0; i < 20; ++i) {
      ASSERT_OK_AND_ASSIGN(const std::optional<std::string> value,
                           store.Get(static_cast<Family>(family), "key-" + std::to_string(i)));
      if (kFamilySince[family] <= version) {
        EXPECT_EQ(value, std::string(kFamilyNames[family]) + "-" + std::to_string(i * i));
      } else {
        EXPECT_EQ(value, std::nullopt);
      }
    }
  }
}

std::string CopyOfGolden(const TempDir& dir, const std::string& version) {
  std::string path = dir.Sub("store");
  fs::copy("tests/storage/golden/" + version, path);
  EXPECT_EQ(::chmod(path.c_str(), 0700), 0);
  return path;
}

TEST(RocksStoreTest, OpensTheGoldenStoreOfVersion1AndMakesItOurs) {
  const TempDir dir;
  const std::string path = CopyOfGolden(dir, "v1");
  for (int opening = 0; opening < 2; ++opening) {
    ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksStore(OldStore(path)));
    ExpectGolden(*store, 1);
    ASSERT_OK_AND_ASSIGN(const std::optional<std::string> format,
                         store->Get(Family::kMeta, "store/format"));
    EXPECT_EQ(format, std::string("\0\0\0\7", 4));
    WriteOne(store.get(), Family::kTree, "a tile", "of a new family");
    WriteOne(store.get(), Family::kAccounts, "a page", "of a newer one");
  }
}

TEST(RocksStoreTest, OpensTheGoldenStoresOfLaterVersions) {
  for (const uint32_t version : {2u, 3u, 4u, 5u, 6u, 7u}) {
    const TempDir dir;
    ASSERT_OK_AND_ASSIGN(const auto store,
                         OpenRocksStore(OldStore(CopyOfGolden(dir, absl::StrCat("v", version)))));
    ExpectGolden(*store, version);
  }
}

// After a crash the file of a run may be a second name of a table in use: it must not be written
// over.
TEST(RocksStoreTest, ANameLeftOverFromALoadIsNotWrittenOver) {
  const TempDir dir;
  const std::string path = dir.Sub("store");
  const auto load = [](Store* store, const std::string& prefix) {
    int at = 0;
    std::string key;
    return store->Load(Family::kOperations, [&](std::string_view* k, std::string_view* v) {
      if (at == 100) return false;
      key = prefix + std::to_string(1'000 + at++);
      *k = key;
      *v = "value";
      return true;
    });
  };
  {
    ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksStore(NewStore(path)));
    ASSERT_THAT(load(store.get(), "a"), IsOk());
    fs::create_hard_link(FileOf(path, ".sst"), path + "/load.tmp");
    ASSERT_THAT(load(store.get(), "b"), IsOk());
  }
  ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksStore(OldStore(path)));
  for (const std::string prefix : {"a", "b"}) {
    for (int i = 0; i < 100; ++i) {
      ASSERT_OK_AND_ASSIGN(const auto value,
                           store->Get(Family::kOperations, prefix + std::to_string(1'000 + i)));
      ASSERT_TRUE(value.has_value()) << prefix << i;
    }
  }
  EXPECT_FALSE(fs::exists(path + "/load.tmp"));
}

}  // namespace
}  // namespace ladon::storage
