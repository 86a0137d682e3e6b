#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "ladon/v1/security_service.grpc.pb.h"
#include "server/base/id.h"
#include "server/client/ctl/checkpoint_output.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/download.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/values.h"
#include "server/client/text/table.h"

namespace ladon::ctl {
namespace {

constexpr uint64_t kShownDefault = 1'000;
constexpr uint64_t kShownMax = 1'000'000;

struct EventArguments {
  std::string from;
  std::string until;
  std::string actor;
  std::string school;
  std::string object;
  std::vector<uint32_t> events;
  std::vector<std::string> calls;
  std::vector<std::string> outcomes;
  std::vector<std::string> roles;
  bool oldest_first = false;
  uint64_t limit = kShownDefault;
};

struct FileArguments {
  uint64_t first = 0;
  uint64_t end = 0;
  std::string out;
  std::string key_out;
};

// A day (midnight UTC) or a moment as RFC 3339 has it.
std::optional<absl::Time> TimeOf(const std::string& text) {
  absl::Time time;
  if (ParseDate(text) && absl::ParseTime("%Y-%m-%d", text, &time, nullptr)) return time;
  return absl::ParseTime(absl::RFC3339_full, text, &time, nullptr) ? std::optional(time)
                                                                   : std::nullopt;
}

void SetTime(const std::string& text, google::protobuf::Timestamp* to) {
  const absl::Time time = *TimeOf(text);  // Checked when it was read.
  to->set_seconds(absl::ToUnixSeconds(time));
  to->set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(to->seconds()))));
}

constexpr std::string_view kOutcomes[] = {"success", "refused", "failed"};

v1::SecurityOutcome OutcomeOf(std::string_view word) {
  const auto* const found = std::find(std::begin(kOutcomes), std::end(kOutcomes), word);
  return static_cast<v1::SecurityOutcome>(found - std::begin(kOutcomes) + 1);
}

std::string WordOf(v1::SecurityOutcome outcome) {
  const int number = static_cast<int>(outcome);
  if (number < 1 || number > v1::SecurityOutcome_MAX) return "unknown";
  return std::string(kOutcomes[number - 1]);
}

// "INSUFFICIENT_FUNDS"; empty: none.
std::string ReasonOf(const v1::SecurityEvent& event) {
  constexpr std::string_view kPrefix = "ERROR_REASON_";
  if (event.reason() == v1::ERROR_REASON_UNSPECIFIED) return "";
  const std::string& name = v1::ErrorReason_Name(event.reason());
  return name.size() > kPrefix.size() ? name.substr(kPrefix.size())
                                      : std::to_string(static_cast<int>(event.reason()));
}

Json JsonOf(const v1::SecurityEvent& event) {
  Json json = {{"record", event.index()},
               {"at", FormatUtc(event.at().seconds())},
               {"at_ns", event.at().seconds() * 1'000'000'000 + event.at().nanos()},
               {"event", event.event()},
               {"call", event.call()},
               {"outcome", WordOf(event.outcome())},
               {"reason", ReasonOf(event)},
               {"role", event.role()},
               {"actor", base::HexOf(event.actor_id())},
               {"school", base::HexOf(event.school_id())},
               {"object", base::HexOf(event.object_id())},
               {"request", base::HexOf(event.request())},
               {"certificate_serial", base::HexOf(event.certificate_serial())},
               {"peer", event.peer()},
               {"process", event.process_id()},
               {"software", event.software_version()}};
  if (event.has_journal_index()) json["journal_index"] = event.journal_index();
  return json;
}

client::Table TableOf(const Context& context, const std::vector<v1::SecurityEvent>& events) {
  client::Table table;
  table.Column("№", client::Align::kRight);
  table.Column(context.Say("security.local_time"));
  table.Column(context.Say("security.utc"));
  table.Column(context.Say("security.call"));
  table.Column(context.Say("security.outcome"));
  table.Column(context.Say("security.role"));
  table.Column(context.Say("security.actor"));
  table.Column(context.Say("table.school"));
  table.Column(context.Say("security.object"));
  table.Column(context.Say("security.peer"));
  table.Column(context.Say("security.reason"));
  for (const v1::SecurityEvent& event : events) {
    const std::string reason = ReasonOf(event);
    const std::string word = WordOf(event.outcome());
    table.Row({std::to_string(event.index()), FormatLocalTime(event.at().seconds()),
               FormatUtc(event.at().seconds()),
               event.call().empty() ? std::to_string(event.event()) : event.call(),
               context.Say("security.outcome." + word), event.role(), base::HexOf(event.actor_id()),
               base::HexOf(event.school_id()), base::HexOf(event.object_id()), event.peer(),
               base::HasText(reason) ? context.Say(reason) : reason});
  }
  return table;
}

v1::ListSecurityEventsRequest RequestOf(const EventArguments& given) {
  v1::ListSecurityEventsRequest request;
  if (!given.from.empty()) SetTime(given.from, request.mutable_from());
  if (!given.until.empty()) SetTime(given.until, request.mutable_until());
  if (!given.actor.empty()) request.set_actor_id(BytesOf(given.actor));
  if (!given.school.empty()) request.set_school_id(BytesOf(given.school));
  if (!given.object.empty()) request.set_object_id(BytesOf(given.object));
  for (const uint32_t event : given.events) request.add_events(event);
  for (const std::string& call : given.calls) request.add_calls(call);
  for (const std::string& word : given.outcomes) request.add_outcomes(OutcomeOf(word));
  for (const std::string& role : given.roles) request.add_roles(role);
  request.set_newest_first(!given.oldest_first);
  return request;
}

int Events(Context& context, const EventArguments& given) {
  v1::ListSecurityEventsRequest request = RequestOf(given);
  std::vector<v1::SecurityEvent> events;
  bool complete = false;
  while (!complete && events.size() < given.limit) {
    request.set_page_size(
        static_cast<int32_t>(std::min<uint64_t>(kPageSize, given.limit - events.size())));
    v1::ListSecurityEventsResponse page;
    if (const int code = context.Call(request, &page); code != kDone) return code;
    events.insert(events.end(), page.events().begin(), page.events().end());
    request.set_page_token(page.next_page_token());
    complete = page.next_page_token().empty();
  }
  Json all = Json::array();
  for (const v1::SecurityEvent& event : events) all.push_back(JsonOf(event));
  std::string people =
      events.empty() ? context.Say("security.none") : TableOf(context, events).Render();
  if (!complete) people += "\n" + context.Say("security.more", {std::to_string(given.limit)});
  return context.Print({{"events", all}, {"complete", complete}}, people);
}

int Checkpoint(Context& context, const FileArguments& given) {
  v1::GetSecurityCheckpointResponse response;
  if (const int code = context.Call(v1::GetSecurityCheckpointRequest(), &response); code != kDone) {
    return code;
  }
  return PutCheckpoint(context, response.checkpoint(),
                       {response.verifier_keys().begin(), response.verifier_keys().end()},
                       {.note = given.out, .keys = given.key_out});
}

int Export(Context& context, const FileArguments& given) {
  if (const int code = context.OpenChannel(); code != kDone) return code;
  v1::ExportSecurityLogRequest request;
  request.set_first(given.first);
  request.set_end(given.end);
  const auto stub = v1::SecurityLogService::NewStub(context.channel());
  return Download(
      context, given.out, context.Say("security.log"), [&](const std::string& resume_token) {
        request.set_resume_token(resume_token);
        return std::make_unique<StubStream<v1::ExportSecurityLogResponse>>(
            [&](grpc::ClientContext* call) { return stub->ExportSecurityLog(call, request); });
      });
}

void TimeOption(CLI::App* command, const std::string& name, std::string* text,
                const std::string& help) {
  command->add_option(name, *text, help)
      ->check([](const std::string& given) {
        return TimeOf(given) ? "" : "must be a day (UTC) or a time, as 2026-09-01T08:15:00+03:00";
      })
      ->type_name("TIME");
}

void AddEventsCommand(CLI::App* noun, Context* context) {
  const auto given = std::make_shared<EventArguments>();
  CLI::App* const command =
      AddCommand(noun, context, "events", "Who did what: records that pass every filter given",
                 [context, given] { return Events(*context, *given); });
  TimeOption(command, "--from", &given->from, "At this time or later");
  TimeOption(command, "--until", &given->until, "Before this time");
  IdOption(command, "--actor", &given->actor, "Called by this terminal, desk or officer");
  IdOption(command, "--school", &given->school, "Called by somebody of this school");
  IdOption(command, "--object", &given->object, "About this subject or account");
  command->add_option("--event", given->events, "With this number; may be given again");
  command->add_option("--call", given->calls,
                      "Of this name, as TerminalService/Debit or process/started; may be given "
                      "again");
  command->add_option("--outcome", given->outcomes, "success, refused or failed; again for two")
      ->check(CLI::IsMember({"success", "refused", "failed"}));
  command->add_option("--role", given->roles, "By this role, as terminal; may be given again");
  command->add_flag("--oldest-first", given->oldest_first, "Begin with the oldest");
  command->add_option("--limit", given->limit, "At most so many")
      ->check(CLI::Range(uint64_t{1}, kShownMax))
      ->capture_default_str();
}

}  // namespace

void AddSecurityCommands(CLI::App* app, Context* context) {
  CLI::App* noun = app->add_subcommand(
      "security", "The security log: who did what; ladon-audit security verifies it offline");
  noun->require_subcommand(1);
  AddEventsCommand(noun, context);
  const auto given = std::make_shared<FileArguments>();
  CLI::App* command = AddCommand(noun, context, "checkpoint", "The signed head of the security log",
                                 [context, given] { return Checkpoint(*context, *given); });
  command->add_option("--out", given->out, "Save the signed note here");
  command->add_option("--key-out", given->key_out, "Save the verifier keys here");

  command = AddCommand(noun, context, "export", "Records to take away, proved",
                       [context, given] { return Export(*context, *given); });
  command->add_option("--first", given->first,
                      "The first record; to continue an earlier checkpoint: how many it is over");
  command->add_option("--end", given->end, "One behind the last record; 0: to the newest")
      ->capture_default_str();
  command->add_option("--out", given->out, "File to make (NAME.seclog)")->required();
}

}  // namespace ladon::ctl
