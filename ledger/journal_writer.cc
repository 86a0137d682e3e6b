#include "ledger/journal_writer.h"

#include <array>
#include <cassert>
#include <chrono>
#include <utility>
#include <vector>

#include "ledger/index.h"
#include "ledger/prefetch.h"

namespace ladon::ledger {

using storage::Family;

namespace {

// Another thread has just put the entries together; they come from its processor's cache.
void PrefetchAround(const std::vector<std::shared_ptr<Entry>>& entries, size_t at) {
  constexpr size_t kNear = 2;
  constexpr size_t kFar = 4;
  if (at + kFar >= entries.size()) return;
  PrefetchLines(entries[at + kFar].get(), sizeof(Entry));
  const std::vector<Opening>& openings = entries[at + kNear]->openings;
  PrefetchLines(openings.data(), openings.size() * sizeof(Opening));
}

}  // namespace

void JournalWriter::CloseBlock(storage::Batch* sealed) {
  if (block_->empty()) {
    return;
  }
  sealed->Put(Family::kJournal, JournalKey(block_->first_index()),
              block_->Finish(tree_->Root(), last_booked_at_ns_));
  block_ = std::make_unique<BlockWriter>(tree_->size());
}

void JournalWriter::SealOne(Entry* entry, storage::Batch* sealed) {
  assert(entry->leaf.index == tree_->size());
  assert(entry->leaf.booked_at_ns > last_booked_at_ns_ || tree_->size() == 0);
  openings_.Clear();
  SealEntry(salts_, entry, &openings_);
  leaf_.Clear();
  [[maybe_unused]] const absl::Status encoded = AppendLeaf(entry->leaf, &leaf_);
  assert(encoded.ok());  // The sequencer takes no command that would have no encoding.
  tree_->Append(leaf_.view());
  last_booked_at_ns_ = entry->leaf.booked_at_ns;
  block_->Add(leaf_.view(), openings_.view(), entry->previous);
  if (block_->full()) {
    CloseBlock(sealed);
  }
}

void JournalWriter::Seal(Group* group) {
  assert(group->first_index == tree_->size() && group->sealed.empty());
  block_ = std::make_unique<BlockWriter>(tree_->size());
  for (size_t i = 0; i < group->entries.size(); ++i) {
    PrefetchAround(group->entries, i);
    SealOne(group->entries[i].get(), &group->sealed);
  }
  CloseBlock(&group->sealed);
  for (const FullTile& tile : tree_->TakeFullTiles()) {
    group->sealed.Put(Family::kTree, TileKey(tile.level, tile.number), EncodeTile(tile.hashes));
  }
  group->head = {tree_->size(), tree_->Root()};
  if (!group->entries.empty()) {
    PutHead(group->head.first, group->head.second, &group->sealed);
  }
  group->edge = tree_->TakeEdge();
}

absl::Status JournalWriter::Write(Group* group) {
  assert(group->edge != nullptr);
  // Nothing to write: everything the group's members could have read is durable already.
  if (!group->batch.empty() || !group->sealed.empty()) {
    const std::array<const storage::Batch*, 2> batches = {&group->batch, &group->sealed};
    const auto begin = std::chrono::steady_clock::now();
    if (absl::Status written = store_->Write(batches); !written.ok()) {
      return written;
    }
    if (on_written_) on_written_(std::chrono::steady_clock::now() - begin);
  }
  tree_->Publish(std::move(group->edge));
  return absl::OkStatus();
}

}  // namespace ladon::ledger
