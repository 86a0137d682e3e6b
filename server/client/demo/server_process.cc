#include "server/client/demo/server_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"

extern char** environ;

namespace ladon::demo {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kLogTailBytes = 1'000;

std::string FirstLine(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

}  // namespace

ServerProcess::ServerProcess(ServerFiles files) : files_(std::move(files)) {}

ServerProcess::~ServerProcess() {
  Kill();
}

absl::StatusOr<std::string> ServerProcess::Start() {
  if (running()) return absl::FailedPreconditionError("ladond runs already");
  unlink(files_.port_file.c_str());
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, files_.log.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  std::string config_flag = "--config";
  std::array<char*, 4> arguments = {files_.binary.data(), config_flag.data(), files_.config.data(),
                                    nullptr};
  pid_t pid = 0;
  const int failed =
      posix_spawn(&pid, files_.binary.c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        files_.binary, ": ", std::error_code(failed, std::generic_category()).message()));
  }
  pid_ = pid;
  const Clock::time_point deadline = Clock::now() + kServeTimeout;
  while (Clock::now() < deadline) {
    // The file is written atomically: it is absent or whole.
    if (std::string address = FirstLine(files_.port_file); !address.empty()) return address;
    if (Reap()) {
      return absl::FailedPreconditionError(
          absl::StrCat("ladond ended before it served. Its log ends with:\n", LogTail()));
    }
    std::this_thread::sleep_for(kPollPause);
  }
  Kill();
  return absl::DeadlineExceededError(absl::StrCat("ladond did not serve within ",
                                                  kServeTimeout.count(), " s. Its log ends with:\n",
                                                  LogTail()));
}

bool ServerProcess::Reap() {
  const pid_t got = waitpid(pid_, &wait_status_, WNOHANG);
  if (got == 0 || (got < 0 && errno == EINTR)) return false;
  pid_ = 0;
  return true;
}

void ServerProcess::Kill() {
  if (!running()) return;
  kill(pid_, SIGKILL);
  while (waitpid(pid_, &wait_status_, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
}

absl::Status ServerProcess::Stop() {
  if (!running()) return absl::FailedPreconditionError("ladond does not run");
  kill(pid_, SIGTERM);
  const Clock::time_point deadline = Clock::now() + kStopTimeout;
  while (!Reap()) {
    if (Clock::now() >= deadline) {
      Kill();
      return absl::DeadlineExceededError("ladond did not stop on SIGTERM and was killed");
    }
    std::this_thread::sleep_for(kPollPause);
  }
  if (WIFEXITED(wait_status_) && WEXITSTATUS(wait_status_) == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("ladond did not exit with 0. Its log ends with:\n", LogTail()));
}

std::string ServerProcess::LogTail() const {
  std::ifstream in(files_.log, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return text.size() <= kLogTailBytes ? text : text.substr(text.size() - kLogTailBytes);
}

}  // namespace ladon::demo
