// What becomes durable together: the entries of up to kBatchSubmissionsMax submissions, everything
// else that their callers change, and who is to be told.
//
// Put together by the applier, sealed, then written (journal_writer.h). Once it is handed over, the
// applier only reads what stands in `batch`, and of the entries what sealing does not touch:
// everything but the commitments.
#ifndef LADON_LEDGER_GROUP_H_
#define LADON_LEDGER_GROUP_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "ledger/command.h"
#include "ledger/tree.h"
#include "storage/batch.h"
#include "storage/overlay.h"

namespace ladon::ledger {

// What a submission will be told once its group is durable.
struct Answer {
  absl::Status status;  // OK, or the error of its check.
  Outcome outcome;
};

// Entries whose memory a group keeps for its next use: more than a full one usually has.
inline constexpr size_t kSpareEntriesMax = 4'096;

struct Group {
  explicit Group(const storage::Reader* below) : overlay(below, &batch) {}

  // Empties a group that was written, for another use. Entries that somebody still holds are left
  // to them; the rest keep their memory.
  void Reuse(const storage::Reader* below) {
    batch = {};
    sealed = {};
    edge = nullptr;
    last = false;
    overlay.Rebase(below);
    for (std::shared_ptr<Entry>& entry : entries) {
      if (!IsOurs(entry)) continue;
      if (spare.size() >= kSpareEntriesMax) break;
      entry->Clear();
      spare.push_back(std::move(entry));
    }
    entries.clear();
    answers.clear();
  }
  // Nobody else holds it, and whoever did is done with it.
  static bool IsOurs(const std::shared_ptr<Entry>& entry) {
#if defined(__SANITIZE_THREAD__)
    return entry == nullptr;  // Knows no fences: under the sanitizer every entry is a new one.
#else
    if (entry.use_count() != 1) return false;
    std::atomic_thread_fence(std::memory_order_acquire);
    return true;
#endif
  }
  // Adds `entry`, which gets the memory of an earlier one in exchange.
  void Add(Entry* entry) {
    if (spare.empty()) {
      entries.push_back(std::make_shared<Entry>());
    } else {
      entries.push_back(std::move(spare.back()));
      spare.pop_back();
    }
    std::swap(*entries.back(), *entry);
  }

  uint64_t first_index = 0;
  bool last = false;  // No other comes behind it.
  storage::Batch batch;
  storage::Overlay overlay;
  std::vector<std::shared_ptr<Entry>> entries;
  std::vector<std::pair<std::function<void(const absl::Status&, const Outcome&)>, Answer>> answers;
  std::vector<std::shared_ptr<Entry>> spare;

  // Made by sealing: the blocks and full tiles, and what the journal is with them.
  storage::Batch sealed;
  std::pair<uint64_t, Digest> head;  // Number of entries, and their root.
  std::shared_ptr<const Tree::Edge> edge;
};

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_GROUP_H_
