#include "ladon/v1/operation_service.grpc.pb.h"
#include "server/flow/cancel.h"
#include "server/rpc/fields.h"
#include "server/rpc/limits.h"
#include "server/rpc/services.h"
#include "server/rpc/status_map.h"

namespace ladon::rpc {
namespace {

using S = v1::OperationService;
using Raw = S::WithRawMethod_GetOperation<S::WithRawMethod_Ping<S::Service>>;

void GetOperation(const CallContext& call, const v1::GetOperationRequest& request,
                  const Answer<v1::GetOperationResponse>& answer) {
  Fields fields;
  const auto request_id = fields.Id<base::RequestId>("request_id", request.request_id());
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::GetOperation(*call.house, call.caller, flow::OperationKeyOf(call.caller.uri, request_id),
                     [answer](absl::StatusOr<flow::OperationAnswer> found) {
                       if (!found.ok()) return answer(found.status());
                       v1::GetOperationResponse response;
                       response.set_state(static_cast<v1::OperationState>(found->state));
                       if (found->state != flow::OperationState::kUnknown) {
                         response.set_journal_index(found->journal_index);
                         SetTimestamp(found->booked_at_ns, response.mutable_booked_at());
                       }
                       if (found->state == flow::OperationState::kRefused) {
                         response.set_reason(ToProto(flow::DetailOf(found->refusal).reason));
                       }
                       if (found->transaction != std::array<uint8_t, 16>{}) {
                         response.set_transaction_id(BytesOf(found->transaction));
                       }
                       response.set_amount_kopecks(found->amount_kopecks);
                       for (const bool cancelled : found->lines_cancelled) {
                         response.add_lines_cancelled(cancelled);
                       }
                       answer(std::move(response));
                     });
}

void Ping(const CallContext& call, const v1::PingRequest& request,
          const Answer<v1::PingResponse>& answer) {
  Fields fields;
  fields.Require(request.padding().size() <= kPingBytesMax, "padding",
                 "must be at most 4096 bytes");
  fields.Require(request.answer_bytes() <= kPingBytesMax, "answer_bytes", "must be 0 to 4096");
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  v1::PingResponse response;
  response.set_padding(std::string(request.answer_bytes(), '\0'));
  answer(std::move(response));
}

class Host final : public ServiceHost {
 public:
  grpc::Service* service() override { return &service_; }
  void Serve(ServerContext* server) override {
    rpc::Serve<v1::GetOperationRequest, v1::GetOperationResponse>(
        server, "/ladon.v1.OperationService/GetOperation", LADON_LISTEN(service_, GetOperation),
        GetOperation);
    rpc::Serve<v1::PingRequest, v1::PingResponse>(server, "/ladon.v1.OperationService/Ping",
                                                  LADON_LISTEN(service_, Ping), Ping);
  }

 private:
  Raw service_;
};

}  // namespace

std::unique_ptr<ServiceHost> MakeOperationService() {
  return std::make_unique<Host>();
}

}  // namespace ladon::rpc
