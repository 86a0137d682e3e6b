// The nouns of ladonctl. Each function hangs its commands under `app`; the chosen one becomes
// `context->action`. Threading: one thread, while the command line is built.
#ifndef LADON_SERVER_CLIENT_CTL_COMMANDS_H_
#define LADON_SERVER_CLIENT_CTL_COMMANDS_H_

#include <CLI/CLI.hpp>

#include "server/client/ctl/context.h"

namespace ladon::ctl {

void AddPkiCommands(CLI::App* app, Context* context);
// `pki rotate`, `revoke`, `list` and `crl`, under the noun that AddPkiCommands made.
void AddRevocationCommands(CLI::App* pki, Context* context);
void AddKeysCommands(CLI::App* app, Context* context);
// `keys show` and `keys rotate`, under the noun that AddKeysCommands made.
void AddKeyServiceCommands(CLI::App* keys, Context* context);
void AddSchoolCommands(CLI::App* app, Context* context);
void AddTerminalCommands(CLI::App* app, Context* context);
void AddCatererCommands(CLI::App* app, Context* context);
void AddPricesCommands(CLI::App* app, Context* context);
void AddSubjectsCommands(CLI::App* app, Context* context);
// `subjects import`, under the noun that AddSubjectsCommands made.
void AddImportCommand(CLI::App* subjects, Context* context);
// The data-protection officer's noun `subject`; the next three are under it.
void AddSubjectCommands(CLI::App* app, Context* context);
void AddSubjectExportCommand(CLI::App* subject, Context* context);
void AddEraseCommand(CLI::App* subject, Context* context);
void AddActCommand(CLI::App* subject, Context* context);
void AddRequestCommands(CLI::App* subject, Context* context);
void AddOfficerCommands(CLI::App* app, Context* context);
// `officer register`, under the noun that AddOfficerCommands made.
void AddRegisterCommand(CLI::App* officer, Context* context);
void AddApprovalCommands(CLI::App* app, Context* context);
void AddAccessCommands(CLI::App* app, Context* context);
// `access key` and `access sign`, under the noun that AddAccessCommands made.
void AddMatrixCommands(CLI::App* access, Context* context);
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
void AddSecurityCommands(CLI::App* app, Context* context);
void AddReportCommands(CLI::App* app, Context* context);
void AddPaymentCommands(CLI::App* app, Context* context);
// `payment slip`, under the noun that AddPaymentCommands made.
void AddSlipCommand(CLI::App* payment, Context* context);
void AddReconcileCommand(CLI::App* app, Context* context);
void AddRefundCommands(CLI::App* app, Context* context);
void AddOutboxCommands(CLI::App* app, Context* context);
// On the server's machine.
void AddCompletionCommand(CLI::App* app, Context* context);
void AddSetupCommand(CLI::App* app, Context* context);
void AddDoctorCommand(CLI::App* app, Context* context);
void AddTopCommand(CLI::App* app, Context* context);
void AddReadyCommand(CLI::App* app, Context* context);

}  // namespace ladon::ctl

#endif  // LADON_SERVER_CLIENT_CTL_COMMANDS_H_
