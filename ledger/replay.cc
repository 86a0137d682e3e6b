// Applier::Open(): the journal read from its first block to its last, verified on the way.
#include <string>

#include "absl/strings/str_cat.h"
#include "ledger/applier.h"
#include "ledger/index.h"

namespace ladon::ledger {
namespace {

using storage::Family;

// Entries between two calls of on_progress, about; blocks are not split.
constexpr uint64_t kProgressEntries = 10'000;
constexpr size_t kTilesWrittenAtOnce = size_t{8} << 20;

absl::Status EntryError(uint64_t index, std::string_view what) {
  return absl::DataLossError(absl::StrCat("journal: entry ", index, ": ", std::string(what)));
}

// The origin leaf says whose journal this is.
Digest OriginContent(const std::string& store_id) {
  return Sha256(absl::StrCat("ladon/origin/v1", store_id));
}

}  // namespace

absl::Status Applier::ReplayBlock(BlockReader* block) {
  for (uint32_t i = 0; i < block->count(); ++i) {
    const uint64_t index = tree_.size();
    std::string_view leaf;
    const absl::StatusOr<Entry> entry = block->Next(&leaf);
    if (!entry.ok()) {
      return entry.status();
    }
    if (index > 0 && entry->leaf.booked_at_ns <= last_booked_at_ns_) {
      return EntryError(index, "booked before the entry before it");
    }
    if (index == 0 && (entry->leaf.kind != EntryKind::kOrigin ||
                       entry->leaf.content != OriginContent(store_->store_id()))) {
      return EntryError(index, "not the origin of this store's journal");
    }
    if (absl::Status replayed = machine_.Replay(*entry); !replayed.ok()) {
      return EntryError(index, std::string(replayed.message()));
    }
    tree_.Append(leaf);
    last_booked_at_ns_ = entry->leaf.booked_at_ns;
  }
  if (absl::Status finished = block->Finish(); !finished.ok()) {
    return finished;
  }
  const uint64_t last = tree_.size() - 1;
  if (block->root() != tree_.Root()) {
    return EntryError(last, "the root after its block is another one");
  }
  if (block->last_booked_at_ns() != last_booked_at_ns_) {
    return EntryError(last, "its block tells another time");
  }
  return absl::OkStatus();
}

absl::Status Applier::RestoreTiles(storage::Batch* missing) {
  for (const FullTile& tile : tree_.TakeFullTiles()) {
    const std::string key = TileKey(tile.level, tile.number);
    const absl::StatusOr<std::optional<std::string>> stored = store_->Get(Family::kTree, key);
    if (!stored.ok()) {
      return stored.status();
    }
    const std::string bytes = EncodeTile(tile.hashes);
    if (!stored->has_value()) {
      missing->Put(Family::kTree, key, bytes);
    } else if (**stored != bytes) {
      return absl::DataLossError(absl::StrCat("journal tree: tile ", tile.number, " of level ",
                                              tile.level, " is not that of the journal"));
    }
  }
  if (missing->bytes() < kTilesWrittenAtOnce) {
    return absl::OkStatus();
  }
  absl::Status written = store_->Write(*missing);
  *missing = {};
  return written;
}

absl::Status Applier::Replay(const std::function<void(uint64_t)>& on_progress) {
  const std::unique_ptr<storage::Scan> scan = store_->NewScan(Family::kJournal);
  storage::Batch missing_tiles;
  uint64_t told = 0;
  for (scan->Seek(""); scan->Valid(); scan->Next()) {
    absl::StatusOr<BlockReader> block = BlockReader::Open(scan->key(), scan->value());
    if (!block.ok()) {
      return block.status();
    }
    if (block->first_index() != tree_.size()) {
      return EntryError(tree_.size(),
                        absl::StrCat("missing; the next block begins at ", block->first_index()));
    }
    if (absl::Status replayed = ReplayBlock(&*block); !replayed.ok()) {
      return replayed;
    }
    if (absl::Status restored = RestoreTiles(&missing_tiles); !restored.ok()) {
      return restored;
    }
    if (on_progress && tree_.size() - told >= kProgressEntries) {
      told = tree_.size();
      on_progress(told);
    }
  }
  if (!scan->status().ok()) {
    return scan->status();
  }
  const absl::StatusOr<std::optional<std::pair<uint64_t, Digest>>> head = GetHead(*store_);
  if (!head.ok()) {
    return head.status();
  }
  const uint64_t expected = head->has_value() ? (*head)->first : 0;
  if (expected != tree_.size()) {
    return EntryError(
        std::min(expected, tree_.size()),
        absl::StrCat("the journal ends at ", tree_.size(), ", its head says ", expected));
  }
  if (head->has_value() && (*head)->second != tree_.Root()) {
    return EntryError(tree_.size() - 1, "the head tells another root");
  }
  if (!missing_tiles.empty()) {
    if (absl::Status written = store_->Write(missing_tiles); !written.ok()) {
      return written;
    }
  }
  tree_.Publish();
  if (on_progress) {
    on_progress(tree_.size());
  }
  return absl::OkStatus();
}

absl::Status Applier::BookOrigin() {
  Entry origin;
  origin.leaf.kind = EntryKind::kOrigin;
  origin.leaf.booked_at_ns = NextTime();
  origin.leaf.content = OriginContent(store_->store_id());
  if (absl::Status appended = Append(std::move(origin)); !appended.ok()) {
    return appended;
  }
  return Commit();
}

absl::StatusOr<std::unique_ptr<Applier>> Applier::Open(const SequencerOptions& options) {
  std::unique_ptr<Applier> applier(new Applier(options));
  if (absl::Status replayed = applier->Replay(options.on_progress); !replayed.ok()) {
    return replayed;
  }
  applier->group_ = std::make_unique<Group>(options.store, applier->tree_.size());
  if (applier->tree_.size() == 0) {
    if (absl::Status booked = applier->BookOrigin(); !booked.ok()) {
      return booked;
    }
  }
  return applier;
}

}  // namespace ladon::ledger
