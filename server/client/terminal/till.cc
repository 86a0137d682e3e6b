#include "server/client/terminal/till.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/client/connection.h"

namespace ladon::terminal {
namespace {

constexpr int64_t kNeverFreshMs = 1;  // 0 would be: never stale.

std::string Bytes(const base::RequestId& id) {
  return std::string(id.view());
}

std::string NameOf(v1::ErrorReason reason) {
  constexpr std::string_view kPrefix = "ERROR_REASON_";
  std::string name = v1::ErrorReason_Name(reason);
  return name.starts_with(kPrefix) ? name.substr(kPrefix.size()) : name;
}

std::string DateText(const v1::Date& date) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02d", date.year(), date.month(), date.day());
  return text.data();
}

Outcome Refusal(const base::RequestId& id, const grpc::Status& status, int64_t now_ms) {
  Outcome outcome;
  outcome.request_id = id;
  outcome.kind = OutcomeKind::kRefused;
  outcome.reason = ReasonName(status);
  outcome.at_ms = now_ms;
  return outcome;
}

Fate FateOf(Settled how) {
  switch (how) {
    case Settled::kWentThrough:
      return Fate::kDone;
    case Settled::kStillUnknown:
      return Fate::kUnknown;
    case Settled::kReturned:
    case Settled::kRefused:
    case Settled::kNeverHappened:
    case Settled::kTakeAgain:
      return Fate::kRefused;
  }
  return Fate::kUnknown;
}

}  // namespace

std::string ReasonName(const grpc::Status& status) {
  const v1::ErrorReason reason = client::DetailOf(status).reason();
  if (reason != v1::ERROR_REASON_UNSPECIFIED) return NameOf(reason);
  return absl::StrCat("GRPC_", static_cast<int>(status.error_code()));
}

Till::Till(AttemptLog* log, Transport* transport, TillPorts ports)
    : log_(log), transport_(transport), ports_(std::move(ports)) {}

bool Till::IsFresh(const Attempt& attempt) const {
  return attempt.fresh_until_ms == 0 || ports_.now_ms() < attempt.fresh_until_ms;
}

grpc::Status Till::SendDebit(const std::string& bytes, Outcome* outcome, v1::Payer* payer) {
  v1::DebitRequest request;
  // The log's digest has vouched for the bytes; what we serialized parses.
  const bool parsed = request.ParseFromString(bytes);
  assert(parsed);
  v1::DebitResponse answer;
  const grpc::Status status = transport_->Debit(request, &answer);
  if (!status.ok()) return status;
  outcome->transaction_id = answer.transaction_id();
  for (const v1::BasketLine& line : request.basket().lines()) {
    outcome->amount_kopecks += line.unit_price_kopecks() * line.quantity();
  }
  outcome->service_date = DateText(answer.service_date());
  *payer = answer.payer();
  return status;
}

grpc::Status Till::SendCancel(const std::string& bytes, Outcome* outcome) {
  v1::CancelRequest request;
  const bool parsed = request.ParseFromString(bytes);
  assert(parsed);
  v1::CancelResponse answer;
  const grpc::Status status = transport_->Cancel(request, &answer);
  if (!status.ok()) return status;
  outcome->transaction_id = answer.transaction_id();
  outcome->amount_kopecks = answer.returned_kopecks();
  return status;
}

Verdict Till::Send(const Attempt& attempt, const SendOnce& send) {
  Verdict verdict;
  verdict.request_id = attempt.request_id;
  if (verdict.local = log_->Append(attempt); !verdict.local.ok()) {
    verdict.fate = Fate::kLocal;
    return verdict;
  }
  for (int i = 0; i < kSendsMax; ++i) {
    if (i > 0) ports_.pause(kResendPauseMs << (i - 1));
    Outcome outcome;
    outcome.request_id = attempt.request_id;
    verdict.status = send(&outcome);
    outcome.at_ms = ports_.now_ms();
    if (!verdict.status.ok() && !client::IsDefinite(verdict.status)) continue;
    if (!verdict.status.ok() && i > 0) {
      Settlement after;
      after.attempt = attempt;
      after.status = verdict.status;
      verdict.local = Settle(attempt, /*may_repeat=*/false, &after);
      verdict.fate = verdict.local.ok() ? FateOf(after.how) : Fate::kLocal;
      verdict.outcome = log_->Find(attempt.request_id)->outcome;
      verdict.after = std::move(after);
      return verdict;
    }
    if (!verdict.status.ok()) {
      outcome = Refusal(attempt.request_id, verdict.status, outcome.at_ms);
    }
    verdict.fate = verdict.status.ok() ? Fate::kDone : Fate::kRefused;
    verdict.local = log_->Append(outcome);
    if (!verdict.local.ok()) verdict.fate = Fate::kLocal;
    verdict.outcome = std::move(outcome);
    return verdict;
  }
  verdict.fate = Fate::kUnknown;
  return verdict;
}

Verdict Till::Pay(const Sale& sale) {
  Attempt attempt;
  attempt.request_id = ports_.new_id();
  attempt.kind = AttemptKind::kDebit;
  attempt.at_ms = ports_.now_ms();
  attempt.fresh_until_ms = sale.token_expires_at_ms;
  attempt.payer = sale.payer;
  attempt.lines = sale.lines;
  v1::DebitRequest request;
  request.set_request_id(Bytes(attempt.request_id));
  request.set_identification_token(sale.token);
  *request.mutable_basket() = sale.basket;
  if (sale.second_means) *request.mutable_second_means() = *sale.second_means;
  request.set_repeat_confirmed(sale.repeat_confirmed);
  attempt.request = request.SerializeAsString();
  std::string sent = attempt.request;
  if (!sale.pin.empty()) {
    // The copy on disk lacks the PIN and is no repeat of what is sent: it is stale from the start.
    attempt.fresh_until_ms = kNeverFreshMs;
    request.set_pin(sale.pin);
    sent = request.SerializeAsString();
  }
  v1::Payer payer;
  Verdict verdict =
      Send(attempt, [&](Outcome* outcome) { return SendDebit(sent, outcome, &payer); });
  verdict.payer = payer;
  if (verdict.payer.display_name().empty()) verdict.payer.set_display_name(sale.payer);
  return verdict;
}

Verdict Till::Cancel(const Return& what) {
  Attempt attempt;
  attempt.request_id = ports_.new_id();
  attempt.kind = AttemptKind::kCancel;
  attempt.at_ms = ports_.now_ms();
  attempt.cancels = what.debit;
  attempt.payer = what.payer;
  v1::CancelRequest request;
  request.set_request_id(Bytes(attempt.request_id));
  request.set_debit_request_id(Bytes(what.debit));
  for (const uint32_t line : what.lines) request.add_lines(line);
  request.set_reason(what.reason);
  attempt.request = request.SerializeAsString();
  Verdict verdict =
      Send(attempt, [&](Outcome* outcome) { return SendCancel(attempt.request, outcome); });
  verdict.burnt = verdict.fate == Fate::kDone && verdict.outcome->transaction_id.empty();
  return verdict;
}

Verdict Till::Enrol(v1::EnrolPalmRequest request, uint32_t* samples) {
  Attempt attempt;
  attempt.request_id = ports_.new_id();
  attempt.kind = AttemptKind::kEnrol;
  attempt.at_ms = ports_.now_ms();
  request.set_request_id(Bytes(attempt.request_id));
  return Send(attempt, [&](Outcome*) {
    v1::EnrolPalmResponse answer;
    const grpc::Status status = transport_->EnrolPalm(request, &answer);
    if (status.ok()) *samples = answer.samples();
    return status;
  });
}

absl::Status Till::SettlePending(std::vector<Settlement>* out) {
  std::vector<Attempt> pending = log_->Pending();
  // A Cancel that is still open may decide what becomes of its debit.
  std::stable_partition(pending.begin(), pending.end(),
                        [](const Attempt& a) { return a.kind == AttemptKind::kCancel; });
  for (const Attempt& attempt : pending) {
    Settlement settlement;
    settlement.attempt = attempt;
    const absl::Status s = Settle(attempt, /*may_repeat=*/true, &settlement);
    out->push_back(settlement);
    if (!s.ok()) return s;
    if (settlement.how == Settled::kStillUnknown) break;
  }
  return absl::OkStatus();
}

absl::Status Till::Settle(const Attempt& attempt, bool may_repeat, Settlement* out) {
  bool may_burn = true;
  for (;;) {
    v1::GetOperationRequest question;
    question.set_request_id(Bytes(attempt.request_id));
    v1::GetOperationResponse operation;
    const grpc::Status asked = transport_->GetOperation(question, &operation);
    if (!asked.ok()) {
      out->status = asked;
      return absl::OkStatus();
    }
    if (operation.state() != v1::OPERATION_STATE_UNKNOWN) return Conclude(operation, out);
    if (attempt.kind == AttemptKind::kEnrol) {
      return Note(OutcomeKind::kAbandoned, Settled::kTakeAgain, out);
    }
    if (may_repeat && IsFresh(attempt)) {
      may_repeat = false;
      Outcome outcome;
      outcome.request_id = attempt.request_id;
      v1::Payer payer;
      out->status = attempt.kind == AttemptKind::kDebit
                        ? SendDebit(attempt.request, &outcome, &payer)
                        : SendCancel(attempt.request, &outcome);
      if (out->status.ok()) {
        outcome.at_ms = ports_.now_ms();
        out->how = Settled::kWentThrough;
        out->amount_kopecks = outcome.amount_kopecks;
        return log_->Append(outcome);
      }
      if (!client::IsDefinite(out->status)) return absl::OkStatus();
      continue;  // The repeat was refused; the first copy may have got through meanwhile.
    }
    if (attempt.kind == AttemptKind::kCancel) {
      // Refused before the ledger saw it, so nothing of it can be under way in the ledger.
      out->reason = ReasonName(out->status);
      return Note(OutcomeKind::kRefused, Settled::kRefused, out);
    }
    if (!may_burn) return absl::OkStatus();
    may_burn = false;
    const absl::StatusOr<bool> answered = Burn(attempt, out);
    if (!answered.ok()) return answered.status();
    if (!*answered) return absl::OkStatus();
  }
}

absl::StatusOr<bool> Till::Burn(const Attempt& debit, Settlement* out) {
  const Verdict cancel = Cancel({.debit = debit.request_id,
                                 .lines = {},
                                 .reason = v1::CANCEL_REASON_NO_ANSWER,
                                 .payer = debit.payer});
  out->status = cancel.status;
  if (cancel.fate == Fate::kLocal) return cancel.local;
  return cancel.fate != Fate::kUnknown;
}

absl::Status Till::Conclude(const v1::GetOperationResponse& operation, Settlement* out) {
  out->status = grpc::Status::OK;
  out->reason = NameOf(operation.reason());
  if (operation.state() == v1::OPERATION_STATE_REFUSED) {
    return Note(OutcomeKind::kRefused, Settled::kRefused, out);
  }
  out->reason.clear();
  if (operation.state() == v1::OPERATION_STATE_BURNT) {
    return Note(OutcomeKind::kBurnt, Settled::kNeverHappened, out);
  }
  out->amount_kopecks = operation.amount_kopecks();
  const auto& lines = operation.lines_cancelled();
  const bool returned =
      !lines.empty() && std::all_of(lines.begin(), lines.end(), [](bool line) { return line; });
  Outcome outcome;
  outcome.request_id = out->attempt.request_id;
  outcome.kind = OutcomeKind::kDone;
  outcome.transaction_id = operation.transaction_id();
  outcome.amount_kopecks = operation.amount_kopecks();
  outcome.at_ms = ports_.now_ms();
  out->how = returned ? Settled::kReturned : Settled::kWentThrough;
  return log_->Append(outcome);
}

absl::Status Till::Note(OutcomeKind kind, Settled how, Settlement* out) {
  Outcome outcome;
  outcome.request_id = out->attempt.request_id;
  outcome.kind = kind;
  outcome.reason = out->reason;
  outcome.at_ms = ports_.now_ms();
  out->how = how;
  return log_->Append(outcome);
}

}  // namespace ladon::terminal
