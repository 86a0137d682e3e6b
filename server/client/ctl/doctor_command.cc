#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"
#include "server/client/host/checks.h"
#include "server/client/text/console.h"

namespace ladon::ctl {
namespace {

using host::Finding;
using host::Severity;

struct Arguments {
  std::string config = host::kConfigPath;
  std::string gateway = "/etc/ladon/ladon-gateway.toml";
  bool no_service = false;
};

const char* WordOf(Severity severity) {
  switch (severity) {
    case Severity::kNote:
      return "note";
    case Severity::kWarning:
      return "warning";
    case Severity::kError:
      return "error";
  }
  return "";
}

// The catalogue's text with the finding's arguments in their places.
std::string Told(const Context& context, const Finding& finding, const std::string& what) {
  const auto at = [&finding](size_t i) -> std::string_view {
    return i < finding.arguments.size() ? finding.arguments[i] : std::string_view();
  };
  return context.Say("doctor." + finding.id + what, {at(0), at(1), at(2)});
}

std::vector<Finding> Examine(const Arguments& given) {
  host::Findings findings;
  host::CheckConfigFile(given.config, &findings);
  const auto config = host::ServerConfig::Read(given.config);
  if (absl::IsNotFound(config.status())) {
    findings.Error("config_missing", {given.config});
  } else if (!config.ok()) {
    findings.Error("config_refused", {std::string(config.status().message())});
  } else {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    host::CheckTls(*config, now, &findings);
    host::CheckKeys(*config, &findings);
    host::CheckPlaces(*config, now, &findings);
    host::CheckChoices(*config, &findings);
    host::CheckMachine(*config, !given.no_service, &findings);
  }
  host::CheckGateway(given.gateway, &findings);
  std::vector<Finding> all = findings.all();
  std::stable_sort(all.begin(), all.end(), [](const Finding& a, const Finding& b) {
    return static_cast<int>(a.severity) > static_cast<int>(b.severity);
  });
  return all;
}

int Doctor(Context& context, const Arguments& given) {
  const std::vector<Finding> found = Examine(given);
  const bool colour = client::WantsColour(1);
  Json machine = Json::array();
  std::string people;
  bool wrong = false;
  for (const Finding& finding : found) {
    wrong = wrong || finding.severity == Severity::kError;
    machine.push_back({{"id", finding.id},
                       {"severity", WordOf(finding.severity)},
                       {"what", Told(context, finding, "")},
                       {"cure", Told(context, finding, ".cure")}});
    const char* mark = finding.severity == Severity::kError     ? "✗"
                       : finding.severity == Severity::kWarning ? "!"
                                                                : "·";
    const auto paint =
        finding.severity == Severity::kError ? client::Colour::kRed : client::Colour::kYellow;
    people += client::Paint(mark, paint, colour) + " " + Told(context, finding, "") + "\n    " +
              Told(context, finding, ".cure") + "\n";
  }
  if (!wrong) people += context.Say(found.empty() ? "doctor_end.well" : "doctor_end.serves") + "\n";
  context.Print(machine, people);
  return wrong ? kRefused : kDone;
}

}  // namespace

void AddDoctorCommand(CLI::App* app, Context* context) {
  const auto given = std::make_shared<Arguments>();
  CLI::App* command = AddCommand(
      app, context, "doctor",
      "On the server's machine: name everything that is wrong with the installation, and "
      "how it is mended",
      [context, given] { return Doctor(*context, *given); });
  command->add_option("--config", given->config, "The server's configuration")
      ->capture_default_str();
  command->add_option("--gateway", given->gateway, "The gateway's configuration, if there is one")
      ->capture_default_str();
  command->add_flag("--no-service", given->no_service, "Do not ask systemd about the service");
  command->footer(R"(
Changes nothing. Run it as root: others do not see every file. ✗ must be mended, ! should be,
· is for the record. Exit code 0: nothing with ✗; 1: something.)");
}

}  // namespace ladon::ctl
