// Goal: a key that was given out is there for ever or the table says that it is damaged; keys open
// only with the root key, store and epoch they were made for.
// Method: a real table in a temporary directory; its two files are cut, flipped and exchanged.
#include "server/vault/key_table.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/testing/status_testing.h"
#include "tests/testing/temp_dir.h"

namespace ladon::vault {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::ladon::testing::TempDir;
using ::testing::HasSubstr;

constexpr size_t kHeaderBytes = 25;  // As the header of key_table.h counts them.
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
    return KeyTable::Open({.directory = directory_, .store_id = store, .create = create}, root_);
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
  EXPECT_EQ(ReadAll(table_).size(), kHeaderBytes + 3 * kWrappedKeyBytes);
  EXPECT_EQ(ReadAll(epoch_).size(), kHeaderBytes + 24 + 48);
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
  const size_t two = kHeaderBytes + 2 * kWrappedKeyBytes;
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
    newer[4] = 2;
    WriteAll(path, newer);
    ExpectRefused(absl::StatusCode::kInvalidArgument, "version 2");
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
  WriteAll(table_, whole + whole.substr(kHeaderBytes, kWrappedKeyBytes));
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

}  // namespace
}  // namespace ladon::vault
