// Goal: a key that was given out is there for ever or the table says that it is damaged; keys open
// only with the root key, store and epoch they were made for.
// Method: a real table in a temporary directory; its two files are cut, flipped and exchanged.
#include "server/vault/key_table.h"

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <thread>

#include "tests/testing/status_testing.h"
#include "tests/testing/temp_dir.h"

namespace ladon::vault {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::ladon::testing::TempDir;
using ::testing::HasSubstr;

constexpr size_t kHeaderBytes = 27;       // As key_format.h counts them: that of the table,
constexpr size_t kEpochHeaderBytes = 35;  // and that of the epoch key.
constexpr uint64_t kBegin = 1'700'000'000'000'000'000;
constexpr char kStore[] = "store-0123456789";

std::string ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void WriteAll(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

KeyName NameOf(uint8_t owner, Purpose purpose = Purpose::kPersonal) {
  KeyName name{.purpose = purpose};
  name.owner.fill(owner);
  return name;
}

std::string BytesOf(const base::SecretKey& key) {
  const auto bytes = key.RevealForCrypto();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class KeyTableTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<KeyTable>> Open(bool create = false,
                                                 const std::string& store = kStore) const {
    return KeyTable::Open(
        {.directory = directory_, .store_id = store, .create = create, .now_ns = kBegin},
        RootKey([this] { return root_.Clone(); }));
  }
  // A table with three keys; returns the bytes of the first.
  std::string MakeTable() const {
    const auto table = Open(true);
    EXPECT_THAT(table, IsOk());
    std::string first;
    for (uint8_t owner = 1; owner <= 3; ++owner) {
      const auto key = (*table)->FindOrCreate(NameOf(owner));
      EXPECT_THAT(key, IsOk());
      if (owner == 1) first = BytesOf(*key);
    }
    return first;
  }
  void ExpectRefused(absl::StatusCode code, const std::string& text, bool create = false) const {
    const auto table = Open(create);
    EXPECT_THAT(table, StatusIs(code));
    EXPECT_THAT(std::string(table.status().message()), HasSubstr(text));
  }

  const TempDir dir_;
  const std::string directory_ = dir_.Sub("keys");
  const std::string table_ = directory_ + "/wrapped.table";
  const std::string epoch_ = directory_ + "/epoch.key";
  base::SecretKey root_ = base::SecretKey::Random();
};

TEST_F(KeyTableTest, KeepsEveryKeyOverAReopen) {
  std::string personal;
  std::string biometric;
  {
    ASSERT_OK_AND_ASSIGN(const auto table, Open(true));
    EXPECT_THAT(table->Find(NameOf(1)), StatusIs(absl::StatusCode::kNotFound));
    ASSERT_OK_AND_ASSIGN(const auto first, table->FindOrCreate(NameOf(1)));
    ASSERT_OK_AND_ASSIGN(const auto again, table->FindOrCreate(NameOf(1)));
    EXPECT_EQ(BytesOf(first), BytesOf(again));
    ASSERT_OK_AND_ASSIGN(const auto other, table->FindOrCreate(NameOf(1, Purpose::kBiometric)));
    personal = BytesOf(first);
    biometric = BytesOf(other);
    EXPECT_NE(personal, biometric);
    EXPECT_EQ(table->size(), 2);
  }
  ASSERT_OK_AND_ASSIGN(const auto table, Open());
  EXPECT_EQ(table->size(), 2);
  ASSERT_OK_AND_ASSIGN(const auto first, table->Find(NameOf(1)));
  ASSERT_OK_AND_ASSIGN(const auto other, table->Find(NameOf(1, Purpose::kBiometric)));
  EXPECT_EQ(BytesOf(first), personal);
  EXPECT_EQ(BytesOf(other), biometric);
}

TEST_F(KeyTableTest, FilesShowNoKeyAndHaveTheDocumentedSizes) {
  const std::string first = MakeTable();
  EXPECT_EQ(ReadAll(table_).size(), kHeaderBytes + 3 * kKeyRecordBytes);
  EXPECT_EQ(ReadAll(epoch_).size(), kEpochHeaderBytes + 24 + 48);
  EXPECT_EQ(ReadAll(table_).find(first), std::string::npos);
  for (const std::string& path : {table_, epoch_}) {
    struct stat info {};
    ASSERT_EQ(stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777, 0600) << path;
  }
}

TEST_F(KeyTableTest, CutsATornTailAndGoesOn) {
  const std::string first = MakeTable();
  const std::string whole = ReadAll(table_);
  const size_t two = kHeaderBytes + 2 * kKeyRecordBytes;
  for (size_t size = two; size < whole.size(); ++size) {
    WriteAll(table_, whole.substr(0, size));
    ASSERT_OK_AND_ASSIGN(const auto table, Open());
    EXPECT_EQ(table->size(), 2) << size;
    EXPECT_EQ(ReadAll(table_).size(), two);
    ASSERT_OK_AND_ASSIGN(const auto kept, table->Find(NameOf(1)));
    EXPECT_EQ(BytesOf(kept), first);
    EXPECT_THAT(table->FindOrCreate(NameOf(9)), IsOk());
    ASSERT_OK_AND_ASSIGN(const auto later, Open());
    EXPECT_THAT(later->Find(NameOf(9)), IsOk());
  }
}

TEST_F(KeyTableTest, RefusesATableCutInItsHeader) {
  MakeTable();
  const std::string whole = ReadAll(table_);
  for (size_t size = 0; size < kHeaderBytes; ++size) {
    WriteAll(table_, whole.substr(0, size));
    ExpectRefused(absl::StatusCode::kInvalidArgument, "restore the keys directory");
  }
}

TEST_F(KeyTableTest, RefusesEveryFlippedByteOfTheTable) {
  MakeTable();
  const std::string whole = ReadAll(table_);
  for (size_t at = 0; at < whole.size(); ++at) {
    std::string broken = whole;
    broken[at] = static_cast<char>(broken[at] ^ 0x20);
    WriteAll(table_, broken);
    EXPECT_FALSE(Open().ok()) << "byte " << at;
    EXPECT_EQ(ReadAll(table_), broken) << "a refused table is left as it is";
  }
}

TEST_F(KeyTableTest, RefusesEveryFlippedByteAndEveryCutOfTheEpochKey) {
  MakeTable();
  const std::string whole = ReadAll(epoch_);
  for (size_t at = 0; at < whole.size(); ++at) {
    std::string broken = whole;
    broken[at] = static_cast<char>(broken[at] ^ 0x20);
    WriteAll(epoch_, broken);
    EXPECT_FALSE(Open().ok()) << "byte " << at;
    WriteAll(epoch_, whole.substr(0, at));
    EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kInvalidArgument)) << "cut at " << at;
  }
  WriteAll(epoch_, whole + "x");
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(KeyTableTest, RefusesANewerVersionOfEitherFile) {
  MakeTable();
  for (const std::string& path : {table_, epoch_}) {
    const std::string whole = ReadAll(path);
    std::string newer = whole;
    newer[4] = 3;
    WriteAll(path, newer);
    ExpectRefused(absl::StatusCode::kInvalidArgument, "version 3");
    WriteAll(path, whole);
  }
}

TEST_F(KeyTableTest, RefusesTheKeysOfAnotherStoreOrRoot) {
  MakeTable();
  const auto other = Open(true, "store-of-another");
  EXPECT_THAT(other, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(other.status().message()), HasSubstr("another store"));
  root_ = base::SecretKey::Random();
  ExpectRefused(absl::StatusCode::kInvalidArgument, "another installation's");
}

TEST_F(KeyTableTest, RefusesFilesOfDifferentEpochs) {
  MakeTable();
  std::string table = ReadAll(table_);
  table[kHeaderBytes - 1] = 2;
  WriteAll(table_, table);
  ExpectRefused(absl::StatusCode::kInvalidArgument, "epoch 2");
}

TEST_F(KeyTableTest, RefusesTheSameKeyTwice) {
  MakeTable();
  const std::string whole = ReadAll(table_);
  WriteAll(table_, whole + whole.substr(kHeaderBytes, kKeyRecordBytes));
  ExpectRefused(absl::StatusCode::kInvalidArgument, "key 3 is damaged");
}

TEST_F(KeyTableTest, WithoutCreateNothingIsMade) {
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_FALSE(std::filesystem::exists(directory_));
  ASSERT_TRUE(std::filesystem::create_directory(directory_));
  ASSERT_EQ(chmod(directory_.c_str(), 0700), 0);
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_TRUE(std::filesystem::is_empty(directory_));
}

TEST_F(KeyTableTest, RefusesAMissingFile) {
  MakeTable();
  std::filesystem::rename(table_, directory_ + "/aside");
  ExpectRefused(absl::StatusCode::kNotFound, "wrapped.table is missing");
  std::filesystem::rename(directory_ + "/aside", table_);
  std::filesystem::remove(epoch_);
  ExpectRefused(absl::StatusCode::kNotFound, "epoch.key is missing");
  // Not even a start that may create things makes a new epoch key over keys that are wrapped.
  ExpectRefused(absl::StatusCode::kNotFound, "epoch.key is missing", true);
  EXPECT_FALSE(std::filesystem::exists(epoch_));
}

TEST_F(KeyTableTest, FinishesACreationThatWasCutShort) {
  { ASSERT_THAT(Open(true), IsOk()); }
  std::filesystem::remove(epoch_);  // A crash between the two files leaves this.
  ASSERT_OK_AND_ASSIGN(const auto table, Open(true));
  EXPECT_THAT(table->FindOrCreate(NameOf(1)), IsOk());
}

TEST_F(KeyTableTest, RefusesWhatOthersCanReadAndSaysWhatToRun) {
  MakeTable();
  ASSERT_EQ(chmod(directory_.c_str(), 0750), 0);
  ExpectRefused(absl::StatusCode::kFailedPrecondition, "run chmod 0700 " + directory_);
  ASSERT_EQ(chmod(directory_.c_str(), 0700), 0);
  for (const std::string& path : {table_, epoch_}) {
    ASSERT_EQ(chmod(path.c_str(), 0640), 0);
    ExpectRefused(absl::StatusCode::kFailedPrecondition, "run chmod 0600 " + path);
    ASSERT_EQ(chmod(path.c_str(), 0600), 0);
  }
  EXPECT_THAT(Open(), IsOk());
}

TEST_F(KeyTableTest, ARotationKeepsEveryKeyAndTheOldEpochOpensNothing) {
  const std::string first = MakeTable();
  const std::string old_table = ReadAll(table_);
  const std::string old_epoch = ReadAll(epoch_);
  ASSERT_OK_AND_ASSIGN(const auto table, Open());
  ASSERT_THAT(table->Rotate(kBegin + 1), IsOk());
  EXPECT_EQ(table->state().epoch, 2);
  EXPECT_EQ(table->state().begun_at_ns, kBegin + 1);
  EXPECT_FALSE(table->state().rotation_begun);
  EXPECT_THAT(table->FindOrCreate(NameOf(7)), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto again, Open());
  EXPECT_EQ(again->size(), 4);
  EXPECT_EQ(again->state().begun_at_ns, kBegin + 1);
  ASSERT_OK_AND_ASSIGN(const auto kept, again->Find(NameOf(1)));
  EXPECT_EQ(BytesOf(kept), first);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_), {}), 2);
  // Today's key with yesterday's table, and the reverse.
  const std::string new_epoch = ReadAll(epoch_);
  WriteAll(table_, old_table);
  EXPECT_FALSE(Open().ok());
  WriteAll(epoch_, old_epoch);
  EXPECT_THAT(Open(), IsOk()) << "both of one epoch";
  WriteAll(epoch_, new_epoch);
  EXPECT_FALSE(Open().ok());
}

TEST_F(KeyTableTest, ADestroyedKeyIsGoneAndItsNameIsRemembered) {
  const std::string first = MakeTable();
  const KeyName names[] = {NameOf(1), NameOf(9)};
  {
    ASSERT_OK_AND_ASSIGN(const auto table, Open());
    ASSERT_THAT(table->Destroy(names, kBegin + 5), IsOk());
    EXPECT_THAT(table->Find(NameOf(1)), StatusIs(absl::StatusCode::kNotFound));
    EXPECT_FALSE(table->DestructionOf(NameOf(9))) << "there was none";
    EXPECT_EQ(table->Destroyed(), std::set<KeyName>{NameOf(1)});
  }
  for (int rotations = 0; rotations < 3; ++rotations) {
    ASSERT_OK_AND_ASSIGN(const auto table, Open());
    EXPECT_THAT(table->Find(NameOf(1)), StatusIs(absl::StatusCode::kNotFound));
    ASSERT_TRUE(table->DestructionOf(NameOf(1)));
    EXPECT_EQ(table->DestructionOf(NameOf(1))->epoch, 1);
    EXPECT_EQ(table->DestructionOf(NameOf(1))->at_ns, kBegin + 5);
    EXPECT_EQ(table->size(), 2);
    ASSERT_THAT(table->Rotate(kBegin + 10), IsOk());
    EXPECT_EQ(ReadAll(table_).size(), kHeaderBytes + 3 * kKeyRecordBytes);
  }
  ASSERT_OK_AND_ASSIGN(const auto table, Open());
  ASSERT_OK_AND_ASSIGN(const auto fresh, table->FindOrCreate(NameOf(1)));
  EXPECT_NE(BytesOf(fresh), first) << "a destroyed key never comes back";
  ASSERT_THAT(table->Rotate(kBegin + 11), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto reopened, Open());
  ASSERT_OK_AND_ASSIGN(const auto same, reopened->Find(NameOf(1)));
  EXPECT_EQ(BytesOf(same), BytesOf(fresh));
  EXPECT_TRUE(reopened->DestructionOf(NameOf(1))) << "and that one was destroyed stays known";
}

// A crash at any point of a rotation leaves a directory that opens with every key, and the next
// rotation ends. Points are made by ending the attempt after each chunk, and by the renames.
TEST_F(KeyTableTest, ARotationThatWasCutShortGoesOnOrIsFinished) {
  constexpr uint16_t kKeys = 3'000;  // Three chunks.
  std::map<uint16_t, std::string> keys;
  const auto name_of = [](uint16_t number) {
    KeyName name{.purpose = Purpose::kPersonal};
    name.owner[0] = static_cast<uint8_t>(number >> 8);
    name.owner[1] = static_cast<uint8_t>(number & 0xFF);
    name.owner[2] = 1;
    return name;
  };
  {
    ASSERT_OK_AND_ASSIGN(const auto table, Open(true));
    for (uint16_t i = 0; i < kKeys; ++i) {
      ASSERT_OK_AND_ASSIGN(const auto key, table->FindOrCreate(name_of(i)));
      keys[i] = BytesOf(key);
    }
  }
  const auto expect_all = [&](const KeyTable& table) {
    for (const auto& [number, bytes] : keys) {
      ASSERT_OK_AND_ASSIGN(const auto key, table.Find(name_of(number)));
      ASSERT_EQ(BytesOf(key), bytes) << number;
    }
    EXPECT_EQ(table.size(), keys.size());
  };
  for (int chunks = 0; chunks < 3; ++chunks) {
    ASSERT_OK_AND_ASSIGN(const auto table, Open());
    int calls = 0;
    EXPECT_THAT(table->Rotate(kBegin + 1,
                              [&](size_t, size_t) { return calls++ < 8 * std::min(chunks, 1); }),
                StatusIs(absl::StatusCode::kCancelled));
    EXPECT_TRUE(table->state().rotation_begun);
    expect_all(*table);
    // Behind the attempt's back: one key goes, one comes, one goes and comes again.
    const auto gone = static_cast<uint16_t>(chunks * 10);
    const KeyName names[] = {name_of(gone), name_of(gone + 1)};
    ASSERT_THAT(table->Destroy(names, kBegin + 2), IsOk());
    keys.erase(gone);
    for (const uint16_t number :
         {static_cast<uint16_t>(gone + 1), static_cast<uint16_t>(kKeys + chunks)}) {
      ASSERT_OK_AND_ASSIGN(const auto key, table->FindOrCreate(name_of(number)));
      keys[number] = BytesOf(key);
    }
  }
  {
    ASSERT_OK_AND_ASSIGN(const auto table, Open());
    EXPECT_TRUE(table->state().rotation_begun);
    expect_all(*table);
    std::string torn = ReadAll(table_ + ".next");
    WriteAll(table_ + ".next", torn + "torn");
    size_t at_first = 0;
    ASSERT_THAT(table->Rotate(kBegin + 3,
                              [&](size_t done, size_t) {
                                if (at_first == 0) at_first = done;
                                return true;
                              }),
                IsOk());
    EXPECT_GE(at_first, 2'000) << "it went on";
    EXPECT_EQ(table->state().begun_at_ns, kBegin + 1) << "the epoch of the first attempt";
    expect_all(*table);
  }
  ASSERT_OK_AND_ASSIGN(const auto reopened, Open());
  EXPECT_EQ(reopened->state().epoch, 2);
  expect_all(*reopened);
}

// A destroyed key that the attempt had wrapped makes it write its file anew; the crash comes in the
// middle of that, at every length the file then had, with zeros or without.
TEST_F(KeyTableTest, ANextTableCutWhileItWasWrittenAnewIsBegunAgain) {
  const std::string first = MakeTable();
  uint32_t epoch = 1;
  for (size_t bytes = 0; bytes <= kHeaderBytes; ++bytes) {
    for (const bool zeros : {true, false}) {
      ASSERT_OK_AND_ASSIGN(const auto table, Open());
      ASSERT_THAT(table->Rotate(kBegin + 1, [](size_t, size_t) { return false; }),
                  StatusIs(absl::StatusCode::kCancelled));
      std::string next = ReadAll(table_ + ".next").substr(0, bytes);
      if (zeros) std::ranges::fill(next, '\0');
      WriteAll(table_ + ".next", next);
      ASSERT_OK_AND_ASSIGN(const auto again, Open());
      ASSERT_THAT(again->Rotate(kBegin + 2), IsOk());
      ASSERT_OK_AND_ASSIGN(const auto reopened, Open());
      EXPECT_EQ(reopened->state().epoch, ++epoch);
      ASSERT_OK_AND_ASSIGN(const auto key, reopened->Find(NameOf(1)));
      EXPECT_EQ(BytesOf(key), first);
    }
  }
}

// What is destroyed after it was wrapped is not under the new epoch, and everything else is.
TEST_F(KeyTableTest, AKeyDestroyedAfterItWasWrappedIsNotCarriedOver) {
  MakeTable();
  ASSERT_OK_AND_ASSIGN(const auto table, Open());
  bool destroyed = false;
  // More than one chunk, as it is asked before each.
  for (uint8_t owner = 10; owner < 200; ++owner) {
    ASSERT_THAT(table->FindOrCreate(NameOf(owner)), IsOk());
  }
  ASSERT_THAT(table->Rotate(kBegin + 1,
                            [&](size_t done, size_t) {
                              if (done > 0 && !destroyed) {
                                const KeyName names[] = {NameOf(1)};
                                EXPECT_THAT(table->Destroy(names, kBegin), IsOk());
                                destroyed = true;
                              }
                              return true;
                            }),
              IsOk());
  ASSERT_TRUE(destroyed);
  ASSERT_OK_AND_ASSIGN(const auto again, Open());
  EXPECT_EQ(again->size(), 192);
  EXPECT_THAT(again->Find(NameOf(1)), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_TRUE(again->DestructionOf(NameOf(1)));
  ASSERT_THAT(again->Find(NameOf(2)), IsOk());
  ASSERT_THAT(again->Find(NameOf(199)), IsOk());
}

TEST_F(KeyTableTest, ACrashBetweenTheTwoRenamesIsFinished) {
  const std::string first = MakeTable();
  const std::string old_epoch = ReadAll(epoch_);
  {
    ASSERT_OK_AND_ASSIGN(const auto table, Open());
    ASSERT_THAT(table->Rotate(kBegin + 4), IsOk());
  }
  // The table is of epoch 2, its key still called .next.
  std::filesystem::rename(epoch_, epoch_ + ".next");
  WriteAll(epoch_, old_epoch);
  ASSERT_EQ(chmod(epoch_.c_str(), 0600), 0);
  ASSERT_OK_AND_ASSIGN(const auto table, Open());
  EXPECT_EQ(table->state().epoch, 2);
  EXPECT_FALSE(std::filesystem::exists(epoch_ + ".next"));
  ASSERT_OK_AND_ASSIGN(const auto kept, table->Find(NameOf(1)));
  EXPECT_EQ(BytesOf(kept), first);
}

TEST_F(KeyTableTest, KeysAreFoundMadeAndDestroyedWhileItRotates) {
  MakeTable();
  ASSERT_OK_AND_ASSIGN(const auto table, Open());
  std::atomic<bool> stop = false;
  std::map<uint8_t, std::string> made;
  std::thread others([&] {
    for (uint8_t owner = 10; owner < 200; ++owner) {
      const auto key = table->FindOrCreate(NameOf(owner));
      ASSERT_THAT(key, IsOk());
      made[owner] = BytesOf(*key);
      if (owner % 3 == 0) {
        const KeyName name[] = {NameOf(owner)};
        ASSERT_THAT(table->Destroy(name, kBegin), IsOk());
        made.erase(owner);
      }
      ASSERT_THAT(table->Find(NameOf(2)), IsOk());
    }
    stop = true;
  });
  while (!stop) ASSERT_THAT(table->Rotate(kBegin), IsOk());
  others.join();
  ASSERT_OK_AND_ASSIGN(const auto again, Open());
  EXPECT_EQ(again->size(), 3 + made.size());
  for (const auto& [owner, bytes] : made) {
    ASSERT_OK_AND_ASSIGN(const auto key, again->Find(NameOf(owner)));
    EXPECT_EQ(BytesOf(key), bytes);
  }
}

TEST_F(KeyTableTest, TheStandbyCopyOpensAndTheLastOneIsReplaced) {
  const std::string first = MakeTable();
  const std::string standby = dir_.Sub("standby");
  ASSERT_OK_AND_ASSIGN(const auto table, Open());
  ASSERT_OK_AND_ASSIGN(const uint64_t version, table->CopyTo(standby));
  EXPECT_EQ(version, table->state().version);
  const KeyName names[] = {NameOf(2)};
  ASSERT_THAT(table->Destroy(names, kBegin), IsOk());
  ASSERT_THAT(table->Rotate(kBegin + 1), IsOk());
  ASSERT_OK_AND_ASSIGN(const uint64_t later, table->CopyTo(standby));
  EXPECT_GT(later, version);
  ASSERT_OK_AND_ASSIGN(const auto copy, KeyTable::Open({.directory = standby, .store_id = kStore},
                                                       RootKey([this] { return root_.Clone(); })));
  EXPECT_EQ(copy->state().epoch, 2);
  EXPECT_EQ(copy->size(), 2);
  EXPECT_TRUE(copy->DestructionOf(NameOf(2)));
  ASSERT_OK_AND_ASSIGN(const auto kept, copy->Find(NameOf(1)));
  EXPECT_EQ(BytesOf(kept), first);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(standby), {}), 2);
}

TEST_F(KeyTableTest, RefusesEveryFlippedByteOfADestruction) {
  MakeTable();
  {
    ASSERT_OK_AND_ASSIGN(const auto table, Open());
    const KeyName names[] = {NameOf(2)};
    ASSERT_THAT(table->Destroy(names, kBegin), IsOk());
  }
  const std::string whole = ReadAll(table_);
  for (size_t at = whole.size() - kKeyRecordBytes; at < whole.size(); ++at) {
    std::string broken = whole;
    broken[at] = static_cast<char>(broken[at] ^ 0x20);
    WriteAll(table_, broken);
    EXPECT_FALSE(Open().ok()) << "byte " << at;
  }
}

// What an earlier version of the program left.
TEST_F(KeyTableTest, OpensTheFirstFormatAndRotatesIntoThisOne) {
  ASSERT_TRUE(std::filesystem::create_directory(directory_));
  ASSERT_EQ(chmod(directory_.c_str(), 0700), 0);
  const KeyHead head{.version = 1, .epoch = 5};
  const std::string epoch_head = EncodeHead(KeyFile::kEpochKey, head, kStore);
  ASSERT_EQ(epoch_head.size(), 25);
  const Epoch epoch{.head = head, .key = base::SecretKey::Random()};
  const base::SecretKey data_key = base::SecretKey::Random();
  WriteAll(epoch_, epoch_head + SealKey(root_, epoch_head, epoch.key));
  WriteAll(table_, EncodeHead(KeyFile::kTable, head, kStore) +
                       EncodeKeyRecord(NameOf(1), Wrap(epoch, NameOf(1), data_key)));
  for (const std::string& path : {table_, epoch_}) ASSERT_EQ(chmod(path.c_str(), 0600), 0);
  for (int opened = 0; opened < 2; ++opened) {
    ASSERT_OK_AND_ASSIGN(const auto table, Open());
    ASSERT_OK_AND_ASSIGN(const auto key, table->Find(NameOf(1)));
    EXPECT_EQ(BytesOf(key), BytesOf(data_key));
    EXPECT_EQ(table->state().begun_at_ns, opened == 0 ? 0 : kBegin);
    if (opened == 0) {
      EXPECT_THAT(table->Rotate(kBegin), IsOk());
    }
  }
  EXPECT_EQ(ReadAll(epoch_)[4], 2);
}

}  // namespace
}  // namespace ladon::vault
