#include "server/rpc/transport_log.h"

#include <grpc/support/log.h>

#include <cassert>
#include <chrono>
#include <iostream>
#include <mutex>
#include <string>
#include <string_view>

#include "server/rpc/one_a_second.h"

namespace ladon::rpc {
namespace {

constexpr std::string_view kHandshake = "Handshake failed";
constexpr char kAdvice[] =
    "openssl verify -auth_level 2 -purpose sslclient -CAfile CLIENT_CA CERTIFICATE says what is "
    "wrong";

// gRPC's function has no argument of ours, so what it works with is the process's. Held while a
// line is written: nobody writes to a monitor that is gone.
struct Target {
  std::mutex mutex;
  Monitor* monitor = nullptr;
  OneASecond lines;
};
Target& TargetOfProcess() {
  static auto* const target = new Target;  // gRPC's threads may outlive everything else.
  return *target;
}

void WriteLine(gpr_log_func_args* line) {
  if (line->severity != GPR_LOG_SEVERITY_ERROR) {  // Somebody set GRPC_VERBOSITY, to see them.
    std::cerr << line->message << "\n";
    return;
  }
  Target& target = TargetOfProcess();
  const std::scoped_lock lock(target.mutex);
  if (target.monitor == nullptr) return;
  const auto held_back = target.lines.Pass(std::chrono::steady_clock::now());
  if (!held_back) return;
  const std::string_view text(line->message);
  const bool handshake = text.substr(0, kHandshake.size()) == kHandshake;
  const LogText reason = LogText::SafeBecause(
      "the library tells of connections, before any message is read", std::string(text));
  if (handshake) {
    target.monitor->Log(LogLevel::kWarning, "handshake_refused",
                        {{"reason", reason}, {"advice", kAdvice}, {"held_back", *held_back}});
  } else {
    target.monitor->Log(LogLevel::kWarning, "transport",
                        {{"reason", reason}, {"held_back", *held_back}});
  }
}

}  // namespace

TransportLog::TransportLog(Monitor* monitor) {
  Target& target = TargetOfProcess();
  {
    const std::scoped_lock lock(target.mutex);
    assert(target.monitor == nullptr);
    target.monitor = monitor;
  }
  gpr_set_log_function(WriteLine);
}

TransportLog::~TransportLog() {
  gpr_set_log_function(nullptr);
  Target& target = TargetOfProcess();
  const std::scoped_lock lock(target.mutex);
  target.monitor = nullptr;
}

}  // namespace ladon::rpc
