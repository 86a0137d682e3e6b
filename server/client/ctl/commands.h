// The nouns of ladonctl. Each function hangs its commands under `app`; the chosen one becomes
// `context->action`. Threading: one thread, while the command line is built.
#ifndef LADON_SERVER_CLIENT_CTL_COMMANDS_H_
#define LADON_SERVER_CLIENT_CTL_COMMANDS_H_

#include <CLI/CLI.hpp>

#include "server/client/ctl/context.h"

namespace ladon::ctl {

void AddPkiCommands(CLI::App* app, Context* context);
void AddKeysCommands(CLI::App* app, Context* context);
void AddSchoolCommands(CLI::App* app, Context* context);
void AddTerminalCommands(CLI::App* app, Context* context);
void AddCatererCommands(CLI::App* app, Context* context);
void AddPricesCommands(CLI::App* app, Context* context);
void AddSubjectsCommands(CLI::App* app, Context* context);
// `subjects import`, under the noun that AddSubjectsCommands made.
void AddImportCommand(CLI::App* subjects, Context* context);
void AddConsentCommands(CLI::App* app, Context* context);
void AddCardCommands(CLI::App* app, Context* context);
void AddPinCommands(CLI::App* app, Context* context);
void AddListCommands(CLI::App* app, Context* context);
void AddAccountCommands(CLI::App* app, Context* context);
void AddLimitsCommands(CLI::App* app, Context* context);
void AddBackupCommands(CLI::App* app, Context* context);
void AddLedgerCommands(CLI::App* app, Context* context);
void AddPayoutCommands(CLI::App* app, Context* context);
void AddOperationCommands(CLI::App* app, Context* context);
void AddAuditCommands(CLI::App* app, Context* context);
// `audit extract` and `audit entries`, under the noun that AddAuditCommands made.
void AddExtractCommands(CLI::App* audit, Context* context);

}  // namespace ladon::ctl

#endif  // LADON_SERVER_CLIENT_CTL_COMMANDS_H_
