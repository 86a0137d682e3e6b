#include <string>
#include <utility>

#include "ladon/v1/access_service.grpc.pb.h"
#include "server/flow/principals.h"
#include "server/rpc/fields.h"
#include "server/rpc/limits.h"
#include "server/rpc/services.h"

namespace ladon::rpc {
namespace {

using S = v1::AccessService;
using Raw = S::WithRawMethod_GrantRole<
    S::WithRawMethod_SetPrincipalState<S::WithRawMethod_ListPrincipals<S::Service>>>;

base::Principal PrincipalOf(const std::string& uri, Fields* fields) {
  const absl::StatusOr<base::Principal> principal =
      base::ParsePrincipal(fields->Ascii("principal_uri", uri, 1, kPrincipalUriBytesMax));
  if (!principal.ok()) {
    fields->Fail("principal_uri", "must be like ladon://<school>/<role>/<id>");
    return {};
  }
  return *principal;
}

void SetPrincipal(const flow::PrincipalView& from, v1::Principal* to) {
  to->set_uri(base::FormatPrincipal(from.principal));
  const bool blocked = from.grant && from.grant->state == registers::GrantState::kBlocked;
  to->set_state(blocked ? v1::PRINCIPAL_STATE_BLOCKED : v1::PRINCIPAL_STATE_ACTIVE);
  if (from.grant && from.grant->granted_at_ns != 0) {
    to->set_granted(true);
    SetTimestamp(from.grant->granted_at_ns, to->mutable_granted_at());
    to->set_granted_by(BytesOf(from.grant->granted_by.id.bytes));
    to->set_approved_by(BytesOf(from.grant->approved_by.id.bytes));
  }
  if (from.last_seen != 0) {
    const std::string day = std::to_string(from.last_seen);
    to->set_last_seen_day(day.substr(0, 4) + "-" + day.substr(4, 2) + "-" + day.substr(6, 2));
  }
  to->set_idle(from.idle);
}

template <class Response>
flow::Done<flow::PrincipalAnswer> AnswerPrincipal(const Answer<Response>& answer) {
  return [answer](const absl::StatusOr<flow::PrincipalAnswer>& done) {
    if (!done.ok()) return answer(done.status());
    Response response;
    SetPrincipal(done->view, response.mutable_principal());
    response.set_journal_index(done->journal_index);
    answer(std::move(response));
  };
}

void GrantRole(const CallContext& call, const v1::GrantRoleRequest& request,
               const Answer<v1::GrantRoleResponse>& answer) {
  Fields fields;
  const auto request_id = fields.Id<base::RequestId>("request_id", request.request_id());
  const base::Principal principal = PrincipalOf(request.principal_uri(), &fields);
  const std::string holder = fields.Ascii("holder", request.holder(), 0, kHolderBytesMax);
  const bool machine =
      principal.role == base::Role::kChannel || principal.role == base::Role::kCourier;
  fields.Require(
      machine == holder.empty(), "holder",
      machine ? "must be empty for a payment channel or a courier" : "must be given for a person");
  fields.Require(principal.role != base::Role::kTerminal && principal.role != base::Role::kCaterer,
                 "principal_uri",
                 "must not be a terminal or a caterer: they are registered elsewhere");
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::GrantRole(*call.house, call.caller, RequestOf(call, request_id), principal, holder,
                  AnswerPrincipal(answer));
}

void SetPrincipalState(const CallContext& call, const v1::SetPrincipalStateRequest& request,
                       const Answer<v1::SetPrincipalStateResponse>& answer) {
  Fields fields;
  const auto request_id = fields.Id<base::RequestId>("request_id", request.request_id());
  const base::Principal principal = PrincipalOf(request.principal_uri(), &fields);
  const auto state = fields.Enum("state", request.state(), v1::PrincipalState_IsValid);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::SetPrincipalState(*call.house, call.caller, RequestOf(call, request_id), principal,
                          static_cast<registers::GrantState>(state), AnswerPrincipal(answer));
}

void ListPrincipals(const CallContext& call, const v1::ListPrincipalsRequest& request,
                    const Answer<v1::ListPrincipalsResponse>& answer) {
  Fields fields;
  const size_t limit = fields.PageSize(request.page_size());
  const auto after = PageStart<base::ActorId>(&fields, request.page_token());
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::ListPrincipals(
      *call.house, call.caller, after, limit, [answer](absl::StatusOr<flow::PrincipalPage> page) {
        if (!page.ok()) return answer(page.status());
        v1::ListPrincipalsResponse response;
        for (const auto& one : page->principals) SetPrincipal(one, response.add_principals());
        if (page->more) {
          response.set_next_page_token(base::HexOf(page->principals.back().principal.id));
        }
        answer(std::move(response));
      });
}

class Host final : public ServiceHost {
 public:
  grpc::Service* service() override { return &service_; }
  void Serve(ServerContext* server) override {
    rpc::Serve<v1::GrantRoleRequest, v1::GrantRoleResponse>(
        server, "/ladon.v1.AccessService/GrantRole", LADON_LISTEN(service_, GrantRole), GrantRole);
    rpc::Serve<v1::SetPrincipalStateRequest, v1::SetPrincipalStateResponse>(
        server, "/ladon.v1.AccessService/SetPrincipalState",
        LADON_LISTEN(service_, SetPrincipalState), SetPrincipalState);
    rpc::Serve<v1::ListPrincipalsRequest, v1::ListPrincipalsResponse>(
        server, "/ladon.v1.AccessService/ListPrincipals", LADON_LISTEN(service_, ListPrincipals),
        ListPrincipals);
  }

 private:
  Raw service_;
};

}  // namespace

std::unique_ptr<ServiceHost> MakeAccessService() {
  return std::make_unique<Host>();
}

}  // namespace ladon::rpc
