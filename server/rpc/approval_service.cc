#include <cstring>
#include <string>
#include <utility>

#include "ladon/v1/approval_service.grpc.pb.h"
#include "server/flow/approval.h"
#include "server/rpc/fields.h"
#include "server/rpc/services.h"

namespace ladon::rpc {
namespace {

using S = v1::ApprovalService;
using Raw = S::WithRawMethod_ListApprovals<S::WithRawMethod_DecideApproval<S::Service>>;

void SetApproval(const CallContext& call, const registers::Approval& from, v1::Approval* to) {
  to->set_approval_id(BytesOf(from.id.bytes));
  to->set_state(static_cast<v1::ApprovalState>(from.state));
  to->set_call(call.house->matrix->NameOf(from.event));
  if (!from.school.IsZero()) to->set_school_id(BytesOf(from.school.bytes));
  to->set_object_id(BytesOf(from.object));
  to->set_content_digest(from.content.data(), from.content.size());
  to->set_proposer_role(std::string(base::RoleName(from.proposer.role)));
  to->set_proposer_id(BytesOf(from.proposer.id.bytes));
  SetTimestamp(from.proposed_at_ns, to->mutable_proposed_at());
  SetTimestamp(from.expires_at_ns, to->mutable_expires_at());
  if (from.approver.id.IsZero()) return;
  to->set_approver_role(std::string(base::RoleName(from.approver.role)));
  to->set_approver_id(BytesOf(from.approver.id.bytes));
  SetTimestamp(from.decided_at_ns, to->mutable_decided_at());
}

void ListApprovals(const CallContext& call, const v1::ListApprovalsRequest& request,
                   const Answer<v1::ListApprovalsResponse>& answer) {
  Fields fields;
  const size_t limit = fields.PageSize(request.page_size());
  const auto after = PageStart<base::ApprovalId>(&fields, request.page_token());
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::ListApprovals(*call.house, call.caller, after, limit, request.decided_too(),
                      [answer, call](absl::StatusOr<flow::ApprovalPage> page) {
                        if (!page.ok()) return answer(page.status());
                        v1::ListApprovalsResponse response;
                        for (const auto& one : page->approvals) {
                          SetApproval(call, one, response.add_approvals());
                        }
                        if (page->more) {
                          response.set_next_page_token(base::HexOf(page->approvals.back().id));
                        }
                        answer(std::move(response));
                      });
}

void DecideApproval(const CallContext& call, const v1::DecideApprovalRequest& request,
                    const Answer<v1::DecideApprovalResponse>& answer) {
  Fields fields;
  const auto request_id = fields.Id<base::RequestId>("request_id", request.request_id());
  const auto id = fields.Id<base::ApprovalId>("approval_id", request.approval_id());
  registers::Digest content{};
  fields.Require(request.content_digest().size() == content.size(), "content_digest",
                 "must be 32 bytes");
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  std::memcpy(content.data(), request.content_digest().data(), content.size());
  flow::DecideApproval(*call.house, call.caller, RequestOf(call, request_id), id, content,
                       request.grant(),
                       [answer, call](const absl::StatusOr<flow::DecidedApproval>& decided) {
                         if (!decided.ok()) return answer(decided.status());
                         v1::DecideApprovalResponse response;
                         SetApproval(call, decided->approval, response.mutable_approval());
                         response.set_journal_index(decided->journal_index);
                         answer(std::move(response));
                       });
}

class Host final : public ServiceHost {
 public:
  grpc::Service* service() override { return &service_; }
  void Serve(ServerContext* server) override {
    rpc::Serve<v1::ListApprovalsRequest, v1::ListApprovalsResponse>(
        server, "/ladon.v1.ApprovalService/ListApprovals", LADON_LISTEN(service_, ListApprovals),
        ListApprovals);
    rpc::Serve<v1::DecideApprovalRequest, v1::DecideApprovalResponse>(
        server, "/ladon.v1.ApprovalService/DecideApproval", LADON_LISTEN(service_, DecideApproval),
        DecideApproval);
  }

 private:
  Raw service_;
};

}  // namespace

std::unique_ptr<ServiceHost> MakeApprovalService() {
  return std::make_unique<Host>();
}

}  // namespace ladon::rpc
