// Looks at the revocation lists as often as it takes for a revoked certificate to be cut off within
// a minute, and tells what changed.
//
// Told are what is in force at the start, every other set, a list that has become stale, why a file
// was refused, and that it is good again: each once, until it is different.
// Threading: a thread of its own from the constructor to the destructor; the callbacks run on it.
#ifndef LADON_SERVER_CMD_REVOCATION_WATCHER_H_
#define LADON_SERVER_CMD_REVOCATION_WATCHER_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/access/revocations.h"
#include "server/cmd/alarms.h"
#include "server/cmd/config.h"
#include "server/rpc/monitor.h"

namespace ladon {

inline constexpr std::chrono::seconds kLookAtRevocationsEvery{10};

class RevocationWatcher {
 public:
  struct Options {
    access::Revocations* revocations = nullptr;
    std::function<uint64_t()> now_ns;
    std::function<void(const access::Revocations::Report&)> on_report;
    std::function<void(const absl::Status&)> on_refused;  // The old set stays in force.
    std::chrono::milliseconds every = kLookAtRevocationsEvery;
  };

  explicit RevocationWatcher(Options options);
  ~RevocationWatcher();
  RevocationWatcher(const RevocationWatcher&) = delete;
  RevocationWatcher& operator=(const RevocationWatcher&) = delete;

 private:
  void Run();
  void Look();

  const Options options_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  // What was told last, the thread's own.
  absl::Status told_refused_;
  std::optional<bool> told_stale_;
  std::thread thread_;
};

// The lists of [tls] crl, signed by whoever stands in [tls] client_ca. As
// access::Revocations::Open(), saying what to do.
[[nodiscard]] absl::StatusOr<std::unique_ptr<access::Revocations>> ReadRevocations(
    const Config& config, uint64_t now_ns);
// One that tells the log; nullptr without `revocations`. All must outlive it.
[[nodiscard]] std::unique_ptr<RevocationWatcher> WatchRevocations(access::Revocations* revocations,
                                                                  std::function<uint64_t()> now_ns,
                                                                  rpc::Monitor* monitor,
                                                                  Alarms* alarms);

}  // namespace ladon

#endif  // LADON_SERVER_CMD_REVOCATION_WATCHER_H_
