#include <CLI/CLI.hpp>
#include <cstdint>
#include <iostream>
#include <string>

#include "server/access/matrix.h"
#include "server/base/version.h"
#include "server/cmd/config.h"
#include "server/cmd/daemon.h"

namespace {

// The table of rights in force, as text: the built-in one, or the operator's own when its signature
// and its content have been verified.
int PrintMatrix(const std::string& config_path) {
  std::string text = ladon::access::Matrix::BuiltIn().text();
  if (!config_path.empty()) {
    const absl::StatusOr<ladon::Config> config = ladon::LoadConfig(config_path);
    if (!config.ok()) {
      std::cerr << "ladond: " << config.status().message() << "\n";
      return ladon::kExitConfiguration;
    }
    if (!config->access.matrix.empty()) {
      const auto own =
          ladon::access::LoadSignedMatrix(config->access.matrix, config->access.matrix_key);
      if (!own.ok()) {
        std::cerr << "ladond: " << own.status().message() << "\n";
        return ladon::kExitCannotOpen;
      }
      text = own->text();
    }
  }
  std::cout << text;
  return 0;
}

int PrintConfig(const std::string& config_path) {
  const absl::StatusOr<ladon::Config> config = ladon::LoadConfig(config_path);
  if (!config.ok()) {
    std::cerr << "ladond: " << config.status().message() << "\n";
    return ladon::kExitConfiguration;
  }
  std::cout << ladon::ShowConfig(*config);
  return 0;
}

int RunTask(const std::string& config_path, ladon::DaemonTask task,
            const ladon::StartOptions& options) {
  if (config_path.empty()) {
    std::cerr << "--config is required\nRun with --help for more information.\n";
    return ladon::kExitConfiguration;
  }
  const absl::StatusOr<ladon::Config> config = ladon::LoadConfig(config_path);
  if (!config.ok()) {
    std::cerr << "ladond: " << config.status().message() << "\n";
    return ladon::kExitConfiguration;
  }
  return ladon::RunDaemon(*config, task, options);
}

// What the command line asks for; at most one of the tasks.
struct Command {
  std::string config_path;
  bool matrix = false;
  bool show = false;
  bool check = false;
  bool verify = false;
  bool new_origin = false;
  CLI::Option* restore = nullptr;
  ladon::StartOptions options;

  [[nodiscard]] ladon::DaemonTask Task() const {
    using ladon::DaemonTask;
    return *restore     ? DaemonTask::kRestore
           : new_origin ? DaemonTask::kNewOrigin
           : verify     ? DaemonTask::kVerify
           : check      ? DaemonTask::kCheck
                        : DaemonTask::kServe;
  }
};

void AddOptions(CLI::App* app, Command* command) {
  app->add_option("--config", command->config_path, "configuration file (TOML)");
  CLI::Option_group* const tasks = app->add_option_group("What to do", "");
  tasks->require_option(0, 1);  // Serving is what is done without any.
  tasks->add_flag("--access-matrix", command->matrix,
                  "print the table of who may call what: the one of the configuration, or without "
                  "--config the built-in one, then exit");
  tasks->add_flag("--show-config", command->show,
                  "print every key of the configuration as it is in force, section.key=value, then "
                  "exit");
  tasks->add_flag("--check-config", command->check,
                  "open and verify configuration, keys, store and journal, then exit");
  tasks->add_flag("--verify-ledger", command->verify,
                  "derive every balance, root and closing again from the whole journal, then exit");
  tasks->add_flag("--new-origin", command->new_origin,
                  "accept a store that is older than the last checkpoint: list what is lost, begin "
                  "a new log that names the old one, then exit");
  command->restore =
      tasks->add_option("--restore-backup", command->options.backup,
                        "put this backup (0: the latest) where the store is to be, derive "
                        "everything again, prove that it is what was signed, then exit");
  tasks->add_flag("--accept-clock", command->options.accept_clock,
                  "serve although the machine's clock is hours behind the last record: it is "
                  "right, and was wrong then; times in the books stand still until it has caught "
                  "up, and so long each start needs this flag");
  app->set_version_flag("--version", ladon::base::kVersion);
  app->footer(
      "Exit codes: 0 stopped on request; 2 wrong command line or configuration;\n"
      "3 something needed cannot be opened; 4 nothing more could be made durable.\n"
      "Example: ladond --config /etc/ladon/ladond.toml");
}

int Run(int argc, char** argv) {
  CLI::App app("ladond: the core of cashless school canteens: identifies, debits, proves.",
               "ladond");
  Command command;
  AddOptions(&app, &command);
  try {  // CLI11 reports by exception.
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : ladon::kExitConfiguration;
  }
  if (command.matrix) return PrintMatrix(command.config_path);
  if (command.show) return PrintConfig(command.config_path);
  return RunTask(command.config_path, command.Task(), command.options);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Run(argc, argv);
  } catch (...) {  // Out of memory before anything was opened.
    return ladon::kExitCannotOpen;
  }
}
