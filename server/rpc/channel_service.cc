#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ladon/v1/channel_service.grpc.pb.h"
#include "server/flow/channel_payment.h"
#include "server/flow/payment_orders.h"
#include "server/flow/registry.h"
#include "server/rpc/fields.h"
#include "server/rpc/payment_view.h"
#include "server/rpc/services.h"

namespace ladon::rpc {
namespace {

using S = v1::ChannelService;
using Orders = S::WithRawMethod_OpenOrder<S::WithRawMethod_ListOpenOrders<
    S::WithRawMethod_GetOrder<S::WithRawMethod_CloseOrder<S::Service>>>>;
using Raw =
    S::WithRawMethod_CheckAccount<S::WithRawMethod_AcceptPayment<S::WithRawMethod_GetPayment<
        S::WithRawMethod_CancelPayment<S::WithRawMethod_ImportRegistry<Orders>>>>>;

void SetOrder(const payments::Order& from, v1::Order* to) {
  to->set_contract(from.contract);
  to->set_order_number(from.number);
  to->set_state(static_cast<v1::OrderState>(from.state));
  to->set_payment_account(std::to_string(from.payment_account));
  to->set_paid_kopecks(from.paid_kopecks);
  SetTimestamp(from.opened_at_ns, to->mutable_opened_at());
  to->set_bank_id(from.bank_id);
}

std::string ReadOrderNumber(const std::string& number, Fields* fields) {
  fields->Require(payments::IsPaymentId(number) && number.size() <= payments::kOrderNumberMax,
                  "order_number", "must be 1 to 32 letters, digits, hyphens and underscores");
  return number;
}

void SetCount(const flow::LineCount& from, v1::RegistryCount* to) {
  to->set_lines(from.lines);
  to->set_paid_kopecks(from.paid_kopecks);
}

void CheckAccount(const CallContext& call, const v1::CheckAccountRequest& request,
                  const Answer<v1::CheckAccountResponse>& answer) {
  Fields fields;
  const std::string contract = ReadContract(request.contract(), &fields);
  const uint64_t account = ReadPaymentAccount(request.payment_account(), &fields);
  std::optional<int64_t> paid_kopecks;
  if (request.has_paid_kopecks()) {
    paid_kopecks =
        fields.Range("paid_kopecks", request.paid_kopecks(), 1, payments::kPaidKopecksMax);
  }
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::CheckAccount(*call.house, call.caller, contract, account, paid_kopecks,
                     [answer](absl::StatusOr<flow::CheckedAccount> checked) {
                       if (!checked.ok()) return answer(checked.status());
                       v1::CheckAccountResponse response;
                       response.set_masked_name(std::move(checked->masked_name));
                       response.set_school_name(std::move(checked->school_name));
                       response.set_fee_kopecks(checked->fee_kopecks);
                       answer(std::move(response));
                     });
}

void AcceptPayment(const CallContext& call, const v1::AcceptPaymentRequest& request,
                   const Answer<v1::AcceptPaymentResponse>& answer) {
  Fields fields;
  flow::PaymentInput input{
      .contract = ReadContract(request.contract(), &fields),
      .payment_id = ReadPaymentId("payment_id", request.payment_id(), &fields),
      .account = request.payer_account(),
      .paid_kopecks =
          fields.Range("paid_kopecks", request.paid_kopecks(), 1, payments::kPaidKopecksMax),
      .paid_at_ns = fields.Time("paid_at", request.has_paid_at(), request.paid_at(), 0),
      .order = request.order_number()};
  if (!input.order.empty()) (void)ReadOrderNumber(input.order, &fields);
  fields.Require(input.account.size() <= payments::kPayerAccountMax, "payer_account",
                 "must be at most 200 bytes");
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::AcceptPayment(*call.house, call.caller, std::move(input),
                      [answer](const absl::StatusOr<flow::PaymentAnswer>& booked) {
                        if (!booked.ok()) return answer(booked.status());
                        v1::AcceptPaymentResponse response;
                        SetPayment(booked->payment, response.mutable_payment());
                        response.set_replayed(booked->replayed);
                        answer(std::move(response));
                      });
}

void GetPayment(const CallContext& call, const v1::GetPaymentRequest& request,
                const Answer<v1::GetPaymentResponse>& answer) {
  Fields fields;
  const std::string contract = ReadContract(request.contract(), &fields);
  const std::string payment_id = ReadPaymentId("payment_id", request.payment_id(), &fields);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::GetPayment(*call.house, call.caller, contract, payment_id,
                   [answer](const absl::StatusOr<payments::Payment>& payment) {
                     if (!payment.ok()) return answer(payment.status());
                     v1::GetPaymentResponse response;
                     SetPayment(*payment, response.mutable_payment());
                     answer(std::move(response));
                   });
}

void CancelPayment(const CallContext& call, const v1::CancelPaymentRequest& request,
                   const Answer<v1::CancelPaymentResponse>& answer) {
  Fields fields;
  const std::string contract = ReadContract(request.contract(), &fields);
  const std::string payment_id = ReadPaymentId("payment_id", request.payment_id(), &fields);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::CancelPayment(*call.house, call.caller, contract, payment_id,
                      [answer](const absl::StatusOr<flow::PaymentAnswer>& cancelled) {
                        if (!cancelled.ok()) return answer(cancelled.status());
                        v1::CancelPaymentResponse response;
                        SetPayment(cancelled->payment, response.mutable_payment());
                        response.set_replayed(cancelled->replayed);
                        answer(std::move(response));
                      });
}

// Each payment once: which of two lines would count?
std::vector<flow::RegistryLine> ReadLines(const v1::ImportRegistryRequest& request,
                                          Fields* fields) {
  std::vector<flow::RegistryLine> lines;
  std::set<std::string> seen;
  for (int i = 0; i < request.lines_size() && fields->ok(); ++i) {
    const std::string path = "lines[" + std::to_string(i) + "]";
    const v1::RegistryLine& from = request.lines(i);
    flow::RegistryLine line{
        .payment_id = ReadPaymentId(path + ".payment_id", from.payment_id(), fields),
        .account = from.payer_account(),
        .paid_kopecks = fields->Range(path + ".paid_kopecks", from.paid_kopecks(), 1,
                                      payments::kPaidKopecksMax)};
    fields->Require(seen.insert(line.payment_id).second, path + ".payment_id",
                    "must not stand in two lines");
    fields->Require(line.account.size() <= payments::kPayerAccountMax, path + ".payer_account",
                    "must be at most 200 bytes");
    lines.push_back(std::move(line));
  }
  return lines;
}

void ImportRegistry(const CallContext& call, const v1::ImportRegistryRequest& request,
                    const Answer<v1::ImportRegistryResponse>& answer) {
  Fields fields;
  const auto request_id = fields.Id<base::RequestId>("request_id", request.request_id());
  flow::RegistryInput input{.contract = ReadContract(request.contract(), &fields)};
  const std::string& file = request.file_sha256();
  fields.Require(file.size() == input.file.size() && file != std::string(file.size(), '\0'),
                 "file_sha256", "must be 32 bytes, not all zero");
  fields.Require(request.lines_size() >= 1 &&
                     request.lines_size() <= static_cast<int>(flow::kRegistryLinesMax),
                 "lines", "must be 1 to 1000");
  if (fields.ok()) input.lines = ReadLines(request, &fields);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  std::copy(file.begin(), file.end(), input.file.begin());
  flow::ImportRegistry(*call.house, call.caller, RequestOf(call, request_id), std::move(input),
                       [answer](absl::StatusOr<flow::RegistryAnswer> done) {
                         if (!done.ok()) return answer(done.status());
                         v1::ImportRegistryResponse response;
                         SetCount(done->matched, response.mutable_matched());
                         SetCount(done->booked, response.mutable_booked());
                         SetCount(done->suspended, response.mutable_suspended());
                         SetCount(done->differ, response.mutable_differ());
                         for (std::string& id : done->differing) {
                           response.add_differing_payment_ids(std::move(id));
                         }
                         answer(std::move(response));
                       });
}

void OpenOrder(const CallContext& call, const v1::OpenOrderRequest& request,
               const Answer<v1::OpenOrderResponse>& answer) {
  Fields fields;
  const flow::OrderInput input{
      .contract = ReadContract(request.contract(), &fields),
      .number = ReadOrderNumber(request.order_number(), &fields),
      .payment_account = ReadPaymentAccount(request.payment_account(), &fields),
      .paid_kopecks =
          fields.Range("paid_kopecks", request.paid_kopecks(), 1, payments::kPaidKopecksMax)};
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::OpenOrder(*call.house, call.caller, input,
                  [answer](const absl::StatusOr<payments::Order>& order) {
                    if (!order.ok()) return answer(order.status());
                    v1::OpenOrderResponse response;
                    SetOrder(*order, response.mutable_order());
                    answer(std::move(response));
                  });
}

void ListOpenOrders(const CallContext& call, const v1::ListOpenOrdersRequest& request,
                    const Answer<v1::ListOpenOrdersResponse>& answer) {
  Fields fields;
  const std::string contract = ReadContract(request.contract(), &fields);
  const size_t limit = fields.PageSize(request.page_size());
  const std::string after = ReadIdToken(request.page_token(), &fields);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::ListOpenOrders(*call.house, call.caller, contract, after, limit,
                       [answer, limit](const absl::StatusOr<std::vector<payments::Order>>& page) {
                         if (!page.ok()) return answer(page.status());
                         v1::ListOpenOrdersResponse response;
                         for (const payments::Order& order : *page) {
                           SetOrder(order, response.add_orders());
                         }
                         if (page->size() == limit) {
                           response.set_next_page_token(page->back().number);
                         }
                         answer(std::move(response));
                       });
}

void GetOrder(const CallContext& call, const v1::GetOrderRequest& request,
              const Answer<v1::GetOrderResponse>& answer) {
  Fields fields;
  const std::string contract = ReadContract(request.contract(), &fields);
  const std::string number = ReadOrderNumber(request.order_number(), &fields);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::GetOrder(*call.house, call.caller, contract, number,
                 [answer](const absl::StatusOr<payments::Order>& order) {
                   if (!order.ok()) return answer(order.status());
                   v1::GetOrderResponse response;
                   SetOrder(*order, response.mutable_order());
                   answer(std::move(response));
                 });
}

void CloseOrder(const CallContext& call, const v1::CloseOrderRequest& request,
                const Answer<v1::CloseOrderResponse>& answer) {
  Fields fields;
  const std::string contract = ReadContract(request.contract(), &fields);
  const std::string number = ReadOrderNumber(request.order_number(), &fields);
  const auto state = fields.Enum("state", request.state(), v1::OrderState_IsValid);
  fields.Require(state != v1::ORDER_STATE_OPEN, "state", "must be an end");
  const std::string& bank_id = request.bank_id();
  if (!bank_id.empty()) (void)ReadPaymentId("bank_id", bank_id, &fields);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::CloseOrder(*call.house, call.caller, contract, number,
                   static_cast<payments::OrderState>(state), bank_id,
                   [answer](const absl::StatusOr<payments::Order>& order) {
                     if (!order.ok()) return answer(order.status());
                     v1::CloseOrderResponse response;
                     SetOrder(*order, response.mutable_order());
                     answer(std::move(response));
                   });
}

class Host final : public ServiceHost {
 public:
  grpc::Service* service() override { return &service_; }
  void Serve(ServerContext* server) override {
    rpc::Serve<v1::CheckAccountRequest, v1::CheckAccountResponse>(
        server, "/ladon.v1.ChannelService/CheckAccount", LADON_LISTEN(service_, CheckAccount),
        CheckAccount);
    rpc::Serve<v1::AcceptPaymentRequest, v1::AcceptPaymentResponse>(
        server, "/ladon.v1.ChannelService/AcceptPayment", LADON_LISTEN(service_, AcceptPayment),
        AcceptPayment);
    rpc::Serve<v1::GetPaymentRequest, v1::GetPaymentResponse>(
        server, "/ladon.v1.ChannelService/GetPayment", LADON_LISTEN(service_, GetPayment),
        GetPayment);
    rpc::Serve<v1::CancelPaymentRequest, v1::CancelPaymentResponse>(
        server, "/ladon.v1.ChannelService/CancelPayment", LADON_LISTEN(service_, CancelPayment),
        CancelPayment);
    rpc::Serve<v1::ImportRegistryRequest, v1::ImportRegistryResponse>(
        server, "/ladon.v1.ChannelService/ImportRegistry", LADON_LISTEN(service_, ImportRegistry),
        ImportRegistry);
    rpc::Serve<v1::OpenOrderRequest, v1::OpenOrderResponse>(
        server, "/ladon.v1.ChannelService/OpenOrder", LADON_LISTEN(service_, OpenOrder), OpenOrder);
    rpc::Serve<v1::ListOpenOrdersRequest, v1::ListOpenOrdersResponse>(
        server, "/ladon.v1.ChannelService/ListOpenOrders", LADON_LISTEN(service_, ListOpenOrders),
        ListOpenOrders);
    rpc::Serve<v1::GetOrderRequest, v1::GetOrderResponse>(
        server, "/ladon.v1.ChannelService/GetOrder", LADON_LISTEN(service_, GetOrder), GetOrder);
    rpc::Serve<v1::CloseOrderRequest, v1::CloseOrderResponse>(
        server, "/ladon.v1.ChannelService/CloseOrder", LADON_LISTEN(service_, CloseOrder),
        CloseOrder);
  }

 private:
  Raw service_;
};

}  // namespace

std::unique_ptr<ServiceHost> MakeChannelService() {
  return std::make_unique<Host>();
}

}  // namespace ladon::rpc
