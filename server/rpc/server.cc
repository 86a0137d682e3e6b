#include "server/rpc/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/server_builder_option.h>
#include <grpcpp/impl/server_builder_plugin.h>

#include <chrono>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "server/base/secret.h"
#include "server/rpc/limits.h"
#include "server/rpc/services.h"
#include "server/rpc/stream_call.h"
#include "server/rpc/transport_log.h"

namespace ladon::rpc {
namespace {

// gRPC's reflection library switches itself on by being linked; this takes it out again.
class WithoutReflection final : public grpc::ServerBuilderOption {
 public:
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    std::erase_if(*plugins,
                  [](const auto& plugin) { return plugin->name() == "proto_server_reflection"; });
  }
};

}  // namespace

class Server::Impl {
 public:
  absl::Status Start(const ServerOptions& options, const flow::House* house, Monitor* monitor) {
    log_.emplace(monitor);
    grpc::EnableDefaultHealthCheckService(true);
    grpc::SslServerCredentialsOptions tls(
        GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    tls.pem_root_certs = options.client_ca_pem;
    tls.pem_key_cert_pairs.push_back({options.private_key_pem, options.certificate_pem});

    grpc::ServerBuilder builder;
    if (options.reflection) {
      grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    } else {
      builder.SetOption(std::make_unique<WithoutReflection>());
    }
    builder.AddListeningPort(options.listen, grpc::SslServerCredentials(tls), &port_);
    builder.SetMaxReceiveMessageSize(kMessageBytesMax);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kStreamsPerConnectionMax);
    builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMetadataBytesMax);
    if (options.idle_seconds_max != 0) {
      builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS,
                                 static_cast<int>(options.idle_seconds_max) * kSecondMs);
    }
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);  // A second server is an error.
    hosts_.push_back(MakeTerminalService());
    hosts_.push_back(MakeOperationService());
    hosts_.push_back(MakeEnrolmentService());
    hosts_.push_back(MakeAccountsService());
    hosts_.push_back(MakeAdminService());
    hosts_.push_back(MakeAuditService());
    hosts_.push_back(MakeBackupService());
    hosts_.push_back(MakeApprovalService());
    hosts_.push_back(MakeAccessService());
    hosts_.push_back(MakeKeyService());
    hosts_.push_back(MakeSubjectService());
    hosts_.push_back(MakeOfficerService());
    hosts_.push_back(MakeReportService());
    hosts_.push_back(MakeSecurityLogService());
    hosts_.push_back(MakeChannelService());
    hosts_.push_back(MakePaymentService());
    hosts_.push_back(MakeOutboxService());
    for (const auto& host : hosts_) builder.RegisterService(host->service());
    queue_ = builder.AddCompletionQueue();
    server_ = builder.BuildAndStart();
    if (server_ == nullptr || port_ == 0) {
      return absl::UnavailableError("cannot serve on " + options.listen +
                                    ": the address is in use or not of this machine, or the "
                                    "certificate and key do not belong together");
    }
    context_.house = house;
    context_.monitor = monitor;
    context_.queue = queue_.get();
    for (const auto& host : hosts_) host->Serve(&context_);
    streams_.Start();
    thread_ = std::thread([this] { Loop(); });
    return absl::OkStatus();
  }

  void Stop() {
    if (!thread_.joinable()) return;
    server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(kDrainSeconds));
    context_.DrainAndClose();  // Answers under way still pass through the queue.
    streams_.Stop();
    queue_->Shutdown();
    thread_.join();
  }

  [[nodiscard]] int port() const { return port_; }

 private:
  void Loop() {
    void* tag = nullptr;
    bool ok = false;
    while (queue_->Next(&tag, &ok)) {
      static_cast<Event*>(tag)->Proceed(ok);
      base::WipeStack();  // Requests are parsed here, palms among them.
    }
  }

  int port_ = 0;
  std::optional<TransportLog> log_;
  std::vector<std::unique_ptr<ServiceHost>> hosts_;
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::unique_ptr<grpc::Server> server_;
  ServerContext context_;
  StreamWatch streams_{&context_};
  std::thread thread_;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() {
  Stop();
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options,
                                                      const flow::House* house, Monitor* monitor) {
  auto impl = std::make_unique<Impl>();
  if (absl::Status s = impl->Start(options, house, monitor); !s.ok()) return s;
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

int Server::port() const {
  return impl_->port();
}
void Server::Stop() {
  impl_->Stop();
}

}  // namespace ladon::rpc
