#include "ladon/v1/audit_service.grpc.pb.h"
#include "server/flow/prove.h"
#include "server/rpc/fields.h"
#include "server/rpc/services.h"

namespace ladon::rpc {
namespace {

using S = v1::AuditService;
using Raw = S::WithRawMethod_GetCheckpoint<S::WithRawMethod_GetConsistencyProof<
    S::WithRawMethod_GetTile<S::WithRawMethod_GetReceipt<S::Service>>>>;

void GetCheckpoint(const CallContext& call, const v1::GetCheckpointRequest& /*request*/,
                   const Answer<v1::GetCheckpointResponse>& answer) {
  flow::GetCheckpoint(*call.house, call.caller, [answer](absl::StatusOr<flow::SignedHead> head) {
    if (!head.ok()) return answer(head.status());
    v1::GetCheckpointResponse response;
    response.set_checkpoint(std::move(head->checkpoint));
    for (std::string& key : head->verifier_keys) response.add_verifier_keys(std::move(key));
    answer(std::move(response));
  });
}

void GetConsistencyProof(const CallContext& call, const v1::GetConsistencyProofRequest& request,
                         const Answer<v1::GetConsistencyProofResponse>& answer) {
  flow::GetConsistencyProof(*call.house, call.caller, request.old_size(),
                            [answer](absl::StatusOr<std::string> growth) {
                              if (!growth.ok()) return answer(growth.status());
                              v1::GetConsistencyProofResponse response;
                              response.set_growth(*std::move(growth));
                              answer(std::move(response));
                            });
}

void GetTile(const CallContext& call, const v1::GetTileRequest& request,
             const Answer<v1::GetTileResponse>& answer) {
  flow::GetTile(*call.house, call.caller, request.size(), request.level(), request.number(),
                [answer](absl::StatusOr<std::string> tile) {
                  if (!tile.ok()) return answer(tile.status());
                  v1::GetTileResponse response;
                  response.set_tile(*std::move(tile));
                  answer(std::move(response));
                });
}

void GetReceipt(const CallContext& call, const v1::GetReceiptRequest& request,
                const Answer<v1::GetReceiptResponse>& answer) {
  Fields fields;
  const auto account = fields.Id<base::AccountId>("account_id", request.account_id());
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::GetReceipt(*call.house, call.caller, account, request.journal_index(),
                   [answer](absl::StatusOr<flow::ReceiptFiles> receipt) {
                     if (!receipt.ok()) return answer(receipt.status());
                     v1::GetReceiptResponse response;
                     response.set_tlog_proof(std::move(receipt->tlog_proof));
                     response.set_entry(std::move(receipt->entry));
                     answer(std::move(response));
                   });
}

class Host final : public ServiceHost {
 public:
  grpc::Service* service() override { return &service_; }
  void Serve(ServerContext* server) override {
    rpc::Serve<v1::GetCheckpointRequest, v1::GetCheckpointResponse>(
        server, "/ladon.v1.AuditService/GetCheckpoint", LADON_LISTEN(service_, GetCheckpoint),
        GetCheckpoint);
    rpc::Serve<v1::GetConsistencyProofRequest, v1::GetConsistencyProofResponse>(
        server, "/ladon.v1.AuditService/GetConsistencyProof",
        LADON_LISTEN(service_, GetConsistencyProof), GetConsistencyProof);
    rpc::Serve<v1::GetTileRequest, v1::GetTileResponse>(server, "/ladon.v1.AuditService/GetTile",
                                                        LADON_LISTEN(service_, GetTile), GetTile);
    rpc::Serve<v1::GetReceiptRequest, v1::GetReceiptResponse>(
        server, "/ladon.v1.AuditService/GetReceipt", LADON_LISTEN(service_, GetReceipt),
        GetReceipt);
  }

 private:
  Raw service_;
};

}  // namespace

std::unique_ptr<ServiceHost> MakeAuditService() {
  return std::make_unique<Host>();
}

}  // namespace ladon::rpc
