#include "server/audit/record.h"

#include <future>
#include <utility>

namespace ladon::audit {

namespace {

// `on_durable` runs on the writer's thread.
absl::Status Wait(ledger::Sequencer* ledger, const std::function<void(storage::Overlay*)>& in_batch,
                  const std::function<void()>& on_durable) {
  ledger::Submission submission;
  submission.record = [&](const absl::Status& /*status*/, const ledger::Outcome& /*outcome*/,
                          storage::Overlay& overlay) { in_batch(&overlay); };
  std::promise<absl::Status> answer;
  submission.done = [&](const absl::Status& status, const ledger::Outcome& /*outcome*/) {
    if (status.ok()) on_durable();
    answer.set_value(status);
  };
  if (absl::Status taken = ledger->Submit(std::move(submission)); !taken.ok()) return taken;
  return answer.get_future().get();
}

}  // namespace

std::shared_ptr<UnderWay> Attach(Log* log, ledger::AuditLeaf leaf, FinishLeaf finish,
                                 Committed done, ledger::Submission* submission) {
  auto shared = std::make_shared<UnderWay>(
      UnderWay{.done = std::move(done), .finish = finish, .leaf = std::move(leaf)});
  submission->record = [log, shared, before = std::move(submission->record)](
                           const absl::Status& status, const ledger::Outcome& outcome,
                           storage::Overlay& overlay) {
    if (before) before(status, outcome, overlay);
    shared->finish(status, outcome, &shared->leaf);
    shared->record = log->Append(std::move(shared->leaf), &overlay);
  };
  submission->done = [log, shared](const absl::Status& status, const ledger::Outcome& outcome) {
    if (!absl::IsUnavailable(status)) log->MarkDurable(shared->record);
    shared->done(status, outcome);
  };
  return shared;
}

absl::Status CommitAndWait(ledger::Sequencer* ledger,
                           const std::function<void(storage::Overlay*)>& in_batch) {
  return Wait(ledger, in_batch, [] {});
}

absl::StatusOr<uint64_t> RecordAndWait(ledger::Sequencer* ledger, Log* log,
                                       const ledger::AuditLeaf& leaf,
                                       const WithRecord& with_record) {
  uint64_t record = 0;
  const absl::Status durable = Wait(
      ledger,
      [&](storage::Overlay* overlay) {
        record = log->Append(leaf, overlay);
        if (with_record) with_record(record, overlay);
      },
      [&] { log->MarkDurable(record); });
  return durable.ok() ? absl::StatusOr<uint64_t>(record) : durable;
}

}  // namespace ladon::audit
