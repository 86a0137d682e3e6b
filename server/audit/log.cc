#include "server/audit/log.h"

#include <algorithm>
#include <cassert>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "server/audit/meta.h"
#include "server/audit/query.h"

namespace ladon::audit {
namespace {

using ledger::FullTile;
using storage::Family;

absl::Status Damage(uint64_t record, const char* what) {
  return absl::DataLossError(
      absl::StrCat("security log: record ", record, " ", what, std::string(kAdvice)));
}

void PutTile(const FullTile& tile, storage::Batch* batch) {
  batch->Put(Family::kTree, RecordTileKey(tile.level, tile.number),
             ledger::EncodeTile(tile.hashes));
}

}  // namespace

std::string RecordKey(uint64_t index) {
  std::string key(8, '\0');
  for (size_t i = 0; i < key.size(); ++i) key[i] = static_cast<char>(index >> (56 - 8 * i));
  return key;
}

uint64_t IndexOf(std::string_view key) {
  return ledger::ByteReader(key).U64();
}

// What a start reads, in its order.
class Log::Replay {
 public:
  Replay(Log* log, storage::Store* store) : log_(*log), store_(*store) {}

  absl::Status Run(bool verify_all) {
    absl::StatusOr<Mark> mark = ReadMark(store_);
    if (!mark.ok()) return mark.status();
    mark_ = *std::move(mark);
    const absl::StatusOr<uint64_t> first = ReadFirst(store_);
    if (!first.ok()) return first.status();
    log_.first_ = *first;
    absl::StatusOr<std::vector<Origin>> origins = ReadOrigins(store_);
    if (!origins.ok()) return origins.status();
    log_.origins_ = *std::move(origins);
    if (absl::Status begun = Begin(verify_all); !begun.ok()) return begun;
    if (absl::Status read = ReadRecords(); !read.ok()) return read;
    if (!made_.empty()) return store_.Write(made_);
    return absl::OkStatus();
  }

 private:
  // Where the reading begins: at the mark, or at the first record there is, also when a store of
  // before has no tiles up to the mark.
  absl::Status Begin(bool verify_all) {
    absl::Status restored = absl::NotFoundError("");
    if (!verify_all) restored = log_.tree_.Restore(std::max(mark_.tree.size(), log_.first()));
    if (absl::IsNotFound(restored)) restored = log_.tree_.Restore(log_.first());
    if (absl::IsNotFound(restored)) return absl::DataLossError(restored.message());
    if (!restored.ok()) return restored;
    return CheckMark();
  }

  // The tree leads to what was marked, as soon as it is as large.
  absl::Status CheckMark() {
    const auto [size, root] = log_.tree_.Head();
    if (size != mark_.tree.size()) return absl::OkStatus();
    log_.last_at_ns_ = mark_.last_at_ns;
    if (root == mark_.tree.Root()) return absl::OkStatus();
    return absl::DataLossError(absl::StrCat("security log: the first ", size,
                                            " records are not those that were marked",
                                            std::string(kAdvice)));
  }

  absl::Status ReadRecords() {
    const uint64_t counted = log_.tree_.Head().first;
    RecordCursor cursor(log_);
    const absl::StatusOr<uint64_t> end = cursor.End();
    if (!end.ok()) return end.status();
    const uint64_t size = std::max(*end, std::max(mark_.tree.size(), log_.first()));
    // From the last record before, which must be there, onwards.
    for (uint64_t index = counted == log_.first() ? counted : counted - 1; index < size; ++index) {
      const absl::StatusOr<const ledger::AuditLeaf*> leaf = cursor.Read(index);
      if (absl::IsNotFound(leaf.status())) return Damage(index, "is missing");
      if (absl::IsDataLoss(leaf.status())) {
        return absl::DataLossError(absl::StrCat(leaf.status().message(), std::string(kAdvice)));
      }
      if (!leaf.ok()) return leaf.status();
      const uint64_t at_ns = (*leaf)->at_ns;
      if (index < counted ? at_ns != log_.last_at_ns_ : at_ns < log_.last_at_ns_) {
        return Damage(index, "is damaged");
      }
      if (index < counted) continue;
      log_.last_at_ns_ = at_ns;
      if (absl::Status added = Add(*ledger::EncodeAuditLeaf(**leaf)); !added.ok()) return added;
      if (absl::Status marked = CheckMark(); !marked.ok()) return marked;
    }
    log_.size_ = size;
    log_.durable_size_ = size;
    return absl::OkStatus();
  }

  // Its tiles must be as they are stored; those that are not there are made.
  absl::Status Add(std::string_view record) {
    for (const FullTile& tile : log_.tree_.Append(record)) {
      const auto stored = store_.Get(Family::kTree, RecordTileKey(tile.level, tile.number));
      if (!stored.ok()) return stored.status();
      if (!stored->has_value()) {
        PutTile(tile, &made_);
      } else if (**stored != ledger::EncodeTile(tile.hashes)) {
        return absl::DataLossError(absl::StrCat("security log: tile ", tile.number, " of level ",
                                                tile.level, " is not that of its records",
                                                std::string(kAdvice)));
      }
    }
    if (made_.bytes() >= storage::kBatchBytesMax) {
      if (absl::Status written = store_.Write(made_); !written.ok()) return written;
      made_ = {};
    }
    if (made_.empty()) log_.tree_.SetDurable(log_.tree_.Head().first);
    return absl::OkStatus();
  }

  Log& log_;
  storage::Store& store_;
  Mark mark_;
  storage::Batch made_;  // Tiles.
};

absl::StatusOr<std::unique_ptr<Log>> Log::Open(storage::Store* store, const LogOptions& options) {
  std::unique_ptr<Log> log(new Log(store, options.discard));
  if (absl::Status s = Replay(log.get(), store).Run(options.verify_all); !s.ok()) return s;
  log->tree_.SetDurable(log->durable_size());
  return log;
}

uint64_t Log::Append(ledger::AuditLeaf leaf, storage::Overlay* overlay) {
  if (discard_) return kDiscarded;
  leaf.index = size_;
  leaf.at_ns = std::max(leaf.at_ns, last_at_ns_);
  const absl::StatusOr<std::string> bytes = ledger::EncodeAuditLeaf(leaf);
  assert(bytes.ok());  // Every text in it was bounded when the caller was identified.
  PutRecord(leaf, overlay);
  for (const FullTile& tile : tree_.Append(*bytes)) {
    overlay->Put(Family::kTree, RecordTileKey(tile.level, tile.number),
                 ledger::EncodeTile(tile.hashes));
    tree_.SetDurable(durable_size());
  }
  last_at_ns_ = leaf.at_ns;
  if (++size_ % kMarkEvery == 0) {
    PutMark({.tree = tree_.Peaks(), .last_at_ns = last_at_ns_}, overlay);
  }
  return leaf.index;
}

// Behind those of the same batch, or in a block of its own.
void Log::PutRecord(const ledger::AuditLeaf& leaf, storage::Overlay* overlay) {
  entry_.Clear();
  if (leaf.index % kBlockRecordsMax != 0 && !block_key_.empty()) {
    block_.Add(leaf, &entry_);
    if (overlay->Append(Family::kAuditLog, block_key_, entry_.view())) return;
    entry_.Clear();
  }
  block_key_ = RecordKey(leaf.index);
  block_.Begin(leaf.index, &entry_);
  block_.Add(leaf, &entry_);
  overlay->Put(Family::kAuditLog, block_key_, std::string(entry_.view()));
}

void Log::MarkDurable(uint64_t index) {
  if (index != kDiscarded && index >= durable_size_.load()) durable_size_.store(index + 1);
}

uint64_t Log::ArchivableEnd() const {
  const uint64_t marked = durable_size() / kMarkEvery * kMarkEvery;
  return marked == 0 ? 0 : marked - kMarkEvery;
}

void Log::Drop(uint64_t end, storage::Overlay* overlay) {
  assert(end <= ArchivableEnd());
  const uint64_t from = first();
  const uint64_t to = std::min(end, from + kDroppedAtOnceMax);
  if (to <= from) return;
  // No block reaches over a multiple of its largest size.
  const std::unique_ptr<storage::Scan> scan = store_->NewScan(Family::kAuditLog);
  for (scan->Seek(RecordKey(from)); scan->Valid() && IndexOf(scan->key()) < to; scan->Next()) {
    overlay->Delete(Family::kAuditLog, scan->key());
  }
  PutFirst(to, overlay);
  first_ = to;
}

std::vector<Log::Origin> Log::origins() const {
  const std::scoped_lock lock(origins_mutex_);
  return origins_;
}

void Log::AddOrigin(const Origin& origin, storage::Overlay* overlay) {
  const std::scoped_lock lock(origins_mutex_);
  origins_.push_back(origin);
  PutOrigins(origins_, overlay);
}

}  // namespace ladon::audit
