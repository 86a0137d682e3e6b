#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/base/id.h"
#include "server/client/connection.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/setup_school.h"
#include "server/client/host/places.h"
#include "server/client/host/program.h"
#include "server/client/host/server_config.h"
#include "server/client/host/setup_files.h"
#include "server/client/text/console.h"
#include "server/client/text/table.h"

namespace ladon::ctl {
namespace {

constexpr int kServeTries = 30;
constexpr std::chrono::seconds kServePause{1};
constexpr char kUnit[] = "ladond.service";
constexpr char kBackupTimer[] = "ladon-backup.timer";

struct Arguments {
  host::SetupPlan plan;
  SchoolPlan school;
  bool yes = false;
  bool no_service = false;
};

// --- what is asked ---------------------------------------------------------------------------

// The answer, or `otherwise` when there is none. Nothing is asked of a script.
std::string Ask(const Context& context, const char* key, const std::string& otherwise) {
  context.err() << context.Say(key) << (otherwise.empty() ? "" : " [" + otherwise + "]") << ": "
                << std::flush;
  std::string line;
  std::getline(std::cin, line);
  return line.empty() ? otherwise : line;
}

std::string ThisHost() {
  std::string name(256, '\0');
  if (gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  name.resize(name.find('\0'));
  return name;
}

std::string ThisZone() {
  std::ifstream file("/etc/timezone");
  std::string zone;
  std::getline(file, zone);
  return zone.empty() || zone == "Etc/UTC" ? "Europe/Moscow" : zone;
}

void AskWhatIsOpen(const Context& context, Arguments* given) {
  const bool ask = !given->yes && isatty(STDIN_FILENO) == 1;
  std::string host = ThisHost();
  std::string zone = given->school.time_zone.empty() ? ThisZone() : given->school.time_zone;
  if (ask) {
    if (given->plan.dns_names.empty()) host = Ask(context, "setup.ask_host", host);
    if (given->school.time_zone.empty()) zone = Ask(context, "setup.ask_zone", zone);
    if (given->school.name.empty()) given->school.name = Ask(context, "setup.ask_school", "");
    if (!given->school.name.empty()) {
      if (given->school.caterer.empty()) {
        given->school.caterer = Ask(context, "setup.ask_caterer", "");
      }
      if (given->school.till.empty()) given->school.till = Ask(context, "setup.ask_till", "");
    }
  }
  if (given->plan.dns_names.empty() && host != "localhost") given->plan.dns_names = {host};
  given->plan.time_zone = zone;
  given->school.time_zone = zone;
}

// --- the service -----------------------------------------------------------------------------

bool HasSystemd() {
  return host::IsDirectory("/run/systemd/system");
}

int Systemctl(Context& context, const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {"systemctl"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  const absl::StatusOr<host::Ran> ran = host::RunProgram(words);
  if (!ran.ok()) return context.Fail(ran.status());
  if (ran->code == 0) return kDone;
  return context.Fail(absl::FailedPreconditionError(
      absl::StrCat("systemctl ", arguments.front(), ": ", absl::StripSuffix(ran->err, "\n"))));
}

// Its own last words: why it did not start.
int NotServing(Context& context, const absl::Status& why) {
  const absl::StatusOr<host::Ran> journal =
      host::RunProgram({"journalctl", "-u", kUnit, "-n", "20", "--no-pager", "-o", "cat"});
  if (journal.ok()) context.err() << journal->out;
  return context.Fail(absl::FailedPreconditionError(
      context.Say("setup.not_serving", {std::string(why.message())})));
}

int WaitUntilItServes(Context& context) {
  absl::Status why;
  for (int tries = 0; tries < kServeTries; ++tries) {
    const auto channel = client::ConnectAndWait(context.connection);
    if (channel.ok()) return kDone;
    why = channel.status();
    const auto state = host::RunProgram({"systemctl", "is-failed", kUnit});
    if (state.ok() && state->code == 0) break;  // It will not serve: it has given up.
    std::this_thread::sleep_for(kServePause);
  }
  return NotServing(context, why);
}

// --- the whole -------------------------------------------------------------------------------

base::Principal PrincipalOf(const Context& context, base::Role role, const std::string& school,
                            const std::string& id = "") {
  base::Principal principal;
  principal.role = role;
  if (!school.empty()) principal.school = *base::SchoolId::FromBytes(school);
  principal.id = *base::ActorId::FromBytes(id.empty() ? context.RequestId() : id);
  return principal;
}

int MakeFiles(Context& context, const Arguments& given, std::string* told) {
  const bool colour = client::WantsColour(1);
  const absl::Status made =
      host::MakeSetupFiles(given.plan, [&](const char* key, const std::string& path, bool fresh) {
        const std::string mark = client::Paint(fresh ? "✓" : "·", client::Colour::kGreen, colour);
        absl::StrAppend(told, mark, " ", context.Say(key), ": ", path,
                        fresh ? "" : " " + context.Say("setup.kept"), "\n");
      });
  if (!made.ok()) return context.Fail(made);
  for (const char* name : {"sysadmin", "backup"}) {
    const auto principal = PrincipalOf(context, base::Role::kSysadmin, "");
    if (absl::Status s = host::IssueOnce(given.plan, principal, name); !s.ok()) {
      return context.Fail(s);
    }
  }
  return kDone;
}

int IssueForSchool(Context& context, const Arguments& given, const MadeSchool& made) {
  struct Holder {
    base::Role role;
    const char* name;
    std::string id;
  };
  std::vector<Holder> holders = {{base::Role::kEnroller, "enroller", ""},
                                 {base::Role::kSeniorCashier, "senior-cashier", ""}};
  if (!made.till_id.empty()) holders.push_back({base::Role::kTerminal, "till-1", made.till_id});
  for (const Holder& holder : holders) {
    const auto principal = PrincipalOf(context, holder.role, made.school_id, holder.id);
    if (absl::Status s = host::IssueOnce(given.plan, principal, holder.name); !s.ok()) {
      return context.Fail(s);
    }
  }
  return kDone;
}

Json JsonOf(const Arguments& given, const MadeSchool& made) {
  Json json = {{"config", given.plan.config()},
               {"identities", given.plan.Etc("identities")},
               {"school_id", base::HexOf(made.school_id)},
               {"caterer_id", base::HexOf(made.caterer_id)},
               {"terminal_id", base::HexOf(made.till_id)},
               {"items", Json::array()}};
  for (const v1::PriceListItem& item : made.prices.items()) {
    json["items"].push_back({{"item_id", base::HexOf(item.item_id())},
                             {"category", item.category()},
                             {"name", item.name()},
                             {"price_kopecks", item.unit_price_kopecks()}});
  }
  return json;
}

std::string TextOf(const Context& context, const Arguments& given, const MadeSchool& made) {
  std::string text;
  if (!made.school_id.empty()) {
    client::Table ids;
    ids.Column(context.Say("table.what"));
    ids.Column(context.Say("table.name"));
    ids.Column(context.Say("setup.number"));
    ids.Row({context.Say("table.school"), given.school.name, base::HexOf(made.school_id)});
    if (!made.caterer_id.empty()) {
      ids.Row({context.Say("table.caterer"), given.school.caterer, base::HexOf(made.caterer_id)});
    }
    if (!made.till_id.empty()) {
      ids.Row({context.Say("table.terminal"), given.school.till, base::HexOf(made.till_id)});
    }
    for (const v1::PriceListItem& item : made.prices.items()) {
      ids.Row({context.Money(item.unit_price_kopecks()), item.name(), base::HexOf(item.item_id())});
    }
    text += "\n" + ids.Render();
  }
  const std::string identities = given.plan.Etc("identities");
  return text + "\n" +
         context.Say("setup.next", {given.plan.Etc("root.key"), given.plan.Etc("pki"), identities});
}

int Setup(Context& context, Arguments given) {
  if (geteuid() != 0 && given.plan.prefix.empty()) return context.Usage(context.Say("setup.root"));
  given.plan.service = !given.no_service;
  if (given.plan.service && !HasSystemd()) return context.Usage(context.Say("setup.no_systemd"));
  if (!given.school.prices.empty() && given.school.caterer.empty()) {
    return context.Usage(context.Say("setup.prices_need_caterer"));
  }
  if (given.plan.prefix.empty() && host::StatOf(given.plan.config())) {
    // What is configured stays; the units are told what stands there, not what is typed now.
    const auto config = host::ServerConfig::Read(given.plan.config());
    if (!config.ok()) return context.Fail(config.status());
    given.plan.listen = (*config)("server", "listen");
    given.plan.backup_directory = (*config)("backup", "directory");
    if (given.school.time_zone.empty()) {
      given.school.time_zone = (*config)("ledger", "time_zone");
    }
  }
  AskWhatIsOpen(context, &given);
  std::string told;
  if (const int code = MakeFiles(context, given, &told); code != kDone) return code;
  MadeSchool made;
  if (!given.plan.service) {
    return context.Print(JsonOf(given, made),
                         told + context.Say("setup.start_it", {given.plan.config()}));
  }
  for (const auto& words : {std::vector<std::string>{"daemon-reload"},
                            std::vector<std::string>{"enable", "--now", kUnit},
                            std::vector<std::string>{"enable", "--now", kBackupTimer}}) {
    if (const int code = Systemctl(context, words); code != kDone) return code;
  }
  context.connection.server = given.plan.LocalServer();
  context.connection.server_name = "localhost";  // Its certificate has that name, too.
  context.connection.identity = given.plan.Identity("sysadmin");
  if (const int code = WaitUntilItServes(context); code != kDone) return code;
  if (absl::Status s = host::KeepStoreFromNowOn(given.plan); !s.ok()) return context.Fail(s);
  told += client::Paint("✓", client::Colour::kGreen, client::WantsColour(1)) + " " +
          context.Say("setup.serves", {context.connection.server}) + "\n";
  if (!given.school.name.empty()) {
    if (const int code = MakeSchool(context, given.school, &made); code != kDone) return code;
    if (const int code = IssueForSchool(context, given, made); code != kDone) return code;
  }
  return context.Print(JsonOf(given, made), told + TextOf(context, given, made));
}

}  // namespace

void AddSetupCommand(CLI::App* app, Context* context) {
  const auto given = std::make_shared<Arguments>();
  CLI::App* command = AddCommand(
      app, context, "setup",
      "On the server's machine, as root: make keys, certificates and configuration, start the "
      "service, and make the first school. What is there already stays",
      [context, given] { return Setup(*context, *given); });
  command->add_flag("--yes", given->yes, "Ask nothing: what is not given has its default");
  command
      ->add_option(
          "--dns", given->plan.dns_names,
          "Name by which tills call this machine; repeatable; the host's own when not given")
      ->allow_extra_args(false);
  command->add_option("--ip", given->plan.ip_addresses, "Address of this machine; repeatable")
      ->allow_extra_args(false);
  command->add_option("--listen", given->plan.listen, "Where the server listens, host:port")
      ->capture_default_str();
  command->add_option("--time-zone", given->school.time_zone,
                      "IANA name; the machine's own, or Europe/Moscow, when not given");
  command
      ->add_option("--backups", given->plan.backup_directory,
                   "Directory of backups; better on another disk")
      ->capture_default_str();
  command->add_option("--school", given->school.name,
                      "Name of the first school; none when not given");
  command->add_option("--caterer", given->school.caterer, "Who cooks for it");
  command->add_option("--prices", given->school.prices,
                      "Its price list of today: a file as `prices put` takes it");
  command->add_option("--till", given->school.till, "Label of its first till");
  command->add_flag("--no-service", given->no_service,
                    "Files only, for a machine without systemd: the server reads the root key "
                    "itself, and somebody else starts it");
  command->add_option("--prefix", given->plan.prefix,
                      "Make the files below this directory, as for an image");
  command->add_option("--user", given->plan.user, "Whose the server's files are")
      ->capture_default_str();
  command->footer(R"(
Example:
  ladonctl setup --yes --dns core.school.example --school "School 5" --caterer "Kitchen 2" \
      --prices prices.csv --till "till 1"
Interrupted, or something was refused: mend it and run the same again.)");
}

}  // namespace ladon::ctl
