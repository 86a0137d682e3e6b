#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "ladon/v1/enrolment_service.pb.h"
#include "server/base/id.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/render.h"
#include "server/client/ctl/values.h"
#include "server/client/text/table.h"

namespace ladon::ctl {
namespace {

struct AddArguments {
  std::string kind = "pupil";
  std::string family;
  std::string given;
  std::string class_name;
  std::string external_id;
  std::string birth_date;
  std::vector<std::string> purses;
};

struct ChangeArguments {
  std::string subject;
  std::string family;
  std::string given;
  std::string class_name;
  std::string birth_date;
};

v1::SubjectKind KindOf(const std::string& word) {
  if (word == "staff") return v1::SUBJECT_KIND_STAFF;
  return word == "visitor" ? v1::SUBJECT_KIND_VISITOR : v1::SUBJECT_KIND_PUPIL;
}

int Add(Context& context, const AddArguments& given) {
  v1::CreateSubjectRequest request;
  request.set_request_id(context.RequestId());
  request.set_kind(KindOf(given.kind));
  request.mutable_name()->set_family_name(given.family);
  request.mutable_name()->set_given_name(given.given);
  request.mutable_name()->set_class_name(given.class_name);
  request.set_external_id(given.external_id);
  if (!given.birth_date.empty()) *request.mutable_birth_date() = DateOf(given.birth_date);
  for (const std::string& purse : given.purses) request.add_purses(PurseOf(purse));
  v1::CreateSubjectResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  const v1::Subject& subject = response.subject();
  std::string said =
      context.Say("subject.added", {NameOf(subject.name()), base::HexOf(subject.subject_id())});
  for (const v1::PurseAccount& purse : subject.purses()) {
    said += "\n" + context.Say("subject.purse", {PurseWord(context, purse.purse()),
                                                 base::HexOf(purse.account_id())});
  }
  return context.Print(JsonOf(subject), said);
}

void SortByClass(std::vector<v1::Subject>* subjects) {
  std::sort(subjects->begin(), subjects->end(), [](const v1::Subject& a, const v1::Subject& b) {
    return std::tie(a.name().class_name(), a.name().family_name(), a.name().given_name()) <
           std::tie(b.name().class_name(), b.name().family_name(), b.name().given_name());
  });
}

int List(Context& context, const std::string& class_name) {
  client::Table table;
  table.Column(context.Say("table.class"));
  table.Column(context.Say("table.person"));
  table.Column(context.Say("table.external_id"));
  table.Column(context.Say("table.payment_account"));
  table.Column(context.Say("table.state"));
  table.Column(context.Say("table.palms"), client::Align::kRight);
  table.Column(context.Say("table.cards"), client::Align::kRight);
  table.Column(context.Say("table.subject"));
  table.Column(context.Say("table.account"));
  std::vector<v1::Subject> subjects;
  const int listed = context.List<v1::ListSubjectsResponse>(
      v1::ListSubjectsRequest(), [&](const v1::ListSubjectsResponse& page) {
        for (const v1::Subject& subject : page.subjects()) {
          if (class_name.empty() || subject.name().class_name() == class_name) {
            subjects.push_back(subject);
          }
        }
      });
  if (listed != kDone) return listed;
  SortByClass(&subjects);
  Json all = Json::array();
  for (const v1::Subject& subject : subjects) {
    all.push_back(JsonOf(subject));
    std::string account;
    for (const v1::PurseAccount& purse : subject.purses()) {
      if (purse.purse() == v1::PURSE_MAIN) account = base::HexOf(purse.account_id());
    }
    const bool blocked = subject.state() == v1::SUBJECT_STATE_BLOCKED;
    const std::string class_cell = subject.kind() == v1::SUBJECT_KIND_PUPIL
                                       ? subject.name().class_name()
                                       : KindWord(context, subject.kind());
    table.Row({class_cell, subject.name().family_name() + " " + subject.name().given_name(),
               subject.external_id(), subject.payment_account(),
               context.Say(blocked ? "word.blocked" : "word.active"),
               std::to_string(subject.palm_samples()), std::to_string(subject.cards()),
               base::HexOf(subject.subject_id()), account});
  }
  return context.Print(all, table.Render());
}

// Seen since the server started: who is on the list is found still, and should be enrolled again.
int ListWeak(Context& context) {
  client::Table table;
  table.Column(context.Say("table.class"));
  table.Column(context.Say("table.person"));
  table.Column(context.Say("table.palms"), client::Align::kRight);
  table.Column(context.Say("table.subject"));
  std::vector<v1::Subject> subjects;
  const int listed = context.List<v1::ListSubjectsResponse>(
      v1::ListSubjectsRequest(), [&](const v1::ListSubjectsResponse& page) {
        for (const v1::Subject& subject : page.subjects()) {
          if (subject.palm_weak()) subjects.push_back(subject);
        }
      });
  if (listed != kDone) return listed;
  SortByClass(&subjects);
  Json all = Json::array();
  for (const v1::Subject& subject : subjects) {
    all.push_back(JsonOf(subject));
    table.Row({subject.name().class_name(),
               subject.name().family_name() + " " + subject.name().given_name(),
               std::to_string(subject.palm_samples()), base::HexOf(subject.subject_id())});
  }
  return context.Print(all, subjects.empty() ? context.Say("palms.none_weak") : table.Render());
}

// The update call takes the whole name and the state, so what stays is read first.
int Change(Context& context, const ChangeArguments& given, std::optional<v1::SubjectState> state) {
  std::optional<v1::Subject> subject;
  const std::string wanted = BytesOf(given.subject);
  const int listed = context.List<v1::ListSubjectsResponse>(
      v1::ListSubjectsRequest(), [&](const v1::ListSubjectsResponse& page) {
        for (const v1::Subject& each : page.subjects()) {
          if (each.subject_id() == wanted) subject = each;
        }
      });
  if (listed != kDone) return listed;
  if (!subject) return context.Usage(context.Say("SUBJECT_UNKNOWN"));
  v1::UpdateSubjectRequest request;
  request.set_request_id(context.RequestId());
  request.set_subject_id(wanted);
  *request.mutable_name() = subject->name();
  if (!given.family.empty()) request.mutable_name()->set_family_name(given.family);
  if (!given.given.empty()) request.mutable_name()->set_given_name(given.given);
  if (!given.class_name.empty()) request.mutable_name()->set_class_name(given.class_name);
  if (!given.birth_date.empty()) *request.mutable_birth_date() = DateOf(given.birth_date);
  request.set_state(state.value_or(subject->state()));
  v1::UpdateSubjectResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  const char* key = !state                                ? "subject.changed"
                    : *state == v1::SUBJECT_STATE_BLOCKED ? "subject.blocked"
                                                          : "subject.unblocked";
  return context.Print(JsonOf(response.subject()),
                       context.Say(key, {NameOf(response.subject().name())}));
}

}  // namespace

void AddSubjectsCommands(CLI::App* app, Context* context) {
  CLI::App* noun = app->add_subcommand("subjects", "Pupils, staff and visitors");
  noun->require_subcommand(1);

  const auto add = std::make_shared<AddArguments>();
  CLI::App* command = AddCommand(noun, context, "add", "Add a person",
                                 [context, add] { return Add(*context, *add); });
  command->add_option("--kind", add->kind, "Who it is")
      ->check(CLI::IsMember({"pupil", "staff", "visitor"}))
      ->capture_default_str();
  command->add_option("--family-name", add->family, "Family name")->required();
  command->add_option("--given-name", add->given, "Given name")->required();
  command->add_option("--class", add->class_name, "Class, pupils only");
  command->add_option("--external-id", add->external_id, "Id in the school's own register");
  BirthDateOption(command, "--birth-date", &add->birth_date,
                  "Date of birth: the parents' consent to palm recognition ends with the 18th "
                  "birthday");
  command->add_option("--purse", add->purses, "A purse besides the main one; repeatable")
      ->allow_extra_args(false)
      ->check(CLI::IsMember({"hot-meals", "buffet", "after-school"}));

  const auto class_name = std::make_shared<std::string>();
  command = AddCommand(noun, context, "list", "List people, by class",
                       [context, class_name] { return List(*context, *class_name); });
  command->add_option("--class", *class_name, "Of this class only");

  const auto change = std::make_shared<ChangeArguments>();
  command = AddCommand(noun, context, "rename",
                       "Correct a name, move to another class, or enter a date of birth",
                       [context, change] { return Change(*context, *change, std::nullopt); });
  IdOption(command, "subject", &change->subject, "The person")->required();
  command->add_option("--family-name", change->family, "New family name");
  command->add_option("--given-name", change->given, "New given name");
  command->add_option("--class", change->class_name, "New class");
  BirthDateOption(command, "--birth-date", &change->birth_date,
                  "Date of birth, where none is known; a wrong one is an officer's to correct "
                  "(subject rectify)");

  command = AddCommand(
      noun, context, "block", "Stop all means of a person; the money stays", [context, change] {
        return Change(*context, {.subject = change->subject}, v1::SUBJECT_STATE_BLOCKED);
      });
  IdOption(command, "subject", &change->subject, "The person")->required();
  command = AddCommand(
      noun, context, "unblock", "Let the means of a person work again", [context, change] {
        return Change(*context, {.subject = change->subject}, v1::SUBJECT_STATE_ACTIVE);
      });
  IdOption(command, "subject", &change->subject, "The person")->required();

  AddImportCommand(noun, context);

  CLI::App* palms = app->add_subcommand("palms", "How well palms are recognised");
  palms->require_subcommand(1);
  AddCommand(palms, context, "weak", "List children whose palms drift to the threshold",
             [context] { return ListWeak(*context); });
}

}  // namespace ladon::ctl
