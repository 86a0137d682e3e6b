#include "storage/rocks_status.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "rocksdb/status.h"

namespace ladon::storage {

absl::Status FromRocks(const rocksdb::Status& status, std::string_view doing) {
  if (status.ok()) {
    return absl::OkStatus();
  }
  const std::string text = absl::StrCat(std::string(doing), ": ", status.ToString());
  // Asked first: both are told as subcodes of other codes.
  if (status.IsNoSpace() || status.subcode() == rocksdb::Status::kSpaceLimit) {
    return absl::ResourceExhaustedError(text);
  }
  switch (status.code()) {
    case rocksdb::Status::kCorruption:
      return absl::DataLossError(text);
    case rocksdb::Status::kShutdownInProgress:
    case rocksdb::Status::kTimedOut:
    case rocksdb::Status::kBusy:
    case rocksdb::Status::kTryAgain:
      return absl::UnavailableError(text);
    default:
      return absl::InternalError(text);
  }
}

}  // namespace ladon::storage
