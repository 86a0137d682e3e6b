// The gRPC server: mutual TLS, one completion queue, one thread on it.
//
// LIMITS of the machine class decided the API: with two cores shared by everybody, one
// completion-queue thread gave about twice the callback API's calls a second and a quarter of its
// p99 (docs/adr/0003). Palm searches and commits run elsewhere, so the thread only translates.
// Threading: Start(), then Stop() from any other thread, once.
#ifndef LADON_SERVER_RPC_SERVER_H_
#define LADON_SERVER_RPC_SERVER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/flow/house.h"
#include "server/rpc/monitor.h"

namespace ladon::rpc {

struct ServerOptions {
  std::string listen;  // "host:port"; port 0 = any
  std::string certificate_pem;
  std::string private_key_pem;
  std::string client_ca_pem;
  bool reflection = false;
  // A connection without a call for so long is closed (GOAWAY); 0: never.
  uint32_t idle_seconds_max = 900;
};

class Server {
 public:
  // Unavailable: the address cannot be listened on. InvalidArgument: the certificate or key is not
  // usable. `house` and `monitor` must outlive the server.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                                                     const flow::House* house,
                                                                     Monitor* monitor);
  ~Server();

  [[nodiscard]] int port() const;
  // Takes no new calls, waits for those under way (bounded by kDrainSeconds, then they are
  // cancelled), and ends the thread.
  void Stop();

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ladon::rpc

#endif  // LADON_SERVER_RPC_SERVER_H_
