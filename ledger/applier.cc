#include "ledger/applier.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ledger/closings.h"
#include "ledger/index.h"
#include "ledger/journal.h"

namespace ladon::ledger {
namespace {

using storage::Family;

absl::Status IndexError(uint64_t index, std::string_view what) {
  return absl::DataLossError(absl::StrCat("ledger index: entry ", index, ": ",
                                          absl::string_view(what.data(), what.size())));
}

// The operation that a command is about; null: about none.
const OperationKey* TargetOf(const Command& command) {
  if (const auto* cancel = std::get_if<CancelOperation>(&command)) return &cancel->target;
  if (const auto* capture = std::get_if<CaptureHold>(&command)) return &capture->target;
  if (const auto* release = std::get_if<VoidHold>(&command)) return &release->target;
  return nullptr;
}

Request RequestOf(const Submission& submission) {
  return {.operation = submission.operation,
          .content = submission.content,
          .command = &submission.command,
          .context = submission.context,
          .service_date = submission.service_date,
          .effective_date = submission.effective_date,
          .transaction = submission.transaction,
          .reason = submission.reason};
}

}  // namespace

Applier::Applier(const SequencerOptions& options, Replayed* replayed)
    : store_(options.store),
      salts_(options.ledger_secret),
      now_ns_(options.now_ns),
      operations_(std::move(replayed->operations)),
      machine_(std::move(replayed->machine)),
      next_index_(replayed->size),
      last_booked_at_ns_(replayed->last_booked_at_ns),
      open_(std::make_shared<Group>(options.store)),
      sweep_start_(next_index_),
      accounts_in_store_(replayed->pages_complete ? machine_.accounts().size() : 0),
      operations_done_told_(operations_->done()),
      accounts_done_told_(replayed->accounts_done) {
  open_->first_index = next_index_;
  operations_->SetDurable(next_index_);
  operations_->Start();
}

void Applier::Append(Entry* entry) {
  const Leaf& leaf = entry->leaf;
  assert(leaf.index == next_index_);
  assert(leaf.booked_at_ns > last_booked_at_ns_ || next_index_ == 0);
  ++next_index_;
  last_booked_at_ns_ = leaf.booked_at_ns;
  operations_->Add(leaf.operation, leaf.nonce, leaf.index);
  IndexAccounts(*entry, &open_->overlay);
  if (leaf.kind == EntryKind::kSchoolLimits) {
    const auto& limits = std::get<SchoolLimits>(entry->openings.front());
    open_->overlay.Put(Family::kAccounts, SchoolKey(limits.school), EncodeOpening(limits));
  }
  open_->Add(entry);
}

void Applier::Recycle(std::shared_ptr<Group> group) {
  const std::lock_guard lock(spare_mutex_);
  spare_groups_.push_back(std::move(group));
}

// Puts what `decision_` says in place.
void Applier::Book(Outcome* outcome) {
  if (!decision_.touched.empty() || !decision_.entries.empty()) {
    const std::lock_guard lock(accounts_mutex_);
    machine_.Apply(decision_);
  }
  for (Entry& entry : decision_.entries) {
    const uint64_t index = entry.leaf.index;
    if (!decision_.hold.IsZero()) {
      PutHold(decision_.hold, decision_.hold_state, index, &open_->overlay);
    }
    Append(&entry);
    if (outcome != nullptr) {
      outcome->index = index;
      outcome->entry = open_->entries.back();
    }
  }
  if (!decision_.reversed_transaction.IsZero()) {
    PutReversed(decision_.reversed_transaction, decision_.reversed, &open_->overlay);
  }
}

void Applier::ExpireHolds() {
  while (const std::optional<TransactionId> due = machine_.DueHold(NextTime())) {
    machine_.DecideExpiry(*due, NextStamp(), &decision_);
    Book(nullptr);
  }
}

void Applier::BookOrigin(const Digest& content) {
  now_ = now_ns_();
  Entry origin;
  origin.leaf.kind = EntryKind::kOrigin;
  origin.leaf.booked_at_ns = NextTime();
  origin.leaf.content = content;
  Append(&origin);
}

bool Applier::BookOwn(const Command& command, Outcome* outcome) {
  Entry entry;
  if (const auto* const close = std::get_if<CloseBooks>(&command)) {
    entry.leaf.kind = EntryKind::kClosing;
    entry.leaf.service_date = close->head.service_date;
    entry.openings.push_back(close->head);
    PutClosing({.index = next_index_, .head = close->head}, &open_->overlay);
  } else if (const auto* const origin = std::get_if<OpenOrigin>(&command)) {
    entry.leaf.kind = EntryKind::kOrigin;
    entry.leaf.content = OriginContent(*store_);
    entry.leaf.document = origin->old_checkpoint;
  } else {
    return false;
  }
  entry.leaf.index = next_index_;
  entry.leaf.booked_at_ns = NextTime();
  outcome->index = next_index_;
  Append(&entry);
  outcome->entry = open_->entries.back();
  return true;
}

std::pair<std::vector<ClosingRow>, uint64_t> Applier::ClosingRows() const {
  const Accounts& accounts = machine_.accounts();
  std::vector<ClosingRow> rows;
  rows.reserve(accounts.size());
  for (size_t slot = 0; slot < accounts.size(); ++slot) {
    const AccountState& account = accounts.at(static_cast<Accounts::Slot>(slot));
    rows.push_back({.school = account.terms.school,
                    .account = account.terms.account,
                    .code = account.terms.code,
                    .sequence = account.now.sequence,
                    .balance_kopecks = account.now.balance_kopecks,
                    .debits_pending_kopecks = account.now.debits_pending_kopecks,
                    .credits_pending_kopecks = account.now.credits_pending_kopecks});
  }
  return {std::move(rows), next_index_};
}

void Applier::PutPage(size_t page) {
  if (!machine_.accounts().changed(page)) return;
  open_->overlay.Put(Family::kAccounts, PageKey(static_cast<uint32_t>(page)),
                     machine_.accounts().EncodePage(page));
  machine_.accounts().ClearChanged(page);
}

// Every account is on a page in the store from the group on that opens it. Otherwise pages follow
// in a round that takes kSweepEntries entries; when it is complete, every page is as of its start,
// or newer.
void Applier::PutPages(bool all) {
  const size_t pages = machine_.accounts().page_count();
  for (size_t page = accounts_in_store_ / kPageAccounts;
       accounts_in_store_ < machine_.accounts().size() && page < pages; ++page) {
    PutPage(page);
  }
  accounts_in_store_ = machine_.accounts().size();
  sweep_credit_ += open_->entries.size() * pages;
  while (sweep_page_ < pages && (all || sweep_credit_ >= kSweepEntries)) {
    PutPage(sweep_page_++);
    sweep_credit_ -= std::min(sweep_credit_, kSweepEntries);
  }
  if (sweep_page_ < pages || pages == 0) return;
  sweep_page_ = 0;
  if (sweep_start_ != accounts_done_told_) {
    open_->overlay.Put(Family::kMeta, kAccountsDoneKey, EncodeIndex(sweep_start_));
    accounts_done_told_ = sweep_start_;
  }
  sweep_start_ = next_index_;
}

std::shared_ptr<Group> Applier::CloseGroup(bool last) {
  if (!open_->entries.empty() || last) {
    PutPages(last);
    if (last) PutPages(true);  // A round that was under way began earlier: one from here.
    if (const uint64_t done = operations_->done(); done != operations_done_told_) {
      open_->overlay.Put(Family::kMeta, kOperationsDoneKey, EncodeIndex(done));
      operations_done_told_ = done;
    }
    operations_->CloseGroup(next_index_);
  }
  std::move_backward(before_.begin(), before_.end() - 1, before_.end());
  before_.front() = std::exchange(open_, nullptr);
  if (before_.back() != nullptr) before_.back()->overlay.Rebase(store_);
  {
    // Only one that nobody else looks at any more: it may be one of those before.
    const std::lock_guard lock(spare_mutex_);
    if (!spare_groups_.empty() && spare_groups_.front().use_count() == 1) {
      open_ = std::move(spare_groups_.front());
      spare_groups_.pop_front();
    }
  }
  if (open_ == nullptr) open_ = std::make_shared<Group>(store_);
  open_->Reuse(&before_.front()->overlay);
  open_->first_index = next_index_;
  return before_.front();
}

std::map<AccountCode, int64_t> Applier::BalancesByCode() const {
  std::map<AccountCode, int64_t> balances;
  const std::lock_guard lock(accounts_mutex_);
  const Accounts& accounts = machine_.accounts();
  for (Accounts::Slot slot = 0; slot < accounts.size(); ++slot) {
    const AccountState& account = accounts.at(slot);
    balances[account.terms.code] += account.now.balance_kopecks;
  }
  return balances;
}

std::optional<AccountView> Applier::Find(const AccountId& account) const {
  const std::lock_guard lock(accounts_mutex_);
  const AccountState* state = machine_.Find(account);
  if (state == nullptr) {
    return std::nullopt;
  }
  return AccountView{.terms = state->terms,
                     .entitlements = state->entitlements,
                     .balance_kopecks = state->now.balance_kopecks,
                     .debits_pending_kopecks = state->now.debits_pending_kopecks,
                     .credits_pending_kopecks = state->now.credits_pending_kopecks,
                     .last_sequence = state->now.sequence,
                     .last_index = state->now.last_index};
}

Limits Applier::FindSchoolLimits(const SchoolId& school) const {
  const std::lock_guard lock(accounts_mutex_);
  const Limits* const limits = machine_.FindSchoolLimits(school);
  return limits == nullptr ? Limits{} : *limits;
}

absl::StatusOr<Entry> Applier::ReadEntry(uint64_t index) const {
  return ReadJournalEntry(*store_, salts_, index);
}

absl::StatusOr<Applier::EntryPtr> Applier::ReadAny(uint64_t index) const {
  for (const Group* group : {open_.get(), before_[0].get(), before_[1].get()}) {
    if (group == nullptr || index < group->first_index) continue;
    const uint64_t at = index - group->first_index;
    if (at >= group->entries.size()) return IndexError(index, "named, but not booked");
    return EntryPtr(group->entries[at]);
  }
  absl::StatusOr<Entry> entry = ReadEntry(index);
  if (!entry.ok()) return entry.status();
  return std::make_shared<const Entry>(*std::move(entry));
}

absl::StatusOr<Applier::EntryPtr> Applier::ReadOperation(const OperationKey& operation) const {
  if (!operations_->MayKnow(operation)) return EntryPtr();
  const absl::StatusOr<std::optional<uint64_t>> index = operations_->Find(operation);
  if (!index.ok()) return index.status();
  if (!index->has_value()) return EntryPtr();
  absl::StatusOr<EntryPtr> entry = ReadAny(**index);
  if (absl::IsNotFound(entry.status()) || (entry.ok() && (*entry)->leaf.operation != operation)) {
    return IndexError(**index, "is not the operation that the index names");
  }
  return entry;
}

absl::StatusOr<Outcome> Applier::StoredOutcome(EntryPtr entry) const {
  Outcome outcome;
  outcome.code = static_cast<ResultCode>(entry->leaf.result);
  outcome.replayed = true;
  outcome.index = entry->leaf.index;
  outcome.entry = std::move(entry);
  return outcome;
}

absl::StatusOr<std::optional<Outcome>> Applier::ReadOutcome(const OperationKey& operation,
                                                            uint64_t durable) const {
  auto read = [&](const OperationKey& key) -> absl::StatusOr<EntryPtr> {
    // What is not in the store yet may be of an entry that is not either.
    absl::StatusOr<std::optional<uint64_t>> index = operations_->FindNew(key);
    if (index->has_value() && **index >= durable) return EntryPtr();
    // Not in memory a moment ago, so in the store or unknown: one that comes into memory meanwhile
    // is not durable.
    if (!index->has_value()) index = GetIndex(*store_, Family::kOperations, OperationIndexKey(key));
    if (!index.ok()) return index.status();
    if (!index->has_value()) return EntryPtr();
    absl::StatusOr<Entry> entry = ReadEntry(**index);
    if (absl::IsNotFound(entry.status()) || (entry.ok() && entry->leaf.operation != key)) {
      return IndexError(**index, "is not the operation that the index names");
    }
    if (!entry.ok()) return entry.status();
    return std::make_shared<const Entry>(*std::move(entry));
  };
  absl::StatusOr<EntryPtr> entry = read(operation);
  if (!entry.ok()) return entry.status();
  if (*entry == nullptr) return std::optional<Outcome>();
  absl::StatusOr<Outcome> outcome = StoredOutcome(*entry);
  if (!outcome.ok()) return outcome.status();
  // A cancel that made an id void names the id, and that id's entry says so.
  if ((*entry)->leaf.kind == EntryKind::kOperation && !(*entry)->leaf.document.IsZero()) {
    const absl::StatusOr<EntryPtr> named = read(OperationKey{(*entry)->leaf.document});
    if (!named.ok()) return named.status();
    outcome->burnt = *named != nullptr && (*named)->leaf.kind == EntryKind::kBurnt;
  }
  return std::optional<Outcome>(*std::move(outcome));
}

absl::StatusOr<Facts> Applier::GatherFacts(const Command& command, EntryPtr* original) const {
  Facts facts;
  if (const auto* post = std::get_if<PostTransaction>(&command); post != nullptr) {
    if (post->nonce.IsZero() || !operations_->MayKnow(post->nonce)) {
      return facts;
    }
    const absl::StatusOr<std::optional<uint64_t>> used = operations_->Find(post->nonce);
    if (!used.ok()) {
      return used.status();
    }
    facts.nonce_used = used->has_value();
    return facts;
  }
  const OperationKey* const target = TargetOf(command);
  if (target == nullptr) {
    return facts;
  }
  absl::StatusOr<EntryPtr> found = ReadOperation(*target);
  if (!found.ok()) {
    return found.status();
  }
  *original = *std::move(found);
  facts.original = original->get();
  if (facts.original == nullptr) {
    return facts;
  }
  const Leaf& leaf = facts.original->leaf;
  if (leaf.kind == EntryKind::kTransaction || leaf.kind == EntryKind::kCapture) {
    absl::StatusOr<std::vector<Taken>> reversed = GetReversed(open_->overlay, *facts.original);
    if (!reversed.ok()) {
      return reversed.status();
    }
    facts.reversed = *std::move(reversed);
  } else if (leaf.kind == EntryKind::kHold && !machine_.HoldIsOpen(leaf.transaction)) {
    const absl::StatusOr<std::optional<HoldRow>> row = GetHold(open_->overlay, leaf.transaction);
    if (!row.ok()) {
      return row.status();
    }
    if (row->has_value()) facts.hold_ended = (*row)->state;
  }
  return facts;
}

absl::StatusOr<Outcome> Applier::Decide(const Submission& submission) {
  EntryPtr original;
  const absl::StatusOr<Facts> facts = GatherFacts(submission.command, &original);
  if (!facts.ok()) {
    return facts.status();
  }
  machine_.Decide(RequestOf(submission), *facts, NextStamp(), &decision_);
  Outcome outcome;
  outcome.code = decision_.code;
  outcome.burnt = decision_.burnt;
  Book(&outcome);
  return outcome;
}

absl::StatusOr<Outcome> Applier::AnswerRepeat(const Submission& submission,
                                              const EntryPtr& earlier) const {
  const Leaf& leaf = earlier->leaf;
  if (leaf.kind != EntryKind::kBurnt && leaf.content != submission.content) {
    Outcome outcome;
    outcome.code = StateMachine::Difference(RequestOf(submission), *earlier);
    return outcome;
  }
  absl::StatusOr<Outcome> outcome = StoredOutcome(earlier);
  if (outcome.ok() && leaf.kind == EntryKind::kOperation && !leaf.document.IsZero()) {
    const absl::StatusOr<EntryPtr> named = ReadOperation(OperationKey{leaf.document});
    if (!named.ok()) return named.status();
    outcome->burnt = *named != nullptr && (*named)->leaf.kind == EntryKind::kBurnt;
  }
  return outcome;
}

void Applier::PrefetchFar(const Submission& submission) const {
  operations_->Prefetch(submission.operation);
  if (const auto* post = std::get_if<PostTransaction>(&submission.command); post != nullptr) {
    for (const Transfer& transfer : post->transfers) {
      machine_.accounts().PrefetchSlot(transfer.debit);
      machine_.accounts().PrefetchSlot(transfer.credit);
    }
  }
}

void Applier::PrefetchNear(const Submission& submission) const {
  if (const auto* post = std::get_if<PostTransaction>(&submission.command); post != nullptr) {
    for (const Transfer& transfer : post->transfers) {
      machine_.accounts().PrefetchAccount(transfer.debit);
      machine_.accounts().PrefetchAccount(transfer.credit);
    }
  }
}

absl::Status Applier::Take(Submission* submission) {
  now_ = now_ns_();
  ExpireHolds();
  Answer answer;
  if (BookOwn(submission->command, &answer.outcome)) {
    if (submission->changes) submission->changes(answer.outcome, open_->overlay);
    open_->answers.emplace_back(std::move(submission->done), std::move(answer));
    return absl::OkStatus();
  }
  bool is_new = true;
  const bool books = !std::holds_alternative<std::monostate>(submission->command);
  if (books) {
    absl::StatusOr<EntryPtr> earlier = ReadOperation(submission->operation);
    if (!earlier.ok()) {
      return earlier.status();
    }
    if (*earlier != nullptr) {
      is_new = false;
      absl::StatusOr<Outcome> stored = AnswerRepeat(*submission, *earlier);
      if (!stored.ok()) {
        return stored.status();
      }
      answer.outcome = *std::move(stored);
    }
  }
  if (is_new && submission->check) {
    answer.status = submission->check(open_->overlay);
  }
  if (is_new && books && answer.status.ok()) {
    absl::StatusOr<Outcome> decided = Decide(*submission);
    if (!decided.ok()) {
      return decided.status();
    }
    answer.outcome = *std::move(decided);
  }
  if (is_new && answer.status.ok() && answer.outcome.code == ResultCode::kOk &&
      submission->changes) {
    submission->changes(answer.outcome, open_->overlay);
  }
  if (submission->record) {
    submission->record(answer.status, answer.outcome, open_->overlay);
  }
  open_->answers.emplace_back(std::move(submission->done), std::move(answer));
  return absl::OkStatus();
}

}  // namespace ladon::ledger
