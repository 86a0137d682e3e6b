#include "ledger/sequencer.h"

#include <algorithm>
#include <cassert>
#include <mutex>
#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ledger/account_history.h"
#include "ledger/committer.h"
#include "ledger/index.h"
#include "ledger/journal.h"
#include "ledger/replay.h"

namespace ladon::ledger {
namespace {

// What the caller could have known to be no request at all; the rest is for the state machine.
absl::Status CheckForm(const Submission& submission) {
  const Command& command = submission.command;
  if (std::holds_alternative<std::monostate>(command) ||
      std::holds_alternative<CloseBooks>(command) || std::holds_alternative<OpenOrigin>(command)) {
    return absl::OkStatus();
  }
  if (submission.operation.IsZero()) {
    return absl::InvalidArgumentError("ledger: a command without an operation key");
  }
  if (!IsDate(submission.service_date) || !IsDate(submission.effective_date)) {
    return absl::InvalidArgumentError("ledger: a date is not a day of the calendar");
  }
  const auto* open = std::get_if<OpenAccounts>(&command);
  if (open != nullptr &&
      (open->accounts.empty() || open->accounts.size() > kAccountsPerCommandMax)) {
    return absl::InvalidArgumentError(
        absl::StrCat("ledger: not 1 to ", kAccountsPerCommandMax, " accounts"));
  }
  const auto* post = std::get_if<PostTransaction>(&command);
  if (post != nullptr && post->transfers.size() > kTransfersMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("ledger: more than ", kTransfersMax, " transfers"));
  }
  const auto* cancel = std::get_if<CancelOperation>(&command);
  if (cancel != nullptr && cancel->ordinals.size() > kTransfersMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("ledger: more than ", kTransfersMax, " ordinals"));
  }
  if (cancel != nullptr && (cancel->target.IsZero() || cancel->target == submission.operation)) {
    return absl::InvalidArgumentError("ledger: a cancel of nothing, or of itself");
  }
  if (cancel != nullptr && !cancel->amounts_kopecks.empty() &&
      cancel->amounts_kopecks.size() != cancel->ordinals.size()) {
    return absl::InvalidArgumentError("ledger: not as many amounts as ordinals");
  }
  const auto* capture = std::get_if<CaptureHold>(&command);
  if (capture != nullptr && capture->amounts_kopecks.size() > kTransfersMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("ledger: more than ", kTransfersMax, " amounts"));
  }
  const bool posts = post != nullptr || cancel != nullptr || capture != nullptr;
  if (posts && submission.transaction.IsZero()) {
    return absl::InvalidArgumentError("ledger: a command that posts without a transaction id");
  }
  return absl::OkStatus();
}

}  // namespace

// The committer, and what is booked in several steps.
class Sequencer::Impl : public Committer {
 public:
  using Committer::Committer;

  absl::StatusOr<uint64_t> BookNewOrigin(const Digest& old_checkpoint) {
    absl::StatusOr<std::vector<uint64_t>> origins = GetOrigins(store());
    if (!origins.ok()) return origins.status();
    Submission book;
    book.command = OpenOrigin{old_checkpoint};
    book.changes = [&origins](const Outcome& outcome, storage::Overlay& overlay) {
      origins->push_back(outcome.index);
      PutOrigins(*origins, &overlay);
    };
    const absl::StatusOr<Outcome> booked = SubmitAndWait(std::move(book));
    return booked.ok() ? absl::StatusOr<uint64_t>(booked->index) : booked.status();
  }

  absl::StatusOr<BookedClosing> BookClosing(Date service_date) {
    const std::lock_guard alone(closing_mutex_);
    std::vector<ClosingRow> rows;
    uint64_t tree_size = 0;
    // On the applier thread, between two requests: all accounts at one moment.
    Submission look;
    look.record = [&](const absl::Status&, const Outcome&, storage::Overlay&) {
      std::tie(rows, tree_size) = applier().ClosingRows();
    };
    if (auto looked = SubmitAndWait(std::move(look)); !looked.ok()) return looked.status();
    std::sort(rows.begin(), rows.end(), RowBefore);
    BookedClosing closing;
    closing.head = HeadOf(applier().salts().KeyOfClosing(tree_size), rows, service_date, tree_size);
    for (std::pair<std::string, std::string>& row : EncodeClosingRows(tree_size, rows)) {
      Submission part;
      part.record = [&row](const absl::Status&, const Outcome&, storage::Overlay& overlay) {
        overlay.Put(storage::Family::kClosings, row.first, std::move(row.second));
      };
      if (auto put = SubmitAndWait(std::move(part)); !put.ok()) return put.status();
    }
    Submission book;
    book.command = CloseBooks{closing.head};
    const absl::StatusOr<Outcome> booked = SubmitAndWait(std::move(book));
    if (!booked.ok()) return booked.status();
    closing.index = booked->index;
    return closing;
  }

 private:
  std::mutex closing_mutex_;
};

Sequencer::Sequencer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Sequencer::~Sequencer() = default;

absl::StatusOr<std::unique_ptr<Sequencer>> Sequencer::Open(SequencerOptions options) {
  assert(options.store != nullptr && options.now_ns);
  const SaltSource salts(options.ledger_secret);
  const auto hook = std::make_shared<Impl::ErrorHook>();
  absl::StatusOr<Replayed> replayed =
      ReplayJournal({.store = options.store,
                     .salts = &salts,
                     .from_the_beginning = options.verify_all,
                     .on_progress = options.on_progress},
                    [hook](const absl::Status& status) {
                      const std::lock_guard lock(hook->mutex);
                      hook->call ? hook->call(status) : hook->early.Update(status);
                    });
  if (!replayed.ok()) {
    return replayed.status();
  }
  auto impl = std::make_unique<Impl>(std::move(options), *std::move(replayed), hook);
  if (absl::Status started = impl->Start(); !started.ok()) {
    return started;
  }
  return std::unique_ptr<Sequencer>(new Sequencer(std::move(impl)));
}

absl::Status Sequencer::Submit(Submission submission) {
  if (absl::Status form = CheckForm(submission); !form.ok()) return form;
  return impl_->Submit({&submission, 1});
}

absl::Status Sequencer::SubmitAll(std::vector<Submission> submissions) {
  for (const Submission& submission : submissions) {
    if (absl::Status form = CheckForm(submission); !form.ok()) return form;
  }
  return impl_->Submit(submissions);
}

void Sequencer::Stop() {
  impl_->Stop();
}

std::optional<AccountView> Sequencer::FindAccount(const AccountId& account) const {
  return impl_->applier().Find(account);
}

std::map<AccountCode, int64_t> Sequencer::BalancesByCode() const {
  return impl_->applier().BalancesByCode();
}

absl::StatusOr<std::optional<Outcome>> Sequencer::FindOperation(const OperationKey& key) const {
  if (absl::Status running = impl_->CheckRunning(); !running.ok()) return running;
  return impl_->applier().ReadOutcome(key, Head().first);
}

absl::StatusOr<Entry> Sequencer::ReadEntry(uint64_t index) const {
  return impl_->applier().ReadEntry(index);
}

absl::StatusOr<std::vector<Taken>> Sequencer::ReadReversed(const Entry& original) const {
  return GetReversed(impl_->store(), original);
}

Limits Sequencer::FindSchoolLimits(const SchoolId& school) const {
  return impl_->applier().FindSchoolLimits(school);
}

absl::StatusOr<AccountHistory> Sequencer::HistoryOf(const AccountId& account) const {
  const std::optional<AccountView> view = FindAccount(account);
  if (!view) return absl::NotFoundError("ledger: no such account");
  if (absl::Status durable = impl_->AwaitDurable(view->last_index); !durable.ok()) return durable;
  return AccountHistory(&impl_->store(), &impl_->applier().salts(),
                        {account, view->last_sequence, view->last_index});
}

absl::StatusOr<std::vector<Entry>> Sequencer::ReadStatement(const AccountId& account,
                                                            uint64_t from_sequence,
                                                            size_t limit) const {
  const absl::StatusOr<AccountHistory> history = HistoryOf(account);
  if (absl::IsNotFound(history.status())) return std::vector<Entry>();
  if (!history.ok()) return history.status();
  return history->Read(from_sequence, std::min(limit, kStatementEntriesMax));
}

absl::StatusOr<EntryPage> Sequencer::ListEntries(const AccountId& account,
                                                 const EntryFilter& filter) const {
  const absl::StatusOr<AccountHistory> history = HistoryOf(account);
  return history.ok() ? history->List(filter) : absl::StatusOr<EntryPage>(history.status());
}

absl::StatusOr<int64_t> Sequencer::BalanceAt(const AccountId& account, uint64_t time_ns) const {
  const absl::StatusOr<AccountHistory> history = HistoryOf(account);
  return history.ok() ? history->BalanceAt(time_ns) : absl::StatusOr<int64_t>(history.status());
}

std::pair<uint64_t, Digest> Sequencer::Head() const {
  return impl_->Head();
}

absl::Status Sequencer::CheckSize(uint64_t size) const {
  const uint64_t durable = Head().first;
  if (size <= durable) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("ledger: no tree of ", size, " entries; there are ", durable));
}

absl::StatusOr<Digest> Sequencer::RootAt(uint64_t size) const {
  if (absl::Status checked = CheckSize(size); !checked.ok()) {
    return checked;
  }
  return RootOf(size, impl_->tree().Nodes(size, impl_->store()));
}

absl::StatusOr<std::vector<Digest>> Sequencer::ProveInclusion(uint64_t index, uint64_t size) const {
  if (absl::Status checked = CheckSize(size); !checked.ok()) {
    return checked;
  }
  return InclusionProof(index, size, impl_->tree().Nodes(size, impl_->store()));
}

absl::StatusOr<std::vector<Digest>> Sequencer::ProveConsistency(uint64_t old_size,
                                                                uint64_t size) const {
  if (absl::Status checked = CheckSize(size); !checked.ok()) {
    return checked;
  }
  return ConsistencyProof(old_size, size, impl_->tree().Nodes(size, impl_->store()));
}

std::vector<OpenedCommitment> Sequencer::Disclose(const Entry& entry,
                                                  std::span<const uint16_t> ordinals) const {
  std::vector<OpenedCommitment> opened;
  opened.reserve(ordinals.size());
  for (const uint16_t ordinal : ordinals) {
    opened.push_back(
        {.ordinal = ordinal,
         .salt = impl_->applier().salts().Derive(entry.leaf.version, entry.leaf.index, ordinal),
         .opening = entry.openings.at(ordinal)});
  }
  return opened;
}

absl::StatusOr<std::vector<Digest>> Sequencer::ReadTile(unsigned level, uint64_t number,
                                                        uint64_t size) const {
  if (absl::Status checked = CheckSize(size); !checked.ok()) {
    return checked;
  }
  const uint64_t hashes = HashesAtLevel(level, size);
  if (level >= kTileLevelsMax || number > hashes >> kTileHeight ||
      hashes == number << kTileHeight) {
    return absl::InvalidArgumentError(
        absl::StrCat("ledger: no tile ", number, " of level ", level, " in ", size, " entries"));
  }
  const uint64_t width = std::min<uint64_t>(kTileWidth, hashes - (number << kTileHeight));
  return impl_->tree().ReadTileOf(level, number, static_cast<size_t>(width), impl_->store());
}

absl::StatusOr<std::vector<std::string>> Sequencer::ReadLeaves(uint64_t first, size_t count) const {
  if (count > kTileWidth) {
    return absl::InvalidArgumentError(absl::StrCat("ledger: more than ", kTileWidth, " leaves"));
  }
  return ledger::ReadLeaves(impl_->store(), first, count);
}

absl::StatusOr<BookedClosing> Sequencer::BookClosing(Date service_date) {
  if (service_date == 0 || !IsDate(service_date)) {
    return absl::InvalidArgumentError("ledger: a closing of no day");
  }
  return impl_->BookClosing(service_date);
}

absl::StatusOr<std::vector<BookedClosing>> Sequencer::ListClosings() const {
  return ledger::ListClosings(impl_->store());
}

absl::StatusOr<std::vector<uint64_t>> Sequencer::NewOrigins() const {
  return GetOrigins(impl_->store());
}

absl::StatusOr<Digest> Sequencer::CheckpointBefore(uint64_t origin) const {
  const absl::StatusOr<Entry> entry = ReadEntry(origin);
  return entry.ok() ? absl::StatusOr<Digest>(entry->leaf.document) : entry.status();
}

absl::StatusOr<uint64_t> Sequencer::BookNewOrigin(const Digest& old_checkpoint) {
  if (old_checkpoint.IsZero()) {
    return absl::InvalidArgumentError("ledger: a new origin names the checkpoint before it");
  }
  return impl_->BookNewOrigin(old_checkpoint);
}

LedgerView Sequencer::View() const {
  return {.store = &impl_->store(),
          .salts = &impl_->applier().salts(),
          .tree = &impl_->tree(),
          .history = [this](const AccountId& account) { return HistoryOf(account); }};
}

size_t Sequencer::QueueDepth() const {
  return impl_->QueueDepth();
}

}  // namespace ladon::ledger
