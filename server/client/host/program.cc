#include "server/client/host/program.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"

extern char** environ;

namespace ladon::host {
namespace {

constexpr int kSignalCode = 128;  // As shells tell it.

struct Pipe {
  int read = -1;
  int write = -1;
  ~Pipe() {
    for (const int end : {read, write}) {
      if (end >= 0) close(end);
    }
  }
  bool Open() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) return false;
    read = ends[0];
    write = ends[1];
    return true;
  }
  void CloseWrite() {
    close(write);
    write = -1;
  }
};

// Takes what is there. False: the other side has closed.
bool Take(int from, std::string* into) {
  std::array<char, 4096> bytes{};
  const ssize_t count = read(from, bytes.data(), bytes.size());
  if (count < 0) return errno == EINTR;
  const size_t room = kOutputBytesMax - std::min(into->size(), kOutputBytesMax);
  into->append(bytes.data(), std::min(static_cast<size_t>(count), room));
  return count > 0;
}

// Both at once: a program that fills one pipe while we wait at the other would wait for ever.
void Drain(const Pipe& out, const Pipe& err, Ran* ran) {
  std::array<pollfd, 2> ends = {pollfd{out.read, POLLIN, 0}, pollfd{err.read, POLLIN, 0}};
  while (ends[0].fd >= 0 || ends[1].fd >= 0) {
    if (poll(ends.data(), ends.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return;
    }
    for (size_t i = 0; i < ends.size(); ++i) {
      if (ends[i].revents == 0) continue;
      if (!Take(ends[i].fd, i == 0 ? &ran->out : &ran->err)) ends[i].fd = -1;
    }
  }
}

}  // namespace

absl::StatusOr<Ran> RunProgram(std::vector<std::string> words) {
  Pipe out;
  Pipe err;
  if (!out.Open() || !err.Open()) return absl::InternalError("no pipe can be opened");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out.write, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.write, STDERR_FILENO);
  pid_t pid = 0;
  const int failed = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return absl::NotFoundError(absl::StrCat(words[0], ": cannot be started"));
  out.CloseWrite();
  err.CloseWrite();
  Ran ran;
  Drain(out, err, &ran);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return absl::InternalError(absl::StrCat(words[0], ": is lost"));
  }
  ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : kSignalCode + WTERMSIG(status);
  return ran;
}

std::string OurProgram(const std::string& name) {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::filesystem::path beside = self.parent_path() / name;
  return std::filesystem::exists(beside, error) ? beside.string() : "/usr/bin/" + name;
}

}  // namespace ladon::host
