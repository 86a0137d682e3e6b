// What a store's directory may look like before RocksDB is let in: its mode, and whether its files
// are a store, the beginning of one, or something else altogether.
//
// Why look first: RocksDB makes a new database where it finds no CURRENT file, even beside the
// logs of a lost one, and it does not mind a directory that everybody can read.
// Threading: pure functions of the file system; nobody else should touch the directory meanwhile.
#ifndef LADON_STORAGE_STORE_DIRECTORY_H_
#define LADON_STORAGE_STORE_DIRECTORY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace ladon::storage {

enum class DirectoryState {
  kEmpty,  // Nothing, or what a creation that was cut short leaves behind: no store was ever here.
  kStore,  // A CURRENT file: RocksDB may open it.
};

// Makes `path` with mode 0700 when it is not there; makes no parents.
// FailedPrecondition: the parent is missing or forbids it.
[[nodiscard]] absl::Status MakeDirectory(const std::string& path);

// NotFound: no such directory. FailedPrecondition: not a directory, readable by group or others,
// or files of somebody else lie in it. DataLoss: files of a store, but not the one that names them.
// Each message says what to do.
[[nodiscard]] absl::StatusOr<DirectoryState> InspectDirectory(const std::string& path);

}  // namespace ladon::storage

#endif  // LADON_STORAGE_STORE_DIRECTORY_H_
