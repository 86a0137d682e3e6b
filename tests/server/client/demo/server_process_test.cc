// Goal: a server is started, killed and stopped as the demonstration needs it, and none is left
// behind. Method: small shell scripts in the server's place, each behaving in one way.
#include "server/client/demo/server_process.h"

#include <signal.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "tests/testing/status_testing.h"

namespace ladon::demo {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::testing::HasSubstr;

class ServerProcessTest : public ::testing::Test {
 protected:
  ServerProcessTest() {
    std::string name = (std::filesystem::temp_directory_path() / "ladon-server-XXXXXX").string();
    root_ = mkdtemp(name.data());
  }
  ~ServerProcessTest() override { std::filesystem::remove_all(root_); }

  // Called with: --config FILE.
  ServerFiles Script(const std::string& body) const {
    const std::string path = root_ + "/server.sh";
    std::ofstream(path) << "#!/bin/sh\n" << body;
    chmod(path.c_str(), 0700);
    return {.binary = path,
            .config = root_ + "/server.toml",
            .port_file = root_ + "/port",
            .log = root_ + "/log"};
  }
  // Writes its pid, serves, and waits for a signal.
  std::string Serving(const std::string& on_term) const {
    return "echo $$ > " + root_ + "/pid\ntrap '" + on_term + "' TERM\necho 127.0.0.1:4711 > " +
           root_ + "/port.new\nmv " + root_ + "/port.new " + root_ +
           "/port\nwhile :; do sleep 0.01; done\n";
  }
  bool Alive() const {
    std::ifstream in(root_ + "/pid");
    pid_t pid = 0;
    in >> pid;
    return pid > 0 && (kill(pid, 0) == 0 || errno != ESRCH);
  }

  std::string root_;
};

TEST_F(ServerProcessTest, StartsWaitsForThePortAndStops) {
  ServerProcess server(Script(Serving("exit 0")));
  ASSERT_OK_AND_ASSIGN(const std::string address, server.Start());
  EXPECT_EQ(address, "127.0.0.1:4711");
  EXPECT_TRUE(Alive());
  EXPECT_THAT(server.Start(), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(server.Stop(), IsOk());
  EXPECT_FALSE(Alive());
  EXPECT_THAT(server.Stop(), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(ServerProcessTest, AnOldPortFileIsNotBelieved) {
  std::ofstream(root_ + "/port") << "127.0.0.1:1\n";
  ServerProcess server(Script("exit 3\n"));
  EXPECT_THAT(server.Start(), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(ServerProcessTest, KillLeavesNobodyAndItStartsAgain) {
  ServerProcess server(Script(Serving("exit 0")));
  ASSERT_THAT(server.Start(), IsOk());
  server.Kill();
  EXPECT_FALSE(Alive());
  EXPECT_FALSE(server.running());
  ASSERT_THAT(server.Start(), IsOk());
  EXPECT_TRUE(Alive());
}

TEST_F(ServerProcessTest, NoneIsLeftBehind) {
  {
    ServerProcess server(Script(Serving("exit 0")));
    ASSERT_THAT(server.Start(), IsOk());
  }
  EXPECT_FALSE(Alive());
}

TEST_F(ServerProcessTest, AnEarlyEndIsToldWithTheLog) {
  ServerProcess server(Script("echo the key file is missing >&2\nexit 1\n"));
  const absl::Status refused = server.Start().status();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("the key file is missing"));
}

TEST_F(ServerProcessTest, AnExitCodeOtherThanZeroIsNotAStop) {
  ServerProcess server(Script(Serving("exit 7")));
  ASSERT_THAT(server.Start(), IsOk());
  EXPECT_THAT(server.Stop(), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(ServerProcessTest, AMissingBinaryIsToldAtOnce) {
  ServerFiles files = Script("exit 0\n");
  files.binary = root_ + "/none";
  ServerProcess server(files);
  EXPECT_THAT(server.Start(), StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace ladon::demo
