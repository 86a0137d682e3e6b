#include <memory>
#include <string>

#include "ladon/v1/enrolment_service.pb.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"
#include "server/client/text/console.h"

namespace ladon::ctl {
namespace {

int Send(Context& context, const std::string& subject, const std::string& pin, const char* key) {
  v1::SetPinRequest request;
  request.set_request_id(context.RequestId());
  request.set_subject_id(BytesOf(subject));
  request.set_pin(pin);
  v1::SetPinResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  return context.Print({{"journal_index", response.journal_index()}}, context.Say(key));
}

int Set(Context& context, const std::string& subject) {
  const std::string pin = client::AskUnseen(context.Say("pin.ask"));
  // To the server an empty one means: none from now on.
  if (pin.empty()) return context.Usage(context.Say("pin.empty"));
  return Send(context, subject, pin, "pin.set");
}

}  // namespace

void AddPinCommands(CLI::App* app, Context* context) {
  CLI::App* noun = app->add_subcommand("pin", "PINs that confirm a card or the class list");
  noun->require_subcommand(1);
  const auto subject = std::make_shared<std::string>();
  CLI::App* command =
      AddCommand(noun, context, "set", "Set the PIN that is typed: a line of standard input",
                 [context, subject] { return Set(*context, *subject); });
  IdOption(command, "--subject", subject.get(), "The person")->required();
  command = AddCommand(noun, context, "remove", "Remove the PIN",
                       [context, subject] { return Send(*context, *subject, "", "pin.removed"); });
  IdOption(command, "--subject", subject.get(), "The person")->required();
}

}  // namespace ladon::ctl
