#include <memory>
#include <string>
#include <vector>

#include "ladon/v1/officer_service.pb.h"
#include "server/base/id.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/rights_render.h"
#include "server/client/ctl/values.h"
#include "server/client/text/table.h"

namespace ladon::ctl {
namespace {

struct IncidentArguments {
  std::string school;
  std::string detected_at;
  std::string actor;
  std::string from;
  std::string until;
  std::string cause;
  std::string harm;
  std::string measures;
  std::string contact;
};

struct ReportArguments {
  std::string incident;
  std::string stage;
  std::string receipt;
};

int Record(Context& context, const IncidentArguments& given) {
  const int64_t now = NowUnixSeconds();
  v1::RecordIncidentRequest request;
  request.set_request_id(context.RequestId());
  if (!given.school.empty()) request.set_school_id(BytesOf(given.school));
  if (!given.actor.empty()) request.set_actor_id(BytesOf(given.actor));
  request.mutable_detected_at()->set_seconds(
      given.detected_at.empty() ? now : MomentOf(given.detected_at));
  request.mutable_from()->set_seconds(MomentOf(given.from));
  // The second that runs now is in it.
  request.mutable_until()->set_seconds(given.until.empty() ? now + 1 : MomentOf(given.until));
  request.set_cause(given.cause);
  request.set_harm(given.harm);
  request.set_measures(given.measures);
  request.set_contact(given.contact);
  v1::RecordIncidentResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  const v1::Incident& incident = response.incident();
  Json json = JsonOf(incident);
  json["journal_index"] = response.journal_index();
  return context.Print(
      json, context.Say("incident.recorded", {base::HexOf(incident.incident_id()),
                                              FormatLocalTime(incident.due_24().seconds()),
                                              FormatLocalTime(incident.due_72().seconds())}));
}

int Report(Context& context, const ReportArguments& given) {
  v1::ReportIncidentRequest request;
  request.set_request_id(context.RequestId());
  request.set_incident_id(BytesOf(given.incident));
  request.set_state(given.stage == "72" ? v1::INCIDENT_STATE_REPORTED_72
                                        : v1::INCIDENT_STATE_REPORTED_24);
  request.set_receipt(given.receipt);
  v1::ReportIncidentResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  Json json = JsonOf(response.incident());
  json["journal_index"] = response.journal_index();
  return context.Print(json, context.Say("incident.reported", {given.receipt}));
}

int List(Context& context) {
  std::vector<v1::Incident> incidents;
  const int listed = context.List<v1::ListIncidentsResponse>(
      v1::ListIncidentsRequest(), [&](const v1::ListIncidentsResponse& page) {
        incidents.insert(incidents.end(), page.incidents().begin(), page.incidents().end());
      });
  if (listed != kDone) return listed;
  Json json = Json::array();
  for (const v1::Incident& one : incidents) json.push_back(JsonOf(one));
  return context.Print(json, TableOf(context, incidents));
}

int Affected(Context& context, const std::string& incident) {
  v1::ListAffectedRequest request;
  request.set_incident_id(BytesOf(incident));
  v1::ListAffectedResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  client::Table table;
  table.Column(context.Say("table.subject"));
  table.Column(context.Say("table.school"));
  table.Column(context.Say("incident.accesses"), client::Align::kRight);
  Json subjects = Json::array();
  for (const v1::AffectedSubject& one : response.subjects()) {
    subjects.push_back({{"subject_id", base::HexOf(one.subject_id())},
                        {"school_id", base::HexOf(one.school_id())},
                        {"accesses", one.accesses()}});
    table.Row({base::HexOf(one.subject_id()), base::HexOf(one.school_id()),
               std::to_string(one.accesses())});
  }
  Json calls = Json::array();
  std::string said = table.empty() ? context.Say("incident.nobody") + "\n" : table.Render();
  for (const std::string& call : response.calls()) {
    calls.push_back(call);
    said += (calls.size() == 1 ? context.Say("incident.by") + " " : ", ") + call;
  }
  Json lists = Json::array();
  client::Table listed;
  listed.Column(context.Say("incident.call"));
  listed.Column(context.Say("table.school"));
  listed.Column(context.Say("incident.calls"), client::Align::kRight);
  listed.Column(context.Say("incident.people"), client::Align::kRight);
  for (const v1::AffectedList& one : response.lists()) {
    lists.push_back({{"call", one.call()},
                     {"school_id", base::HexOf(one.school_id())},
                     {"calls", one.calls()},
                     {"people", one.people()}});
    listed.Row({one.call(),
                one.school_id().empty() ? context.Say("incident.all_schools")
                                        : base::HexOf(one.school_id()),
                std::to_string(one.calls()), std::to_string(one.people())});
  }
  if (!listed.empty()) said += "\n\n" + context.Say("incident.lists") + "\n" + listed.Render();
  if (response.truncated()) said += "\n" + context.Say("incident.truncated");
  if (response.records_archived()) said += "\n" + context.Say("incident.archived");
  return context.Print({{"subjects", subjects},
                        {"calls", calls},
                        {"lists", lists},
                        {"truncated", response.truncated()},
                        {"records_archived", response.records_archived()}},
                       said);
}

int RemoveBiometrics(Context& context, const std::string& school) {
  v1::RemoveBiometricsRequest request;
  request.set_request_id(context.RequestId());
  request.set_school_id(BytesOf(school));
  v1::RemoveBiometricsResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  return context.Print(
      {{"palm_samples_removed", response.palm_samples_removed()},
       {"palm_samples_left", response.palm_samples_left()},
       {"rows_in_search", response.rows_in_search()},
       {"keys_destroyed", response.keys_destroyed()},
       {"journal_index", response.journal_index()}},
      context.Say("officer.biometrics_removed", {std::to_string(response.palm_samples_removed()),
                                                 std::to_string(response.palm_samples_left()),
                                                 std::to_string(response.rows_in_search()),
                                                 std::to_string(response.keys_destroyed())}));
}

void AddRecord(CLI::App* noun, Context* context) {
  const auto given = std::make_shared<IncidentArguments>();
  CLI::App* command =
      AddCommand(noun, context, "record",
                 "Write down what happened; the answer says by when Roskomnadzor must be told",
                 [context, given] { return Record(*context, *given); });
  IdOption(command, "--school", &given->school, "Of this school; several when not given");
  TimeOption(command, "--detected-at", &given->detected_at, "When it was noticed; now");
  IdOption(command, "--actor", &given->actor,
           "Whose access is in question: the id in the certificate; anybody's when not given");
  TimeOption(command, "--from", &given->from, "Since when")->required();
  TimeOption(command, "--until", &given->until, "Until when; now");
  command->add_option("--cause", given->cause, "What is supposed to be the cause")->required();
  command->add_option("--harm", given->harm, "What harm is supposed")->required();
  command->add_option("--measures", given->measures, "What was done about it")->required();
  command->add_option("--contact", given->contact, "Whom Roskomnadzor may ask: a post, a telephone")
      ->required();
  command->footer("\nUp to 500 characters each, and nobody's name.");
}

void AddIncidentCommands(CLI::App* officer, Context* context) {
  CLI::App* noun = officer->add_subcommand(
      "incident", "Incidents with personal data and what Roskomnadzor is told of them");
  noun->require_subcommand(1);
  AddRecord(noun, context);

  const auto given = std::make_shared<ReportArguments>();
  CLI::App* command = AddCommand(noun, context, "report", "Roskomnadzor was told",
                                 [context, given] { return Report(*context, *given); });
  IdOption(command, "incident", &given->incident, "The incident, as list shows it")->required();
  command
      ->add_option("--stage", given->stage,
                   "24: the notice within 24 hours; 72: what the inquiry found, within 72")
      ->required()
      ->check(CLI::IsMember({"24", "72"}));
  command->add_option("--receipt", given->receipt, "Their number of it, up to 64 characters")
      ->required();

  AddCommand(noun, context, "list", "Incidents and their terms",
             [context] { return List(*context); });

  const auto incident = std::make_shared<std::string>();
  command = AddCommand(noun, context, "affected",
                       "Whose data the access in question touched, as the security log has it",
                       [context, incident] { return Affected(*context, *incident); });
  IdOption(command, "incident", incident.get(), "The incident, as list shows it")->required();
}

}  // namespace

void AddOfficerCommands(CLI::App* app, Context* context) {
  CLI::App* noun = app->add_subcommand(
      "officer", "What a data-protection officer answers for beyond single persons");
  noun->require_subcommand(1);
  AddIncidentCommands(noun, context);

  const auto school = std::make_shared<std::string>();
  CLI::App* command =
      AddCommand(noun, context, "remove-biometrics",
                 "Destroy every palm of a school, now, and let none be enrolled again; a second "
                 "person must approve. Cards and money stay",
                 [context, school] { return RemoveBiometrics(*context, *school); });
  IdOption(command, "--school", school.get(), "The school")->required();

  AddRegisterCommand(noun, context);
}

}  // namespace ladon::ctl
