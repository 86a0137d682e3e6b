// A file system that forgets what was not synced when the power is cut, and fails on command.
//
// It stands under RocksDB (FaultDisk::env()) over the real one. Writes go through at once, so that
// readers see them; the disk remembers how much of each file was synced, and which names were
// given since their directory was synced. PowerCut() then makes the files what they would be after
// a power loss, and from then on every change fails, as on a machine that is off.
//
// Model. A file keeps its synced bytes and, when tearing is on, a random part of the others; never
// bytes beyond a hole. Names (new files, renames) that were not synced with their directory are
// gone; when tearing is on, a random number of the oldest of them stay. Deletions hold at once.
// Every append, sync, new name and rename counts as one operation.
// Threading: all of it from any thread.
#ifndef LADON_TESTS_TESTING_FAULT_FS_H_
#define LADON_TESTS_TESTING_FAULT_FS_H_

#include <cstdint>
#include <memory>
#include <string>

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace ladon::testing {

enum class Fault {
  kIoError,     // EIO, this once.
  kNoSpace,     // ENOSPC, from now on.
  kTornAppend,  // An append that writes half its bytes and fails; EIO for other operations.
  kPowerCut,
};

class FaultDisk {
 public:
  // `seed` drives tearing.
  explicit FaultDisk(uint64_t seed = 1, bool tear = false);
  ~FaultDisk();

  [[nodiscard]] rocksdb::Env* env();

  // Operations so far.
  [[nodiscard]] uint64_t operations() const;
  // Lets `fault` befall the operation with that number (from 1).
  void FailAt(uint64_t operation, Fault fault);
  // From now on, appends to files with this ending (".sst") fail with EIO, and only they.
  void FailAppendsTo(const std::string& ending);
  // True when the fault asked for has happened.
  [[nodiscard]] bool happened() const;
  // Now. Idempotent.
  void PowerCut();

 private:
  class FileSystem;
  class File;
  std::shared_ptr<FileSystem> fs_;
  std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace ladon::testing

#endif  // LADON_TESTS_TESTING_FAULT_FS_H_
