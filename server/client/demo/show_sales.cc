// Meals: by palm, by card, one taken back, and a child's statement.
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/client/connection.h"
#include "server/client/demo/enrol_palm.h"
#include "server/client/demo/show.h"
#include "server/client/text/progress.h"

namespace ladon::demo {
namespace {

// A long statement is shown by its first and its last lines.
constexpr size_t kStatementFirst = 9;
constexpr size_t kStatementLast = 3;
constexpr size_t kShortIdChars = 8;

std::string DateText(const v1::Date& date) {
  const auto two = [](int32_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return absl::StrCat(date.year(), "-", two(date.month()), "-", two(date.day()));
}

bool IsAmbiguous(const grpc::Status& status) {
  return client::DetailOf(status).reason() == v1::ERROR_REASON_PALM_AMBIGUOUS;
}

// Any other refusal than these two is trouble, not an answer about a palm.
bool IsAnswerAboutPalm(const grpc::Status& status) {
  return status.ok() || IsAmbiguous(status) ||
         client::DetailOf(status).reason() == v1::ERROR_REASON_PALM_NOT_RECOGNISED;
}

}  // namespace

// `child` is the owner of an enrolled palm; for a stranger's palm it is not used.
absl::Status Show::ShowOnePalm(const Palm& palm, size_t child, const Shot& shot) {
  (palm.enrolled ? figures_.mated_probes : figures_.strangers) += 1;
  const absl::StatusOr<v1::Probe> probe = ProbeOfShot(shot);
  if (!probe.ok()) {
    ++figures_.not_extracted;
    return absl::OkStatus();
  }
  v1::IdentifyRequest who;
  *who.mutable_probe() = *probe;
  v1::IdentifyResponse found;
  int64_t took_us = 0;
  const grpc::Status status = till_clients_[0]->Identify(who, &found, &took_us);
  if (!IsAnswerAboutPalm(status)) return StepStatus(status, "Identify");
  figures_.identify_us.push_back(took_us);
  if (IsAmbiguous(status)) ++figures_.ambiguous;
  if (!palm.enrolled) {
    if (status.ok()) ++figures_.false_accepts;
    return absl::OkStatus();
  }
  if (!status.ok()) return absl::OkStatus();
  if (found.payer().display_name() != children_[child].till_name) {
    ++figures_.wrong_child;
    return absl::OkStatus();
  }
  ++figures_.right_child;

  // The recognised child eats. A palm is shown several times within minutes here, so the cashier's
  // confirmation goes along.
  const auto meal = static_cast<size_t>(figures_.right_child);
  v1::IdentifyAndDebitRequest request;
  request.set_request_id(FreshId());
  *request.mutable_probe() = *probe;
  *request.mutable_basket() = BasketOf(*world_, meal, 1);
  request.set_repeat_confirmed(true);
  v1::IdentifyAndDebitResponse sold;
  const grpc::Status paid = till_clients_[0]->IdentifyAndDebit(request, &sold, &took_us);
  if (!paid.ok()) return StepStatus(paid, "IdentifyAndDebit");
  figures_.debit_us.push_back(took_us);
  if (sold.payer().display_name() != children_[child].till_name) ++figures_.wrong_child;
  record_.Sold(sold.transaction_id(), child, request.basket().total_kopecks());
  return absl::OkStatus();
}

absl::Status Show::ShowPalms() {
  stage_->Scene("demo.scene.palms");
  int64_t total = 0;
  for (const Palm& palm : palms_) total += static_cast<int64_t>(palm.probes.size());
  {
    client::Progress progress(stage_->Text("demo.palms.progress"), total);
    int64_t done = 0;
    size_t child = 0;
    for (const Palm& palm : palms_) {
      for (const Shot& shot : palm.probes) {
        if (absl::Status s = ShowOnePalm(palm, child, shot); !s.ok()) return s;
        progress.Advance(++done);
      }
      if (palm.enrolled) ++child;
    }
  }
  stage_->Check(figures_.wrong_child == 0, "demo.palms.recognised",
                {std::to_string(figures_.right_child), std::to_string(figures_.mated_probes),
                 std::to_string(figures_.wrong_child)});
  stage_->Check(figures_.false_accepts == 0, "demo.palms.strangers",
                {std::to_string(figures_.strangers), std::to_string(figures_.false_accepts)});
  if (figures_.not_extracted > 0) {
    stage_->Tick("demo.palms.not_extracted", {std::to_string(figures_.not_extracted)});
  }
  if (figures_.ambiguous > 0) {
    stage_->Tick("demo.palms.ambiguous", {std::to_string(figures_.ambiguous)});
  }
  return absl::OkStatus();
}

grpc::Status Show::SellCard(size_t till, size_t child, size_t item, uint32_t quantity,
                            v1::IdentifyAndDebitRequest* request,
                            v1::IdentifyAndDebitResponse* response) {
  request->set_request_id(FreshId());
  *request->mutable_card() = children_[child].card;
  *request->mutable_basket() = BasketOf(*world_, item, quantity);
  int64_t took_us = 0;
  const grpc::Status status = till_clients_[till]->IdentifyAndDebit(*request, response, &took_us);
  if (!status.ok()) return status;
  figures_.debit_us.push_back(took_us);
  if (response->payer().display_name() != children_[child].till_name) ++figures_.wrong_child;
  record_.Sold(response->transaction_id(), child, request->basket().total_kopecks());
  return status;
}

absl::Status Show::SellByCard() {
  stage_->Scene("demo.scene.cards");
  client::Table table;
  table.Column(stage_->Text("demo.table.child"));
  table.Column(stage_->Text("demo.table.item"));
  table.Column(stage_->Text("demo.table.sum"), client::Align::kRight);
  table.Column(stage_->Text("demo.table.balance"), client::Align::kRight);
  table.Column(stage_->Text("demo.table.transaction"));
  constexpr size_t kShown = 5;
  int64_t sold = 0;
  for (size_t child = 0; child + kExtraChildren < children_.size(); ++child) {
    v1::IdentifyAndDebitRequest request;
    v1::IdentifyAndDebitResponse response;
    // Two at once: no child has bought two of a dish so far.
    const grpc::Status status = SellCard(child % kDemoTills, child, child, 2, &request, &response);
    if (!status.ok()) return StepStatus(status, "IdentifyAndDebit");
    ++sold;
    if (child >= kShown) continue;
    const std::string balance = response.payer().has_balance_kopecks()
                                    ? stage_->Money(response.payer().balance_kopecks())
                                    : "";
    table.Row({response.payer().display_name(),
               absl::StrCat(world_->items()[child % world_->items().size()].name(), " x2"),
               stage_->Money(request.basket().total_kopecks()), balance,
               base::HexOf(response.transaction_id()).substr(0, kShortIdChars)});
  }
  stage_->Show(table);
  stage_->Tick("demo.cards.sold", {std::to_string(sold)});
  return absl::OkStatus();
}

absl::Status Show::CancelOne() {
  stage_->Scene("demo.scene.cancel");
  constexpr size_t kChild = 0;
  v1::IdentifyAndDebitRequest sale;
  v1::IdentifyAndDebitResponse sold;
  const grpc::Status paid = SellCard(0, kChild, 0, 3, &sale, &sold);
  if (!paid.ok()) return StepStatus(paid, "IdentifyAndDebit");
  stage_->Tick("demo.cancel.sold",
               {sold.payer().display_name(), stage_->Money(sale.basket().total_kopecks())});
  v1::CancelRequest cancel;
  cancel.set_request_id(FreshId());
  cancel.set_debit_request_id(sale.request_id());
  cancel.set_reason(v1::CANCEL_REASON_WRONG_BASKET);
  v1::CancelResponse returned;
  const grpc::Status status = till_clients_[0]->Cancel(cancel, &returned);
  if (!status.ok()) return StepStatus(status, "Cancel");
  record_.Returned(returned.transaction_id(), kChild, returned.returned_kopecks());
  stage_->Check(returned.returned_kopecks() == sale.basket().total_kopecks(),
                "demo.cancel.returned", {stage_->Money(returned.returned_kopecks())});

  // A Cancel that overtakes its debit: the debit may no longer happen.
  v1::IdentifyAndDebitRequest late;
  late.set_request_id(FreshId());
  *late.mutable_card() = children_[kChild].card;
  *late.mutable_basket() = BasketOf(*world_, 1, 4);
  cancel.set_request_id(FreshId());
  cancel.set_debit_request_id(late.request_id());
  cancel.set_reason(v1::CANCEL_REASON_NO_ANSWER);
  v1::CancelResponse burnt;
  const grpc::Status burning = till_clients_[0]->Cancel(cancel, &burnt);
  if (!burning.ok()) return StepStatus(burning, "Cancel");
  const grpc::Status arrived = till_clients_[0]->IdentifyAndDebit(late, &sold);
  if (arrived.ok()) record_.Sold(sold.transaction_id(), kChild, late.basket().total_kopecks());
  stage_->Check(burnt.burnt() &&
                    client::DetailOf(arrived).reason() == v1::ERROR_REASON_CANCELLED_BEFORE_ARRIVAL,
                "demo.cancel.burnt", {client::Explain(arrived, stage_->language())});
  return absl::OkStatus();
}

absl::Status Show::PrintStatement() {
  stage_->Scene("demo.scene.statement");
  const Child& child = children_.front();
  const auto lines = world_->Statement(child);
  if (!lines.ok()) return lines.status();
  stage_->Tick("demo.statement.of", {child.till_name, std::to_string(lines->size())});
  client::Table table;
  table.Column(stage_->Text("demo.table.number"), client::Align::kRight);
  table.Column(stage_->Text("demo.table.day"));
  table.Column(stage_->Text("demo.table.what"));
  table.Column(stage_->Text("demo.table.sum"), client::Align::kRight);
  table.Column(stage_->Text("demo.table.balance"), client::Align::kRight);
  for (size_t i = 0; i < lines->size(); ++i) {
    if (i == kStatementFirst && i + kStatementLast < lines->size()) {
      i = lines->size() - kStatementLast;
      table.Row({"...", "", "", "", ""});
    }
    const v1::StatementLine& line = (*lines)[i];
    std::string what = stage_->Text(absl::StrCat("demo.statement.kind.", line.kind()));
    if (!line.item_name().empty()) {
      what = absl::StrCat(what, ": ", line.item_name(), " x", line.quantity());
    }
    table.Row({std::to_string(line.sequence()), DateText(line.service_date()), what,
               stage_->Money(line.amount_kopecks()), stage_->Money(line.balance_kopecks())});
  }
  stage_->Show(table);
  return absl::OkStatus();
}

}  // namespace ladon::demo
