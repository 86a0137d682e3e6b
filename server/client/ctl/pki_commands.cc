#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/base/id.h"
#include "server/base/principal.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/values.h"
#include "server/client/pki/pki.h"
#include "server/client/text/table.h"

namespace ladon::ctl {
namespace {

constexpr std::chrono::days kRenewalWarning{30};

struct AuthorityArguments {
  std::string dir;
  std::string out;
  std::string name;
  std::vector<std::string> dns;
  std::vector<std::string> ips;
};

struct IssueArguments {
  std::string dir;
  std::string role;
  std::string school;
  std::string id;
  std::string out;
  std::string holder;
  int days = pki::kClientDays;
};

std::chrono::sys_seconds Now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

pki::AuthorityOptions AuthorityOf(const AuthorityArguments& given) {
  pki::AuthorityOptions options;
  options.now = Now();
  if (!given.name.empty()) options.name = given.name;
  options.dns_names.insert(options.dns_names.end(), given.dns.begin(), given.dns.end());
  options.ip_addresses.insert(options.ip_addresses.end(), given.ips.begin(), given.ips.end());
  return options;
}

int Init(Context& context, const AuthorityArguments& given) {
  if (absl::Status s = pki::InitAuthority(given.dir, AuthorityOf(given)); !s.ok()) {
    return context.Fail(s);
  }
  return context.Print({{"authority", given.dir + "/ca"}, {"server", given.dir + "/server"}},
                       context.Say("pki.made", {given.dir + "/ca", given.dir + "/server"}));
}

int Server(Context& context, const AuthorityArguments& given) {
  if (absl::Status s = pki::IssueServer(given.dir, given.out, AuthorityOf(given)); !s.ok()) {
    return context.Fail(s);
  }
  return context.Print({{"server", given.out}}, context.Say("pki.issued", {given.out, "ladond"}));
}

std::vector<std::string> RoleNames() {
  std::vector<std::string> names;
  for (const base::Role role : base::kRoles) names.emplace_back(base::RoleName(role));
  return names;
}

int Issue(Context& context, const IssueArguments& given) {
  base::Principal principal;
  const std::optional<base::Role> role = base::RoleOf(given.role);
  if (!role) return context.Usage("--role: unknown role");
  principal.role = *role;
  const bool one_school = !given.school.empty();
  if (base::BelongingOf(*role) ==
      (one_school ? base::Belonging::kAllSchools : base::Belonging::kOneSchool)) {
    return context.Usage(context.Say("pki.school_rule"));
  }
  if (one_school) principal.school = *base::IdOfHex<base::SchoolId>(given.school);
  const bool named = *role == base::Role::kTerminal || *role == base::Role::kCaterer;
  if (named && given.id.empty()) {
    return context.Usage(context.Say("pki.terminal_needs_id"));
  }
  // A fresh random actor, unless the caller names one.
  const std::string id = given.id.empty() ? context.RequestId() : BytesOf(given.id);
  principal.id = *base::ActorId::FromBytes(id);
  const pki::IssueOptions options = {.now = Now(), .days = given.days, .holder = given.holder};
  if (absl::Status s = pki::Issue(given.dir, principal, given.out, options); !s.ok()) {
    return context.Fail(s);
  }
  const std::string uri = base::FormatPrincipal(principal);
  return context.Print({{"identity", given.out}, {"principal", uri}},
                       context.Say("pki.issued", {given.out, uri}));
}

int Show(Context& context, const std::vector<std::string>& paths) {
  client::Table table;
  table.Column(context.Say("table.file"));
  table.Column(context.Say("table.whom"));
  table.Column(context.Say("table.valid_until"));
  table.Column(context.Say("table.days_left"), client::Align::kRight);
  table.Column(context.Say("table.remark"));
  Json all = Json::array();
  const std::chrono::sys_seconds now = Now();
  for (const std::string& path : paths) {
    const absl::StatusOr<pki::CertificateInfo> info = pki::Show(path);
    if (!info.ok()) return context.Fail(info.status());
    const auto left = std::chrono::floor<std::chrono::days>(info->not_after - now);
    const bool expired = info->not_after < now;
    std::string names;
    for (const std::string& name : info->names) names += (names.empty() ? "" : " ") + name;
    const std::string until = FormatUtc(info->not_after.time_since_epoch().count());
    const char* remark = expired                  ? "pki.expired"
                         : now < info->not_before ? "pki.not_yet"
                         : left < kRenewalWarning ? "pki.renew_soon"
                                                  : "pki.valid";
    if (!info->holder.empty()) names += " " + info->holder;
    table.Row({path, names.empty() ? info->subject : names, until, std::to_string(left.count()),
               context.Say(remark)});
    all.push_back({{"file", path},
                   {"subject", info->subject},
                   {"holder", info->holder},
                   {"issuer", info->issuer},
                   {"names", info->names},
                   {"authority", info->authority},
                   {"serial", info->serial_hex},
                   {"sha256", info->fingerprint_sha256},
                   {"not_before", FormatUtc(info->not_before.time_since_epoch().count())},
                   {"not_after", until},
                   {"expired", expired}});
  }
  return context.Print(all, table.Render());
}

void AuthorityOptionsOf(CLI::App* command, AuthorityArguments* given) {
  command->add_option("--dir", given->dir, "Directory of the authority")->required();
  command->add_option("--dns", given->dns, "DNS name of the server, besides localhost; repeatable")
      ->allow_extra_args(false);
  command->add_option("--ip", given->ips, "IP address of the server, besides loopback; repeatable")
      ->allow_extra_args(false);
}

}  // namespace

void AddPkiCommands(CLI::App* app, Context* context) {
  CLI::App* noun = app->add_subcommand("pki", "The local certificate authority and identities");
  noun->require_subcommand(1);

  const auto init = std::make_shared<AuthorityArguments>();
  CLI::App* command = AddCommand(noun, context, "init", "Make an authority and a server identity",
                                 [context, init] { return Init(*context, *init); });
  AuthorityOptionsOf(command, init.get());
  command->add_option("--name", init->name, "Name of the authority");

  const auto server = std::make_shared<AuthorityArguments>();
  command = AddCommand(noun, context, "server", "Make another server identity, before one expires",
                       [context, server] { return Server(*context, *server); });
  AuthorityOptionsOf(command, server.get());
  command->add_option("--out", server->out, "Directory to make")->required();

  const auto issue = std::make_shared<IssueArguments>();
  command = AddCommand(noun, context, "issue", "Make a client identity",
                       [context, issue] { return Issue(*context, *issue); });
  command->add_option("--dir", issue->dir, "Directory of the authority")->required();
  command->add_option("--role", issue->role, "What the holder may do")
      ->required()
      ->check(CLI::IsMember(RoleNames()));
  IdOption(command, "--school", &issue->school,
           "School of the holder; none for roles of all schools");
  IdOption(command, "--id", &issue->id, "Terminal or caterer id; for people drawn at random");
  command->add_option("--out", issue->out, "Directory to make")->required();
  command->add_option(
      "--holder", issue->holder,
      "Personnel number of the person; roles that must be apart are not issued to one");
  command->add_option("--days", issue->days, "Days of validity")
      ->check(CLI::Range(1, pki::kClientDaysMax))
      ->capture_default_str();

  const auto paths = std::make_shared<std::vector<std::string>>();
  command = AddCommand(noun, context, "show", "Show certificates and when they expire",
                       [context, paths] { return Show(*context, *paths); });
  command->add_option("files", *paths, "PEM certificates")->required();

  AddRevocationCommands(noun, context);
}

}  // namespace ladon::ctl
