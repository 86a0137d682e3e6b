#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/values.h"
#include "server/client/pki/pki.h"
#include "server/client/text/table.h"

namespace ladon::ctl {
namespace {

struct RotateArguments {
  std::string dir;
  std::string identity;
  std::string out;
  int days = pki::kClientDays;
  bool revoke_old = false;
};

struct RevokeArguments {
  std::string dir;
  std::string serial;
  std::string certificate;
  std::string reason;
};

std::chrono::sys_seconds Now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::string UtcOf(std::chrono::sys_seconds at) {
  return FormatUtc(at.time_since_epoch().count());
}

std::string WordOf(const Context& context, pki::RevocationReason reason) {
  return context.Say("reason." + std::string(pki::ReasonName(reason)));
}

std::vector<std::string> ReasonNames() {
  std::vector<std::string> names;
  for (const pki::RevocationReason reason : pki::kRevocationReasons) {
    names.emplace_back(pki::ReasonName(reason));
  }
  return names;
}

// Without a revocation its two fields are empty.
Json JsonOf(const pki::Issued& issued) {
  const bool revoked = issued.revocation.has_value();
  return {{"serial", issued.serial_hex},
          {"principal", issued.principal},
          {"holder", issued.holder},
          {"not_after", UtcOf(issued.not_after)},
          {"revoked_at", revoked ? UtcOf(issued.revocation->at) : ""},
          {"reason", revoked ? std::string(pki::ReasonName(issued.revocation->reason)) : ""}};
}

Json JsonOf(const pki::RevocationListInfo& list) {
  return {{"file", list.path},
          {"number", list.number},
          {"revoked", list.revoked},
          {"next_update", UtcOf(list.next_update)}};
}

std::string TextOf(const Context& context, const pki::RevocationListInfo& list) {
  return context.Say("pki.crl", {std::to_string(list.number), list.path,
                                 std::to_string(list.revoked), UtcOf(list.next_update)});
}

int Rotate(Context& context, const RotateArguments& given) {
  const pki::RotateOptions options = {
      .now = Now(), .days = given.days, .revoke_old = given.revoke_old};
  const absl::StatusOr<pki::Rotated> rotated =
      pki::Rotate(given.dir, given.identity, given.out, options);
  if (!rotated.ok()) return context.Fail(rotated.status());
  const std::string issued = context.Say("pki.issued", {given.out, rotated->made.principal});
  const char* const fate = given.revoke_old ? "pki.old_revoked" : "pki.old_valid";
  return context.Print(
      {{"identity", given.out}, {"made", JsonOf(rotated->made)}, {"old", JsonOf(rotated->old)}},
      issued + "\n" + context.Say(fate, {rotated->old.serial_hex}));
}

int Revoke(Context& context, const RevokeArguments& given) {
  if (given.serial.empty() == given.certificate.empty()) {
    return context.Usage(context.Say("pki.one_target"));
  }
  const pki::Revocation revocation = {.at = Now(), .reason = *pki::ReasonOf(given.reason)};
  const absl::StatusOr<pki::Revoked> revoked =
      given.serial.empty() ? pki::RevokeCertificate(given.dir, given.certificate, revocation)
                           : pki::RevokeSerial(given.dir, given.serial, revocation);
  if (!revoked.ok()) return context.Fail(revoked.status());
  const pki::Issued& issued = revoked->issued;
  const std::string told =
      context.Say(revoked->before ? "pki.revoked_before" : "pki.revoked",
                  {issued.serial_hex, issued.principal, UtcOf(issued.revocation->at),
                   WordOf(context, issued.revocation->reason)});
  Json machine = JsonOf(issued);
  machine["before"] = revoked->before;
  machine["list"] = JsonOf(revoked->list);
  return context.Print(machine, told + "\n" + TextOf(context, revoked->list));
}

std::string RemarkOf(const Context& context, const pki::Issued& issued,
                     std::chrono::sys_seconds now) {
  if (issued.revocation) {
    return context.Say("pki.revoked_then",
                       {UtcOf(issued.revocation->at), WordOf(context, issued.revocation->reason)});
  }
  return context.Say(issued.InForce(now) ? "pki.valid" : "pki.expired");
}

int List(Context& context, const std::string& dir) {
  const absl::StatusOr<std::vector<pki::Issued>> all = pki::ListIssued(dir);
  if (!all.ok()) return context.Fail(all.status());
  client::Table table;
  table.Column(context.Say("table.serial"));
  table.Column(context.Say("table.whom"));
  table.Column(context.Say("table.holder"));
  table.Column(context.Say("table.valid_until"));
  table.Column(context.Say("table.remark"));
  Json machine = Json::array();
  const std::chrono::sys_seconds now = Now();
  for (const pki::Issued& issued : *all) {
    table.Row({issued.serial_hex, issued.principal, issued.holder, UtcOf(issued.not_after),
               RemarkOf(context, issued, now)});
    machine.push_back(JsonOf(issued));
    machine.back()["in_force"] = issued.InForce(now);
  }
  return context.Print(machine, table.Render());
}

int Crl(Context& context, const std::string& dir) {
  const absl::StatusOr<pki::RevocationListInfo> list = pki::WriteRevocationList(dir, Now());
  if (!list.ok()) return context.Fail(list.status());
  return context.Print(JsonOf(*list), TextOf(context, *list));
}

void DirOption(CLI::App* command, std::string* dir) {
  command->add_option("--dir", *dir, "Directory of the authority")->required();
}

}  // namespace

void AddRevocationCommands(CLI::App* pki, Context* context) {
  const auto rotate = std::make_shared<RotateArguments>();
  CLI::App* command = AddCommand(pki, context, "rotate",
                                 "Make another identity for the holder of one, with a new key",
                                 [context, rotate] { return Rotate(*context, *rotate); });
  DirOption(command, &rotate->dir);
  command->add_option("--from", rotate->identity, "Directory of the identity that there is")
      ->required();
  command->add_option("--out", rotate->out, "Directory to make")->required();
  command->add_option("--days", rotate->days, "Days of validity")
      ->check(CLI::Range(1, pki::kClientDaysMax))
      ->capture_default_str();
  command->add_flag("--revoke-old", rotate->revoke_old,
                    "Revoke the old certificate as superseded; otherwise both are valid");

  const auto revoke = std::make_shared<RevokeArguments>();
  command = AddCommand(pki, context, "revoke", "Take a certificate back, and write the list anew",
                       [context, revoke] { return Revoke(*context, *revoke); });
  DirOption(command, &revoke->dir);
  command->add_option("--serial", revoke->serial, "Serial number, as pki list prints it");
  command->add_option("--certificate", revoke->certificate, "Its PEM file");
  command->add_option("--reason", revoke->reason, "Why")
      ->required()
      ->check(CLI::IsMember(ReasonNames()));

  const auto list_dir = std::make_shared<std::string>();
  command = AddCommand(pki, context, "list", "Show what was issued and what was revoked",
                       [context, list_dir] { return List(*context, *list_dir); });
  DirOption(command, list_dir.get());

  const auto crl_dir = std::make_shared<std::string>();
  command = AddCommand(pki, context, "crl", "Write the revocation list anew, before it expires",
                       [context, crl_dir] { return Crl(*context, *crl_dir); });
  DirOption(command, crl_dir.get());
}

}  // namespace ladon::ctl
