// Each kind of refusal, with the sentence that the cashier reads.
#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "server/client/connection.h"
#include "server/client/demo/enrol_palm.h"
#include "server/client/demo/show.h"

namespace ladon::demo {
namespace {

// Shows what was tried with the sentence a cashier reads, and checks that the refusal is the due
// one.
class Refusals {
 public:
  explicit Refusals(Stage* stage) : stage_(stage) {}
  void Expect(const std::string& tried_key, v1::ErrorReason due, const grpc::Status& status) {
    constexpr std::string_view kPrefix = "ERROR_REASON_";
    const v1::ErrorReason got = client::DetailOf(status).reason();
    const bool good = !status.ok() && got == due;
    const std::string reason = v1::ErrorReason_Name(due).substr(kPrefix.size());
    const std::string read = status.ok() ? stage_->Text("demo.refusals.passed")
                             : good      ? stage_->Text(reason)
                                         : client::Explain(status, stage_->language());
    stage_->Check(good, "demo.refusals.line", {stage_->Text(tried_key), read});
    ++tried_;
    refused_ += good ? 1 : 0;
  }
  void Finish() {
    stage_->Check(refused_ == tried_, "demo.refusals.done",
                  {std::to_string(refused_), std::to_string(tried_)});
  }

 private:
  Stage* stage_;
  int tried_ = 0;
  int refused_ = 0;
};

v1::IdentifyAndDebitRequest CardSale(const World& world, const Child& child, size_t item) {
  v1::IdentifyAndDebitRequest request;
  request.set_request_id(FreshId());
  *request.mutable_card() = child.card;
  *request.mutable_basket() = BasketOf(world, item, 1);
  return request;
}

// A sale that must be refused.
grpc::Status Try(TillClient* till, const v1::IdentifyAndDebitRequest& request) {
  v1::IdentifyAndDebitResponse response;
  return till->IdentifyAndDebit(request, &response);
}

grpc::Status SetCard(const World& world, const Child& child, v1::CardState state) {
  v1::SetCardStateRequest request;
  request.set_request_id(FreshId());
  *request.mutable_card() = child.card;
  request.set_state(state);
  v1::SetCardStateResponse response;
  return client::CallPatiently(world.enrolment(), request, &response);
}

grpc::Status Enrol(const World& world, const v1::EnrolPalmRequest& request) {
  v1::EnrolPalmResponse response;
  return client::CallPatiently(world.enrolment(), request, &response);
}

void RefusedBaskets(const World& world, const Child& child, TillClient* till, Refusals* out) {
  v1::IdentifyAndDebitRequest sale = CardSale(world, child, 0);
  v1::BasketLine* line = sale.mutable_basket()->mutable_lines(0);
  line->set_unit_price_kopecks(line->unit_price_kopecks() - 1);
  sale.mutable_basket()->set_total_kopecks(line->unit_price_kopecks());
  out->Expect("demo.refusals.price", v1::ERROR_REASON_PRICE_NOT_ON_LIST, Try(till, sale));

  sale = CardSale(world, child, 0);
  sale.mutable_basket()->set_total_kopecks(sale.basket().total_kopecks() + 1);
  out->Expect("demo.refusals.total", v1::ERROR_REASON_TOTAL_MISMATCH, Try(till, sale));

  sale = CardSale(world, child, 0);
  line = sale.mutable_basket()->mutable_lines(0);
  line->clear_item_id();
  line->set_category(0);
  line->set_unit_price_kopecks(1'000'000);
  sale.mutable_basket()->set_total_kopecks(1'000'000);
  out->Expect("demo.refusals.free_amount", v1::ERROR_REASON_FREE_AMOUNT_NOT_ALLOWED,
              Try(till, sale));
}

// A palm that nobody enrolled, and the same one without life in it.
void RefusedPalms(const std::vector<Palm>& palms, TillClient* till, Refusals* out) {
  const auto stranger =
      std::find_if(palms.begin(), palms.end(), [](const Palm& palm) { return !palm.enrolled; });
  for (const Shot& shot : stranger == palms.end() ? std::vector<Shot>() : stranger->probes) {
    absl::StatusOr<v1::Probe> probe = ProbeOfShot(shot);
    if (!probe.ok()) continue;
    v1::IdentifyRequest who;
    *who.mutable_probe() = *std::move(probe);
    v1::IdentifyResponse found;
    out->Expect("demo.refusals.unknown_palm", v1::ERROR_REASON_PALM_NOT_RECOGNISED,
                till->Identify(who, &found));
    who.mutable_probe()->set_liveness(v1::LIVENESS_FAIL);
    out->Expect("demo.refusals.liveness", v1::ERROR_REASON_LIVENESS_FAILED,
                till->Identify(who, &found));
    break;
  }
}

}  // namespace

absl::Status Show::ShowRefusals() {
  stage_->Scene("demo.scene.refusals");
  Refusals refusals(stage_);
  TillClient* till = till_clients_[0].get();
  const Child& payer = children_[0];
  const Child& penniless = children_[children_.size() - 1];
  const Child& without_consent = children_[children_.size() - 2];

  RefusedPalms(palms_, till, &refusals);

  const absl::StatusOr<v1::EnrolPalmRequest> enrolment =
      EnrolmentOf(without_consent, palms_.front());
  if (!enrolment.ok()) return enrolment.status();
  refusals.Expect("demo.refusals.no_consent", v1::ERROR_REASON_CONSENT_MISSING,
                  Enrol(*world_, *enrolment));

  for (const auto& [state, key, due] :
       {std::tuple(v1::CARD_STATE_BLOCKED, "demo.refusals.card_blocked",
                   v1::ERROR_REASON_CARD_BLOCKED),
        std::tuple(v1::CARD_STATE_LOST, "demo.refusals.card_lost", v1::ERROR_REASON_CARD_LOST)}) {
    const grpc::Status set = SetCard(*world_, without_consent, state);
    if (!set.ok()) return StepStatus(set, "SetCardState");
    refusals.Expect(key, due, Try(till, CardSale(*world_, without_consent, 0)));
  }
  v1::IdentifyAndDebitRequest unknown_card = CardSale(*world_, payer, 0);
  unknown_card.mutable_card()->set_uid("\x04\x7F\x7F\x7F\x7F\x7F\x7F");
  refusals.Expect("demo.refusals.card_unknown", v1::ERROR_REASON_CARD_UNKNOWN,
                  Try(till, unknown_card));
  refusals.Expect("demo.refusals.no_money", v1::ERROR_REASON_INSUFFICIENT_FUNDS,
                  Try(till, CardSale(*world_, penniless, 0)));
  RefusedBaskets(*world_, payer, till, &refusals);

  // Seven pieces: nobody has bought that so far.
  v1::IdentifyAndDebitRequest sale;
  v1::IdentifyAndDebitResponse sold;
  const grpc::Status paid = SellCard(0, 0, 2, 7, &sale, &sold);
  if (!paid.ok()) return StepStatus(paid, "IdentifyAndDebit");
  v1::IdentifyAndDebitRequest again = sale;
  again.set_request_id(FreshId());
  refusals.Expect("demo.refusals.repeat", v1::ERROR_REASON_POSSIBLE_REPEAT, Try(till, again));
  again = sale;
  *again.mutable_basket() = BasketOf(*world_, 3, 1);
  refusals.Expect("demo.refusals.id_reused", v1::ERROR_REASON_REQUEST_ID_REUSED, Try(till, again));

  v1::TopUpRequest own_money;
  own_money.set_request_id(FreshId());
  own_money.set_account_id(payer.account_id);
  own_money.set_amount_kopecks(100);
  v1::TopUpResponse gift;
  refusals.Expect("demo.refusals.role", v1::ERROR_REASON_NOT_PERMITTED,
                  till->TopUp(own_money, &gift));
  refusals.Finish();

  // The same request once more is no refusal: the stored answer comes back, nothing is charged.
  v1::IdentifyAndDebitResponse replay;
  const grpc::Status repeated = till->IdentifyAndDebit(sale, &replay);
  stage_->Check(
      repeated.ok() && replay.replayed() && replay.transaction_id() == sold.transaction_id(),
      "demo.refusals.replayed");
  return absl::OkStatus();
}

}  // namespace ladon::demo
