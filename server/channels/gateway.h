// The HTTP side of ladon-gateway: endpoints by their paths, on a pool of threads.
//
// It speaks plain HTTP to a proxy on the same machine (deploy/nginx-gateway.conf), which has the
// TLS, the client certificates, the limits of rate and size, and the patience with slow clients.
// Whatever comes is bounded all the same: an address of 8 KiB, a body of kBodyBytesMax, kThreads
// requests at once, a client that says nothing for kSilenceMax is hung up on. Beyond that a request
// is refused in the words of the path's own protocol.
// Threading: Start() and Stop() on one thread.
#ifndef LADON_SERVER_CHANNELS_GATEWAY_H_
#define LADON_SERVER_CHANNELS_GATEWAY_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/channels/endpoint.h"

namespace ladon::channels {

inline constexpr size_t kBodyBytesMax = 8'192;
inline constexpr size_t kThreads = 64;
inline constexpr std::chrono::seconds kSilenceMax{5};

using Endpoints = std::map<std::string, std::unique_ptr<Endpoint>>;  // By path.

struct Visit {
  std::string contract;  // Empty: no path of ours.
  std::string verb;
  std::string verdict;
  std::string fault;  // Why nothing was decided.
  std::string trace;  // Of the calls to the core that it made; server/client/trace.h
  int status = 0;
  std::chrono::nanoseconds took{};
};

class Gateway {
 public:
  struct Options {
    std::string host = "127.0.0.1";
    int port = 0;  // 0: any.
    Endpoints endpoints;
    std::function<void(const Visit&)> on_answer;  // On any thread; may be empty.
  };
  // Unavailable: the address is taken, or is none.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Gateway>> Start(Options options);
  ~Gateway();

  [[nodiscard]] int port() const;
  void Stop();  // Answers what has come. Idempotent.

 private:
  class Impl;
  explicit Gateway(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ladon::channels

#endif  // LADON_SERVER_CHANNELS_GATEWAY_H_
