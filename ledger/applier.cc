#include "ledger/applier.h"

#include <algorithm>
#include <cassert>

#include "absl/strings/str_cat.h"
#include "ledger/index.h"

namespace ladon::ledger {
namespace {

using storage::Family;

absl::Status IndexError(uint64_t index, std::string_view what) {
  return absl::DataLossError(absl::StrCat("ledger index: entry ", index, ": ", std::string(what)));
}

}  // namespace

uint64_t Applier::NextTime() const {
  return std::max(now_ns_(), last_booked_at_ns_ + 1);
}

void Applier::CloseBlock() {
  if (group_->block->empty()) {
    return;
  }
  const uint64_t first = group_->block->first_index();
  group_->overlay.Put(Family::kJournal, JournalKey(first),
                      group_->block->Finish(tree_.Root(), last_booked_at_ns_));
  group_->block = std::make_unique<BlockWriter>(tree_.size());
}

absl::Status Applier::Append(Entry entry) {
  assert(entry.leaf.index == tree_.size());
  assert(entry.leaf.booked_at_ns > last_booked_at_ns_ || tree_.size() == 0);
  const absl::StatusOr<std::string> leaf = EncodeLeaf(entry.leaf);
  if (!leaf.ok()) {
    return leaf.status();
  }
  tree_.Append(*leaf);
  last_booked_at_ns_ = entry.leaf.booked_at_ns;
  group_->block->Add(*leaf, entry.openings);
  IndexEntry(entry, &group_->overlay);
  group_->entries.push_back(std::move(entry));
  if (group_->block->full()) {
    CloseBlock();
  }
  return absl::OkStatus();
}

void Applier::PutTiles() {
  for (const FullTile& tile : tree_.TakeFullTiles()) {
    group_->overlay.Put(Family::kTree, TileKey(tile.level, tile.number), EncodeTile(tile.hashes));
  }
}

absl::Status Applier::Commit() {
  CloseBlock();
  PutTiles();
  if (!group_->entries.empty()) {
    PutHead(tree_.size(), tree_.Root(), &group_->overlay);
  }
  // Nothing to write: everything the group's members could have read is durable already.
  if (!group_->batch.empty()) {
    if (absl::Status written = store_->Write(group_->batch); !written.ok()) {
      return written;
    }
  }
  tree_.Publish();
  group_ = std::make_unique<Group>(store_, tree_.size());
  return absl::OkStatus();
}

std::optional<AccountView> Applier::Find(const AccountId& account) const {
  const std::lock_guard lock(accounts_mutex_);
  const AccountState* state = machine_.Find(account);
  if (state == nullptr) {
    return std::nullopt;
  }
  return AccountView{.terms = state->terms,
                     .balance_kopecks = state->balance_kopecks,
                     .last_sequence = state->sequence};
}

absl::StatusOr<Entry> Applier::ReadAny(uint64_t index, bool open_group) const {
  if (open_group && index >= group_->first_index) {
    const uint64_t at = index - group_->first_index;
    if (at >= group_->entries.size()) {
      return IndexError(index, "named, but not booked");
    }
    return group_->entries[at];
  }
  return ReadJournalEntry(*store_, secret_, index);
}

absl::StatusOr<Entry> Applier::ReadEntry(uint64_t index) const {
  return ReadAny(index, false);
}

std::vector<OpenedCommitment> Applier::Disclose(const Entry& entry,
                                                std::span<const uint16_t> ordinals) const {
  std::vector<OpenedCommitment> opened;
  opened.reserve(ordinals.size());
  for (const uint16_t ordinal : ordinals) {
    opened.push_back({.ordinal = ordinal,
                      .salt = DeriveSalt(secret_, entry.leaf.index, ordinal),
                      .opening = entry.openings.at(ordinal)});
  }
  return opened;
}

absl::StatusOr<std::optional<Entry>> Applier::ReadOperation(const OperationKey& operation,
                                                            bool open_group) const {
  const storage::Reader* reader = store_;
  if (open_group) {
    reader = &group_->overlay;
  }
  const absl::StatusOr<std::optional<uint64_t>> index =
      GetIndex(*reader, Family::kOperations, OperationIndexKey(operation));
  if (!index.ok()) {
    return index.status();
  }
  if (!index->has_value()) {
    return std::optional<Entry>();
  }
  absl::StatusOr<Entry> entry = ReadAny(**index, open_group);
  if (absl::IsNotFound(entry.status()) || (entry.ok() && entry->leaf.operation != operation)) {
    return IndexError(**index, "is not the operation that the index names");
  }
  if (!entry.ok()) {
    return entry.status();
  }
  return std::optional<Entry>(*std::move(entry));
}

absl::StatusOr<Outcome> Applier::StoredOutcome(Entry entry, bool open_group) const {
  Outcome outcome;
  outcome.code = static_cast<ResultCode>(entry.leaf.result);
  outcome.replayed = true;
  outcome.index = entry.leaf.index;
  // A cancel that made an id void names the id, and that id's entry says so.
  if (entry.leaf.kind == EntryKind::kOperation && !entry.leaf.document.IsZero()) {
    const absl::StatusOr<std::optional<Entry>> named =
        ReadOperation(OperationKey{entry.leaf.document}, open_group);
    if (!named.ok()) {
      return named.status();
    }
    outcome.burnt = named->has_value() && (*named)->leaf.kind == EntryKind::kBurnt;
  }
  outcome.entry = std::move(entry);
  return outcome;
}

absl::StatusOr<std::optional<Outcome>> Applier::ReadOutcome(const OperationKey& operation) const {
  absl::StatusOr<std::optional<Entry>> entry = ReadOperation(operation, false);
  if (!entry.ok()) {
    return entry.status();
  }
  if (!entry->has_value()) {
    return std::optional<Outcome>();
  }
  absl::StatusOr<Outcome> outcome = StoredOutcome(**std::move(entry), false);
  if (!outcome.ok()) {
    return outcome.status();
  }
  return std::optional<Outcome>(*std::move(outcome));
}

absl::StatusOr<Facts> Applier::GatherFacts(const Command& command,
                                           std::optional<Entry>* original) const {
  Facts facts;
  if (const auto* post = std::get_if<PostTransaction>(&command); post != nullptr) {
    if (post->nonce.IsZero()) {
      return facts;
    }
    const absl::StatusOr<std::optional<uint64_t>> used =
        GetIndex(group_->overlay, Family::kOperations, NonceKey(post->nonce));
    if (!used.ok()) {
      return used.status();
    }
    facts.nonce_used = used->has_value();
  } else if (const auto* cancel = std::get_if<CancelOperation>(&command); cancel != nullptr) {
    absl::StatusOr<std::optional<Entry>> found = ReadOperation(cancel->target, true);
    if (!found.ok()) {
      return found.status();
    }
    *original = *std::move(found);
    if (!original->has_value()) {
      return facts;
    }
    facts.original = &**original;
    if ((*original)->leaf.kind == EntryKind::kTransaction) {
      absl::StatusOr<std::vector<uint16_t>> reversed =
          GetReversed(group_->overlay, (*original)->leaf.transaction);
      if (!reversed.ok()) {
        return reversed.status();
      }
      facts.reversed = *std::move(reversed);
    }
  }
  return facts;
}

absl::StatusOr<Outcome> Applier::Decide(const Submission& submission) {
  std::optional<Entry> original;
  const absl::StatusOr<Facts> facts = GatherFacts(submission.command, &original);
  if (!facts.ok()) {
    return facts.status();
  }
  const Request request = {.operation = submission.operation,
                           .content = submission.content,
                           .command = &submission.command,
                           .context = submission.context,
                           .service_date = submission.service_date,
                           .effective_date = submission.effective_date,
                           .transaction = submission.transaction,
                           .reason = submission.reason};
  Decision decision =
      machine_.Decide(request, *facts, {.index = tree_.size(), .booked_at_ns = NextTime()});
  if (!decision.accounts.empty()) {
    const std::lock_guard lock(accounts_mutex_);
    machine_.Apply(decision);
  }
  Outcome outcome;
  outcome.code = decision.code;
  outcome.burnt = decision.burnt;
  for (Entry& entry : decision.entries) {
    outcome.index = entry.leaf.index;
    outcome.entry = entry;
    if (absl::Status appended = Append(std::move(entry)); !appended.ok()) {
      return appended;
    }
  }
  if (!decision.reversed_transaction.IsZero()) {
    PutReversed(decision.reversed_transaction, decision.reversed, &group_->overlay);
  }
  return outcome;
}

absl::StatusOr<Answer> Applier::Take(const Submission& submission) {
  Answer answer;
  bool is_new = true;
  const bool books = !std::holds_alternative<std::monostate>(submission.command);
  if (books) {
    absl::StatusOr<std::optional<Entry>> earlier = ReadOperation(submission.operation, true);
    if (!earlier.ok()) {
      return earlier.status();
    }
    if (earlier->has_value()) {
      is_new = false;
      const Leaf& leaf = (*earlier)->leaf;
      if (leaf.kind != EntryKind::kBurnt && leaf.content != submission.content) {
        answer.outcome.code = ResultCode::kRequestIdReused;
      } else {
        absl::StatusOr<Outcome> stored = StoredOutcome(**std::move(earlier), true);
        if (!stored.ok()) {
          return stored.status();
        }
        answer.outcome = *std::move(stored);
      }
    }
  }
  if (is_new && submission.check) {
    answer.status = submission.check(group_->overlay);
  }
  if (is_new && books && answer.status.ok()) {
    absl::StatusOr<Outcome> decided = Decide(submission);
    if (!decided.ok()) {
      return decided.status();
    }
    answer.outcome = *std::move(decided);
  }
  if (is_new && answer.status.ok() && answer.outcome.code == ResultCode::kOk &&
      submission.changes) {
    submission.changes(answer.outcome, group_->overlay);
  }
  if (submission.record) {
    submission.record(answer.status, answer.outcome, group_->overlay);
  }
  return answer;
}

}  // namespace ladon::ledger
