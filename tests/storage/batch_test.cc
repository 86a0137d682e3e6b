// Goal: a batch says what will be written: the last change of a key, and an upper bound of bytes.
// Method: a handful of changes, read back by key and in order.
#include "storage/batch.h"

#include "gtest/gtest.h"

namespace ladon::storage {
namespace {

TEST(BatchTest, LastChangeOfAKeyWins) {
  Batch batch;
  EXPECT_TRUE(batch.empty());
  batch.Put(Family::kVault, "a", "1");
  batch.Put(Family::kVault, "a", "2");
  ASSERT_NE(batch.Find(Family::kVault, "a"), nullptr);
  EXPECT_EQ(*batch.Find(Family::kVault, "a"), "2");
  batch.Delete(Family::kVault, "a");
  ASSERT_NE(batch.Find(Family::kVault, "a"), nullptr);
  EXPECT_EQ(*batch.Find(Family::kVault, "a"), std::nullopt);
  EXPECT_EQ(batch.changes().size(), 1u);
}

TEST(BatchTest, SameKeyInTwoFamiliesIsTwoKeys) {
  Batch batch;
  batch.Put(Family::kVault, "a", "1");
  EXPECT_EQ(batch.Find(Family::kMeta, "a"), nullptr);
  EXPECT_EQ(batch.Find(Family::kVault, "b"), nullptr);
}

TEST(BatchTest, BytesNeverFallBelowWhatIsWritten) {
  Batch batch;
  batch.Put(Family::kMeta, "key", std::string(100, 'x'));
  EXPECT_EQ(batch.bytes(), 103u);
  batch.Put(Family::kMeta, "key", "y");
  EXPECT_EQ(batch.bytes(), 107u);
  batch.Delete(Family::kMeta, "other");
  EXPECT_EQ(batch.bytes(), 112u);
}

TEST(BatchTest, AppendsToWhatItPutsAndToNothingElse) {
  Batch batch;
  EXPECT_FALSE(batch.Append(Family::kVault, "a", "1"));
  EXPECT_TRUE(batch.empty());
  batch.Put(Family::kVault, "a", "1");
  EXPECT_TRUE(batch.Append(Family::kVault, "a", "23"));
  EXPECT_EQ(*batch.Find(Family::kVault, "a"), "123");
  EXPECT_EQ(batch.bytes(), 4u);
  EXPECT_FALSE(batch.Append(Family::kMeta, "a", "1"));
  batch.Delete(Family::kVault, "a");
  EXPECT_FALSE(batch.Append(Family::kVault, "a", "4"));
  EXPECT_EQ(*batch.Find(Family::kVault, "a"), std::nullopt);
}

}  // namespace
}  // namespace ladon::storage
