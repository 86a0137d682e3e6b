#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "ladon/v1/outbox_service.pb.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/values.h"
#include "server/client/text/table.h"

namespace ladon::ctl {
namespace {

std::string NameOf(v1::EventStream stream) {
  return stream == v1::EVENT_STREAM_RECEIPTS ? "receipts" : "notices";
}

int Show(Context& context) {
  v1::GetOutboxResponse response;
  if (const int code = context.Call(v1::GetOutboxRequest(), &response); code != kDone) return code;
  client::Table table;
  table.Column(context.Say("outbox.stream"));
  table.Column(context.Say("outbox.written"));
  table.Column(context.Say("outbox.waiting"), client::Align::kRight);
  table.Column(context.Say("outbox.oldest"), client::Align::kRight);
  table.Column(context.Say("outbox.parked"), client::Align::kRight);
  Json all = Json::array();
  std::string parked;
  for (const v1::OutboxStream& stream : response.streams()) {
    Json list = Json::array();
    for (const v1::ParkedEvent& one : stream.first_parked()) {
      const std::string id = absl::BytesToHexString(one.event_id());
      list.push_back({{"event_id", id},
                      {"at", FormatUtc(one.at().seconds())},
                      {"failed_attempts", one.failed_attempts()},
                      {"fault", one.fault()}});
      parked += context.Say("outbox.parked_one",
                            {NameOf(stream.stream()), id, FormatLocalTime(one.at().seconds()),
                             std::to_string(one.failed_attempts()), one.fault()}) +
                "\n";
    }
    all.push_back({{"stream", NameOf(stream.stream())},
                   {"written", stream.written()},
                   {"waiting", stream.waiting()},
                   {"oldest_seconds", stream.oldest_seconds()},
                   {"parked", stream.parked()},
                   {"first_parked", std::move(list)}});
    table.Row({NameOf(stream.stream()), context.Say(stream.written() ? "word.yes" : "word.no"),
               std::to_string(stream.waiting()),
               context.Say("outbox.seconds", {std::to_string(stream.oldest_seconds())}),
               std::to_string(stream.parked())});
  }
  return context.Print(all, table.Render() + parked);
}

int Retry(Context& context, const std::string& stream) {
  v1::RetryParkedRequest request;
  request.set_stream(stream == "receipts" ? v1::EVENT_STREAM_RECEIPTS : v1::EVENT_STREAM_NOTICES);
  uint64_t retried = 0;
  for (;;) {  // A call takes a hundred.
    v1::RetryParkedResponse response;
    if (const int code = context.Call(request, &response); code != kDone) return code;
    if (response.retried() == 0) break;
    retried += response.retried();
  }
  return context.Print({{"retried", retried}},
                       context.Say("outbox.retried", {std::to_string(retried)}));
}

}  // namespace

void AddOutboxCommands(CLI::App* app, Context* context) {
  CLI::App* noun = app->add_subcommand(
      "outbox", "Events that wait to be told: parents' notices, intents of fiscal receipts");
  noun->require_subcommand(1);
  AddCommand(noun, context, "show", "How much waits, since when, and what failed too often",
             [context] { return Show(*context); });
  const auto stream = std::make_shared<std::string>();
  CLI::App* const command = AddCommand(noun, context, "retry", "Let what is parked be tried again",
                                       [context, stream] { return Retry(*context, *stream); });
  command->add_option("stream", *stream, "notices or receipts")
      ->required()
      ->check(CLI::IsMember({"notices", "receipts"}));
}

}  // namespace ladon::ctl
