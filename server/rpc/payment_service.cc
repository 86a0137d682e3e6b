#include <string>
#include <utility>
#include <vector>

#include "ladon/v1/payment_service.grpc.pb.h"
#include "server/flow/payment_desk.h"
#include "server/flow/reconcile.h"
#include "server/flow/refunds.h"
#include "server/rpc/fields.h"
#include "server/rpc/payment_view.h"
#include "server/rpc/services.h"

namespace ladon::rpc {
namespace {

using S = v1::PaymentService;
using Refunds = S::WithRawMethod_OpenRefund<S::WithRawMethod_ListRefunds<
    S::WithRawMethod_CloseRefund<S::WithRawMethod_CancelRefund<S::Service>>>>;
using Raw = S::WithRawMethod_ListSuspense<S::WithRawMethod_PlacePayment<
    S::WithRawMethod_MovePayment<S::WithRawMethod_GetReconciliation<Refunds>>>>;

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

void SetRefund(const flow::RefundView& from, v1::Refund* to) {
  const payments::Refund& refund = from.refund;
  to->set_contract(refund.contract);
  to->set_refund_number(refund.number);
  to->set_state(static_cast<v1::RefundState>(refund.state));
  to->set_school_id(BytesOf(refund.school.bytes));
  to->set_account_id(BytesOf(refund.purse.bytes));
  to->set_kopecks(refund.kopecks);
  SetTimestamp(refund.opened_at_ns, to->mutable_opened_at());
  SetDate(refund.due_day, to->mutable_due_date());
  to->set_overdue(from.overdue);
  to->set_payment_id(refund.payment_id);
  to->set_order_number(refund.order);
  to->set_basis(from.basis);
}

template <class Response>
flow::Done<flow::RefundView> AnswerRefund(const Answer<Response>& answer) {
  return [answer](const absl::StatusOr<flow::RefundView>& refund) {
    if (!refund.ok()) return answer(refund.status());
    Response response;
    SetRefund(*refund, response.mutable_refund());
    answer(std::move(response));
  };
}

constexpr size_t kDocumentCharactersMax = 64;

std::string ReadRefundNumber(const std::string& number, Fields* fields) {
  fields->Require(base::IdOfHex<base::RequestId>(number).has_value(), "refund_number",
                  "must be 32 hex digits");
  return number;
}

void OpenRefund(const CallContext& call, const v1::OpenRefundRequest& request,
                const Answer<v1::OpenRefundResponse>& answer) {
  Fields fields;
  const auto request_id = fields.Id<base::RequestId>("request_id", request.request_id());
  flow::RefundInput input{
      .contract = ReadContract(request.contract(), &fields),
      .purse = fields.Id<base::AccountId>("account_id", request.account_id()),
      .kopecks = fields.Range("kopecks", request.kopecks(), 1, payments::kPaidKopecksMax),
      .payment_id = request.payment_id(),
      .basis = fields.Text("basis", request.basis(), 1, flow::kRefundBasisMax)};
  if (!input.payment_id.empty()) (void)ReadPaymentId("payment_id", input.payment_id, &fields);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::OpenRefund(*call.house, call.caller, RequestOf(call, request_id), input,
                   AnswerRefund(answer));
}

void ListRefunds(const CallContext& call, const v1::ListRefundsRequest& request,
                 const Answer<v1::ListRefundsResponse>& answer) {
  Fields fields;
  const std::string contract = ReadContract(request.contract(), &fields);
  const size_t limit = fields.PageSize(request.page_size());
  const std::string after = ReadIdToken(request.page_token(), &fields);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::ListRefunds(*call.house, call.caller, contract, after, limit,
                    [answer, limit](const absl::StatusOr<std::vector<flow::RefundView>>& page) {
                      if (!page.ok()) return answer(page.status());
                      v1::ListRefundsResponse response;
                      for (const flow::RefundView& one : *page) {
                        SetRefund(one, response.add_refunds());
                      }
                      if (page->size() == limit) {
                        response.set_next_page_token(page->back().refund.number);
                      }
                      answer(std::move(response));
                    });
}

void CloseRefund(const CallContext& call, const v1::CloseRefundRequest& request,
                 const Answer<v1::CloseRefundResponse>& answer) {
  Fields fields;
  const auto request_id = fields.Id<base::RequestId>("request_id", request.request_id());
  const std::string contract = ReadContract(request.contract(), &fields);
  const std::string number = ReadRefundNumber(request.refund_number(), &fields);
  const std::string document =
      fields.Text("document_id", request.document_id(), 1, kDocumentCharactersMax);
  const uint32_t day =
      fields.Day("document_date", request.has_document_date(), request.document_date());
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::CloseRefund(*call.house, call.caller, RequestOf(call, request_id), contract, number,
                    document, day, AnswerRefund(answer));
}

void CancelRefund(const CallContext& call, const v1::CancelRefundRequest& request,
                  const Answer<v1::CancelRefundResponse>& answer) {
  Fields fields;
  const auto request_id = fields.Id<base::RequestId>("request_id", request.request_id());
  const std::string contract = ReadContract(request.contract(), &fields);
  const std::string number = ReadRefundNumber(request.refund_number(), &fields);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::CancelRefund(*call.house, call.caller, RequestOf(call, request_id), contract, number,
                     AnswerRefund(answer));
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
    rpc::Serve<v1::OpenRefundRequest, v1::OpenRefundResponse>(
        server, "/ladon.v1.PaymentService/OpenRefund", LADON_LISTEN(service_, OpenRefund),
        OpenRefund);
    rpc::Serve<v1::ListRefundsRequest, v1::ListRefundsResponse>(
        server, "/ladon.v1.PaymentService/ListRefunds", LADON_LISTEN(service_, ListRefunds),
        ListRefunds);
    rpc::Serve<v1::CloseRefundRequest, v1::CloseRefundResponse>(
        server, "/ladon.v1.PaymentService/CloseRefund", LADON_LISTEN(service_, CloseRefund),
        CloseRefund);
    rpc::Serve<v1::CancelRefundRequest, v1::CancelRefundResponse>(
        server, "/ladon.v1.PaymentService/CancelRefund", LADON_LISTEN(service_, CancelRefund),
        CancelRefund);
  }

 private:
  Raw service_;
};

}  // namespace

std::unique_ptr<ServiceHost> MakePaymentService() {
  return std::make_unique<Host>();
}

}  // namespace ladon::rpc
