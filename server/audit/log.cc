#include "server/audit/log.h"

#include <algorithm>
#include <cassert>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "server/audit/meta.h"

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
    // From the last record before, which must be there, onwards.
    uint64_t index = counted == log_.first() ? counted : counted - 1;
    const std::unique_ptr<storage::Scan> scan = store_.NewScan(Family::kAuditLog);
    for (scan->Seek(RecordKey(index)); scan->Valid(); scan->Next(), ++index) {
      if (scan->key() != RecordKey(index)) return Damage(index, "is missing");
      const absl::StatusOr<ledger::AuditLeaf> leaf = ledger::DecodeAuditLeaf(scan->value());
      if (!leaf.ok() || leaf->index != index ||
          (index < counted ? leaf->at_ns != log_.last_at_ns_ : leaf->at_ns < log_.last_at_ns_)) {
        return Damage(index, "is damaged");
      }
      if (index < counted) continue;
      log_.last_at_ns_ = leaf->at_ns;
      if (absl::Status added = Add(scan->value()); !added.ok()) return added;
      if (absl::Status marked = CheckMark(); !marked.ok()) return marked;
    }
    if (absl::Status s = scan->status(); !s.ok()) return s;
    if (index < std::max(mark_.tree.size(), log_.first())) return Damage(index, "is missing");
    log_.size_ = index;
    log_.durable_size_ = index;
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

absl::StatusOr<std::unique_ptr<Log>> Log::Open(storage::Store* store, bool verify_all) {
  std::unique_ptr<Log> log(new Log(store));
  if (absl::Status read = Replay(log.get(), store).Run(verify_all); !read.ok()) return read;
  log->tree_.SetDurable(log->durable_size());
  return log;
}

uint64_t Log::Append(ledger::AuditLeaf leaf, storage::Overlay* overlay) {
  leaf.index = size_;
  leaf.at_ns = std::max(leaf.at_ns, last_at_ns_);
  const absl::StatusOr<std::string> bytes = ledger::EncodeAuditLeaf(leaf);
  assert(bytes.ok());  // Every text in it was bounded when the caller was identified.
  overlay->Put(Family::kAuditLog, RecordKey(leaf.index), *bytes);
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

void Log::MarkDurable(uint64_t index) {
  if (index >= durable_size_.load()) durable_size_.store(index + 1);
}

uint64_t Log::ArchivableEnd() const {
  const uint64_t marked = durable_size() / kMarkEvery * kMarkEvery;
  return marked == 0 ? 0 : marked - kMarkEvery;
}

void Log::Drop(uint64_t end, storage::Overlay* overlay) {
  assert(end <= ArchivableEnd());
  const uint64_t from = first();
  const uint64_t to = std::min(end, from + kDroppedAtOnceMax);
  for (uint64_t index = from; index < to; ++index) {
    overlay->Delete(Family::kAuditLog, RecordKey(index));
  }
  if (to <= from) return;
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
