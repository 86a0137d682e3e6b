#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "ladon/v1/terminal_service.grpc.pb.h"
#include "server/flow/cancel.h"
#include "server/flow/class_list.h"
#include "server/flow/debit.h"
#include "server/flow/identify.h"
#include "server/rpc/fields.h"
#include "server/rpc/limits.h"
#include "server/rpc/services.h"

namespace ladon::rpc {
namespace {

using Base = v1::TerminalService::Service;
using ByList = v1::TerminalService::WithRawMethod_ListClass<
    v1::TerminalService::WithRawMethod_BookByList<Base>>;
using Raw = v1::TerminalService::WithRawMethod_Identify<
    v1::TerminalService::WithRawMethod_Debit<v1::TerminalService::WithRawMethod_IdentifyAndDebit<
        v1::TerminalService::WithRawMethod_Cancel<ByList>>>>;

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

template <class Request>
std::optional<vault::CardNumber> SecondMeansOf(const Request& request, Fields* fields) {
  if (!request.has_second_means()) return std::nullopt;
  return fields->Card("second_means", true, request.second_means());
}

// What every debit has in common: everything but the means, and what goes with them.
template <class Request, class Response>
void BookBasket(const CallContext& call, const Request& request, flow::DebitInput input,
                Fields* fields, const Answer<Response>& answer) {
  const auto request_id = fields->Id<base::RequestId>("request_id", request.request_id());
  input.basket = fields->Basket("basket", request.has_basket(), request.basket());
  input.pin = fields->OptionalPin("pin", request.pin());
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
                // Only what is booked by list may be of another day than it is booked on.
                if constexpr (std::is_same_v<Response, v1::BookByListResponse>) {
                  SetDate(booked->effective_day, response.mutable_effective_date());
                }
                answer(std::move(response));
              });
}

void Debit(const CallContext& call, const v1::DebitRequest& request,
           const Answer<v1::DebitResponse>& answer) {
  Fields fields;
  const std::string& token = request.identification_token();
  fields.Require(!token.empty() && token.size() <= flow::kTokenBytesMax, "identification_token",
                 "must be 1 to 256 bytes");
  BookBasket(call, request, {.means = token, .second_means = SecondMeansOf(request, &fields)},
             &fields, answer);
}

void IdentifyAndDebit(const CallContext& call, const v1::IdentifyAndDebitRequest& request,
                      const Answer<v1::IdentifyAndDebitResponse>& answer) {
  Fields fields;
  flow::PayMeans means = MeansOf(request, &fields);
  BookBasket(call, request,
             {.means = std::move(means), .second_means = SecondMeansOf(request, &fields)}, &fields,
             answer);
}

void BookByList(const CallContext& call, const v1::BookByListRequest& request,
                const Answer<v1::BookByListResponse>& answer) {
  Fields fields;
  flow::ListMeans list;
  list.subject = fields.Id<base::SubjectId>("subject_id", request.subject_id());
  list.reason = static_cast<flow::BookingReason>(
      fields.Enum("reason", request.reason(), v1::BookingReason_IsValid));
  if (request.has_effective_date()) {
    list.meal_day = fields.Day("effective_date", true, request.effective_date());
  }
  list.stands_for = fields.OptionalId<base::ActorId>("terminal_id", request.terminal_id());
  BookBasket(call, request, {.means = flow::PayMeans(list), .second_means = std::nullopt}, &fields,
             answer);
}

void ListClass(const CallContext& call, const v1::ListClassRequest& request,
               const Answer<v1::ListClassResponse>& answer) {
  Fields fields;
  const std::string class_name =
      fields.Text("class_name", request.class_name(), 0, kClassCharactersMax);
  const size_t limit = fields.PageSize(request.page_size());
  const auto after = PageStart<base::SubjectId>(&fields, request.page_token());
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::ListClass(*call.house, call.caller, class_name, after, limit,
                  [answer](absl::StatusOr<flow::ClassPage> page) {
                    if (!page.ok()) return answer(page.status());
                    v1::ListClassResponse response;
                    for (const flow::ClassMember& one : page->members) {
                      v1::ClassMember* const member = response.add_members();
                      member->set_subject_id(BytesOf(one.id.bytes));
                      member->set_display_name(one.display_name);
                      member->set_has_pin(one.has_pin);
                    }
                    if (page->more) {
                      response.set_next_page_token(base::HexOf(page->members.back().id));
                    }
                    answer(std::move(response));
                  });
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
    input.terminal = fields.OptionalId<base::ActorId>("terminal_id", request.terminal_id());
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
    rpc::Serve<v1::ListClassRequest, v1::ListClassResponse>(
        server, "/ladon.v1.TerminalService/ListClass", LADON_LISTEN(service_, ListClass),
        ListClass);
    rpc::Serve<v1::BookByListRequest, v1::BookByListResponse>(
        server, "/ladon.v1.TerminalService/BookByList", LADON_LISTEN(service_, BookByList),
        BookByList);
  }

 private:
  Raw service_;
};

}  // namespace

std::unique_ptr<ServiceHost> MakeTerminalService() {
  return std::make_unique<Host>();
}

}  // namespace ladon::rpc
