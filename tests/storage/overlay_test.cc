// Goal: what is decided now sees what was decided a moment ago. Method: a batch over a reader with
// known keys; each of untouched, changed, deleted and new is asked for, and so is a failing reader.
#include "storage/overlay.h"

#include <map>

#include "gtest/gtest.h"
#include "tests/testing/status_testing.h"

namespace ladon::storage {
namespace {

using ::ladon::testing::StatusIs;

class MapReader final : public Reader {
 public:
  std::map<std::string, std::string> values;
  absl::Status status;

  absl::StatusOr<std::optional<std::string>> Get(Family /*family*/,
                                                 std::string_view key) const override {
    if (!status.ok()) {
      return status;
    }
    const auto it = values.find(std::string(key));
    if (it == values.end()) {
      return std::optional<std::string>();
    }
    return std::optional<std::string>(it->second);
  }
};

TEST(OverlayTest, BatchFirstThenBelow) {
  MapReader below;
  below.values = {{"kept", "1"}, {"changed", "2"}, {"deleted", "3"}};
  Batch batch;
  Overlay overlay(&below, &batch);
  overlay.Put(Family::kMeta, "changed", "two");
  overlay.Put(Family::kMeta, "new", "4");
  overlay.Delete(Family::kMeta, "deleted");
  const std::map<std::string, std::optional<std::string>> expected = {
      {"kept", "1"}, {"changed", "two"}, {"deleted", std::nullopt}, {"new", "4"}, {"none", {}}};
  for (const auto& [key, value] : expected) {
    ASSERT_OK_AND_ASSIGN(const std::optional<std::string> found, overlay.Get(Family::kMeta, key));
    EXPECT_EQ(found, value) << key;
  }
}

TEST(OverlayTest, PassesErrorsOnButNotForKeysOfTheBatch) {
  MapReader below;
  below.status = absl::DataLossError("damaged");
  Batch batch;
  Overlay overlay(&below, &batch);
  overlay.Put(Family::kMeta, "here", "1");
  EXPECT_THAT(overlay.Get(Family::kMeta, "below"), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(overlay.Get(Family::kMeta, "here"), ::ladon::testing::IsOk());
}

}  // namespace
}  // namespace ladon::storage
