#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/timex.h>
#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/strip.h"
#include "server/client/host/checks.h"
#include "server/client/host/places.h"
#include "server/client/host/program.h"

namespace ladon::host {
namespace {

bool HasSwap() {
  std::ifstream file("/proc/swaps");
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return text.find("\n/") != std::string::npos;
}

// Whether the kernel's clock is held by something (NTP); adjtimex() only reads with no modes set.
bool ClockIsHeld() {
  timex state{};
  return adjtimex(&state) != TIME_ERROR;
}

std::string Said(std::vector<std::string> words) {
  const auto ran = RunProgram(std::move(words));
  return ran.ok() ? std::string(absl::StripSuffix(ran->out, "\n")) : "";
}

// Whether somebody listens at the port on this machine.
bool IsListening(const std::string& address) {
  const std::string port = address.substr(address.rfind(':') + 1);
  uint16_t number = 0;
  std::from_chars(port.data(), port.data() + port.size(), number);
  if (number == 0) return false;
  const int end = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (end < 0) return false;
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(number);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool listening = connect(end, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) == 0;
  close(end);
  return listening;
}

void CheckUnit(const ServerConfig& config, Findings* findings) {
  if (!IsDirectory("/run/systemd/system")) return;
  const std::string state = Said({"systemctl", "is-active", "ladond.service"});
  if (state != "active") {
    findings->Error("service_inactive", {state});
    if (IsListening(config("server", "listen"))) {
      findings->Error("port_taken", {config("server", "listen")});
    }
  }
  if (Said({"systemctl", "is-enabled", "ladond.service"}) != "enabled") {
    findings->Warning("service_disabled");
  }
  if (Said({"systemctl", "is-enabled", "ladon-backup.timer"}) != "enabled") {
    findings->Warning("backup_timer_off");
  }
  const std::string environment =
      Said({"systemctl", "show", "--property=Environment", "--value", "ladond.service"});
  for (const char* name : {"SSLKEYLOGFILE", "GRPC_TRACE"}) {
    if (environment.find(name) != std::string::npos) findings->Error("traced", {name});
  }
}

}  // namespace

void CheckMachine(const ServerConfig& config, bool unit, Findings* findings) {
  if (HasSwap()) findings->Note("swap_on");
  if (!ClockIsHeld()) findings->Warning("clock_free");
  if (unit) CheckUnit(config, findings);
}

void CheckGateway(const std::string& path, Findings* findings) {
  if (!StatOf(path)) return;
  CheckConfigFile(path, findings);
  const auto ran = RunProgram({OurProgram("ladon-gateway"), "--config", path, "--check-config"});
  if (!ran.ok()) return findings->Error("gateway_absent", {path});
  if (ran->code == 0) return;
  std::string sentence(absl::StripSuffix(ran->err, "\n"));
  findings->Error("gateway_refused", {std::string(absl::StripPrefix(sentence, "ladon-gateway: "))});
}

}  // namespace ladon::host
