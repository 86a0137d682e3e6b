#include <string>
#include <utility>

#include "ladon/v1/terminal_service.grpc.pb.h"
#include "server/flow/cancel.h"
#include "server/flow/debit.h"
#include "server/flow/identify.h"
#include "server/rpc/fields.h"
#include "server/rpc/services.h"

namespace ladon::rpc {
namespace {

using Base = v1::TerminalService::Service;
using Raw = v1::TerminalService::WithRawMethod_Identify<
    v1::TerminalService::WithRawMethod_Debit<v1::TerminalService::WithRawMethod_IdentifyAndDebit<
        v1::TerminalService::WithRawMethod_Cancel<Base>>>>;

void SetPayer(const flow::Payer& from, v1::Payer* to) {
  to->set_display_name(from.display_name);
  to->set_low_money(from.low_money);
  if (from.balance_kopecks) to->set_balance_kopecks(*from.balance_kopecks);
}

// The oneof `means` of Identify and IdentifyAndDebit.
template <class Request>
flow::PayMeans MeansOf(const Request& request, Fields* fields) {
  if (request.has_probe()) return fields->Probe("probe", request.probe());
  if (request.has_card()) return fields->Card("card", true, request.card());
  fields->Fail("means", "must be a probe or a card");
  return vault::CardNumber{};
}

void Identify(const CallContext& call, const v1::IdentifyRequest& request,
              const Answer<v1::IdentifyResponse>& answer) {
  Fields fields;
  flow::PayMeans means = MeansOf(request, &fields);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::Identify(*call.house, call.caller, std::move(means),
                 [answer](absl::StatusOr<flow::IdentifyAnswer> found) {
                   if (!found.ok()) return answer(found.status());
                   v1::IdentifyResponse response;
                   SetPayer(found->payer, response.mutable_payer());
                   response.set_identification_token(found->token);
                   SetTimestamp(found->expires_at_ns, response.mutable_token_expires_at());
                   answer(std::move(response));
                 });
}

// What Debit and IdentifyAndDebit have in common: everything but the means.
template <class Request, class Response>
void BookBasket(const CallContext& call, const Request& request, flow::DebitMeans means,
                Fields* fields, const Answer<Response>& answer) {
  flow::DebitInput input;
  const auto request_id = fields->Id<base::RequestId>("request_id", request.request_id());
  input.means = std::move(means);
  input.basket = fields->Basket("basket", request.has_basket(), request.basket());
  if (request.has_second_means()) {
    input.second_means = fields->Card("second_means", true, request.second_means());
  }
  input.repeat_confirmed = request.repeat_confirmed();
  if (!fields->ok()) return AnswerRefused(call, fields->status(), answer);
  input.request = RequestOf(call, request_id);
  flow::Debit(*call.house, call.caller, std::move(input),
              [answer](absl::StatusOr<flow::DebitAnswer> booked) {
                if (!booked.ok()) return answer(booked.status());
                Response response;
                SetPayer(booked->payer, response.mutable_payer());
                response.set_transaction_id(BytesOf(booked->transaction));
                response.set_journal_index(booked->journal_index);
                SetTimestamp(booked->booked_at_ns, response.mutable_booked_at());
                SetDate(booked->service_day, response.mutable_service_date());
                response.set_replayed(booked->replayed);
                answer(std::move(response));
              });
}

void Debit(const CallContext& call, const v1::DebitRequest& request,
           const Answer<v1::DebitResponse>& answer) {
  Fields fields;
  const std::string& token = request.identification_token();
  fields.Require(!token.empty() && token.size() <= flow::kTokenBytesMax, "identification_token",
                 "must be 1 to 256 bytes");
  BookBasket(call, request, token, &fields, answer);
}

void IdentifyAndDebit(const CallContext& call, const v1::IdentifyAndDebitRequest& request,
                      const Answer<v1::IdentifyAndDebitResponse>& answer) {
  Fields fields;
  flow::PayMeans means = MeansOf(request, &fields);
  BookBasket(call, request, std::move(means), &fields, answer);
}

void Cancel(const CallContext& call, const v1::CancelRequest& request,
            const Answer<v1::CancelResponse>& answer) {
  Fields fields;
  flow::CancelInput input;
  const auto request_id = fields.Id<base::RequestId>("request_id", request.request_id());
  input.debit_request_id =
      fields.Id<base::RequestId>("debit_request_id", request.debit_request_id());
  fields.Require(request_id != input.debit_request_id || !fields.ok(), "request_id",
                 "must differ from debit_request_id");
  fields.Require(request.lines_size() <= static_cast<int>(flow::kBasketLinesMax), "lines",
                 "must be at most 32");
  for (int i = 0; i < request.lines_size() && fields.ok(); ++i) {
    const std::string path = "lines[" + std::to_string(i) + "]";
    fields.Range(path, request.lines(i), 0, static_cast<int64_t>(flow::kBasketLinesMax) - 1);
    fields.Require(i == 0 || request.lines(i) > request.lines(i - 1), path,
                   "must be greater than the one before");
    input.lines.push_back(static_cast<uint16_t>(request.lines(i)));
  }
  input.reason =
      static_cast<uint16_t>(fields.Enum("reason", request.reason(), v1::CancelReason_IsValid));
  if (call.caller.principal.role == base::Role::kTerminal) {
    fields.Require(request.terminal_id().empty(), "terminal_id",
                   "must be empty when a terminal calls");
    input.terminal = call.caller.principal.id;
  } else {
    input.terminal = fields.Id<base::ActorId>("terminal_id", request.terminal_id());
  }
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  input.request = RequestOf(call, request_id);
  flow::Cancel(*call.house, call.caller, std::move(input),
               [answer](absl::StatusOr<flow::CancelAnswer> done) {
                 if (!done.ok()) return answer(done.status());
                 v1::CancelResponse response;
                 response.set_burnt(done->burnt);
                 if (!done->burnt) response.set_transaction_id(BytesOf(done->transaction));
                 response.set_journal_index(done->journal_index);
                 response.set_returned_kopecks(done->returned_kopecks);
                 response.set_replayed(done->replayed);
                 answer(std::move(response));
               });
}

class Host final : public ServiceHost {
 public:
  grpc::Service* service() override { return &service_; }

  void Serve(ServerContext* server) override {
    rpc::Serve<v1::IdentifyRequest, v1::IdentifyResponse>(
        server, "/ladon.v1.TerminalService/Identify", LADON_LISTEN(service_, Identify), Identify);
    rpc::Serve<v1::DebitRequest, v1::DebitResponse>(server, "/ladon.v1.TerminalService/Debit",
                                                    LADON_LISTEN(service_, Debit), Debit);
    rpc::Serve<v1::IdentifyAndDebitRequest, v1::IdentifyAndDebitResponse>(
        server, "/ladon.v1.TerminalService/IdentifyAndDebit",
        LADON_LISTEN(service_, IdentifyAndDebit), IdentifyAndDebit);
    rpc::Serve<v1::CancelRequest, v1::CancelResponse>(server, "/ladon.v1.TerminalService/Cancel",
                                                      LADON_LISTEN(service_, Cancel), Cancel);
  }

 private:
  Raw service_;
};

}  // namespace

std::unique_ptr<ServiceHost> MakeTerminalService() {
  return std::make_unique<Host>();
}

}  // namespace ladon::rpc
