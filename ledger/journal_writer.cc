#include "ledger/journal_writer.h"

#include <array>
#include <cassert>

#include "ledger/index.h"

namespace ladon::ledger {

using storage::Family;

void JournalWriter::CloseBlock() {
  if (block_->empty()) {
    return;
  }
  sealed_.Put(Family::kJournal, JournalKey(block_->first_index()),
              block_->Finish(tree_->Root(), last_booked_at_ns_));
  block_ = std::make_unique<BlockWriter>(tree_->size());
}

void JournalWriter::Seal(Entry* entry) {
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
    CloseBlock();
  }
}

absl::Status JournalWriter::Write(Group* group) {
  assert(group->first_index == tree_->size());
  sealed_ = {};
  block_ = std::make_unique<BlockWriter>(tree_->size());
  for (const std::shared_ptr<Entry>& entry : group->entries) {
    Seal(entry.get());
  }
  CloseBlock();
  for (const FullTile& tile : tree_->TakeFullTiles()) {
    sealed_.Put(Family::kTree, TileKey(tile.level, tile.number), EncodeTile(tile.hashes));
  }
  if (!group->entries.empty()) {
    PutHead(tree_->size(), tree_->Root(), &sealed_);
  }
  // Nothing to write: everything the group's members could have read is durable already.
  if (!group->batch.empty() || !sealed_.empty()) {
    const std::array<const storage::Batch*, 2> batches = {&group->batch, &sealed_};
    if (absl::Status written = store_->Write(batches); !written.ok()) {
      return written;
    }
  }
  tree_->Publish();
  return absl::OkStatus();
}

}  // namespace ladon::ledger
