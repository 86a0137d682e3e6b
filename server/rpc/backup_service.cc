#include <string>
#include <utility>

#include "ladon/v1/backup_service.grpc.pb.h"
#include "server/flow/backups.h"
#include "server/rpc/services.h"

namespace ladon::rpc {
namespace {

using S = v1::BackupService;
using Raw = S::WithRawMethod_CreateBackup<S::WithRawMethod_ListBackups<S::Service>>;

void SetBackup(const storage::BackupSummary& from, v1::Backup* to) {
  to->set_number(from.number);
  to->mutable_made_at()->set_seconds(from.made_at_s);
  to->set_size_bytes(from.bytes);
  to->set_journal_entries(flow::EntriesOf(from.note));
  if (to->journal_entries() != 0) to->set_checkpoint(from.note);  // Otherwise it is no text.
}

void CreateBackup(const CallContext& call, const v1::CreateBackupRequest& /*request*/,
                  const Answer<v1::CreateBackupResponse>& answer) {
  flow::CreateBackup(*call.house, call.caller, [answer](const absl::StatusOr<bool>& started) {
    started.ok() ? answer(v1::CreateBackupResponse()) : answer(started.status());
  });
}

void ListBackups(const CallContext& call, const v1::ListBackupsRequest& /*request*/,
                 const Answer<v1::ListBackupsResponse>& answer) {
  flow::ListBackups(*call.house, call.caller,
                    [answer](const absl::StatusOr<flow::BackupsState>& state) {
                      if (!state.ok()) return answer(state.status());
                      v1::ListBackupsResponse response;
                      for (const auto& one : state->backups) SetBackup(one, response.add_backups());
                      response.set_under_way(state->under_way);
                      response.set_copied_bytes(state->under_way ? state->copied_bytes : 0);
                      response.set_last_failure(state->last_failure);
                      answer(std::move(response));
                    });
}

class Host final : public ServiceHost {
 public:
  grpc::Service* service() override { return &service_; }
  void Serve(ServerContext* server) override {
    rpc::Serve<v1::CreateBackupRequest, v1::CreateBackupResponse>(
        server, "/ladon.v1.BackupService/CreateBackup", LADON_LISTEN(service_, CreateBackup),
        CreateBackup);
    rpc::Serve<v1::ListBackupsRequest, v1::ListBackupsResponse>(
        server, "/ladon.v1.BackupService/ListBackups", LADON_LISTEN(service_, ListBackups),
        ListBackups);
  }

 private:
  Raw service_;
};

}  // namespace

std::unique_ptr<ServiceHost> MakeBackupService() {
  return std::make_unique<Host>();
}

}  // namespace ladon::rpc
