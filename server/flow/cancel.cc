#include "server/flow/cancel.h"

#include <algorithm>
#include <utility>

#include "ledger/seal.h"
#include "server/base/secret.h"
#include "server/flow/approval.h"
#include "server/flow/principals.h"
#include "server/flow/refusal.h"
#include "server/flow/service_day.h"
#include "server/flow/token.h"

namespace ladon::flow {
namespace {

constexpr uint64_t kNsPerSecond = 1'000'000'000;

// What flowed in an entry: the sum of its credits.
int64_t Turnover(const ledger::Entry& entry) {
  int64_t sum_kopecks = 0;
  for (const ledger::Opening& opening : entry.openings) {
    const auto* const posting = std::get_if<ledger::Posting>(&opening);
    if (posting != nullptr && posting->amount_kopecks > 0) sum_kopecks += posting->amount_kopecks;
  }
  return sum_kopecks;
}

CancelAnswer AnswerOf(const ledger::Outcome& outcome) {
  CancelAnswer answer{.journal_index = outcome.index, .replayed = outcome.replayed};
  // Told by the entry and not by a flag of this moment: a repeat hears the same.
  answer.burnt = outcome.entry->leaf.kind != ledger::EntryKind::kTransaction;
  if (!answer.burnt) {
    answer.transaction = outcome.entry->leaf.transaction.bytes;
    answer.returned_kopecks = Turnover(*outcome.entry);
  }
  return answer;
}

// Which lines of `entry` were taken back by now, in whole.
absl::StatusOr<std::vector<bool>> LinesCancelled(const House& house, const ledger::Entry& entry) {
  const auto booked = ledger::BookedTransfers(entry);
  if (!booked.ok()) return booked.status();
  const auto reversed = house.ledger->ReadReversed(entry);
  if (!reversed.ok()) return reversed.status();
  std::vector<int64_t> left(booked->back().ordinal + size_t{1});
  for (const ledger::BookedTransfer& transfer : *booked) {
    left[transfer.ordinal] += transfer.credit.amount_kopecks;
  }
  for (const ledger::Taken& taken : *reversed) {
    left[booked->at(taken.position).ordinal] -= taken.amount_kopecks;
  }
  std::vector<bool> cancelled(left.size());
  for (size_t i = 0; i < left.size(); ++i) cancelled[i] = left[i] == 0;
  return cancelled;
}

absl::StatusOr<OperationAnswer> Describe(const House& house, const ledger::Outcome& outcome) {
  const ledger::Leaf& leaf = outcome.entry->leaf;
  OperationAnswer answer{.journal_index = outcome.index, .booked_at_ns = leaf.booked_at_ns};
  switch (leaf.kind) {
    case ledger::EntryKind::kBurnt:
      answer.state = OperationState::kBurnt;
      return answer;
    case ledger::EntryKind::kRefusal:
      answer.state = OperationState::kRefused;
      answer.refusal = FromResult(outcome.code);
      return answer;
    case ledger::EntryKind::kTransaction:
    case ledger::EntryKind::kCapture: {
      answer.state = OperationState::kSucceeded;
      answer.transaction = leaf.transaction.bytes;
      answer.amount_kopecks = Turnover(*outcome.entry);
      absl::StatusOr<std::vector<bool>> lines = LinesCancelled(house, *outcome.entry);
      if (!lines.ok()) return lines.status();
      answer.lines_cancelled = *std::move(lines);
      return answer;
    }
    case ledger::EntryKind::kOrigin:
    case ledger::EntryKind::kAccounts:
    case ledger::EntryKind::kOperation:
    case ledger::EntryKind::kHold:
    case ledger::EntryKind::kVoid:
    case ledger::EntryKind::kExpiry:
    case ledger::EntryKind::kSchoolLimits:
    case ledger::EntryKind::kClosing:
      answer.state = OperationState::kSucceeded;
      return answer;
  }
  return Refuse(Reason::kInternal);
}

// Whether what is to be given back is more than one person may give back alone. Asked of the whole
// debit, also when only lines of it are meant: lines one after another are the same money.
absl::StatusOr<bool> IsLargeRefund(const House& house, const ledger::Submission& cancel) {
  const int64_t most = house.principal_rules->refund_kopecks_max;
  if (most == 0) return false;
  const auto& target = std::get<ledger::CancelOperation>(cancel.command).target;
  const auto original = house.ledger->FindOperation(target);
  if (!original.ok()) return original.status();
  return original->has_value() && (*original)->entry != nullptr &&
         Turnover(*(*original)->entry) > most;
}

// Whether `outcome` is of a sale by class list, booked or refused by the ledger.
bool IsByList(const ledger::Outcome& outcome) {
  return std::any_of(outcome.entry->openings.begin(), outcome.entry->openings.end(),
                     [](const ledger::Opening& opening) {
                       const auto* const context = std::get_if<ledger::Context>(&opening);
                       return context != nullptr &&
                              context->means == static_cast<uint8_t>(Means::kList);
                     });
}

// The call that is to be cancelled: a debit of the till named, or the caller's own booking by list.
absl::StatusOr<ledger::OperationKey> TargetOf(const House& house, const access::Caller& caller,
                                              const CancelInput& input) {
  if (caller.principal.role != base::Role::kTerminal && input.terminal.IsZero()) {
    const ledger::OperationKey key = OperationKeyOf(caller.uri, input.debit_request_id);
    const auto known = house.ledger->FindOperation(key);
    if (!known.ok()) return known.status();
    if (!known->has_value() || !IsByList(**known)) {
      return Refuse(Reason::kNothingToCancel, "debit_request_id");
    }
    return key;
  }
  const base::SchoolId& school = caller.principal.school;
  const auto terminal = house.directory->FindTerminal({input.terminal.bytes});
  if (!terminal || terminal->school != school) {
    return Refuse(Reason::kTerminalUnknown, "terminal_id");
  }
  if (caller.principal.role == base::Role::kTerminal && input.terminal != caller.principal.id) {
    return Refuse(Reason::kNotPermitted, "terminal_id");
  }
  const std::string till = base::FormatPrincipal(
      {.role = base::Role::kTerminal, .school = school, .id = input.terminal});
  return OperationKeyOf(till, input.debit_request_id);
}

}  // namespace

void Cancel(const House& house, const access::Caller& caller, CancelInput input,
            Done<CancelAnswer> done) {
  const uint64_t now_ns = house.now_ns();
  const auto refuse = [&](const absl::Status& status) {
    Reply<CancelAnswer>(house, caller, input.terminal.bytes, status, std::move(done));
  };
  const auto school = house.directory->FindSchool(caller.principal.school);
  if (!school) return refuse(Refuse(Reason::kSchoolUnknown));
  const absl::StatusOr<ledger::OperationKey> target = TargetOf(house, caller, input);
  if (!target.ok()) return refuse(target.status());
  const absl::StatusOr<uint32_t> today = ServiceDay(now_ns, school->settings.time_zone);
  if (!today.ok()) return refuse(today.status());

  ledger::CancelOperation cancel{.target = *target, .ordinals = std::move(input.lines)};
  if (cancel.target == input.request.key) {
    return refuse(RefuseField("debit_request_id", "must not be the request_id of the cancel"));
  }
  const bool by_till = caller.principal.role == base::Role::kTerminal;
  if (by_till) {
    const uint64_t window_ns = school->settings.cancel_window_seconds * kNsPerSecond;
    cancel.not_before_ns = now_ns > window_ns ? now_ns - window_ns : 0;
  } else {
    cancel.same_service_date = *today;
  }
  ledger::Submission submission;
  submission.operation = input.request.key;
  submission.content = input.request.content;
  submission.command = std::move(cancel);
  submission.context = {.school = {school->id.bytes}, .actor = {caller.principal.id.bytes}};
  submission.service_date = *today;
  submission.effective_date = *today;
  submission.reason = input.reason;
  base::FillRandom(submission.transaction.bytes);
  if (!by_till) {
    const absl::StatusOr<bool> large = IsLargeRefund(house, submission);
    if (!large.ok()) return refuse(large.status());
    if (*large) {
      NeedApproval(house, caller, input.request, school->id, input.terminal.bytes, &submission);
    }
  }
  Commit(house, caller, input.terminal.bytes, std::move(submission),
         [done = std::move(done)](const absl::Status& status, const ledger::Outcome& outcome) {
           absl::Status verdict = status.ok() ? FromResult(outcome.code) : status;
           if (!verdict.ok()) {
             done(std::move(verdict));
           } else {
             done(AnswerOf(outcome));
           }
         });
}

void GetOperation(const House& house, const access::Caller& caller, const ledger::OperationKey& key,
                  Done<OperationAnswer> done) {
  const auto found = house.ledger->FindOperation(key);
  absl::StatusOr<OperationAnswer> answer = OperationAnswer{};
  if (!found.ok()) {
    answer = found.status();
  } else if (found->has_value()) {
    answer = Describe(house, **found);
  }
  Reply(house, caller, {}, std::move(answer), std::move(done));
}

}  // namespace ladon::flow
