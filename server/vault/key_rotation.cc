// Rotation of the epoch, and copies for the standby.
//
// A rotation writes epoch.key.next and wrapped.table.next, and at its end renames the table first,
// the key second. Whatever a crash leaves says by itself how far it came: a table of the next epoch
// beside the old key means that only the second rename is missing (FinishRotation()); .next files
// beside a table of this epoch are an attempt to go on with (ReadNext()).
#include <fcntl.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/base/descriptor.h"
#include "server/vault/files.h"
#include "server/vault/key_table.h"
#include "server/vault/key_table_files.h"

namespace ladon::vault {

struct KeyTable::Next {
  explicit Next(int descriptor) : file(descriptor) {}
  std::shared_ptr<Epoch> epoch;
  Keys keys;  // Wrapped under it so far.
  base::Descriptor file;
  size_t unsynced = 0;  // Bytes.

  absl::Status Sync(const std::string& path) {
    unsynced = 0;
    return fsync(file.get()) == 0 ? absl::OkStatus() : ErrnoStatus("sync", path);
  }
  absl::Status Write(std::string_view records, const std::string& path) {
    if (absl::Status s = WriteAll(file.get(), records, path); !s.ok()) return s;
    unsynced += records.size();
    return unsynced < kSyncBytes ? absl::OkStatus() : Sync(path);
  }
};

absl::StatusOr<TableFile> ReadTableFile(const std::string& path, std::string_view store_id) {
  absl::StatusOr<std::string> bytes =
      ReadPrivateFile(path, kKeyHeadBytesMax + kDataKeysMax * kKeyRecordBytes);
  if (!bytes.ok()) return bytes.status();
  const absl::StatusOr<KeyHead> head = DecodeHead(KeyFile::kTable, *bytes, store_id, path);
  if (!head.ok()) return head.status();
  return TableFile{.bytes = *std::move(bytes), .head = *head};
}

absl::Status KeyTable::FinishRotation() {
  const std::string next_path = PathOf(kNextEpochFile);
  if (access(next_path.c_str(), F_OK) != 0) return absl::OkStatus();
  const absl::StatusOr<TableFile> table = ReadTableFile(PathOf(kTableFile), store_id_);
  if (!table.ok()) return absl::OkStatus();  // Load() tells what is wrong with it.
  absl::StatusOr<Epoch> next = ReadEpochKey(next_path);
  if (!next.ok()) return next.status();
  if (next->head.epoch != table->head.epoch) return absl::OkStatus();
  return ReplaceFile(next_path, PathOf(kEpochFile));
}

absl::Status KeyTable::BeginNext(uint64_t now_ns, Next* next) const {
  const std::string epoch_path = PathOf(kNextEpochFile);
  const std::string table_path = PathOf(kNextTableFile);
  const uint32_t number = epoch_->head.epoch + 1;
  if (access(epoch_path.c_str(), F_OK) == 0) {
    absl::StatusOr<Epoch> begun = ReadEpochKey(epoch_path);
    if (!begun.ok()) return begun.status();
    if (begun->head.epoch == number) next->epoch = std::make_shared<Epoch>(*std::move(begun));
  }
  if (next->epoch == nullptr) {
    unlink(table_path.c_str());  // Wrapped under a key that is not there.
    unlink(epoch_path.c_str());
    const KeyHead head{.epoch = number, .begun_at_ns = now_ns};
    const std::string bytes = EncodeHead(KeyFile::kEpochKey, head, store_id_);
    next->epoch = std::make_shared<Epoch>(Epoch{.head = head, .key = base::SecretKey::Random()});
    const absl::StatusOr<std::string> sealed = root_.Seal(bytes, next->epoch->key);
    if (!sealed.ok()) return sealed.status();
    if (absl::Status s = CreateSyncedFile(epoch_path, bytes + *sealed); !s.ok()) return s;
  }
  absl::Status begun = ReadTableFile(table_path, store_id_).status();
  // Cut while CatchUp() wrote it anew: all it had is in the table that still counts.
  if (absl::IsInvalidArgument(begun)) {
    if (absl::Status s = OverwriteFile(table_path); !s.ok()) return s;
    if (unlink(table_path.c_str()) != 0) return ErrnoStatus("remove", table_path);
    begun = absl::NotFoundError(table_path);
  }
  if (absl::IsNotFound(begun)) {
    absl::Status s =
        CreateSyncedFile(table_path, EncodeHead(KeyFile::kTable, next->epoch->head, store_id_));
    if (!s.ok()) return s;
  }
  return ReadNext(next);
}

absl::Status KeyTable::ReadNext(Next* next) const {
  const std::string path = PathOf(kNextTableFile);
  const absl::StatusOr<TableFile> file = ReadTableFile(path, store_id_);
  if (!file.ok()) return file.status();
  next->file = base::Descriptor(open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW));
  if (next->file.get() < 0) return ErrnoStatus("open", path);
  size_t good = 0;
  for (; good < file->records(); ++good) {
    const absl::StatusOr<KeyRecord> record = DecodeKeyRecord(*next->epoch, file->record(good));
    if (!record.ok() || record->gone) break;  // What comes after was not synced: done again.
    next->keys[record->name] = record->wrapped;
  }
  const size_t bytes = file->head_bytes() + good * kKeyRecordBytes;
  if (ftruncate(next->file.get(), static_cast<off_t>(bytes)) != 0) {
    return ErrnoStatus("shorten", path);
  }
  return absl::OkStatus();
}

absl::Status KeyTable::WrapChunk(Next* next, bool* more) const {
  constexpr size_t kChunk = 128;  // A millisecond or so, with the lock held for a part of it.
  std::vector<std::pair<KeyName, WrappedKey>> chunk;
  {
    const std::scoped_lock lock(mutex_);
    // In the order of the names, so the last one wrapped tells where to go on.
    auto it = next->keys.empty() ? keys_.begin() : keys_.upper_bound(next->keys.rbegin()->first);
    for (; it != keys_.end() && chunk.size() < kChunk; ++it) chunk.push_back(*it);
    *more = it != keys_.end();
  }
  std::string records;
  for (const auto& [name, wrapped] : chunk) {
    const absl::StatusOr<base::SecretKey> key = Unwrap(*epoch_, name, wrapped);
    if (!key.ok()) return absl::DataLossError("vault: a key does not open any more");
    const WrappedKey again = Wrap(*next->epoch, name, *key);
    records += EncodeKeyRecord(name, again);
    next->keys.emplace_hint(next->keys.end(), name, again);
  }
  return next->Write(records, PathOf(kNextTableFile));
}

// What was made or destroyed behind the rotation's back.
absl::Status KeyTable::CatchUp(Next* next) const {
  const std::string path = PathOf(kNextTableFile);
  // What was destroyed in this epoch may have been wrapped before; what has its name now is
  // another. Its file is written anew: a destroyed key may not lie under the new epoch.
  bool whole = true;
  for (const auto& [name, gone] : gone_) {
    if (gone.epoch == epoch_->head.epoch && next->keys.erase(name) != 0) whole = false;
  }
  std::string records;
  auto have = next->keys.begin();  // Both in the order of the names.
  for (const auto& [name, wrapped] : keys_) {
    while (have != next->keys.end() && have->first < name) ++have;
    if (have != next->keys.end() && have->first == name) continue;
    const absl::StatusOr<base::SecretKey> key = Unwrap(*epoch_, name, wrapped);
    if (!key.ok()) return absl::DataLossError("vault: a key does not open any more");
    have = next->keys.emplace_hint(have, name, Wrap(*next->epoch, name, *key));
    records += EncodeKeyRecord(name, have->second);
  }
  if (!whole) {
    if (absl::Status s = OverwriteFile(path); !s.ok()) return s;
    if (ftruncate(next->file.get(), 0) != 0) return ErrnoStatus("shorten", path);
    records = EncodeHead(KeyFile::kTable, next->epoch->head, store_id_);  // Was overwritten too.
    for (const auto& [name, wrapped] : next->keys) records += EncodeKeyRecord(name, wrapped);
  }
  for (const auto& [name, gone] : gone_) {
    records += EncodeGoneRecord(*next->epoch, name, gone);
    // Destroyed once, and another key made since: in this order.
    if (const auto it = next->keys.find(name); it != next->keys.end()) {
      records += EncodeKeyRecord(name, it->second);
    }
  }
  if (absl::Status s = next->Write(records, path); !s.ok()) return s;
  return next->Sync(path);
}

// The files change places. Keys are found meanwhile; none is made or destroyed.
absl::Status KeyTable::TakeOver(Next* next) {
  const std::scoped_lock change(change_mutex_);
  if (broken_) return absl::UnavailableError("vault: key table failed earlier; restart");
  if (absl::Status s = CatchUp(next); !s.ok()) return s;
  if (absl::Status s = ReplaceFile(PathOf(kNextTableFile), PathOf(kTableFile)); !s.ok()) {
    broken_ = true;
    return s;
  }
  if (absl::Status s = ReplaceFile(PathOf(kNextEpochFile), PathOf(kEpochFile)); !s.ok()) {
    broken_ = true;  // A start finishes it.
    return s;
  }
  close(std::exchange(file_, next->file.Release()));
  const std::scoped_lock lock(mutex_);
  file_bytes_ = static_cast<size_t>(lseek(file_, 0, SEEK_END));
  keys_.swap(next->keys);  // What was is freed without the lock.
  epoch_ = next->epoch;
  rotation_begun_ = false;
  ++version_;
  return absl::OkStatus();
}

absl::Status KeyTable::Rotate(uint64_t now_ns, const GoOn& go_on) {
  const std::scoped_lock rotation(rotation_mutex_);
  {
    const std::scoped_lock lock(mutex_);
    rotation_begun_ = true;
  }
  Next next(-1);
  if (absl::Status s = BeginNext(now_ns, &next); !s.ok()) return s;
  for (bool more = true; more;) {
    if (go_on && !go_on(next.keys.size(), size())) {
      return absl::CancelledError("vault: the rotation was put off; it goes on where it stopped");
    }
    if (absl::Status s = WrapChunk(&next, &more); !s.ok()) return s;
  }
  // Before anybody has to wait for it.
  if (absl::Status s = next.Sync(PathOf(kNextTableFile)); !s.ok()) return s;
  return TakeOver(&next);
}

absl::StatusOr<uint64_t> KeyTable::CopyTo(const std::string& directory) const {
  const std::scoped_lock rotation(rotation_mutex_);  // Both files are of one epoch meanwhile.
  {
    // After a failed take-over the two files may be of different epochs.
    const std::scoped_lock change(change_mutex_);
    if (broken_) return absl::UnavailableError("vault: key table failed earlier; restart");
  }
  size_t bytes = 0;
  uint64_t version = 0;
  {
    const std::scoped_lock lock(mutex_);
    bytes = file_bytes_;
    version = version_;
  }
  absl::StatusOr<std::string> table =
      ReadPrivateFile(PathOf(kTableFile), kKeyHeadBytesMax + kDataKeysMax * kKeyRecordBytes);
  if (!table.ok()) return table.status();
  if (table->size() < bytes) return absl::DataLossError("vault: the key table is cut");
  table->resize(bytes);  // What comes after was not synced when we looked.
  const absl::StatusOr<std::string> epoch =
      ReadPrivateFile(PathOf(kEpochFile), kKeyHeadBytesMax + kSealedKeyBytes);
  if (!epoch.ok()) return epoch.status();
  if (absl::Status s = MakePrivateDirectory(directory); !s.ok()) return s;
  // As a rotation does it, so that a crash leaves what Open() can read.
  const std::string to = directory + "/";
  for (const char* const file : {kNextTableFile, kNextEpochFile}) unlink((to + file).c_str());
  absl::Status s = CreateSyncedFile(to + kNextTableFile, *table);
  if (s.ok()) s = CreateSyncedFile(to + kNextEpochFile, *epoch);
  if (s.ok()) s = ReplaceFile(to + kNextTableFile, to + kTableFile);
  if (s.ok()) s = ReplaceFile(to + kNextEpochFile, to + kEpochFile);
  if (!s.ok()) return s;
  return version;
}

}  // namespace ladon::vault
