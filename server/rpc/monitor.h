// What can be seen of the server from outside: Prometheus figures and log lines, neither with
// anything personal in it: names of calls, reasons, counts and times only.
// A log line is one JSON object in ASCII: whatever a text holds, it neither ends the line nor
// reaches a terminal as it is. Threading: any thread.
#ifndef LADON_SERVER_RPC_MONITOR_H_
#define LADON_SERVER_RPC_MONITOR_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/flow/refusal.h"
#include "server/rpc/log_field.h"

namespace ladon::rpc {

enum class LogLevel : uint8_t { kDebug, kInfo, kWarning, kError };

struct MonitorOptions {
  std::string metrics_listen;  // "127.0.0.1:9464"; port 0 = any; empty = off.
  std::string log_file;        // Empty = standard error.
  LogLevel level = LogLevel::kInfo;
};

// One figure of the metrics port, for those who read it over the wire.
struct Figure {
  struct Bucket {
    double seconds_max = 0;  // Infinity in the last.
    uint64_t count = 0;      // Of what took at most so long.
  };
  std::string name;
  std::string rpc;     // Of ladon_calls_total and ladon_call_seconds; empty: of the whole server.
  std::string reason;  // Of ladon_calls_total.
  double value = 0;    // A count or a gauge.
  std::vector<Bucket> buckets;
};

class Monitor {
 public:
  // InvalidArgument: an address that is not loopback. Unavailable: the port is taken, or the log
  // file cannot be opened.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Monitor>> Start(
      const MonitorOptions& options);
  ~Monitor();

  // "host:port" of the figures; empty when off.
  [[nodiscard]] std::string metrics_address() const;

  // Whether lines of this level are written at all.
  [[nodiscard]] bool Logs(LogLevel level) const;
  void Log(LogLevel level, Literal event, std::initializer_list<LogField> fields = {});

  void CallDone(std::string_view rpc, flow::Reason reason, std::chrono::nanoseconds took);
  // One write of the journal, its sync included.
  void Written(std::chrono::nanoseconds took);
  // Logs what an operator must see (faults on our side), not what tills do all day.
  void Report(std::string_view rpc, const absl::Status& status);
  // Everything that the metrics port shows, whether it is open or not.
  [[nodiscard]] std::vector<Figure> Figures() const;
  // Figures that are read when they are asked for.
  void Watch(std::string_view name, std::string_view help, std::function<double()> read);

 private:
  class Impl;
  explicit Monitor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ladon::rpc

#endif  // LADON_SERVER_RPC_MONITOR_H_
