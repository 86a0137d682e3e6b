#include "server/vault/key_table.h"

#include <fcntl.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <utility>

#include "server/vault/files.h"
#include "server/vault/key_table_files.h"

namespace ladon::vault {
namespace {

// Makes both files of a new table, the epoch key last: a crash in between leaves a table without
// a key, which the next start finishes.
absl::Status CreateFiles(const KeyTableOptions& options, const RootKey& root) {
  const KeyHead head{.epoch = 1, .begun_at_ns = options.now_ns};
  const std::string table_path = options.directory + "/" + kTableFile;
  const std::string epoch_path = options.directory + "/" + kEpochFile;
  const std::string empty_table = EncodeHead(KeyFile::kTable, head, options.store_id);
  const absl::StatusOr<std::string> table = ReadPrivateFile(table_path, empty_table.size());
  if (absl::IsNotFound(table.status())) {
    if (absl::Status s = CreateSyncedFile(table_path, empty_table); !s.ok()) return s;
  } else if (!table.ok() || *table != empty_table) {
    return MissingEpochKey(epoch_path);  // Keys were wrapped: a new epoch key would not open them.
  }
  const std::string header = EncodeHead(KeyFile::kEpochKey, head, options.store_id);
  const absl::StatusOr<std::string> sealed = root.Seal(header, base::SecretKey::Random());
  if (!sealed.ok()) return sealed.status();
  return CreateSyncedFile(epoch_path, header + *sealed);
}

bool Exists(const std::string& path) {
  return access(path.c_str(), F_OK) == 0;
}

}  // namespace

absl::Status MissingEpochKey(const std::string& path) {
  return absl::NotFoundError(path +
                             " is missing: without it nothing in the vault opens; restore "
                             "the keys directory from the standby copy");
}

KeyTable::KeyTable(const KeyTableOptions& options, RootKey root)
    : directory_(options.directory), store_id_(options.store_id), root_(std::move(root)) {}

KeyTable::~KeyTable() {
  if (file_ >= 0) close(file_);
}

std::string KeyTable::PathOf(std::string_view file) const {
  return directory_ + "/" + std::string(file);
}

absl::StatusOr<std::unique_ptr<KeyTable>> KeyTable::Open(const KeyTableOptions& options,
                                                         RootKey root) {
  if (options.create) {
    if (absl::Status s = MakePrivateDirectory(options.directory); !s.ok()) return s;
  } else if (absl::Status s = CheckPrivateDirectory(options.directory); !s.ok()) {
    return s;
  }
  std::unique_ptr<KeyTable> table(new KeyTable(options, std::move(root)));
  if (absl::Status s = table->FinishRotation(); !s.ok()) return s;
  const std::string path = table->PathOf(kEpochFile);
  if (options.create && !Exists(path)) {
    if (absl::Status s = CreateFiles(options, table->root_); !s.ok()) return s;
  }
  if (!Exists(path)) return MissingEpochKey(path);
  absl::StatusOr<Epoch> epoch = table->ReadEpochKey(path);
  if (!epoch.ok()) return epoch.status();
  table->epoch_ = std::make_shared<const Epoch>(*std::move(epoch));
  if (absl::Status s = table->Load(); !s.ok()) return s;
  table->rotation_begun_ = Exists(table->PathOf(kNextEpochFile));
  return table;
}

absl::StatusOr<Epoch> KeyTable::ReadEpochKey(const std::string& path) const {
  const absl::StatusOr<std::string> bytes =
      ReadPrivateFile(path, kKeyHeadBytesMax + kSealedKeyBytes);
  if (!bytes.ok()) return bytes.status();
  const absl::StatusOr<KeyHead> head = DecodeHead(KeyFile::kEpochKey, *bytes, store_id_, path);
  if (!head.ok()) return head.status();
  const std::string_view all = *bytes;
  const size_t head_bytes = head->bytes(KeyFile::kEpochKey);
  absl::StatusOr<base::SecretKey> key =
      root_.Open(all.substr(0, head_bytes), all.substr(head_bytes));
  if (absl::IsDataLoss(key.status())) {
    return absl::InvalidArgumentError(
        path + " does not open: it is damaged, or the root key file is another installation's");
  }
  if (!key.ok()) return key.status();
  return Epoch{.head = *head, .key = *std::move(key)};
}

absl::Status KeyTable::Load() {
  const std::string path = PathOf(kTableFile);
  absl::StatusOr<TableFile> file = ReadTableFile(path, store_id_);
  if (absl::IsNotFound(file.status())) {
    return absl::NotFoundError(path + " is missing: restore it from the standby copy");
  }
  if (!file.ok()) return file.status();
  if (file->head.epoch != epoch_->head.epoch) {
    return absl::InvalidArgumentError(path + " is of epoch " + std::to_string(file->head.epoch) +
                                      " but epoch.key of " + std::to_string(epoch_->head.epoch) +
                                      ": restore both from the same copy");
  }
  for (size_t i = 0; i < file->records(); ++i) {
    const absl::StatusOr<KeyRecord> record = DecodeKeyRecord(*epoch_, file->record(i));
    // A key that is there is not made again, and one that is not there is not destroyed.
    bool fits = record.ok();
    if (fits && record->gone) {
      keys_.erase(record->name);  // After a rotation the key itself is not in the file any more.
      gone_[record->name] = record->destruction;
    } else if (fits) {
      fits = keys_.emplace(record->name, record->wrapped).second;
    }
    if (!fits) {
      return absl::InvalidArgumentError(path + ": key " + std::to_string(i) +
                                        " is damaged: restore the table from the standby copy");
    }
  }
  file_ = open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
  if (file_ < 0) return ErrnoStatus("open", path);
  file_bytes_ = file->whole_bytes();
  if (file->bytes.size() != file_bytes_) {  // A torn record: it was never acknowledged.
    if (ftruncate(file_, static_cast<off_t>(file_bytes_)) != 0 || fsync(file_) != 0) {
      return ErrnoStatus("shorten", path);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<base::SecretKey> KeyTable::Find(const KeyName& name) const {
  WrappedKey wrapped{};
  EpochPtr epoch;
  {
    const std::scoped_lock lock(mutex_);
    const auto it = keys_.find(name);
    if (it == keys_.end()) return absl::NotFoundError("vault: no such data key");
    wrapped = it->second;
    epoch = epoch_;
  }
  return Unwrap(*epoch, name, wrapped);
}

bool KeyTable::Has(const KeyName& name) const {
  const std::scoped_lock lock(mutex_);
  return keys_.contains(name);
}

absl::StatusOr<base::SecretKey> KeyTable::FindOrCreate(const KeyName& name) {
  // Most often it is there, and nobody waits for a file.
  if (absl::StatusOr<base::SecretKey> found = Find(name); !absl::IsNotFound(found.status())) {
    return found;
  }
  const std::scoped_lock change(change_mutex_);
  if (const auto it = keys_.find(name); it != keys_.end()) {
    return Unwrap(*epoch_, name, it->second);
  }
  if (keys_.size() + gone_.size() >= kDataKeysMax) {
    return absl::ResourceExhaustedError("vault: key table is full");
  }
  base::SecretKey key = base::SecretKey::Random();
  const WrappedKey wrapped = Wrap(*epoch_, name, key);
  if (absl::Status s = Append(EncodeKeyRecord(name, wrapped)); !s.ok()) return s;
  const std::scoped_lock lock(mutex_);
  keys_.emplace(name, wrapped);
  return key;
}

absl::Status KeyTable::Destroy(std::span<const KeyName> names, uint64_t now_ns) {
  const std::scoped_lock change(change_mutex_);
  const Destruction gone{.epoch = epoch_->head.epoch, .at_ns = now_ns};
  std::string records;
  for (const KeyName& name : names) {
    if (keys_.contains(name)) records += EncodeGoneRecord(*epoch_, name, gone);
  }
  if (records.empty()) return absl::OkStatus();
  if (absl::Status s = Append(records); !s.ok()) return s;
  const std::scoped_lock lock(mutex_);
  for (const KeyName& name : names) {
    const auto it = keys_.find(name);
    if (it == keys_.end()) continue;
    base::Wipe(it->second.data(), it->second.size());
    keys_.erase(it);
    gone_[name] = gone;
  }
  return absl::OkStatus();
}

std::optional<Destruction> KeyTable::DestructionOf(const KeyName& name) const {
  const std::scoped_lock lock(mutex_);
  const auto it = gone_.find(name);
  if (it == gone_.end()) return std::nullopt;
  return it->second;
}

std::set<KeyName> KeyTable::Destroyed() const {
  const std::scoped_lock lock(mutex_);
  std::set<KeyName> names;
  for (const auto& [name, gone] : gone_) names.insert(names.end(), name);
  return names;
}

absl::Status KeyTable::Append(std::string_view records) {
  if (broken_) {
    return absl::UnavailableError("vault: key table failed earlier; restart the service");
  }
  const std::string path = PathOf(kTableFile);
  absl::Status s = WriteAll(file_, records, path);
  if (s.ok() && fdatasync(file_) != 0) s = ErrnoStatus("sync", path);
  if (!s.ok()) {
    broken_ = true;
    return s;
  }
  const std::scoped_lock lock(mutex_);
  file_bytes_ += records.size();
  ++version_;
  return absl::OkStatus();
}

KeyTableState KeyTable::state() const {
  const std::scoped_lock lock(mutex_);
  return {.epoch = epoch_->head.epoch,
          .begun_at_ns = epoch_->head.begun_at_ns,
          .keys = keys_.size(),
          .destroyed = gone_.size(),
          .rotation_begun = rotation_begun_,
          .version = version_};
}

size_t KeyTable::size() const {
  const std::scoped_lock lock(mutex_);
  return keys_.size();
}

}  // namespace ladon::vault
