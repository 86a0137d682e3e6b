#include <string>
#include <utility>
#include <vector>

#include "ladon/v1/payment_service.grpc.pb.h"
#include "server/flow/payment_desk.h"
#include "server/flow/reconcile.h"
#include "server/rpc/fields.h"
#include "server/rpc/payment_view.h"
#include "server/rpc/services.h"

namespace ladon::rpc {
namespace {

using S = v1::PaymentService;
using Raw = S::WithRawMethod_ListSuspense<S::WithRawMethod_PlacePayment<
    S::WithRawMethod_MovePayment<S::WithRawMethod_GetReconciliation<S::Service>>>>;

void ListSuspense(const CallContext& call, const v1::ListSuspenseRequest& request,
                  const Answer<v1::ListSuspenseResponse>& answer) {
  Fields fields;
  const std::string contract = ReadContract(request.contract(), &fields);
  const size_t limit = fields.PageSize(request.page_size());
  const std::string after = ReadIdToken(request.page_token(), &fields);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::ListSuspense(*call.house, call.caller, contract, after, limit,
                     [answer, limit](absl::StatusOr<std::vector<flow::SuspendedPayment>> page) {
                       if (!page.ok()) return answer(page.status());
                       v1::ListSuspenseResponse response;
                       for (flow::SuspendedPayment& one : *page) {
                         v1::SuspendedPayment* const to = response.add_payments();
                         SetPayment(one.payment, to->mutable_payment());
                         to->set_payer_account(std::move(one.payer_account));
                       }
                       if (page->size() == limit) {
                         response.set_next_page_token(page->back().payment.id);
                       }
                       answer(std::move(response));
                     });
}

void PlacePayment(const CallContext& call, const v1::PlacePaymentRequest& request,
                  const Answer<v1::PlacePaymentResponse>& answer) {
  Fields fields;
  const auto request_id = fields.Id<base::RequestId>("request_id", request.request_id());
  const std::string contract = ReadContract(request.contract(), &fields);
  const std::string payment_id = ReadPaymentId("payment_id", request.payment_id(), &fields);
  const uint64_t account = ReadPaymentAccount(request.payment_account(), &fields);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::PlacePayment(*call.house, call.caller, RequestOf(call, request_id), contract, payment_id,
                     account, [answer](const absl::StatusOr<flow::PlacedPayment>& placed) {
                       if (!placed.ok()) return answer(placed.status());
                       v1::PlacePaymentResponse response;
                       SetPayment(placed->payment, response.mutable_payment());
                       response.set_journal_index(placed->journal_index);
                       answer(std::move(response));
                     });
}

void MovePayment(const CallContext& call, const v1::MovePaymentRequest& request,
                 const Answer<v1::MovePaymentResponse>& answer) {
  Fields fields;
  const auto request_id = fields.Id<base::RequestId>("request_id", request.request_id());
  const std::string contract = ReadContract(request.contract(), &fields);
  const std::string payment_id = ReadPaymentId("payment_id", request.payment_id(), &fields);
  const uint64_t account = ReadPaymentAccount(request.payment_account(), &fields);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::MovePayment(*call.house, call.caller, RequestOf(call, request_id), contract, payment_id,
                    account, [answer](const absl::StatusOr<flow::MovedPayment>& moved) {
                      if (!moved.ok()) return answer(moved.status());
                      v1::MovePaymentResponse response;
                      response.set_moved_kopecks(moved->moved_kopecks);
                      response.set_journal_index(moved->journal_index);
                      answer(std::move(response));
                    });
}

void SetBooks(const flow::Books& from, v1::Books* to) {
  to->set_purses_kopecks(from.purses_kopecks);
  to->set_owed_to_caterers_kopecks(from.owed_to_caterers_kopecks);
  to->set_suspense_kopecks(from.suspense_kopecks);
  to->set_fees_kopecks(from.fees_kopecks);
  to->set_refunds_kopecks(from.refunds_kopecks);
  to->set_subsidies_drawn_kopecks(from.subsidies_drawn_kopecks);
  to->set_clearing_kopecks(from.clearing_kopecks);
}

void GetReconciliation(const CallContext& call, const v1::GetReconciliationRequest& request,
                       const Answer<v1::GetReconciliationResponse>& answer) {
  Fields fields;
  const std::string contract = ReadContract(request.contract(), &fields);
  const uint32_t day = fields.Day("day", request.has_day(), request.day());
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::GetReconciliation(
      *call.house, call.caller, contract, day,
      [answer](const absl::StatusOr<flow::Reconciliation>& all) {
        if (!all.ok()) return answer(all.status());
        v1::GetReconciliationResponse response;
        for (const auto& [state, count] : all->counts) {
          v1::ReconciledCount* const to = response.add_counts();
          to->set_state(static_cast<v1::Reconciled>(state));
          to->set_payments(count.payments);
          to->set_paid_kopecks(count.paid_kopecks);
          to->set_fee_kopecks(count.fee_kopecks);
        }
        for (const payments::Payment& payment : all->payments) {
          v1::ReconciledPayment* const to = response.add_payments();
          SetPayment(payment, to->mutable_payment());
          to->set_state(static_cast<v1::Reconciled>(flow::ReconciledOf(payment)));
          to->set_registry_kopecks(payment.registry_kopecks);
        }
        response.set_registry_overdue(all->registry_overdue);
        SetBooks(all->books, response.mutable_books());
        answer(std::move(response));
      });
}

class Host final : public ServiceHost {
 public:
  grpc::Service* service() override { return &service_; }
  void Serve(ServerContext* server) override {
    rpc::Serve<v1::ListSuspenseRequest, v1::ListSuspenseResponse>(
        server, "/ladon.v1.PaymentService/ListSuspense", LADON_LISTEN(service_, ListSuspense),
        ListSuspense);
    rpc::Serve<v1::PlacePaymentRequest, v1::PlacePaymentResponse>(
        server, "/ladon.v1.PaymentService/PlacePayment", LADON_LISTEN(service_, PlacePayment),
        PlacePayment);
    rpc::Serve<v1::MovePaymentRequest, v1::MovePaymentResponse>(
        server, "/ladon.v1.PaymentService/MovePayment", LADON_LISTEN(service_, MovePayment),
        MovePayment);
    rpc::Serve<v1::GetReconciliationRequest, v1::GetReconciliationResponse>(
        server, "/ladon.v1.PaymentService/GetReconciliation",
        LADON_LISTEN(service_, GetReconciliation), GetReconciliation);
  }

 private:
  Raw service_;
};

}  // namespace

std::unique_ptr<ServiceHost> MakePaymentService() {
  return std::make_unique<Host>();
}

}  // namespace ladon::rpc
