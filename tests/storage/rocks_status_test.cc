// Goal: each kind of RocksDB trouble gets the code that tells the operator what to do.
// Method: one status of each kind.
#include "storage/rocks_status.h"

#include "absl/strings/match.h"
#include "rocksdb/status.h"
#include "tests/testing/status_testing.h"

namespace ladon::storage {
namespace {

using ::ladon::testing::StatusIs;
using rocksdb::Status;

TEST(RocksStatusTest, MapsEveryKind) {
  EXPECT_THAT(FromRocks(Status::OK(), "x"), ::ladon::testing::IsOk());
  const std::pair<Status, absl::StatusCode> cases[] = {
      {Status::NoSpace(), absl::StatusCode::kResourceExhausted},
      {Status::SpaceLimit(), absl::StatusCode::kResourceExhausted},
      {Status::Corruption("sum"), absl::StatusCode::kDataLoss},
      {Status::ShutdownInProgress(), absl::StatusCode::kUnavailable},
      {Status::Busy(), absl::StatusCode::kUnavailable},
      {Status::TimedOut(), absl::StatusCode::kUnavailable},
      {Status::TryAgain(), absl::StatusCode::kUnavailable},
      {Status::IOError("EIO"), absl::StatusCode::kInternal},
      {Status::InvalidArgument("x"), absl::StatusCode::kInternal},
  };
  for (const auto& [from, code] : cases) {
    const absl::Status status = FromRocks(from, "doing this");
    EXPECT_THAT(status, StatusIs(code)) << from.ToString();
    EXPECT_TRUE(absl::StrContains(status.message(), "doing this: ")) << status;
  }
}

}  // namespace
}  // namespace ladon::storage
