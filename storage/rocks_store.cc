#include "storage/rocks_store.h"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "rocksdb/cache.h"
#include "rocksdb/db.h"
#include "rocksdb/listener.h"
#include "rocksdb/options.h"
#include "rocksdb/sst_file_writer.h"
#include "rocksdb/write_batch.h"
#include "storage/direct_io.h"
#include "storage/free_space.h"
#include "storage/rocks_backup.h"
#include "storage/rocks_status.h"
#include "storage/rocks_tuning.h"
#include "storage/store_directory.h"

namespace ladon::storage {
namespace {

// Keys of kMeta that belong to the store itself.
constexpr std::string_view kFormatKey = "store/format";  // u32, big endian
constexpr std::string_view kIdKey = "store/id";          // 16 bytes
constexpr size_t kChangeBytesMax = 16;  // What a change costs in a batch beyond key and value.
// A table on its way into the database. RocksDB takes no notice of the name. After a crash it may
// be a second name of a table that is in the database by now, so it is removed and never written
// over.
constexpr std::string_view kLoadFile = "load.tmp";
constexpr std::string_view kRestore = "; the store is damaged: restore it from backup";

rocksdb::Slice ToSlice(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}
std::string_view FromSlice(const rocksdb::Slice& bytes) {
  return {bytes.data(), bytes.size()};
}

// Nothing of that name is there any more.
rocksdb::Status RemoveLoadFile(rocksdb::Env* env, const std::string& file) {
  rocksdb::Status removed = env->DeleteFile(file);
  const bool gone = removed.ok() || env->FileExists(file).IsNotFound();
  return gone ? rocksdb::Status::OK() : removed;
}

absl::Status StoppedError() {
  return absl::UnavailableError("store: stopped after a failed write; reopen it");
}

// Raised by whoever sees the first failure, RocksDB's own threads included; never lowered.
class StopFlag final : public rocksdb::EventListener {
 public:
  [[nodiscard]] bool raised() const { return raised_.load(std::memory_order_acquire); }
  void Raise() { raised_.store(true, std::memory_order_release); }

  void OnBackgroundError(rocksdb::BackgroundErrorReason /*reason*/,
                         rocksdb::Status* /*status*/) override {
    Raise();
  }
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status /*error*/,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }

 private:
  std::atomic<bool> raised_ = false;
};

class RocksScan final : public Scan {
 public:
  explicit RocksScan(std::unique_ptr<rocksdb::Iterator> it) : it_(std::move(it)) {}

  void Seek(std::string_view key) override { it_->Seek(ToSlice(key)); }
  void SeekForPrev(std::string_view key) override { it_->SeekForPrev(ToSlice(key)); }
  void Next() override { it_->Next(); }
  void Prev() override { it_->Prev(); }
  [[nodiscard]] bool Valid() const override { return it_->Valid(); }
  [[nodiscard]] std::string_view key() const override { return FromSlice(it_->key()); }
  [[nodiscard]] std::string_view value() const override { return FromSlice(it_->value()); }
  [[nodiscard]] absl::Status status() const override {
    return FromRocks(it_->status(), "store scan");
  }

 private:
  std::unique_ptr<rocksdb::Iterator> it_;
};

// What a stopped store hands out: finds nothing and says why.
class StoppedScan final : public Scan {
 public:
  void Seek(std::string_view /*key*/) override {}
  void SeekForPrev(std::string_view /*key*/) override {}
  void Next() override { assert(false && "scan: Next() needs Valid()"); }
  void Prev() override { assert(false && "scan: Prev() needs Valid()"); }
  [[nodiscard]] bool Valid() const override { return false; }
  [[nodiscard]] std::string_view key() const override { return {}; }
  [[nodiscard]] std::string_view value() const override { return {}; }
  [[nodiscard]] absl::Status status() const override { return StoppedError(); }
};

// The database and its handles, closed in the right order whatever happens.
struct Database {
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;  // RocksDB's "default", then ours.

  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() {
    for (rocksdb::ColumnFamilyHandle* handle : handles) {
      db->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
    }
  }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* Handle(Family family) const {
    return handles[1 + static_cast<size_t>(family)];
  }
};

class RocksStore final : public Store {
 public:
  RocksStore(std::unique_ptr<Database> database, std::shared_ptr<StopFlag> stop, bool sync,
             std::string id, std::string path)
      : database_(std::move(database)),
        stop_(std::move(stop)),
        sync_(sync),
        id_(std::move(id)),
        path_(std::move(path)) {}

  [[nodiscard]] absl::StatusOr<std::optional<std::string>> Get(
      Family family, std::string_view key) const override {
    if (stop_->raised()) {
      return StoppedError();
    }
    std::string value;
    const rocksdb::Status status =
        database_->db->Get(rocksdb::ReadOptions(), database_->Handle(family), ToSlice(key), &value);
    if (status.IsNotFound()) {
      return std::optional<std::string>();
    }
    if (!status.ok()) {
      return FromRocks(status, "store read");
    }
    return std::optional<std::string>(std::move(value));
  }

  using Store::Write;
  [[nodiscard]] absl::Status Write(std::span<const Batch* const> batches) override {
    if (absl::Status ready = CheckReady(); !ready.ok()) {
      return ready;
    }
    size_t bytes = 0;
    for (const Batch* batch : batches) {
      bytes += batch->bytes() + batch->changes().size() * kChangeBytesMax;
    }
    rocksdb::WriteBatch changes(bytes);
    for (const Batch* batch : batches) {
      if (absl::Status added = AddTo(&changes, *batch); !added.ok()) {
        return added;
      }
    }
    rocksdb::WriteOptions options;
    options.sync = sync_;  // OK to our caller means: survives power loss.
    const rocksdb::Status status = database_->db->Write(options, &changes);
    if (!status.ok()) {
      stop_->Raise();  // The bytes may or may not be there; only recovery can tell.
      return FromRocks(status, "store write");
    }
    return absl::OkStatus();
  }

  [[nodiscard]] absl::Status Load(Family family, const NextPair& next) override {
    std::string_view key;
    std::string_view value;
    if (!next(&key, &value)) {
      return absl::OkStatus();  // RocksDB takes no empty table.
    }
    if (absl::Status ready = CheckReady(); !ready.ok()) {
      return ready;
    }
    rocksdb::ColumnFamilyHandle* const handle = database_->Handle(family);
    const std::string file = absl::StrCat(path_, "/", std::string(kLoadFile));
    const rocksdb::Options options = database_->db->GetOptions(handle);
    rocksdb::EnvOptions file_options(options);
    file_options.use_direct_writes = options.use_direct_io_for_flush_and_compaction;
    rocksdb::SstFileWriter writer(file_options, options, handle);
    rocksdb::Status status = RemoveLoadFile(options.env, file);
    if (status.ok()) {
      status = writer.Open(file);
    }
    do {
      if (status.ok()) {
        status = writer.Put(ToSlice(key), ToSlice(value));
      }
    } while (status.ok() && next(&key, &value));
    if (status.ok()) {
      status = writer.Finish();
    }
    if (status.ok()) {
      // Linked: it is written and synced already, and a copy would have to be again.
      rocksdb::IngestExternalFileOptions ingest;
      ingest.move_files = true;
      status = database_->db->IngestExternalFile(handle, {file}, ingest);
    }
    options.env->DeleteFile(file).PermitUncheckedError();  // If it stays, the next one removes it.
    if (!status.ok()) {
      stop_->Raise();
    }
    return FromRocks(status, "store load");
  }

  [[nodiscard]] std::unique_ptr<Scan> NewScan(Family family) const override {
    if (stop_->raised()) {
      return std::make_unique<StoppedScan>();
    }
    return std::make_unique<RocksScan>(std::unique_ptr<rocksdb::Iterator>(
        database_->db->NewIterator(rocksdb::ReadOptions(), database_->Handle(family))));
  }

  [[nodiscard]] absl::StatusOr<BackupSummary> Backup(const BackupRequest& request) override {
    if (stop_->raised()) {
      return StoppedError();
    }
    return BackUpDatabase(database_->db.get(), request);
  }

  [[nodiscard]] std::string store_id() const override { return id_; }

 private:
  [[nodiscard]] absl::Status CheckReady() const {
    if (stop_->raised()) {
      return StoppedError();
    }
    absl::Status room = CheckFreeSpace(path_);
    if (!room.ok()) {
      stop_->Raise();
    }
    return room;
  }

  absl::Status AddTo(rocksdb::WriteBatch* changes, const Batch& batch) const {
    for (const auto& [where, value] : batch.changes()) {
      const auto& [family, key] = where;
      if (key.size() > kKeyBytesMax || (value.has_value() && value->size() > kValueBytesMax)) {
        return absl::InvalidArgumentError(
            absl::StrCat("store: a key of ", key.size(), " bytes or its value is too large"));
      }
      const rocksdb::Status status = value.has_value()
                                         ? changes->Put(database_->Handle(family), key, *value)
                                         : changes->Delete(database_->Handle(family), key);
      if (!status.ok()) {
        return FromRocks(status, "store batch");
      }
    }
    return absl::OkStatus();
  }

  std::unique_ptr<Database> database_;
  std::shared_ptr<StopFlag> stop_;
  const bool sync_;
  const std::string id_;
  const std::string path_;
};

std::vector<rocksdb::ColumnFamilyDescriptor> FamilyDescriptors() {
  const std::shared_ptr<rocksdb::Cache> cache = rocksdb::NewLRUCache(kBlockCacheBytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  families.emplace_back(rocksdb::kDefaultColumnFamilyName, rocksdb::ColumnFamilyOptions());
  TuneFamily(Family::kMeta, cache, &families.back().options);
  for (size_t i = 0; i < kFamilyNames.size(); ++i) {
    families.emplace_back(kFamilyNames[i], rocksdb::ColumnFamilyOptions());
    TuneFamily(static_cast<Family>(i), cache, &families.back().options);
  }
  return families;
}

absl::Status DamageError(const rocksdb::Status& status, const std::string& path) {
  const std::string doing = absl::StrCat("store open ", path);
  const bool damaged = status.IsCorruption() || status.IsPathNotFound() || status.IsNotFound();
  if (damaged) {
    return absl::DataLossError(absl::StrCat(doing, ": ", status.ToString(), std::string(kRestore)));
  }
  return FromRocks(status, doing);
}

// RocksDB would tell a held lock as an I/O error like any other, so we try it first.
absl::Status CheckNobodyElse(rocksdb::Env* env, const std::string& path) {
  rocksdb::FileLock* lock = nullptr;
  const rocksdb::Status status = env->LockFile(absl::StrCat(path, "/LOCK"), &lock);
  if (!status.ok()) {
    return absl::FailedPreconditionError(absl::StrCat("store: another process uses ", path,
                                                      "; stop it first (", status.ToString(), ")"));
  }
  return FromRocks(env->UnlockFile(lock), "store lock");
}

// 0: what is stored is no number.
uint32_t FormatOf(std::string_view mark) {
  uint32_t version = 0;
  if (mark.size() != sizeof(version)) return 0;
  for (const char byte : mark) version = version << 8 | static_cast<uint8_t>(byte);
  return version;
}

// The format in the mark that a store's creation writes last; nullopt: it was cut short.
absl::StatusOr<std::optional<uint32_t>> FormatOfComplete(const rocksdb::DBOptions& options,
                                                         const std::string& path) {
  std::vector<rocksdb::ColumnFamilyDescriptor> families = FamilyDescriptors();
  families.resize(2);  // RocksDB's own, and kMeta.
  Database database;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status =
      rocksdb::DB::OpenForReadOnly(options, path, families, &database.handles, &db);
  database.db.reset(db);
  if (!status.ok()) {
    return DamageError(status, path);
  }
  std::string value;
  const bool complete =
      database.db
          ->Get(rocksdb::ReadOptions(), database.Handle(Family::kMeta), ToSlice(kFormatKey), &value)
          .ok();
  return complete ? std::optional<uint32_t>(FormatOf(value)) : std::nullopt;
}

// Every family that a store of `version` has.
bool HasFamiliesOf(uint32_t version, const std::vector<std::string>& found) {
  for (size_t i = 0; i < kFamilyNames.size(); ++i) {
    if (kFamilySince[i] <= version &&
        std::find(found.begin(), found.end(), kFamilyNames[i]) == found.end()) {
      return false;
    }
  }
  return true;
}

// Whether families may be made that are not there: the store is new, or older than they are.
absl::StatusOr<bool> CheckFamilies(const rocksdb::DBOptions& options,
                                   const RocksStoreOptions& store) {
  std::vector<std::string> found;
  const rocksdb::Status status = rocksdb::DB::ListColumnFamilies(options, store.path, &found);
  if (!status.ok()) {
    return DamageError(status, store.path);
  }
  for (const std::string& name : found) {
    if (name != rocksdb::kDefaultColumnFamilyName &&
        std::find(kFamilyNames.begin(), kFamilyNames.end(), name) == kFamilyNames.end()) {
      return absl::FailedPreconditionError(
          absl::StrCat("store: ", store.path, " has the unknown family ", name,
                       "; open it with the newer program that made it"));
    }
  }
  if (found.size() == kFamilyNames.size() + 1) {
    return false;
  }
  if (std::find(found.begin(), found.end(), kFamilyNames[0]) != found.end()) {
    const absl::StatusOr<std::optional<uint32_t>> version = FormatOfComplete(options, store.path);
    if (!version.ok()) {
      return version.status();
    }
    if (version->has_value()) {
      if (HasFamiliesOf(**version, found)) return true;
      return absl::DataLossError(
          absl::StrCat("store: ", store.path, " lacks a family", std::string(kRestore)));
    }
  }
  if (!store.create_if_missing) {
    return absl::FailedPreconditionError(absl::StrCat(
        "store: ", store.path,
        " is not a store of ours, or its creation was cut short; create it again to finish"));
  }
  return true;
}

bool AllEmpty(const Database& database) {
  return std::all_of(database.handles.begin(), database.handles.end(), [&](auto* handle) {
    const std::unique_ptr<rocksdb::Iterator> it(
        database.db->NewIterator(rocksdb::ReadOptions(), handle));
    it->SeekToFirst();
    return !it->Valid() && it->status().ok();
  });
}

absl::Status WriteMarks(const Database& database, std::optional<std::string_view> id) {
  const char format[4] = {kStoreFormatVersion >> 24 & 0xff, kStoreFormatVersion >> 16 & 0xff,
                          kStoreFormatVersion >> 8 & 0xff, kStoreFormatVersion & 0xff};
  rocksdb::WriteBatch marks;
  rocksdb::Status status =
      marks.Put(database.Handle(Family::kMeta), ToSlice(kFormatKey), {format, sizeof(format)});
  if (status.ok() && id.has_value()) {
    status = marks.Put(database.Handle(Family::kMeta), ToSlice(kIdKey), ToSlice(*id));
  }
  rocksdb::WriteOptions write;
  write.sync = true;
  if (status.ok()) {
    status = database.db->Write(write, &marks);
  }
  return FromRocks(status, "store marks");
}

// Writes the marks of a new store; the format comes with the id, so both are there or neither.
absl::Status Initialize(const Database& database, const RocksStoreOptions& options) {
  if (!options.create_if_missing || !AllEmpty(database)) {
    return absl::FailedPreconditionError(
        absl::StrCat("store: ", options.path, " is a RocksDB database, but not a store of ours"));
  }
  if (options.new_store_id == std::array<uint8_t, 16>{}) {
    return absl::InvalidArgumentError("store: a new store needs a random id");
  }
  return WriteMarks(database,
                    std::string_view(reinterpret_cast<const char*>(options.new_store_id.data()),
                                     options.new_store_id.size()));
}

// The store's id as text, after its format was found to be one we know.
absl::StatusOr<std::string> ReadMarks(const Database& database, const RocksStoreOptions& options) {
  std::string format;
  std::string id;
  rocksdb::ColumnFamilyHandle* meta = database.Handle(Family::kMeta);
  rocksdb::Status status =
      database.db->Get(rocksdb::ReadOptions(), meta, ToSlice(kFormatKey), &format);
  if (status.IsNotFound()) {
    if (absl::Status made = Initialize(database, options); !made.ok()) {
      return made;
    }
    status = database.db->Get(rocksdb::ReadOptions(), meta, ToSlice(kFormatKey), &format);
  }
  if (status.ok()) {
    status = database.db->Get(rocksdb::ReadOptions(), meta, ToSlice(kIdKey), &id);
  }
  if (!status.ok() || format.size() != 4 || id.size() != options.new_store_id.size()) {
    return absl::DataLossError(absl::StrCat("store: the marks in ", options.path,
                                            " are not readable", std::string(kRestore)));
  }
  const uint32_t version = FormatOf(format);
  if (version == 0 || version > kStoreFormatVersion) {
    return absl::FailedPreconditionError(absl::StrCat(
        "store: ", options.path, " has format ", version, ", this program knows formats up to ",
        kStoreFormatVersion, "; open it with the newer program that made it"));
  }
  if (version < kStoreFormatVersion) {
    if (absl::Status marked = WriteMarks(database, std::nullopt); !marked.ok()) {
      return marked;
    }
  }
  return absl::BytesToHexString(id);
}

// Whether families may be made that are not there.
absl::StatusOr<bool> Prepare(const rocksdb::DBOptions& db_options,
                             const RocksStoreOptions& options) {
  if (options.create_if_missing) {
    if (absl::Status made = MakeDirectory(options.path); !made.ok()) {
      return made;
    }
  }
  const absl::StatusOr<DirectoryState> state = InspectDirectory(options.path);
  if (!state.ok()) {
    return state.status();
  }
  if (*state == DirectoryState::kEmpty && !options.create_if_missing) {
    return absl::NotFoundError(absl::StrCat("store: ", options.path,
                                            " is empty; check the path, or create a store there"));
  }
  if (absl::Status alone = CheckNobodyElse(db_options.env, options.path); !alone.ok()) {
    return alone;
  }
  if (absl::Status room = TryToWrite(options.path); !room.ok()) {
    return room;
  }
  if (*state != DirectoryState::kStore) return true;
  return CheckFamilies(db_options, options);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> OpenRocksStore(const RocksStoreOptions& options) {
  auto stop = std::make_shared<StopFlag>();
  rocksdb::DBOptions db_options;
  db_options.env = options.env == nullptr ? rocksdb::Env::Default() : options.env;
  const absl::StatusOr<bool> may_grow = Prepare(db_options, options);
  if (!may_grow.ok()) {
    return may_grow.status();
  }
  TuneDatabase(TakesDirectWrites(options.path), &db_options);
  // Safe: Prepare() let only an empty directory or an unfinished store through to it.
  db_options.create_if_missing = options.create_if_missing;
  db_options.create_missing_column_families = *may_grow;
  db_options.listeners.push_back(stop);

  auto database = std::make_unique<Database>();
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status =
      rocksdb::DB::Open(db_options, options.path, FamilyDescriptors(), &database->handles, &db);
  database->db.reset(db);
  if (!status.ok()) {
    return DamageError(status, options.path);
  }
  absl::StatusOr<std::string> id = ReadMarks(*database, options);
  if (!id.ok()) {
    return id.status();
  }
  if (stop->raised()) {
    return absl::InternalError(
        absl::StrCat("store open ", options.path, ": a background error; look at the disk"));
  }
  return std::make_unique<RocksStore>(std::move(database), std::move(stop),
                                      !options.unsafe_no_sync_for_tests, *std::move(id),
                                      options.path);
}

}  // namespace ladon::storage
