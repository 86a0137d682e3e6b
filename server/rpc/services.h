// The services of the contract. Each registers its methods with the builder and, once the server
// runs, puts them on the queue. One file per service holds the translation and nothing else.
#ifndef LADON_SERVER_RPC_SERVICES_H_
#define LADON_SERVER_RPC_SERVICES_H_

#include <grpcpp/impl/service_type.h>

#include <memory>
#include <vector>

#include "server/rpc/call.h"

namespace ladon::rpc {

class ServiceHost {
 public:
  virtual ~ServiceHost() = default;
  [[nodiscard]] virtual grpc::Service* service() = 0;
  virtual void Serve(ServerContext* server) = 0;
};

[[nodiscard]] std::unique_ptr<ServiceHost> MakeTerminalService();
[[nodiscard]] std::unique_ptr<ServiceHost> MakeOperationService();
[[nodiscard]] std::unique_ptr<ServiceHost> MakeEnrolmentService();
[[nodiscard]] std::unique_ptr<ServiceHost> MakeAccountsService();
[[nodiscard]] std::unique_ptr<ServiceHost> MakeAdminService();
[[nodiscard]] std::unique_ptr<ServiceHost> MakeAuditService();
[[nodiscard]] std::unique_ptr<ServiceHost> MakeBackupService();
[[nodiscard]] std::unique_ptr<ServiceHost> MakeApprovalService();
[[nodiscard]] std::unique_ptr<ServiceHost> MakeAccessService();
[[nodiscard]] std::unique_ptr<ServiceHost> MakeKeyService();
[[nodiscard]] std::unique_ptr<ServiceHost> MakeSubjectService();
[[nodiscard]] std::unique_ptr<ServiceHost> MakeOfficerService();
[[nodiscard]] std::unique_ptr<ServiceHost> MakeReportService();
[[nodiscard]] std::unique_ptr<ServiceHost> MakeSecurityLogService();
[[nodiscard]] std::unique_ptr<ServiceHost> MakeChannelService();
[[nodiscard]] std::unique_ptr<ServiceHost> MakePaymentService();
[[nodiscard]] std::unique_ptr<ServiceHost> MakeOutboxService();

// Binds the generated RequestX() of a raw method.
#define LADON_LISTEN(service, method)                                                   \
  [s = &(service)](grpc::ServerContext* context, grpc::ByteBuffer* request,             \
                   ::ladon::rpc::RawWriter* writer, grpc::ServerCompletionQueue* queue, \
                   void* tag) { s->Request##method(context, request, writer, queue, queue, tag); }

// The same of a method that answers with a stream.
#define LADON_LISTEN_STREAM(service, method)                                                  \
  [s = &(service)](grpc::ServerContext* context, grpc::ByteBuffer* request,                   \
                   ::ladon::rpc::RawStreamWriter* writer, grpc::ServerCompletionQueue* queue, \
                   void* tag) { s->Request##method(context, request, writer, queue, queue, tag); }

}  // namespace ladon::rpc

#endif  // LADON_SERVER_RPC_SERVICES_H_
