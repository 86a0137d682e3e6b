// What is done for the security log beside the calls: it is signed, its checkpoints are copied to a
// second host, old records go into archives; starts, stops and alarms stand in it.
//
// Trouble with a copy or an archive stops nobody from eating: it is an alarm in the server's own
// log, a figure, and a record.
// Threading: Begin(), Stop() and End() on the main thread; threads of its own in between.
#ifndef LADON_SERVER_CMD_SECURITY_WATCH_H_
#define LADON_SERVER_CMD_SECURITY_WATCH_H_

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "server/cmd/audit_archiver.h"
#include "server/cmd/checkpoint_copy.h"
#include "server/cmd/config.h"
#include "server/cmd/periodic_signer.h"
#include "server/flow/house.h"
#include "server/rpc/monitor.h"

namespace ladon {

class SecurityWatch {
 public:
  struct Options {
    const Config* config = nullptr;  // This and the others must outlive it.
    const flow::House* house = nullptr;
    rpc::Monitor* monitor = nullptr;
    std::function<void(const absl::Status&)> on_fatal;
  };
  explicit SecurityWatch(Options options);
  ~SecurityWatch();
  SecurityWatch(const SecurityWatch&) = delete;
  SecurityWatch& operator=(const SecurityWatch&) = delete;

  // Records that the process starts, with what, and begins. An error: the start cannot be recorded,
  // so nobody is to be served.
  [[nodiscard]] absl::Status Begin();
  // After the last call, before the ledger stops: records that, and ends the threads. Idempotent.
  void Stop();
  // After the ledger has stopped: signs and copies what came last.
  void End();

 private:
  // Whether something fails at the moment; outlives this, for the figures.
  using Failing = std::shared_ptr<std::atomic<bool>>;

  void Watch();
  void Alarm(rpc::Literal event, const absl::Status& why);

  const Options options_;
  bool begun_ = false;
  std::shared_ptr<CopyThread> copy_;  // With the figures, which outlive this.
  const Failing archive_failing_ = std::make_shared<std::atomic<bool>>(false);
  std::optional<PeriodicSigner> signer_;
  std::optional<AuditArchiver> archiver_;
};

}  // namespace ladon

#endif  // LADON_SERVER_CMD_SECURITY_WATCH_H_
