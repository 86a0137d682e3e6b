#include <string>
#include <utility>

#include "ladon/v1/channel_service.grpc.pb.h"
#include "server/base/payment_account.h"
#include "server/flow/channel_payment.h"
#include "server/rpc/fields.h"
#include "server/rpc/services.h"

namespace ladon::rpc {
namespace {

using S = v1::ChannelService;
using Raw = S::WithRawMethod_CheckAccount<S::WithRawMethod_AcceptPayment<
    S::WithRawMethod_GetPayment<S::WithRawMethod_CancelPayment<S::Service>>>>;

std::string ReadContract(const std::string& name, Fields* fields) {
  return fields->Ascii("contract", name, 1, payments::kContractNameMax);
}

std::string ReadPaymentId(const std::string& id, Fields* fields) {
  fields->Require(payments::IsPaymentId(id), "payment_id",
                  "must be 1 to 64 letters, digits, hyphens and underscores");
  return id;
}

void SetPayment(const payments::Payment& from, v1::Payment* to) {
  to->set_contract(from.contract);
  to->set_payment_id(from.id);
  to->set_number(from.index);
  to->set_state(static_cast<v1::PaymentState>(from.state));
  to->set_source(static_cast<v1::PaymentSource>(from.source));
  to->set_paid_kopecks(from.paid_kopecks);
  to->set_fee_kopecks(from.fee_kopecks);
  SetTimestamp(from.booked_at_ns, to->mutable_booked_at());
}

void CheckAccount(const CallContext& call, const v1::CheckAccountRequest& request,
                  const Answer<v1::CheckAccountResponse>& answer) {
  Fields fields;
  const std::string contract = ReadContract(request.contract(), &fields);
  const auto account = base::PaymentAccount::Parse(request.payment_account());
  fields.Require(account.has_value(), "payment_account",
                 "must be 12 digits with their check digit");
  std::optional<int64_t> paid_kopecks;
  if (request.has_paid_kopecks()) {
    paid_kopecks =
        fields.Range("paid_kopecks", request.paid_kopecks(), 1, payments::kPaidKopecksMax);
  }
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::CheckAccount(*call.house, call.caller, contract, account->number(), paid_kopecks,
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
      .payment_id = ReadPaymentId(request.payment_id(), &fields),
      .account = request.payer_account(),
      .paid_kopecks =
          fields.Range("paid_kopecks", request.paid_kopecks(), 1, payments::kPaidKopecksMax),
      .paid_at_ns = fields.Time("paid_at", request.has_paid_at(), request.paid_at(), 0)};
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
  const std::string payment_id = ReadPaymentId(request.payment_id(), &fields);
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
  const std::string payment_id = ReadPaymentId(request.payment_id(), &fields);
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
  }

 private:
  Raw service_;
};

}  // namespace

std::unique_ptr<ServiceHost> MakeChannelService() {
  return std::make_unique<Host>();
}

}  // namespace ladon::rpc
