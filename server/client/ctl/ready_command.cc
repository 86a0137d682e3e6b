#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "ladon/v1/admin_service.pb.h"
#include "ladon/v1/backup_service.pb.h"
#include "ladon/v1/key_service.pb.h"
#include "server/base/id.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/values.h"
#include "server/client/host/places.h"
#include "server/client/host/server_config.h"
#include "server/client/pki/key_pair.h"
#include "server/client/pki/pki.h"
#include "server/client/text/table.h"

namespace ladon::ctl {
namespace {

constexpr int64_t kDaySeconds = 86'400;
constexpr int64_t kBackupAgeMaxSeconds = 50 * 3'600;  // A daily one, and one that was missed.
constexpr int kFreePercentMin = 15;

struct Arguments {
  uint32_t days = 30;
  std::string config;     // Empty: no look at this machine's files.
  std::string authority;  // Directory; empty: no look at what was issued.
};

// One thing that will stop something, and when.
struct Coming {
  int64_t at = 0;  // Seconds since 1970; 0: it has.
  std::string kind;
  std::string where;
  std::string count;
};

class List {
 public:
  List(const Context& context, uint32_t days)
      : context_(context), last_(NowUnixSeconds() + int64_t{days} * kDaySeconds) {}

  void Add(const std::string& kind, int64_t at, const std::string& where,
           const std::string& count = "") {
    if (at <= last_) all_.push_back({at, kind, where, count});
  }
  void AddCertificate(const std::string& path) {
    const auto info = pki::Show(path);
    // One that cannot be read is no better than one that has ended.
    Add("certificate", info.ok() ? info->not_after.time_since_epoch().count() : 0, path);
  }

  int Print(Context& context) {
    std::stable_sort(all_.begin(), all_.end(),
                     [](const Coming& a, const Coming& b) { return a.at < b.at; });
    client::Table table;
    table.Column(context_.Say("ready.day"));
    table.Column(context_.Say("table.what"));
    table.Column(context_.Say("ready.where"));
    table.Column(context_.Say("table.count"), client::Align::kRight);
    Json machine = Json::array();
    for (const Coming& coming : all_) {
      const std::string day = coming.at == 0 ? context_.Say("ready.now")
                                             : FormatUtc(coming.at).substr(0, kDateCharacters);
      table.Row({day, context_.Say("ready.kind." + coming.kind), coming.where, coming.count});
      machine.push_back({{"kind", coming.kind},
                         {"at", coming.at == 0 ? Json() : Json(FormatUtc(coming.at))},
                         {"where", coming.where},
                         {"count", coming.count}});
    }
    context.Print(machine, all_.empty() ? context_.Say("ready.nothing") : table.Render());
    return all_.empty() ? kDone : kRefused;
  }

 private:
  static constexpr size_t kDateCharacters = 10;
  const Context& context_;
  const int64_t last_;
  std::vector<Coming> all_;
};

const char* WordOf(v1::ComingStopKind kind) {
  switch (kind) {
    case v1::COMING_STOP_KIND_PERSONAL_DATA_CONSENT_ENDS:
      return "personal_data_consent";
    case v1::COMING_STOP_KIND_BIOMETRIC_CONSENT_ENDS:
      return "biometric_consent";
    case v1::COMING_STOP_KIND_REPRESENTATIVE_LAPSES:
      return "birthday_18";
    case v1::COMING_STOP_KIND_TILL_IDLE:
      return "till_idle";
    default:
      return "other";
  }
}

int64_t SecondsOf(const v1::Date& date) {
  return ParseTime(FormatDate(date) + "T00:00:00Z").value_or(0);
}

int AddStops(Context& context, const Arguments& given, List* list) {
  std::map<std::string, std::string> names;
  const int listed = context.List<v1::ListSchoolsResponse>(
      v1::ListSchoolsRequest(), [&names](const v1::ListSchoolsResponse& page) {
        for (const v1::School& school : page.schools()) {
          names[school.school_id()] = school.settings().name();
        }
      });
  if (listed != kDone) return listed;
  v1::ListComingStopsRequest request;
  request.set_days(given.days);
  v1::ListComingStopsResponse response;
  if (const int code = context.Call(request, &response); code != kDone) return code;
  for (const v1::ComingStop& stop : response.stops()) {
    std::string where = names[stop.school_id()];
    if (!stop.terminal_id().empty()) where += " " + base::HexOf(stop.terminal_id());
    list->Add(WordOf(stop.kind()), SecondsOf(stop.first_day()), where,
              std::to_string(stop.count()));
  }
  return kDone;
}

int AddKeys(Context& context, List* list) {
  v1::GetKeysResponse keys;
  if (const int code = context.Call(v1::GetKeysRequest(), &keys); code != kDone) return code;
  // Every epoch ends within a week; one that is over its time, or will not end, is what to hear of.
  const bool overdue = keys.has_rotation_due_at() && !keys.rotation_under_way() &&
                       keys.rotation_due_at().seconds() < NowUnixSeconds();
  if (overdue || !keys.rotation_failure().empty()) {
    list->Add("epoch", 0, keys.rotation_failure());
  }
  if (keys.standby_configured() && !keys.standby_current()) {
    list->Add("standby", 0, keys.standby_failure());
  }
  return kDone;
}

int AddBackups(Context& context, List* list) {
  v1::ListBackupsResponse state;
  if (const int code = context.Call(v1::ListBackupsRequest(), &state); code != kDone) return code;
  const bool old = state.backups().empty() || state.backups().rbegin()->made_at().seconds() <
                                                  NowUnixSeconds() - kBackupAgeMaxSeconds;
  if (old || !state.last_failure().empty()) list->Add("backup", 0, state.last_failure());
  return kDone;
}

void AddFiles(const Arguments& given, List* list) {
  if (!given.config.empty()) {
    const auto config = host::ServerConfig::Read(given.config);
    if (!config.ok()) return list->Add("config", 0, std::string(config.status().message()));
    list->AddCertificate((*config)("tls", "certificate"));
    list->AddCertificate((*config)("tls", "client_ca"));
    if (const std::string crl = (*config)("tls", "crl"); !crl.empty()) {
      const auto next = pki::RevocationListGoodUntil(crl);
      list->Add("revocation_list", next.ok() ? next->time_since_epoch().count() : 0, crl);
    }
    if (const int free = host::FreePercent((*config)("store", "path")); free < kFreePercentMin) {
      list->Add("disk", 0, (*config)("store", "path"), std::to_string(free) + " %");
    }
  }
  if (given.authority.empty()) return;
  const auto issued = pki::ListIssued(given.authority);
  if (!issued.ok()) return list->Add("authority", 0, std::string(issued.status().message()));
  for (const pki::Issued& each : *issued) {
    if (each.revocation) continue;
    list->Add("identity", each.not_after.time_since_epoch().count(), each.principal);
  }
}

int Ready(Context& context, Arguments given) {
  // For others than root the server's files are shut: they hear of the rest.
  if (given.config.empty() && access(host::kConfigPath, R_OK) == 0) {
    given.config = host::kConfigPath;
  }
  List list(context, given.days);
  if (const int code = AddStops(context, given, &list); code != kDone) return code;
  if (const int code = AddKeys(context, &list); code != kDone) return code;
  if (const int code = AddBackups(context, &list); code != kDone) return code;
  AddFiles(given, &list);
  return list.Print(context);
}

}  // namespace

void AddReadyCommand(CLI::App* app, Context* context) {
  const auto given = std::make_shared<Arguments>();
  CLI::App* command = AddCommand(app, context, "ready",
                                 "What will stop sales before long: certificates, consents, 18th "
                                 "birthdays, idle tills, the disk, "
                                 "an epoch or a backup that is overdue",
                                 [context, given] { return Ready(*context, *given); });
  constexpr uint32_t kDaysMax = 366;
  command->add_option("--days", given->days, "How far to look ahead")
      ->check(CLI::Range(1U, kDaysMax))
      ->capture_default_str();
  command->add_option("--config", given->config,
                      "The server's configuration, for its certificates and its disk; "
                      "/etc/ladon/ladond.toml, when it is there");
  command->add_option("--dir", given->authority,
                      "Directory of the authority, for every certificate that it issued");
  command->footer(R"(
Identity of a sysadmin; no child is named. Exit code 0: nothing is coming; 1: something is.)");
}

}  // namespace ladon::ctl
