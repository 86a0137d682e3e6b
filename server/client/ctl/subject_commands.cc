#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "ladon/v1/subject_service.pb.h"
#include "server/base/id.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/render.h"
#include "server/client/ctl/rights_render.h"
#include "server/client/ctl/subject_target.h"
#include "server/client/ctl/values.h"

namespace ladon::ctl {
namespace {

// Empty: keep what is there.
struct RectifyArguments {
  SubjectTarget target;
  std::string family;
  std::string given;
  std::string class_name;
  std::string external_id;
  std::string birth_date;
  std::string left_on;
  std::vector<std::string> clear;
};

struct MoveArguments {
  SubjectTarget target;
  std::string to;
  std::string class_name;
};

// The call takes the whole record, so what stays is what is held now.
v1::RectifySubjectRequest AsHeld(const v1::ExportSubjectResponse& held) {
  v1::RectifySubjectRequest request;
  *request.mutable_name() = held.subject().name();
  request.set_external_id(held.subject().external_id());
  if (held.has_birth_date()) *request.mutable_birth_date() = held.birth_date();
  if (held.has_left_on()) *request.mutable_left_on() = held.left_on();
  return request;
}

void Apply(const RectifyArguments& given, v1::RectifySubjectRequest* request) {
  v1::SubjectName* const name = request->mutable_name();
  if (!given.family.empty()) name->set_family_name(given.family);
  if (!given.given.empty()) name->set_given_name(given.given);
  if (!given.class_name.empty()) name->set_class_name(given.class_name);
  if (!given.external_id.empty()) request->set_external_id(given.external_id);
  if (!given.birth_date.empty()) *request->mutable_birth_date() = DateOf(given.birth_date);
  if (!given.left_on.empty()) *request->mutable_left_on() = DateOf(given.left_on);
  const auto clears = [&](const char* what) {
    return std::find(given.clear.begin(), given.clear.end(), what) != given.clear.end();
  };
  if (clears("external-id")) request->clear_external_id();
  if (clears("birth-date")) request->clear_birth_date();
  if (clears("left-on")) request->clear_left_on();
}

int Rectify(Context& context, const RectifyArguments& given) {
  const std::string request_id = context.RequestId();
  v1::ExportSubjectResponse held;
  if (const int code = FetchSubject(context, given.target, request_id, &held); code != kDone) {
    return code;
  }
  v1::RectifySubjectRequest request = AsHeld(held);
  Apply(given, &request);
  request.set_request_id(request_id);
  SetTarget(given.target, &request);
  v1::RectifySubjectResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  Json json = JsonOf(response.subject());
  json["journal_index"] = response.journal_index();
  return context.Print(json, context.Say("subject.changed", {NameOf(response.subject().name())}));
}

int Block(Context& context, const SubjectTarget& target, bool blocked) {
  v1::BlockSubjectRequest request;
  request.set_request_id(context.RequestId());
  SetTarget(target, &request);
  request.set_blocked(blocked);
  v1::BlockSubjectResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  return context.Print(
      {{"blocked", blocked}, {"journal_index", response.journal_index()}},
      context.Say(blocked ? "subject.blocked" : "subject.unblocked", {target.subject}));
}

int Move(Context& context, const MoveArguments& given) {
  v1::MoveSubjectRequest request;
  request.set_request_id(context.RequestId());
  SetTarget(given.target, &request);
  request.set_to_school_id(BytesOf(given.to));
  request.set_class_name(given.class_name);
  v1::MoveSubjectResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  std::string said = context.Say(
      "subject.moved", {context.Money(response.carried_kopecks()), std::to_string(response.cards()),
                        std::to_string(response.palms_removed())});
  if (response.cards_to_bind() > 0) {
    said += "\n" + context.Say("subject.bind_again", {std::to_string(response.cards_to_bind())});
  }
  return context.Print({{"carried_kopecks", response.carried_kopecks()},
                        {"cards", response.cards()},
                        {"cards_to_bind", response.cards_to_bind()},
                        {"palms_removed", response.palms_removed()},
                        {"journal_index", response.journal_index()}},
                       said);
}

int Erasures(Context& context, bool all) {
  v1::ListErasuresRequest request;
  request.set_done_too(all);
  std::vector<v1::Erasure> erasures;
  const int listed =
      context.List<v1::ListErasuresResponse>(request, [&](const v1::ListErasuresResponse& page) {
        erasures.insert(erasures.end(), page.erasures().begin(), page.erasures().end());
      });
  if (listed != kDone) return listed;
  Json json = Json::array();
  for (const v1::Erasure& one : erasures) json.push_back(JsonOf(one));
  return context.Print(json, TableOf(context, erasures));
}

void AddRectify(CLI::App* noun, Context* context) {
  const auto given = std::make_shared<RectifyArguments>();
  CLI::App* command =
      AddCommand(noun, context, "rectify", "Correct what is wrong; what is not given stays",
                 [context, given] { return Rectify(*context, *given); });
  AddSubjectTarget(command, &given->target)->required();
  command->add_option("--family-name", given->family, "Right family name");
  command->add_option("--given-name", given->given, "Right given name");
  command->add_option("--class", given->class_name, "Right class");
  command->add_option("--external-id", given->external_id, "Right id in the school's register");
  BirthDateOption(command, "--birth-date", &given->birth_date, "Right date of birth");
  DateOption(command, "--left-on", &given->left_on,
             "The last day at the school; 30 days later all is destroyed");
  command
      ->add_option("--clear", given->clear,
                   "Hold this no more (left-on: the child stays after all); repeatable")
      ->allow_extra_args(false)
      ->check(CLI::IsMember({"external-id", "birth-date", "left-on"}));
}

}  // namespace

void AddSubjectCommands(CLI::App* app, Context* context) {
  CLI::App* noun = app->add_subcommand(
      "subject",
      "Rights of one person, for data-protection officers: see, correct, block, destroy");
  noun->require_subcommand(1);
  AddSubjectExportCommand(noun, context);
  AddRectify(noun, context);

  const auto target = std::make_shared<SubjectTarget>();
  for (const bool blocked : {true, false}) {
    CLI::App* command =
        AddCommand(noun, context, blocked ? "block" : "unblock",
                   blocked ? "Stop all processing but storage, at once; the money stays"
                           : "Let the means of a person work again",
                   [context, target, blocked] { return Block(*context, *target, blocked); });
    AddSubjectTarget(command, target.get())->required();
  }

  AddEraseCommand(noun, context);
  AddActCommand(noun, context);
  const auto all = std::make_shared<bool>(false);
  CLI::App* command = AddCommand(noun, context, "erasures", "Erasures that are under way",
                                 [context, all] { return Erasures(*context, *all); });
  command->add_flag("--all", *all, "Also those that are complete");

  const auto move = std::make_shared<MoveArguments>();
  command = AddCommand(noun, context, "move",
                       "Take a person, cards and money to another school; palms stay behind: the "
                       "new school needs a consent of its own",
                       [context, move] { return Move(*context, *move); });
  AddSubjectTarget(command, &move->target)->required();
  IdOption(command, "--to", &move->to, "The new school")->required();
  command->add_option("--class", move->class_name, "The class there; pupils only");

  AddRequestCommands(noun, context);
}

}  // namespace ladon::ctl
