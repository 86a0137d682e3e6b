#include "server/cmd/process.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ladon {

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

}  // namespace ladon
