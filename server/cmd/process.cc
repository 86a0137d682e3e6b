#include "server/cmd/process.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>

namespace ladon {

using rpc::LogLevel;

StopRequest::StopRequest() {
  sigemptyset(&signals_);
  for (const int signal : {SIGTERM, SIGINT, SIGUSR1}) sigaddset(&signals_, signal);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);  // A file at its limit is a failed write, not a death.
}

void StopRequest::LetSignalsEndIt() {
  sigset_t end;
  sigemptyset(&end);
  for (const int signal : {SIGTERM, SIGINT}) sigaddset(&end, signal);
  pthread_sigmask(SIG_UNBLOCK, &end, nullptr);
}

void StopRequest::Fatal(const absl::Status& cause) {
  {
    const std::scoped_lock lock(mutex_);
    if (fatal_.ok()) fatal_ = cause;
  }
  kill(getpid(), SIGUSR1);
}

absl::Status StopRequest::Wait() {
  int signal = 0;
  sigwait(&signals_, &signal);
  const std::scoped_lock lock(mutex_);
  return fatal_;
}

void CloseProcess() {
  prctl(PR_SET_DUMPABLE, 0);
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  setrlimit(RLIMIT_CORE, &none);
  umask(S_IRWXG | S_IRWXO);  // Whatever is written, backups too, is the service's alone.
}

std::unique_ptr<BridgedClock> MakeClock(rpc::Monitor* monitor, Alarms* alarms, StopRequest* stop) {
  const auto since_epoch = [](const auto now) {
    return static_cast<uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(now.time_since_epoch()).count());
  };
  constexpr uint64_t kMillisecondNs = 1'000'000;
  return std::make_unique<BridgedClock>(BridgedClock::Options{
      .wall_ns = [since_epoch] { return since_epoch(std::chrono::system_clock::now()); },
      .steady_ns = [since_epoch] { return since_epoch(std::chrono::steady_clock::now()); },
      .on_step =
          [monitor, alarms](uint64_t back_ns) {
            alarms->Raise({.event = audit::ProcessEvent::kClockStepped});
            monitor->Log(LogLevel::kError, "clock_stepped_back",
                         {{"back_ms", static_cast<int64_t>(back_ns / kMillisecondNs)},
                          {"advice", "time goes on from the last; look after the time service"}});
          },
      .on_too_far =
          [stop](uint64_t) {
            stop->Fatal(absl::UnavailableError(
                "the machine's clock went back by more than two hours: set it right, then start"));
          }});
}

}  // namespace ladon
