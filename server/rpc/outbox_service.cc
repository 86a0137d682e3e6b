#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ladon/v1/outbox_service.grpc.pb.h"
#include "server/flow/events.h"
#include "server/rpc/fields.h"
#include "server/rpc/services.h"

namespace ladon::rpc {
namespace {

using S = v1::OutboxService;
using Raw = S::WithRawMethod_PullEvents<S::WithRawMethod_ReportEvents<
    S::WithRawMethod_GetOutbox<S::WithRawMethod_RetryParked<S::Service>>>>;

constexpr uint64_t kSecondNs = 1'000'000'000;

std::string BytesOf(const outbox::EventId& id) {
  return {reinterpret_cast<const char*>(id.data()), id.size()};
}

void SetEvent(const flow::EventToTell& from, v1::Event* to) {
  const outbox::Event& event = from.due.event;
  to->set_event_id(BytesOf(event.id));
  to->set_kind(static_cast<v1::EventKind>(event.kind));
  SetTimestamp(event.at_ns, to->mutable_at());
  if (from.payment_account != 0) to->set_payment_account(std::to_string(from.payment_account));
  to->set_sequence(event.sequence);
  to->set_amount_kopecks(event.amount_kopecks);
  to->set_balance_kopecks(event.balance_kopecks);
  to->set_advance_kopecks(event.AdvanceKopecks());
  to->set_credit_kopecks(event.CreditKopecks());
  for (const flow::StatementLine& line : from.lines) {
    v1::EventLine* const one = to->add_lines();
    one->set_item_name(line.item_name);
    one->set_quantity(line.quantity);
    one->set_amount_kopecks(line.amount_kopecks);
    if (!line.caterer.IsZero()) one->set_caterer_id(BytesOf(line.caterer.bytes));
  }
  to->set_failed_attempts(event.attempts);
  to->set_ticket(from.due.ticket);
}

void PullEvents(const CallContext& call, const v1::PullEventsRequest& request,
                const Answer<v1::PullEventsResponse>& answer) {
  Fields fields;
  const auto stream = fields.Enum("stream", request.stream(), v1::EventStream_IsValid);
  const size_t limit = fields.PageSize(request.page_size());
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::PullEvents(*call.house, call.caller, static_cast<outbox::Stream>(stream), limit,
                   [answer](const absl::StatusOr<std::vector<flow::EventToTell>>& events) {
                     if (!events.ok()) return answer(events.status());
                     v1::PullEventsResponse response;
                     for (const flow::EventToTell& event : *events) {
                       SetEvent(event, response.add_events());
                     }
                     answer(std::move(response));
                   });
}

void ReportEvents(const CallContext& call, const v1::ReportEventsRequest& request,
                  const Answer<v1::ReportEventsResponse>& answer) {
  Fields fields;
  fields.Require(
      request.reports_size() >= 1 && request.reports_size() <= static_cast<int>(flow::kEventsMax),
      "reports", "must be 1 to 100");
  std::vector<flow::EventReport> reports;
  for (int i = 0; i < request.reports_size() && fields.ok(); ++i) {
    const std::string path = "reports[" + std::to_string(i) + "]";
    const v1::EventReport& from = request.reports(i);
    fields.Require(from.ticket().size() == outbox::kTicketBytes, path + ".ticket",
                   "must be as PullEvents gave it");
    reports.push_back(
        {.ticket = from.ticket(),
         .told = from.told(),
         .fault = fields.Text(path + ".fault", from.fault(), 0, outbox::kFaultBytesMax)});
    fields.Require(from.fault().size() <= outbox::kFaultBytesMax, path + ".fault",
                   "must be at most 100 bytes");
    fields.Require(from.told() == from.fault().empty(), path + ".fault",
                   "must tell why an event was not told, and nothing of one that was");
  }
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::ReportEvents(*call.house, call.caller, std::move(reports),
                     [answer](const absl::StatusOr<size_t>& parked) {
                       if (!parked.ok()) return answer(parked.status());
                       v1::ReportEventsResponse response;
                       response.set_parked(static_cast<uint32_t>(*parked));
                       answer(std::move(response));
                     });
}

void SetStream(outbox::Stream stream, const flow::StreamView& from, v1::OutboxStream* to) {
  to->set_stream(static_cast<v1::EventStream>(stream));
  to->set_written(from.written);
  to->set_waiting(from.waiting);
  to->set_parked(from.parked);
  to->set_oldest_seconds(from.oldest_age_ns / kSecondNs);
  for (const outbox::Event& event : from.first_parked) {
    v1::ParkedEvent* const one = to->add_first_parked();
    one->set_event_id(BytesOf(event.id));
    one->set_kind(static_cast<v1::EventKind>(event.kind));
    SetTimestamp(event.at_ns, one->mutable_at());
    one->set_failed_attempts(event.attempts);
    one->set_fault(event.fault);
  }
}

void GetOutbox(const CallContext& call, const v1::GetOutboxRequest& request,
               const Answer<v1::GetOutboxResponse>& answer) {
  Fields fields;
  const size_t limit = fields.PageSize(request.page_size());
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  using Views = std::map<outbox::Stream, flow::StreamView>;
  flow::GetOutbox(*call.house, call.caller, limit, [answer](const absl::StatusOr<Views>& views) {
    if (!views.ok()) return answer(views.status());
    v1::GetOutboxResponse response;
    for (const auto& [stream, view] : *views) SetStream(stream, view, response.add_streams());
    answer(std::move(response));
  });
}

void RetryParked(const CallContext& call, const v1::RetryParkedRequest& request,
                 const Answer<v1::RetryParkedResponse>& answer) {
  Fields fields;
  const auto stream = fields.Enum("stream", request.stream(), v1::EventStream_IsValid);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::RetryParked(*call.house, call.caller, static_cast<outbox::Stream>(stream),
                    [answer](const absl::StatusOr<size_t>& retried) {
                      if (!retried.ok()) return answer(retried.status());
                      v1::RetryParkedResponse response;
                      response.set_retried(static_cast<uint32_t>(*retried));
                      answer(std::move(response));
                    });
}

class Host final : public ServiceHost {
 public:
  grpc::Service* service() override { return &service_; }
  void Serve(ServerContext* server) override {
    rpc::Serve<v1::PullEventsRequest, v1::PullEventsResponse>(
        server, "/ladon.v1.OutboxService/PullEvents", LADON_LISTEN(service_, PullEvents),
        PullEvents);
    rpc::Serve<v1::ReportEventsRequest, v1::ReportEventsResponse>(
        server, "/ladon.v1.OutboxService/ReportEvents", LADON_LISTEN(service_, ReportEvents),
        ReportEvents);
    rpc::Serve<v1::GetOutboxRequest, v1::GetOutboxResponse>(
        server, "/ladon.v1.OutboxService/GetOutbox", LADON_LISTEN(service_, GetOutbox), GetOutbox);
    rpc::Serve<v1::RetryParkedRequest, v1::RetryParkedResponse>(
        server, "/ladon.v1.OutboxService/RetryParked", LADON_LISTEN(service_, RetryParked),
        RetryParked);
  }

 private:
  Raw service_;
};

}  // namespace

std::unique_ptr<ServiceHost> MakeOutboxService() {
  return std::make_unique<Host>();
}

}  // namespace ladon::rpc
