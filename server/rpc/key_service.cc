#include <utility>

#include "ladon/v1/key_service.grpc.pb.h"
#include "server/flow/epochs.h"
#include "server/rpc/fields.h"
#include "server/rpc/services.h"

namespace ladon::rpc {
namespace {

using S = v1::KeyService;
using Raw = S::WithRawMethod_GetKeys<S::WithRawMethod_RotateEpoch<S::Service>>;

void GetKeys(const CallContext& call, const v1::GetKeysRequest& /*request*/,
             const Answer<v1::GetKeysResponse>& answer) {
  flow::GetKeys(*call.house, call.caller, [answer](const absl::StatusOr<flow::EpochsState>& state) {
    if (!state.ok()) return answer(state.status());
    v1::GetKeysResponse response;
    response.set_epoch(state->keys.epoch);
    if (state->keys.begun_at_ns != 0) {
      SetTimestamp(state->keys.begun_at_ns, response.mutable_epoch_begun_at());
    }
    if (state->due_at_ns != 0) SetTimestamp(state->due_at_ns, response.mutable_rotation_due_at());
    response.set_data_keys(state->keys.keys);
    response.set_destroyed_keys(state->keys.destroyed);
    response.set_rotation_under_way(state->under_way);
    response.set_rotation_done(state->under_way ? state->rotated_keys : 0);
    response.set_rotation_failure(state->failure);
    response.set_standby_configured(state->standby);
    response.set_standby_current(state->standby_current);
    if (state->copied_at_ns != 0) {
      SetTimestamp(state->copied_at_ns, response.mutable_standby_copied_at());
    }
    response.set_standby_failure(state->standby_failure);
    answer(std::move(response));
  });
}

void RotateEpoch(const CallContext& call, const v1::RotateEpochRequest& /*request*/,
                 const Answer<v1::RotateEpochResponse>& answer) {
  flow::RotateEpoch(*call.house, call.caller, [answer](const absl::StatusOr<bool>& asked) {
    asked.ok() ? answer(v1::RotateEpochResponse()) : answer(asked.status());
  });
}

class Host final : public ServiceHost {
 public:
  grpc::Service* service() override { return &service_; }
  void Serve(ServerContext* server) override {
    rpc::Serve<v1::GetKeysRequest, v1::GetKeysResponse>(server, "/ladon.v1.KeyService/GetKeys",
                                                        LADON_LISTEN(service_, GetKeys), GetKeys);
    rpc::Serve<v1::RotateEpochRequest, v1::RotateEpochResponse>(
        server, "/ladon.v1.KeyService/RotateEpoch", LADON_LISTEN(service_, RotateEpoch),
        RotateEpoch);
  }

 private:
  Raw service_;
};

}  // namespace

std::unique_ptr<ServiceHost> MakeKeyService() {
  return std::make_unique<Host>();
}

}  // namespace ladon::rpc
