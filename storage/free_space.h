// Room on the disk, asked before it is needed.
//
// RocksDB as Debian builds it has live asserts, and one of them ends the process inside the engine
// when a flush meets a full disk. So the store stops while there is still room for the engine to
// put its own affairs in order, and can say why.
// Threading: pure functions of the file system.
#ifndef LADON_STORAGE_FREE_SPACE_H_
#define LADON_STORAGE_FREE_SPACE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace ladon::storage {

// Below this much free space nothing is written any more: one full write buffer (32 MiB) can still
// be flushed and its log closed.
inline constexpr uint64_t kFreeBytesMin = uint64_t{64} << 20;

// Of the file system where `path` lies, for whoever is not root; 0 when it cannot be told.
[[nodiscard]] uint64_t FreeBytes(const std::string& path);

// ResourceExhausted: less than kFreeBytesMin is free where `path` lies. Internal: cannot be told.
[[nodiscard]] absl::Status CheckFreeSpace(const std::string& path);

// CheckFreeSpace, and that a file can really be written in directory `path` (quotas and limits on
// file sizes show only then). The trial file is removed again.
[[nodiscard]] absl::Status TryToWrite(const std::string& path);

}  // namespace ladon::storage

#endif  // LADON_STORAGE_FREE_SPACE_H_
