#include "tests/testing/fault_fs.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "rocksdb/env.h"
#include "rocksdb/file_system.h"

namespace ladon::testing {
namespace {

using rocksdb::FileOptions;
using rocksdb::FSDirectory;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

std::string Normal(const std::string& path) {
  return std::filesystem::path(path).lexically_normal().string();
}

std::string Parent(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

std::optional<std::string> ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return std::nullopt;
  }
  return std::string(std::istreambuf_iterator<char>(in), {});
}

struct FileState {
  uint64_t size = 0;
  uint64_t synced = 0;
};

// A name given or moved since its directory was synced.
struct NameChange {
  std::string from;  // Empty: the file was created.
  std::string to;
  std::optional<std::string> replaced;  // What lay under `to` before the rename.
};

}  // namespace

class FaultDisk::FileSystem final : public rocksdb::FileSystemWrapper {
 public:
  FileSystem(uint64_t seed, bool tear)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), random_(seed), tear_(tear) {}

  [[nodiscard]] const char* Name() const override { return "LadonFaultFileSystem"; }

  IOStatus NewWritableFile(const std::string& name, const FileOptions& options,
                           std::unique_ptr<FSWritableFile>* file, IODebugContext* debug) override;
  IOStatus ReopenWritableFile(const std::string& name, const FileOptions& options,
                              std::unique_ptr<FSWritableFile>* file,
                              IODebugContext* debug) override;
  IOStatus NewDirectory(const std::string& name, const IOOptions& options,
                        std::unique_ptr<FSDirectory>* directory, IODebugContext* debug) override;
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* debug) override;
  IOStatus LinkFile(const std::string& from, const std::string& to, const IOOptions& options,
                    IODebugContext* debug) override;
  IOStatus DeleteFile(const std::string& name, const IOOptions& options,
                      IODebugContext* debug) override;

  void FailAppendsTo(const std::string& ending) {
    const std::lock_guard lock(mutex_);
    bad_ending_ = ending;
  }
  bool IsBad(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    return !bad_ending_.empty() && name.ends_with(bad_ending_);
  }
  // Counts an operation and tells whether it fails. `torn` is set when half of it should happen.
  IOStatus Step(bool* torn = nullptr);
  void Appended(const std::string& name, uint64_t bytes);
  void WrittenAt(const std::string& name, uint64_t offset, uint64_t bytes);
  void Truncated(const std::string& name, uint64_t size);
  void Synced(const std::string& name);
  void DirectorySynced(const std::string& name);

  void FailAt(uint64_t operation, Fault fault) {
    const std::lock_guard lock(mutex_);
    fail_at_ = operation;
    fault_ = fault;
  }
  uint64_t operations() const {
    const std::lock_guard lock(mutex_);
    return operations_;
  }
  bool happened() const {
    const std::lock_guard lock(mutex_);
    return happened_;
  }
  void PowerCut() {
    const std::lock_guard lock(mutex_);
    PowerCutLocked();
  }

 private:
  static IOStatus OffError() { return IOStatus::IOError("the power is off"); }

  void PowerCutLocked();
  void UndoNames();

  mutable std::mutex mutex_;
  std::mt19937_64 random_;
  const bool tear_;
  bool off_ = false;
  bool full_ = false;
  bool happened_ = false;
  uint64_t operations_ = 0;
  uint64_t fail_at_ = 0;  // 0 = never.
  Fault fault_ = Fault::kIoError;
  std::string bad_ending_;
  std::map<std::string, FileState> files_;
  std::vector<NameChange> names_;  // Oldest first.
};

// Forwards to the real file and reports to the disk.
class FaultDisk::File final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  File(std::unique_ptr<FSWritableFile> file, std::string name, FileSystem* disk)
      : FSWritableFileOwnerWrapper(std::move(file)), name_(std::move(name)), disk_(disk) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    bool torn = false;
    const IOStatus failed = disk_->Step(&torn);
    if (disk_->IsBad(name_)) {
      return IOStatus::IOError("this file cannot be written");
    }
    const Slice written(data.data(), torn ? data.size() / 2 : data.size());
    if (!failed.ok() && !torn) {
      return failed;
    }
    IOStatus status = FSWritableFileOwnerWrapper::Append(written, options, debug);
    if (status.ok()) {
      disk_->Appended(name_, written.size());
    }
    return failed.ok() ? status : failed;
  }
  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& /*checksum*/,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  // Direct writes are of whole blocks; the last one comes again when there is more in it.
  IOStatus PositionedAppend(const Slice& data, uint64_t offset, const IOOptions& options,
                            IODebugContext* debug) override {
    bool torn = false;
    const IOStatus failed = disk_->Step(&torn);
    if (disk_->IsBad(name_)) {
      return IOStatus::IOError("this file cannot be written");
    }
    const size_t block = GetRequiredBufferAlignment();
    const Slice written(data.data(), torn ? data.size() / 2 / block * block : data.size());
    if (!failed.ok() && !torn) {
      return failed;
    }
    IOStatus status = written.empty() ? IOStatus::OK()
                                      : FSWritableFileOwnerWrapper::PositionedAppend(
                                            written, offset, options, debug);
    if (status.ok()) {
      disk_->WrittenAt(name_, offset, written.size());
    }
    return failed.ok() ? status : failed;
  }
  IOStatus PositionedAppend(const Slice& data, uint64_t offset, const IOOptions& options,
                            const rocksdb::DataVerificationInfo& /*checksum*/,
                            IODebugContext* debug) override {
    return PositionedAppend(data, offset, options, debug);
  }
  IOStatus Truncate(uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    if (IOStatus failed = disk_->Step(); !failed.ok()) {
      return failed;
    }
    IOStatus status = FSWritableFileOwnerWrapper::Truncate(size, options, debug);
    if (status.ok()) {
      disk_->Truncated(name_, size);
    }
    return status;
  }
  // Remembered, not done: what a power cut leaves is decided by the disk, so a real sync would
  // only cost time. The bytes are flushed to the file, where readers find them.
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    if (IOStatus failed = disk_->Step(); !failed.ok()) {
      return failed;
    }
    IOStatus status = Flush(options, debug);
    if (status.ok()) {
      disk_->Synced(name_);
    }
    return status;
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return Sync(options, debug);
  }
  // A hint to begin writing; it promises nothing.
  IOStatus RangeSync(uint64_t /*offset*/, uint64_t /*bytes*/, const IOOptions& /*options*/,
                     IODebugContext* /*debug*/) override {
    return IOStatus::OK();
  }
  // A file that was preallocated is set to its length when it is closed, which after a power cut
  // would lengthen it again, with zeros.
  void PrepareWrite(size_t /*offset*/, size_t /*length*/, const IOOptions& /*options*/,
                    IODebugContext* /*debug*/) override {}
  IOStatus Allocate(uint64_t /*offset*/, uint64_t /*length*/, const IOOptions& /*options*/,
                    IODebugContext* /*debug*/) override {
    return IOStatus::OK();
  }

 private:
  const std::string name_;
  FileSystem* const disk_;
};

class FaultDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  FaultDirectory(std::unique_ptr<FSDirectory> directory, std::function<IOStatus()> fsync)
      : FSDirectoryWrapper(std::move(directory)), fsync_(std::move(fsync)) {}

  IOStatus Fsync(const IOOptions& /*options*/, IODebugContext* /*debug*/) override {
    return fsync_();
  }
  IOStatus FsyncWithDirOptions(const IOOptions& /*options*/, IODebugContext* /*debug*/,
                               const rocksdb::DirFsyncOptions& /*how*/) override {
    return fsync_();
  }

 private:
  const std::function<IOStatus()> fsync_;
};

IOStatus FaultDisk::FileSystem::Step(bool* torn) {
  const std::lock_guard lock(mutex_);
  if (off_) {
    return OffError();
  }
  ++operations_;
  if (full_) {
    return IOStatus::NoSpace("the disk is full");
  }
  if (operations_ != fail_at_) {
    return IOStatus::OK();
  }
  happened_ = true;
  switch (fault_) {
    case Fault::kIoError:
      break;
    case Fault::kNoSpace:
      full_ = true;
      return IOStatus::NoSpace("the disk is full");
    case Fault::kTornAppend:
      if (torn != nullptr) {
        *torn = true;
      }
      break;
    case Fault::kPowerCut:
      PowerCutLocked();
      return OffError();
  }
  return IOStatus::IOError("a fault was asked for");
}

void FaultDisk::FileSystem::Appended(const std::string& name, uint64_t bytes) {
  uint64_t end = 0;
  {
    const std::lock_guard lock(mutex_);
    end = files_[name].size;
  }
  WrittenAt(name, end, bytes);
}

void FaultDisk::FileSystem::WrittenAt(const std::string& name, uint64_t offset, uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  if (!off_) {
    uint64_t& size = files_[name].size;
    size = std::max(size, offset + bytes);
    return;
  }
  // The power went between Step() and the write: it never happened.
  std::error_code ignored;
  if (const auto it = files_.find(name); it != files_.end()) {
    std::filesystem::resize_file(name, it->second.size, ignored);
  }
}

void FaultDisk::FileSystem::Truncated(const std::string& name, uint64_t size) {
  const std::lock_guard lock(mutex_);
  FileState& file = files_[name];
  file.size = size;
  file.synced = std::min(file.synced, size);
}

void FaultDisk::FileSystem::Synced(const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (!off_) {
    files_[name].synced = files_[name].size;
  }
}

void FaultDisk::FileSystem::DirectorySynced(const std::string& name) {
  const std::lock_guard lock(mutex_);
  std::erase_if(names_, [&name](const NameChange& change) { return Parent(change.to) == name; });
}

void FaultDisk::FileSystem::UndoNames() {
  size_t kept = 0;
  if (tear_ && !names_.empty()) {
    kept = random_() % (names_.size() + 1);
  }
  std::error_code ignored;
  while (names_.size() > kept) {
    const NameChange& change = names_.back();
    if (change.from.empty()) {
      std::filesystem::remove(change.to, ignored);
    } else {
      std::filesystem::rename(change.to, change.from, ignored);
      if (change.replaced.has_value()) {
        std::ofstream(change.to, std::ios::binary) << *change.replaced;
      }
    }
    names_.pop_back();
  }
}

void FaultDisk::FileSystem::PowerCutLocked() {
  if (off_) {
    return;
  }
  off_ = true;
  std::error_code ignored;
  for (auto& [name, file] : files_) {
    if (tear_ && file.size > file.synced) {
      file.size = file.synced + random_() % (file.size - file.synced + 1);
    } else {
      file.size = file.synced;
    }
    std::filesystem::resize_file(name, file.size, ignored);
  }
  UndoNames();
}

IOStatus FaultDisk::FileSystem::NewWritableFile(const std::string& name, const FileOptions& options,
                                                std::unique_ptr<FSWritableFile>* file,
                                                IODebugContext* debug) {
  if (IOStatus failed = Step(); !failed.ok()) {
    return failed;
  }
  std::unique_ptr<FSWritableFile> real;
  IOStatus status = target()->NewWritableFile(name, options, &real, debug);
  if (!status.ok()) {
    return status;
  }
  const std::string path = Normal(name);
  {
    const std::lock_guard lock(mutex_);
    files_[path] = FileState{};
    names_.push_back({.from = "", .to = path, .replaced = std::nullopt});
  }
  *file = std::make_unique<File>(std::move(real), path, this);
  return status;
}

IOStatus FaultDisk::FileSystem::ReopenWritableFile(const std::string& /*name*/,
                                                   const FileOptions& /*options*/,
                                                   std::unique_ptr<FSWritableFile>* /*file*/,
                                                   IODebugContext* /*debug*/) {
  return IOStatus::NotSupported("files are written once");
}

IOStatus FaultDisk::FileSystem::NewDirectory(const std::string& name, const IOOptions& options,
                                             std::unique_ptr<FSDirectory>* directory,
                                             IODebugContext* debug) {
  std::unique_ptr<FSDirectory> real;
  IOStatus status = target()->NewDirectory(name, options, &real, debug);
  if (status.ok()) {
    *directory = std::make_unique<FaultDirectory>(std::move(real), [this, path = Normal(name)] {
      IOStatus failed = Step();
      if (failed.ok()) {
        DirectorySynced(path);
      }
      return failed;
    });
  }
  return status;
}

IOStatus FaultDisk::FileSystem::RenameFile(const std::string& from, const std::string& to,
                                           const IOOptions& options, IODebugContext* debug) {
  if (IOStatus failed = Step(); !failed.ok()) {
    return failed;
  }
  NameChange change = {.from = Normal(from), .to = Normal(to), .replaced = ReadAll(to)};
  IOStatus status = target()->RenameFile(from, to, options, debug);
  if (!status.ok()) {
    return status;
  }
  const std::lock_guard lock(mutex_);
  if (auto moved = files_.extract(change.from); !moved.empty()) {
    files_.erase(change.to);
    moved.key() = change.to;
    files_.insert(std::move(moved));
    names_.push_back(std::move(change));
  }
  return status;
}

IOStatus FaultDisk::FileSystem::LinkFile(const std::string& from, const std::string& to,
                                         const IOOptions& options, IODebugContext* debug) {
  if (IOStatus failed = Step(); !failed.ok()) {
    return failed;
  }
  IOStatus status = target()->LinkFile(from, to, options, debug);
  if (status.ok()) {
    const std::lock_guard lock(mutex_);
    const std::string path = Normal(to);
    files_[path] = files_[Normal(from)];  // The same bytes under a new name.
    names_.push_back({.from = "", .to = path, .replaced = std::nullopt});
  }
  return status;
}

IOStatus FaultDisk::FileSystem::DeleteFile(const std::string& name, const IOOptions& options,
                                           IODebugContext* debug) {
  if (IOStatus failed = Step(); !failed.ok()) {
    return failed;
  }
  IOStatus status = target()->DeleteFile(name, options, debug);
  if (status.ok()) {
    const std::lock_guard lock(mutex_);
    const std::string path = Normal(name);
    files_.erase(path);
    std::erase_if(names_, [&path](const NameChange& change) { return change.to == path; });
  }
  return status;
}

FaultDisk::FaultDisk(uint64_t seed, bool tear)
    : fs_(std::make_shared<FileSystem>(seed, tear)), env_(rocksdb::NewCompositeEnv(fs_)) {}

FaultDisk::~FaultDisk() = default;

rocksdb::Env* FaultDisk::env() {
  return env_.get();
}
uint64_t FaultDisk::operations() const {
  return fs_->operations();
}
void FaultDisk::FailAt(uint64_t operation, Fault fault) {
  fs_->FailAt(operation, fault);
}
void FaultDisk::FailAppendsTo(const std::string& ending) {
  fs_->FailAppendsTo(ending);
}
bool FaultDisk::happened() const {
  return fs_->happened();
}
void FaultDisk::PowerCut() {
  fs_->PowerCut();
}

}  // namespace ladon::testing
