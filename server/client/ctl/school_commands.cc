#include <memory>
#include <optional>
#include <string>

#include "ladon/v1/admin_service.pb.h"
#include "server/base/id.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/render.h"
#include "server/client/text/table.h"

namespace ladon::ctl {
namespace {

constexpr int64_t kLowMoneyKopecksDefault = 20'000;
constexpr int64_t kUnknownLivenessKopecksDefault = 30'000;
constexpr int kCancelWindowSecondsDefault = 600;
constexpr int kCancelWindowSecondsMax = 86'400;

// Empty strings and nullopt: not given, keep what is there.
struct Settings {
  std::string school;
  std::string name;
  std::string time_zone;
  std::string biometrics;
  std::string document;
  std::string show_balance;
  std::string low_money;
  std::string free_amount_max;
  std::string unknown_liveness_max;
  int cancel_window_seconds = -1;
};

void AddSettings(CLI::App* command, Settings* given) {
  command->add_option("--biometrics", given->biometrics, "Palms in this school")
      ->check(CLI::IsMember({"on", "off"}));
  command->add_option("--biometrics-document", given->document,
                      "Id of the document that is the legal basis for palms");
  command->add_option("--show-balance", given->show_balance, "May the till show the balance")
      ->check(CLI::IsMember({"on", "off"}));
  RoublesOption(command, "--low-money", &given->low_money, "Below this sum the till warns");
  RoublesOption(command, "--free-amount-max", &given->free_amount_max,
                "Largest typed sum; 0 forbids typed sums");
  RoublesOption(command, "--unknown-liveness-max", &given->unknown_liveness_max,
                "Above this sum a palm of unknown liveness needs a card too");
  command
      ->add_option("--cancel-window", given->cancel_window_seconds,
                   "Seconds in which a till may cancel its sale")
      ->check(CLI::Range(0, kCancelWindowSecondsMax));
}

void Apply(const Settings& given, v1::SchoolSettings* settings) {
  if (!given.name.empty()) settings->set_name(given.name);
  if (!given.time_zone.empty()) settings->set_time_zone(given.time_zone);
  if (!given.biometrics.empty()) {
    settings->set_biometrics(given.biometrics == "on");
    if (given.biometrics == "off") settings->clear_biometrics_document_id();
  }
  if (!given.document.empty()) settings->set_biometrics_document_id(given.document);
  if (!given.show_balance.empty()) settings->set_show_balance_at_till(given.show_balance == "on");
  if (!given.low_money.empty()) settings->set_low_money_kopecks(KopecksOf(given.low_money));
  if (!given.free_amount_max.empty()) {
    settings->set_free_amount_max_kopecks(KopecksOf(given.free_amount_max));
  }
  if (!given.unknown_liveness_max.empty()) {
    settings->set_unknown_liveness_max_kopecks(KopecksOf(given.unknown_liveness_max));
  }
  if (given.cancel_window_seconds >= 0) {
    settings->set_cancel_window_seconds(given.cancel_window_seconds);
  }
}

int Create(Context& context, const Settings& given) {
  v1::CreateSchoolRequest request;
  request.set_request_id(context.RequestId());
  request.mutable_settings()->set_low_money_kopecks(kLowMoneyKopecksDefault);
  request.mutable_settings()->set_unknown_liveness_max_kopecks(kUnknownLivenessKopecksDefault);
  request.mutable_settings()->set_cancel_window_seconds(kCancelWindowSecondsDefault);
  Apply(given, request.mutable_settings());
  v1::CreateSchoolResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  return context.Print(
      JsonOf(response.school()),
      context.Say("school.created", {given.name, base::HexOf(response.school().school_id())}));
}

int Update(Context& context, const Settings& given) {
  // The call replaces all settings, so what the caller leaves out is read first.
  std::optional<v1::School> school;
  const std::string wanted = BytesOf(given.school);
  const int listed = context.List<v1::ListSchoolsResponse>(
      v1::ListSchoolsRequest(), [&](const v1::ListSchoolsResponse& page) {
        for (const v1::School& each : page.schools()) {
          if (each.school_id() == wanted) school = each;
        }
      });
  if (listed != kDone) return listed;
  if (!school) return context.Usage(context.Say("SCHOOL_UNKNOWN"));
  v1::UpdateSchoolSettingsRequest request;
  request.set_request_id(context.RequestId());
  request.set_school_id(wanted);
  *request.mutable_settings() = school->settings();
  Apply(given, request.mutable_settings());
  v1::UpdateSchoolSettingsResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  return context.Print(JsonOf(response.school()),
                       context.Say("school.updated", {response.school().settings().name()}));
}

int List(Context& context) {
  client::Table table;
  table.Column(context.Say("table.school"));
  table.Column(context.Say("table.name"));
  table.Column(context.Say("table.time_zone"));
  table.Column(context.Say("table.biometrics"));
  table.Column(context.Say("table.cash_desk"));
  Json all = Json::array();
  const int listed = context.List<v1::ListSchoolsResponse>(
      v1::ListSchoolsRequest(), [&](const v1::ListSchoolsResponse& page) {
        for (const v1::School& school : page.schools()) {
          all.push_back(JsonOf(school));
          table.Row({base::HexOf(school.school_id()), school.settings().name(),
                     school.settings().time_zone(), YesNo(context, school.settings().biometrics()),
                     base::HexOf(school.cash_desk_account_id())});
        }
      });
  if (listed != kDone) return listed;
  return context.Print(all, table.Render());
}

}  // namespace

void AddSchoolCommands(CLI::App* app, Context* context) {
  CLI::App* noun = app->add_subcommand("school", "Schools and their settings");
  noun->require_subcommand(1);

  const auto create = std::make_shared<Settings>();
  CLI::App* command = AddCommand(noun, context, "create", "Create a school",
                                 [context, create] { return Create(*context, *create); });
  command->add_option("--name", create->name, "Name of the school")->required();
  command->add_option("--time-zone", create->time_zone, "IANA name, as Asia/Tomsk")->required();
  AddSettings(command, create.get());

  const auto update = std::make_shared<Settings>();
  command = AddCommand(noun, context, "settings", "Change settings; what is not given stays",
                       [context, update] { return Update(*context, *update); });
  IdOption(command, "school", &update->school, "The school")->required();
  command->add_option("--name", update->name, "Name of the school");
  command->add_option("--time-zone", update->time_zone, "IANA name, as Asia/Tomsk");
  AddSettings(command, update.get());

  AddCommand(noun, context, "list", "List schools", [context] { return List(*context); });
}

}  // namespace ladon::ctl
