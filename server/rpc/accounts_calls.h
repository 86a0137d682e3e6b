// Calls of AccountsService that move money in bulk or outward, or change who pays.
// Threading: as call.h.
#ifndef LADON_SERVER_RPC_ACCOUNTS_CALLS_H_
#define LADON_SERVER_RPC_ACCOUNTS_CALLS_H_

#include "ladon/v1/accounts_service.pb.h"
#include "server/rpc/call.h"

namespace ladon::rpc {

void TopUp(const CallContext& call, const v1::TopUpRequest& request,
           const Answer<v1::TopUpResponse>& answer);
void BatchTopUp(const CallContext& call, const v1::BatchTopUpRequest& request,
                const Answer<v1::BatchTopUpResponse>& answer);
void PayOut(const CallContext& call, const v1::PayOutRequest& request,
            const Answer<v1::PayOutResponse>& answer);
void SetEntitlements(const CallContext& call, const v1::SetEntitlementsRequest& request,
                     const Answer<v1::SetEntitlementsResponse>& answer);
void GetEntitlements(const CallContext& call, const v1::GetEntitlementsRequest& request,
                     const Answer<v1::GetEntitlementsResponse>& answer);

}  // namespace ladon::rpc

#endif  // LADON_SERVER_RPC_ACCOUNTS_CALLS_H_
