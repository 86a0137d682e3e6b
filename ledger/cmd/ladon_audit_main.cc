// ladon-audit: verifies what the ledger proves, offline, without trusting it.
#include <CLI/CLI.hpp>

#include "ledger/cmd/audit_extract.h"
#include "ledger/cmd/audit_files.h"
#include "ledger/cmd/audit_security.h"
#include "ledger/cmd/audit_verify.h"

namespace {

void AddSecurity(CLI::App* app, ladon::audit::SecurityOptions* security, int* code) {
  CLI::App* const command = app->add_subcommand(
      "security", "Verify records of the security log (NAME.seclog): none missing, none changed");
  command->add_option("file", security->file, "The file")->required();
  command->add_option("--key", security->keys, "Verifier keys of the security log, one a line")
      ->required();
  command->add_option("--since", security->since,
                      "An earlier checkpoint, as the second host keeps it: prove that the log only "
                      "grew since");
  command->add_option("--csv", security->csv, "Write the verified records here as CSV (RFC 4180)");
  command->callback([security, code] { *code = ladon::audit::VerifySecurity(*security); });
}

int Run(int argc, char** argv) {
  CLI::App app(
      "Verifies extracts, receipts, checkpoints and consistency proofs of a Ladon ledger, and its "
      "security log, offline.\n"
      "Exit codes: 0 verified; 1 refused, with the reason; 2 usage; 3 a file cannot be read.\n"
      "LADON_LANG=en: English.",
      "ladon-audit");
  app.set_version_flag("--version", LADON_VERSION);
  app.require_subcommand(1);
  int code = ladon::audit::kUsage;

  ladon::audit::VerifyOptions verify;
  CLI::App* command = app.add_subcommand("verify",
                                         "Verify an extract, a receipt (NAME.tlog-proof), a "
                                         "checkpoint, a consistency proof, or a log");
  command
      ->add_option("file", verify.file,
                   "The file, told by its content; or the folder of a log (C2SP tlog-tiles)")
      ->required();
  command->add_option("--key", verify.keys, "Verifier keys of the log, one a line")->required();
  command->add_option("--entry", verify.entry, "The entry of a receipt (default: NAME.entry)");
  command->add_option("--old", verify.old, "The earlier checkpoint of a consistency proof");
  command->callback([&] { code = ladon::audit::Verify(verify); });

  ladon::audit::WitnessOptions witness;
  command = app.add_subcommand(
      "witness",
      "Cosign a checkpoint if the log only grew since the last time (C2SP tlog-witness)");
  command->add_option("file", witness.file, "\"old <size>\", consistency proof, checkpoint")
      ->required();
  command->add_option("--key", witness.keys, "Verifier keys of the log, one a line")->required();
  command->add_option("--state", witness.state, "Where the last checkpoint is kept")->required();
  command->add_option("--name", witness.name, "The witness's name")->required();
  command->add_option("--seed", witness.seed, "File with the witness's private key, 64 hex digits")
      ->required();
  command->callback([&] { code = ladon::audit::Witness(witness); });

  ladon::audit::ExtractFileOptions convert;
  command = app.add_subcommand(
      "convert", "Verify an extract and write it for spreadsheets or other accounting tools");
  command->add_option("file", convert.file, "The extract")->required();
  command->add_option("--key", convert.keys, "Verifier keys of the log, one a line")->required();
  command->add_option("--to", convert.to, "csv (RFC 4180), hledger or beancount")
      ->required()
      ->check(CLI::IsMember({"csv", "hledger", "beancount"}));
  command->add_option("--out", convert.out, "Where to write (default: standard output)");
  command->callback([&] { code = ladon::audit::Convert(convert); });

  ladon::audit::ExtractFileOptions summary;
  command = app.add_subcommand(
      "summary", "Verify an extract and tell balances and turnovers: by account, day, caterer");
  command->add_option("file", summary.file, "The extract")->required();
  command->add_option("--key", summary.keys, "Verifier keys of the log, one a line")->required();
  command->callback([&] { code = ladon::audit::Summarize(summary); });

  ladon::audit::SecurityOptions security;
  AddSecurity(&app, &security, &code);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : ladon::audit::kUsage;
  }
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Run(argc, argv);
  } catch (...) {  // Out of memory.
    return ladon::audit::kCannotRead;
  }
}
