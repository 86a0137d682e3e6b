#include "server/client/terminal/cli.h"

#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <string>

#include "server/base/version.h"
#include "server/client/terminal/commands.h"
#include "server/client/terminal/palm_tries.h"
#include "server/client/text/choice.h"
#include "server/client/text/console.h"

namespace ladon::terminal {
namespace {

constexpr const char* kFooter = R"(
Examples:
  ladon-terminal --server canteen:7443 --identity till-1 --state till-1-state \
      pay --card 04A1B2C3D4E5F6 --caterer 5f..2a --item 9c41 --item 77d0x2
  ladon-terminal ... pay --image palm.png --caterer 5f..2a --amount 45.50
  ladon-terminal ... pay --image palm.png again.png --caterer 5f..2a --item 9c41
  ladon-terminal ... cancel last --reason wrong-basket
  ladon-terminal ... totals --json

Exit codes: 0 done; 1 refused; 2 usage; 3 the fate of an attempt is unknown: it is kept, and the
next command settles it first; 4 local problem, or no connection before anything was sent.
LADON_LANG=en prints English.)";

using client::Choice;

const std::map<std::string, v1::CardTechnology> kTechnologies = {
    {"iso14443a", v1::CARD_TECHNOLOGY_ISO14443A},
    {"em4100", v1::CARD_TECHNOLOGY_EM4100},
    {"wiegand26", v1::CARD_TECHNOLOGY_WIEGAND26}};
const std::map<std::string, v1::ReaderProfile> kProfiles = {
    {"transmission-order", v1::READER_PROFILE_TRANSMISSION_ORDER},
    {"reversed", v1::READER_PROFILE_REVERSED}};
const std::map<std::string, v1::Liveness> kLiveness = {
    {"pass", v1::LIVENESS_PASS}, {"fail", v1::LIVENESS_FAIL}, {"unknown", v1::LIVENESS_UNKNOWN}};
const std::map<std::string, v1::PalmSide> kSides = {{"left", v1::PALM_SIDE_LEFT},
                                                    {"right", v1::PALM_SIDE_RIGHT}};
const std::map<std::string, v1::Purse> kPurses = {{"main", v1::PURSE_MAIN},
                                                  {"hot-meals", v1::PURSE_HOT_MEALS},
                                                  {"buffet", v1::PURSE_BUFFET},
                                                  {"after-school", v1::PURSE_AFTER_SCHOOL}};
const std::map<std::string, v1::CancelReason> kReasons = {
    {"wrong-child", v1::CANCEL_REASON_WRONG_CHILD},
    {"wrong-basket", v1::CANCEL_REASON_WRONG_BASKET},
    {"meal-returned", v1::CANCEL_REASON_MEAL_RETURNED},
    {"no-answer", v1::CANCEL_REASON_NO_ANSWER},
    {"test", v1::CANCEL_REASON_TEST}};

struct Options {
  DeskOptions desk;
  EnrolOptions enrol;
  MeansOptions identify;
  PayOptions pay;
  CancelOptions cancel;
};

// `showings`: how often a hand may be shown, each time by a file of its own.
void AddMeans(CLI::App* command, int showings, MeansOptions* means) {
  CLI::Option_group* group = command->add_option_group("means", "What the child shows");
  group
      ->add_option("--image", means->images,
                   "Image file of a palm or a whole hand, fingers up (PNG, JPEG, BMP)")
      ->expected(1, showings);
  group->add_option("--template", means->template_files, "Vein code file of 900 bytes")
      ->expected(1, showings);
  group->add_option("--card", means->card, "Card number as the reader types it, in hex");
  group->require_option(1);
  command->add_option("--card-technology", means->technology, "iso14443a, em4100, wiegand26")
      ->transform(Choice(kTechnologies));
  command->add_option("--reader-profile", means->profile, "transmission-order, reversed")
      ->transform(Choice(kProfiles));
  command->add_option("--liveness", means->liveness, "What the sensor says: pass, fail, unknown")
      ->transform(Choice(kLiveness));
}

void AddGlobal(CLI::App* app, DeskOptions* desk) {
  app->add_option("--server", desk->server, "host:port of ladond")
      ->envname("LADON_SERVER")
      ->required();
  app->add_option("--server-name", desk->server_name,
                  "Name in the server's certificate, when it is not the host");
  app->add_option("--identity", desk->identity, "Directory with cert.pem, key.pem, ca.pem")
      ->envname("LADON_IDENTITY")
      ->required();
  app->add_option("--state", desk->state, "Directory of the till's own journal (mode 0700)")
      ->envname("LADON_TERMINAL_STATE")
      ->required();
  app->add_option("--timeout-ms", desk->timeout_ms, "Patience for one call")
      ->check(CLI::Range(100, 60'000));
  app->add_flag("--json", desk->json, "Print one JSON object");
}

void AddCommands(CLI::App* app, Options* options) {
  CLI::App* enrol = app->add_subcommand("enrol", "Enrol a palm (identity of an enroller)");
  enrol->add_option("--subject", options->enrol.subject, "Child, 32 hex digits")->required();
  enrol->add_option("--side", options->enrol.side, "left or right")
      ->required()
      ->transform(Choice(kSides));
  CLI::Option_group* samples = enrol->add_option_group("samples", "Three to six captures");
  samples->add_option("--image", options->enrol.images,
                      "Image files of the palm or the whole hand");
  samples->add_option("--template", options->enrol.templates, "Vein code files of 900 bytes");
  samples->require_option(1, 2);
  CLI::Option_group* check =
      enrol->add_option_group("check", "A further capture, which must find the palm again");
  check->add_option("--check-image", options->enrol.check_image, "Image file");
  check->add_option("--check-template", options->enrol.check_template, "Vein code file");
  check->require_option(1);
  enrol->add_flag("--look-alike", options->enrol.look_alike,
                  "As second approver, after a colleague was told that such a palm is enrolled");
  enrol->add_option("--quality", options->enrol.template_quality, "Quality of template files")
      ->check(CLI::Range(0, 100));

  AddMeans(app->add_subcommand("identify", "Who is this?"), 1, &options->identify);

  PayOptions* pay_options = &options->pay;
  CLI::App* pay = app->add_subcommand("pay", "Sell: identify the child, then take the price");
  AddMeans(pay, kPalmTriesMax, &pay_options->means);
  pay->add_option("--caterer", pay_options->caterer, "Caterer, 32 hex digits")->required();
  pay->add_option("--item", pay_options->items, "Item id (or its first digits), with xQTY");
  pay->add_option("--amount", pay_options->amount, "Free amount in roubles");
  pay->add_option("--total", pay_options->total, "What the child was shown, in roubles");
  pay->add_option("--purse", pay_options->purse, "main, hot-meals, buffet, after-school")
      ->transform(Choice(kPurses));
  pay->add_option("--second-card", pay_options->second_card,
                  "Card beside the palm, when the sum is above the school's mark");
  pay->add_flag("--pin", pay_options->ask_pin,
                "The child types the PIN: a line of standard input, not shown");
  pay->add_flag("--yes", pay_options->yes, "Confirm that the child takes the same again");

  CLI::App* cancel = app->add_subcommand("cancel", "Take a sale back, whole or by line");
  cancel->add_option("REQUEST_ID", options->cancel.debit, "Sale, 32 hex digits, or last");
  cancel->add_option("--line", options->cancel.lines, "Lines of the slip, from 1; none = all");
  cancel
      ->add_option("--reason", options->cancel.reason,
                   "wrong-child, wrong-basket, meal-returned, no-answer, test")
      ->required()
      ->transform(Choice(kReasons));

  app->add_subcommand("last", "Print the last slip");
  app->add_subcommand("totals", "What this till sold and took back, by day");
}

ExitCode Dispatch(const CLI::App& app, const Options& options) {
  Desk desk(options.desk);
  if (app.got_subcommand("enrol")) return desk.Enrol(options.enrol);
  if (app.got_subcommand("identify")) return desk.Identify(options.identify);
  if (app.got_subcommand("pay")) return desk.Pay(options.pay);
  if (app.got_subcommand("cancel")) return desk.Cancel(options.cancel);
  if (app.got_subcommand("last")) return desk.Last();
  return desk.Totals();
}

}  // namespace

int RunTerminal(int argc, const char* const* argv) {
  CLI::App app("The till of a school canteen on a command line.", "ladon-terminal");
  app.set_version_flag("--version", base::kVersion);
  app.footer(kFooter);
  Options options;
  options.desk.language = client::LanguageOfEnvironment();
  AddGlobal(&app, &options.desk);
  AddCommands(&app, &options);
  app.require_subcommand(1);
  app.fallthrough();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitDone : kExitUsage;
  }
  return Dispatch(app, options);
}

}  // namespace ladon::terminal
