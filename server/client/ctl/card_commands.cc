#include <memory>
#include <string>

#include "ladon/v1/enrolment_service.pb.h"
#include "server/base/id.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"

namespace ladon::ctl {
namespace {

struct Arguments {
  std::string subject;
  std::string card_id;
  CardArguments card;
  std::string until;
};

int Bind(Context& context, const Arguments& given) {
  v1::BindCardRequest request;
  request.set_request_id(context.RequestId());
  request.set_subject_id(BytesOf(given.subject));
  *request.mutable_card() = CardOf(given.card);
  request.set_state(given.until.empty() ? v1::CARD_STATE_ACTIVE : v1::CARD_STATE_TEMPORARY);
  if (!given.until.empty()) *request.mutable_valid_until() = DateOf(given.until);
  v1::BindCardResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  const std::string id = base::HexOf(response.card_id());
  return context.Print({{"card_id", id}, {"journal_index", response.journal_index()}},
                       context.Say("card.bound", {id}));
}

int SetState(Context& context, const Arguments& given, v1::CardState state, const char* key) {
  if (given.card_id.empty() == given.card.uid_hex.empty()) {
    return context.Usage(context.Say("card.one_target"));
  }
  v1::SetCardStateRequest request;
  request.set_request_id(context.RequestId());
  if (!given.card_id.empty()) {
    request.set_card_id(BytesOf(given.card_id));
  } else {
    *request.mutable_card() = CardOf(given.card);
  }
  request.set_state(state);
  v1::SetCardStateResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  const std::string id = base::HexOf(response.card_id());
  return context.Print({{"card_id", id}, {"journal_index", response.journal_index()}},
                       context.Say(key, {id}));
}

void AddStateCommand(CLI::App* noun, Context* context, const char* name, const char* help,
                     v1::CardState state, const char* key) {
  const auto given = std::make_shared<Arguments>();
  CLI::App* command = AddCommand(noun, context, name, help, [context, given, state, key] {
    return SetState(*context, *given, state, key);
  });
  IdOption(command, "--card-id", &given->card_id, "The card by its id");
  CardOptions(command, &given->card);
}

}  // namespace

void AddCardCommands(CLI::App* app, Context* context) {
  CLI::App* noun = app->add_subcommand("card", "Cards, wristbands and fobs");
  noun->require_subcommand(1);
  const auto bind = std::make_shared<Arguments>();
  CLI::App* command = AddCommand(noun, context, "bind", "Give a card to a person",
                                 [context, bind] { return Bind(*context, *bind); });
  IdOption(command, "--subject", &bind->subject, "The person")->required();
  CardOptions(command, &bind->card)->required();
  DateOption(command, "--until", &bind->until, "Last day of a temporary card");
  AddStateCommand(noun, context, "block", "Block a card", v1::CARD_STATE_BLOCKED, "card.blocked");
  AddStateCommand(noun, context, "lost", "Report a card lost", v1::CARD_STATE_LOST, "card.lost");
  AddStateCommand(noun, context, "activate", "Let a card work again", v1::CARD_STATE_ACTIVE,
                  "card.active");
}

}  // namespace ladon::ctl
