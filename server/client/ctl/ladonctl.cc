#include "server/client/ctl/ladonctl.h"

#include <CLI/CLI.hpp>

#include "server/base/version.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/context.h"
#include "server/client/ctl/options.h"

namespace ladon::ctl {
namespace {

constexpr int kTimeoutMsMax = 600'000;

constexpr char kFooter[] = R"(
Exit codes:
  0  done
  1  refused by the server (the message says why)
  2  wrong usage, or a file whose content was refused
  3  no connection, or the fate of the call is unknown: repeat with the printed --request-id
  4  trouble with a local file or identity

Examples:
  ladonctl pki init --dir pki --dns core.school.example
  ladonctl pki issue --dir pki --role sysadmin --out admin
  ladonctl keys init root.key
  export LADON_SERVER=core.school.example:7443 LADON_IDENTITY=admin
  ladonctl school create --name "School 5" --time-zone Asia/Tomsk
  ladonctl subjects import list.csv --dry-run

Tables are Russian; LADON_LANG=en makes them English. --json never changes with the language.)";

void AddGlobalOptions(CLI::App* app, Context* context) {
  app->add_option("--server", context->connection.server, "Address of the core, host:port")
      ->envname("LADON_SERVER");
  app->add_option("--identity", context->connection.identity,
                  "Directory with cert.pem, key.pem and ca.pem")
      ->envname("LADON_IDENTITY");
  app->add_option("--server-name", context->connection.server_name,
                  "Name to expect in the server's certificate, when it is not the host");
  app->add_flag("--json", context->json, "Print JSON for machines");
  app->add_option("--timeout-ms", context->timeout_ms, "How long to wait for an answer")
      ->check(CLI::Range(1, kTimeoutMsMax))
      ->capture_default_str();
  IdOption(app, "--request-id", &context->request_id_hex,
           "Repeat a call whose fate is unknown under its id");
}

}  // namespace

int RunLadonctl(int argc, const char* const* argv, base::Language language, std::ostream* out,
                std::ostream* err) {
  Context context(language, out, err);
  CLI::App app("ladonctl - sets up and runs cashless school canteens", "ladonctl");
  app.fallthrough();
  app.require_subcommand(1);
  app.footer(kFooter);
  app.set_version_flag("--version", base::kVersion);
  AddGlobalOptions(&app, &context);
  AddPkiCommands(&app, &context);
  AddKeysCommands(&app, &context);
  AddSchoolCommands(&app, &context);
  AddTerminalCommands(&app, &context);
  AddCatererCommands(&app, &context);
  AddPricesCommands(&app, &context);
  AddSubjectsCommands(&app, &context);
  AddSubjectCommands(&app, &context);
  AddOfficerCommands(&app, &context);
  AddApprovalCommands(&app, &context);
  AddAccessCommands(&app, &context);
  AddConsentCommands(&app, &context);
  AddCardCommands(&app, &context);
  AddPinCommands(&app, &context);
  AddListCommands(&app, &context);
  AddAccountCommands(&app, &context);
  AddLimitsCommands(&app, &context);
  AddPayoutCommands(&app, &context);
  AddBackupCommands(&app, &context);
  AddLedgerCommands(&app, &context);
  AddOperationCommands(&app, &context);
  AddAuditCommands(&app, &context);
  AddSecurityCommands(&app, &context);
  AddReportCommands(&app, &context);
  AddPaymentCommands(&app, &context);
  AddRefundCommands(&app, &context);
  AddOutboxCommands(&app, &context);
  AddReconcileCommand(&app, &context);
  AddSetupCommand(&app, &context);
  AddCompletionCommand(&app, &context);
  AddDoctorCommand(&app, &context);
  AddReadyCommand(&app, &context);
  AddTopCommand(&app, &context);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error, *out, *err) == 0 ? kDone : kUsage;
  }
  return context.action();
}

}  // namespace ladon::ctl
