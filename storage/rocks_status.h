// The one place where a RocksDB status becomes ours.
//
// OK -> OK; no space, or over a quota -> ResourceExhausted; corruption -> DataLoss; shut down,
// busy, timed out -> Unavailable; any other I/O error -> Internal; the rest -> Internal.
// Threading: pure function.
#ifndef LADON_STORAGE_ROCKS_STATUS_H_
#define LADON_STORAGE_ROCKS_STATUS_H_

#include <string_view>

#include "absl/status/status.h"

namespace rocksdb {
class Status;
}  // namespace rocksdb

namespace ladon::storage {

// `doing` opens the message: "store write", "store open /var/lib/ladon".
[[nodiscard]] absl::Status FromRocks(const rocksdb::Status& status, std::string_view doing);

}  // namespace ladon::storage

#endif  // LADON_STORAGE_ROCKS_STATUS_H_
