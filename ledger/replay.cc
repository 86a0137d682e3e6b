#include "ledger/replay.h"

#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ledger/index.h"
#include "ledger/journal.h"
#include "ledger/proof/merkle.h"

namespace ladon::ledger {
namespace {

using storage::Family;

// Entries between two calls of on_progress, about; blocks are not split.
constexpr uint64_t kProgressEntries = 10'000;
constexpr size_t kTilesWrittenAtOnce = size_t{8} << 20;

absl::Status EntryError(uint64_t index, std::string_view what) {
  return absl::DataLossError(
      absl::StrCat("journal: entry ", index, ": ", absl::string_view(what.data(), what.size())));
}

class Replay {
 public:
  Replay(const ReplayOptions& options, std::function<void(const absl::Status&)> on_error)
      : options_(options), store_(*options.store) {
    state_.tree = std::make_unique<Tree>();
    state_.operations = std::make_unique<OperationIndex>(options.store, std::move(on_error));
  }

  absl::StatusOr<Replayed> Run() {
    if (absl::Status head = ReadHead(); !head.ok()) return head;
    uint64_t from = 0;
    if (!options_.from_the_beginning) {
      absl::StatusOr<uint64_t> restored = RestoreWritten();
      if (!restored.ok()) return restored.status();
      from = *restored;
    }
    // The index of operations is read beside: it takes as long as the journal's tail.
    absl::Status operations;
    std::thread loader([&] { operations = state_.operations->Load(operations_done_); });
    absl::Status walked = Walk(from);
    loader.join();
    if (!walked.ok()) return walked;
    if (!operations.ok()) return operations;
    for (const NewOperation& one : new_operations_) {
      state_.operations->Add(one.operation, one.nonce, one.index);
    }
    if (absl::Status balanced = CheckBalanced(); !balanced.ok()) return balanced;
    state_.machine.FinishReplay();
    state_.tree->Publish(state_.tree->TakeEdge());
    state_.size = state_.tree->size();
    if (options_.on_progress) options_.on_progress(state_.tree->size());
    return std::move(state_);
  }

 private:
  struct NewOperation {
    OperationKey operation;
    Nonce nonce;
    uint64_t index = 0;
  };

  absl::Status ReadHead() {
    const auto head = GetHead(store_);
    if (!head.ok()) return head.status();
    if (head->has_value()) {
      head_size_ = (*head)->first;
      head_root_ = (*head)->second;
    }
    const auto operations = GetIndex(store_, Family::kMeta, std::string(kOperationsDoneKey));
    if (!operations.ok()) return operations.status();
    operations_done_ = operations->value_or(0);
    return absl::OkStatus();
  }

  // Takes what was written behind, and tells the first entry to be read; 0: nothing was.
  absl::StatusOr<uint64_t> RestoreWritten() {
    const auto done = GetIndex(store_, Family::kMeta, std::string(kAccountsDoneKey));
    if (!done.ok()) return done.status();
    if (!done->has_value()) return uint64_t{0};
    if (**done > head_size_ || operations_done_ > head_size_) {
      return EntryError(head_size_, "the accounts written behind are ahead of the journal");
    }
    Accounts accounts;
    std::vector<uint64_t> holds;
    const std::unique_ptr<storage::Scan> scan = store_.NewScan(Family::kAccounts);
    for (scan->Seek(""); scan->Valid(); scan->Next()) {
      if (absl::Status s = RestoreRow(scan->key(), scan->value(), &accounts, &holds); !s.ok()) {
        return s;
      }
    }
    if (!scan->status().ok()) return scan->status();
    state_.machine.StartRestored(std::move(accounts));
    for (const uint64_t index : holds) {
      const absl::StatusOr<Entry> hold = ReadJournalEntry(store_, *options_.salts, index);
      if (!hold.ok()) return hold.status();
      if (absl::Status held = state_.machine.RestoreHold(*hold); !held.ok()) return held;
    }
    state_.pages_complete = true;
    state_.accounts_done = **done;
    return RestoreTree(std::min(**done, operations_done_));
  }

  absl::Status RestoreRow(std::string_view key, std::string_view value, Accounts* accounts,
                          std::vector<uint64_t>* holds) {
    switch (key.empty() ? '\0' : key.front()) {
      case 'p':
        if (key != PageKey(static_cast<uint32_t>(accounts->page_count()))) {
          return absl::DataLossError("accounts: a page is missing");
        }
        return accounts->RestorePage(value);
      case 's': {
        ByteReader in(value);
        const absl::StatusOr<Opening> limits = ReadOpening(kSchoolLimitsKind, &in);
        if (!limits.ok() || !in.AtEnd()) {
          return absl::DataLossError("accounts: a school's limits are out of form");
        }
        state_.machine.RestoreSchoolLimits(std::get<SchoolLimits>(*limits));
        return absl::OkStatus();
      }
      case 'h': {
        const absl::StatusOr<HoldRow> row = DecodeHold(value);
        if (!row.ok()) return row.status();
        if (row->state == HoldState::kOpen) holds->push_back(row->index);
        return absl::OkStatus();
      }
      default:
        return absl::DataLossError("accounts: an unknown key");
    }
  }

  // Lets the tree go on from the block that holds entry `from`, or from the last block. Tells the
  // block's first entry.
  absl::StatusOr<uint64_t> RestoreTree(uint64_t from) {
    const std::unique_ptr<storage::Scan> scan = store_.NewScan(Family::kJournal);
    scan->SeekForPrev(JournalKey(from));
    if (!scan->Valid()) {
      return scan->status().ok() ? EntryError(from, "missing") : scan->status();
    }
    const absl::StatusOr<BlockReader> block = BlockReader::Open(scan->key(), scan->value());
    if (!block.ok()) return block.status();
    const uint64_t first = block->first_index();
    const uint64_t whole = first / kTileWidth * kTileWidth;
    const absl::StatusOr<std::vector<std::string>> leaves =
        ReadLeaves(store_, whole, static_cast<size_t>(first - whole));
    if (!leaves.ok()) return leaves.status();
    std::vector<Digest> tail;
    for (const std::string& leaf : *leaves) tail.push_back(HashLeaf(leaf));
    if (absl::Status s = state_.tree->Restore(first, std::move(tail), store_); !s.ok()) return s;
    if (first > 0) {
      const absl::StatusOr<Entry> before = ReadJournalEntry(store_, *options_.salts, first - 1);
      if (!before.ok()) return before.status();
      state_.last_booked_at_ns = before->leaf.booked_at_ns;
    }
    state_.verified_from = first;
    return first;
  }

  absl::Status Walk(uint64_t from) {
    const std::unique_ptr<storage::Scan> scan = store_.NewScan(Family::kJournal);
    storage::Batch missing_tiles;
    uint64_t told = from;
    for (scan->Seek(JournalKey(from)); scan->Valid(); scan->Next()) {
      absl::StatusOr<BlockReader> block = BlockReader::Open(scan->key(), scan->value());
      if (!block.ok()) return block.status();
      const uint64_t size = state_.tree->size();
      if (block->first_index() != size) {
        return EntryError(size,
                          absl::StrCat("missing; the next block begins at ", block->first_index()));
      }
      if (absl::Status s = ReplayBlock(&*block); !s.ok()) return s;
      if (absl::Status s = RestoreTiles(&missing_tiles); !s.ok()) return s;
      if (options_.on_progress && state_.tree->size() - told >= kProgressEntries) {
        told = state_.tree->size();
        options_.on_progress(told);
      }
    }
    if (!scan->status().ok()) return scan->status();
    const uint64_t size = state_.tree->size();
    if (head_size_ != size) {
      return EntryError(std::min(head_size_, size),
                        absl::StrCat("the journal ends at ", size, ", its head says ", head_size_));
    }
    if (size > 0 && head_root_ != state_.tree->Root()) {
      return EntryError(size - 1, "the head tells another root");
    }
    return missing_tiles.empty() ? absl::OkStatus() : options_.store->Write(missing_tiles);
  }

  absl::Status ReplayBlock(BlockReader* block) {
    for (uint32_t i = 0; i < block->count(); ++i) {
      const uint64_t index = state_.tree->size();
      std::string_view leaf;
      const absl::StatusOr<Entry> entry = block->Next(&leaf);
      if (!entry.ok()) return entry.status();
      if (index > 0 && entry->leaf.booked_at_ns <= state_.last_booked_at_ns) {
        return EntryError(index, "booked before the entry before it");
      }
      if (index == 0 && (entry->leaf.kind != EntryKind::kOrigin ||
                         entry->leaf.content != OriginContent(store_))) {
        return EntryError(index, "not the origin of this store's journal");
      }
      if (absl::Status sealed = CheckSeal(*options_.salts, *entry); !sealed.ok()) {
        return EntryError(index, std::string(sealed.message()));
      }
      if (absl::Status replayed = state_.machine.Replay(*entry); !replayed.ok()) {
        return EntryError(index, std::string(replayed.message()));
      }
      state_.tree->Append(leaf);
      state_.last_booked_at_ns = entry->leaf.booked_at_ns;
      if (index >= operations_done_) {
        new_operations_.push_back({entry->leaf.operation, entry->leaf.nonce, index});
      } else if (options_.from_the_beginning) {
        if (absl::Status indexed = CheckIndexed(entry->leaf); !indexed.ok()) return indexed;
      }
    }
    if (absl::Status finished = block->Finish(); !finished.ok()) return finished;
    const uint64_t last = state_.tree->size() - 1;
    if (block->root() != state_.tree->Root()) {
      return EntryError(last, "the root after its block is another one");
    }
    if (block->last_booked_at_ns() != state_.last_booked_at_ns) {
      return EntryError(last, "its block tells another time");
    }
    return absl::OkStatus();
  }

  // The index of operations is behind the journal and not derived again as a whole. What it lacks
  // (a backup may have its mark without the last run of it) is put in; what it says must be so.
  absl::Status CheckIndexed(const Leaf& leaf) {
    bool missing = false;
    const auto look = [&](const std::string& key) -> absl::Status {
      const auto found = GetIndex(store_, Family::kOperations, key);
      if (!found.ok()) return found.status();
      missing = missing || !found->has_value();
      return !found->has_value() || **found == leaf.index
                 ? absl::OkStatus()
                 : EntryError(leaf.index, "the index of operations names another entry for it");
    };
    absl::Status looked;
    if (!leaf.operation.IsZero()) looked = look(OperationIndexKey(leaf.operation));
    if (looked.ok() && !leaf.nonce.IsZero()) looked = look(NonceKey(leaf.nonce));
    if (missing) new_operations_.push_back({leaf.operation, leaf.nonce, leaf.index});
    return looked;
  }

  absl::Status RestoreTiles(storage::Batch* missing) {
    for (const FullTile& tile : state_.tree->TakeFullTiles()) {
      const std::string key = TileKey(tile.level, tile.number);
      const absl::StatusOr<std::optional<std::string>> stored = store_.Get(Family::kTree, key);
      if (!stored.ok()) return stored.status();
      std::string bytes = EncodeTile(tile.hashes);
      if (!stored->has_value()) {
        missing->Put(Family::kTree, key, std::move(bytes));
      } else if (**stored != bytes) {
        return absl::DataLossError(absl::StrCat("journal tree: tile ", tile.number, " of level ",
                                                tile.level, " is not that of the journal"));
      }
    }
    if (missing->bytes() < kTilesWrittenAtOnce) return absl::OkStatus();
    absl::Status written = options_.store->Write(*missing);
    *missing = {};
    return written;
  }

  // Whatever the way here: money is only ever moved.
  absl::Status CheckBalanced() const {
    const Accounts& accounts = state_.machine.accounts();
    __int128 balance = 0;
    __int128 pending = 0;
    for (size_t slot = 0; slot < accounts.size(); ++slot) {
      const Standing& now = accounts.at(static_cast<Accounts::Slot>(slot)).now;
      balance += now.balance_kopecks;
      pending += static_cast<__int128>(now.debits_pending_kopecks) - now.credits_pending_kopecks;
    }
    if (balance == 0 && pending == 0) return absl::OkStatus();
    return absl::DataLossError("accounts: the balances do not sum to zero");
  }

  const ReplayOptions& options_;
  const storage::Store& store_;
  Replayed state_;
  uint64_t head_size_ = 0;
  Digest head_root_;
  uint64_t operations_done_ = 0;
  std::vector<NewOperation> new_operations_;
};

}  // namespace

Digest OriginContent(const storage::Store& store) {
  return Sha256(absl::StrCat("ladon/origin/v1", store.store_id()));
}

absl::StatusOr<Replayed> ReplayJournal(const ReplayOptions& options,
                                       std::function<void(const absl::Status&)> on_error) {
  return Replay(options, std::move(on_error)).Run();
}

}  // namespace ladon::ledger
