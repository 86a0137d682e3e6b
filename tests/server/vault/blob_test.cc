// Goal: a sealed record opens in its own place under its own key, and nowhere else.
// Method: seal, then break each thing alone: every byte, the label, the name, the key, the length.
#include "server/vault/blob.h"

#include <set>
#include <string>

#include "tests/testing/status_testing.h"

namespace ladon::vault {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;

constexpr char kLabel[] = "school/subject/1/0";
constexpr char kPlain[] = "Петров Иван, 5А";

KeyName NameOf(uint8_t owner, Purpose purpose = Purpose::kPersonal) {
  KeyName name{.purpose = purpose};
  name.owner.fill(owner);
  return name;
}

TEST(BlobTest, RoundTripsEverySizeUpToTheLimit) {
  const base::SecretKey key = base::SecretKey::Random();
  for (const size_t size : {size_t{0}, size_t{1}, size_t{64}, kBlobBytesMax - kBlobOverheadBytes}) {
    const std::string plain(size, 'x');
    const std::string blob = SealBlob(key, NameOf(1), kLabel, plain);
    EXPECT_EQ(blob.size(), size + kBlobOverheadBytes);
    ASSERT_OK_AND_ASSIGN(const std::string opened, OpenBlob(key, NameOf(1), kLabel, blob));
    EXPECT_EQ(opened, plain);
  }
}

TEST(BlobTest, NeitherShowsItsContentNorRepeatsItself) {
  const base::SecretKey key = base::SecretKey::Random();
  std::set<std::string> blobs;
  for (int i = 0; i < 50; ++i) blobs.insert(SealBlob(key, NameOf(1), kLabel, kPlain));
  EXPECT_EQ(blobs.size(), 50);
  for (const std::string& blob : blobs) EXPECT_EQ(blob.find(kPlain), std::string::npos);
}

TEST(BlobTest, RefusesEveryFlippedByte) {
  const base::SecretKey key = base::SecretKey::Random();
  const std::string blob = SealBlob(key, NameOf(1), kLabel, kPlain);
  for (size_t at = 0; at < blob.size(); ++at) {
    for (const char bit : {'\x01', '\x80'}) {
      std::string broken = blob;
      broken[at] = static_cast<char>(broken[at] ^ bit);
      EXPECT_FALSE(OpenBlob(key, NameOf(1), kLabel, broken).ok()) << "byte " << at;
    }
  }
}

TEST(BlobTest, RefusesEveryOtherLength) {
  const base::SecretKey key = base::SecretKey::Random();
  const std::string blob = SealBlob(key, NameOf(1), kLabel, kPlain);
  for (size_t size = 0; size < blob.size(); ++size) {
    EXPECT_FALSE(OpenBlob(key, NameOf(1), kLabel, blob.substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(OpenBlob(key, NameOf(1), kLabel, blob + "x").ok());
  const std::string too_long = blob + std::string(kBlobBytesMax, 'x');
  EXPECT_THAT(OpenBlob(key, NameOf(1), kLabel, too_long),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(BlobTest, RefusesAnotherPlaceOrKey) {
  const base::SecretKey key = base::SecretKey::Random();
  const std::string blob = SealBlob(key, NameOf(1), kLabel, kPlain);
  EXPECT_THAT(OpenBlob(key, NameOf(1), kLabel, blob), IsOk());
  EXPECT_THAT(OpenBlob(key, NameOf(1), "school/subject/1/1", blob),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(OpenBlob(key, NameOf(2), kLabel, blob), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(OpenBlob(key, NameOf(1, Purpose::kBiometric), kLabel, blob),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(OpenBlob(base::SecretKey::Random(), NameOf(1), kLabel, blob),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST(BlobTest, SaysWhatItCannotRead) {
  const base::SecretKey key = base::SecretKey::Random();
  const std::string blob = SealBlob(key, NameOf(1), kLabel, kPlain);
  std::string newer = blob;
  newer[4] = 2;
  const auto refused = OpenBlob(key, NameOf(1), kLabel, newer);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(refused.status().message()), ::testing::HasSubstr("version 2"));
  for (const size_t at : {size_t{5}, size_t{6}}) {  // Provider, algorithm.
    std::string foreign = blob;
    foreign[at] = 2;
    const auto unknown = OpenBlob(key, NameOf(1), kLabel, foreign);
    EXPECT_THAT(unknown, StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(std::string(unknown.status().message()), ::testing::HasSubstr("provider"));
  }
}

}  // namespace
}  // namespace ladon::vault
