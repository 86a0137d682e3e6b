#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ladon/v1/payment_service.pb.h"
#include "server/base/id.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/values.h"
#include "server/client/registry/profile.h"
#include "server/client/registry/registry_file.h"
#include "server/client/text/progress.h"
#include "server/client/text/table.h"

namespace ladon::ctl {
namespace {

constexpr size_t kRegistryBytesMax = size_t{64} * 1024 * 1024;
constexpr size_t kLinesOfACall = 1'000;

struct Arguments {
  std::string contract;
  std::string payment;
  std::string to;
  std::string file;
  std::string profile;
};

int Suspense(Context& context, const Arguments& given) {
  v1::ListSuspenseRequest request;
  request.set_contract(given.contract);
  client::Table table;
  table.Column(context.Say("table.time"));
  table.Column(context.Say("payment.id"));
  table.Column(context.Say("table.sum"), client::Align::kRight);
  table.Column(context.Say("payment.typed"));
  Json all = Json::array();
  const int listed =
      context.List<v1::ListSuspenseResponse>(request, [&](const v1::ListSuspenseResponse& page) {
        for (const v1::SuspendedPayment& one : page.payments()) {
          const v1::Payment& payment = one.payment();
          all.push_back({{"payment_id", payment.payment_id()},
                         {"booked_at", FormatUtc(payment.booked_at().seconds())},
                         {"paid_kopecks", payment.paid_kopecks()},
                         {"fee_kopecks", payment.fee_kopecks()},
                         {"payer_account", one.payer_account()}});
          table.Row({FormatLocalTime(payment.booked_at().seconds()), payment.payment_id(),
                     context.Money(payment.paid_kopecks()), one.payer_account()});
        }
      });
  if (listed != kDone) return listed;
  return context.Print(all, all.empty() ? context.Say("payment.none_in_suspense") : table.Render());
}

int Place(Context& context, const Arguments& given) {
  v1::PlacePaymentRequest request;
  request.set_request_id(context.RequestId());
  request.set_contract(given.contract);
  request.set_payment_id(given.payment);
  request.set_payment_account(given.to);
  v1::PlacePaymentResponse response;
  if (const int code = context.Call(request, &response); code != kDone) return code;
  const v1::Payment& payment = response.payment();
  const int64_t credited = payment.paid_kopecks() - payment.fee_kopecks();
  return context.Print(
      {{"journal_index", response.journal_index()}, {"credited_kopecks", credited}},
      context.Say("payment.placed", {context.Money(credited), given.to}));
}

int Move(Context& context, const Arguments& given) {
  v1::MovePaymentRequest request;
  request.set_request_id(context.RequestId());
  request.set_contract(given.contract);
  request.set_payment_id(given.payment);
  request.set_payment_account(given.to);
  v1::MovePaymentResponse response;
  if (const int code = context.Call(request, &response); code != kDone) return code;
  return context.Print(
      {{"journal_index", response.journal_index()}, {"moved_kopecks", response.moved_kopecks()}},
      context.Say("payment.moved", {context.Money(response.moved_kopecks()), given.to}));
}

void Add(const v1::RegistryCount& from, v1::RegistryCount* to) {
  to->set_lines(to->lines() + from.lines());
  to->set_paid_kopecks(to->paid_kopecks() + from.paid_kopecks());
}

// The same part of the same file is the same request, whenever it is sent.
std::string PartId(const std::string& contract, const std::string& file, size_t first) {
  return Sha256("ladon/registry-part/1/" + contract + "/" + std::to_string(first) + "/" + file)
      .substr(0, base::kIdBytes);
}

int Send(Context& context, const Arguments& given, const registry::RegistryFile& file,
         v1::ImportRegistryResponse* total) {
  const std::string sha(file.sha256.begin(), file.sha256.end());
  std::vector<const registry::RegistryLine*> payments;
  for (const registry::RegistryLine& line : file.lines) {
    if (!line.refund) payments.push_back(&line);
  }
  client::Progress progress(context.Say("payment.importing"),
                            static_cast<int64_t>(payments.size()));
  for (size_t first = 0; first < payments.size(); first += kLinesOfACall) {
    v1::ImportRegistryRequest request;
    request.set_request_id(PartId(given.contract, sha, first));
    request.set_contract(given.contract);
    request.set_file_sha256(sha);
    for (size_t i = first; i < std::min(first + kLinesOfACall, payments.size()); ++i) {
      v1::RegistryLine* const line = request.add_lines();
      line->set_payment_id(payments[i]->payment_id);
      line->set_payer_account(payments[i]->account_text);
      line->set_paid_kopecks(payments[i]->kopecks);
    }
    v1::ImportRegistryResponse part;
    if (const int code = context.Call(request, &part); code != kDone) return code;
    Add(part.matched(), total->mutable_matched());
    Add(part.booked(), total->mutable_booked());
    Add(part.suspended(), total->mutable_suspended());
    Add(part.differ(), total->mutable_differ());
    total->mutable_differing_payment_ids()->MergeFrom(part.differing_payment_ids());
    progress.Advance(request.lines_size());
  }
  return kDone;
}

int Import(Context& context, const Arguments& given) {
  const absl::StatusOr<registry::Profile> profile = registry::LoadProfile(given.profile);
  if (!profile.ok()) return context.Fail(profile.status());
  const absl::StatusOr<std::string> bytes = ReadWholeFile(given.file, kRegistryBytesMax);
  if (!bytes.ok()) return context.Fail(bytes.status());
  const absl::StatusOr<registry::RegistryFile> file = registry::ReadRegistry(*bytes, *profile);
  if (!file.ok()) return context.Fail(file.status());
  v1::ImportRegistryResponse total;
  if (const int code = Send(context, given, *file, &total); code != kDone) return code;
  client::Table table;
  table.Column(context.Say("reconcile.state"));
  table.Column(context.Say("reconcile.payments"), client::Align::kRight);
  table.Column(context.Say("table.sum"), client::Align::kRight);
  Json counts = Json::object();
  const auto row = [&](const std::string& key, const std::string& name,
                       const v1::RegistryCount& count) {
    counts[key] = {{"lines", count.lines()}, {"paid_kopecks", count.paid_kopecks()}};
    table.Row({name, std::to_string(count.lines()), context.Money(count.paid_kopecks())});
  };
  row("matched", context.Say("reconcile.matched"), total.matched());
  row("booked", context.Say("reconcile.only_registry"), total.booked());
  row("suspended", context.Say("payment.of_these_suspended"), total.suspended());
  row("differ", context.Say("reconcile.differs"), total.differ());
  const auto refunds =
      std::count_if(file->lines.begin(), file->lines.end(),
                    [](const registry::RegistryLine& line) { return line.refund; });
  counts["refund_lines"] = refunds;
  counts["differing_payment_ids"] = Json::array();
  std::string text = table.Render();
  for (const std::string& id : total.differing_payment_ids()) {
    counts["differing_payment_ids"].push_back(id);
    text += context.Say("payment.differs", {id}) + "\n";
  }
  if (refunds > 0) text += context.Say("payment.refunds", {std::to_string(refunds)}) + "\n";
  return context.Print(counts, text);
}

}  // namespace

void AddPaymentCommands(CLI::App* app, Context* context) {
  CLI::App* noun = app->add_subcommand(
      "payment", "Payments of parents through banks: registries, suspense, mistakes, slips");
  noun->require_subcommand(1);
  const auto given = std::make_shared<Arguments>();
  const auto contract = [&given](CLI::App* command) {
    command->add_option("--contract", given->contract, "The contract's name")->required();
  };
  const auto payment = [&given, &contract](CLI::App* command) {
    command->add_option("payment", given->payment, "The channel's id of it")->required();
    contract(command);
    command->add_option("--to", given->to, "Payment account of the right child")->required();
  };
  CLI::App* command =
      AddCommand(noun, context, "import", "Hold a bank's registry against what is booked",
                 [context, given] { return Import(*context, *given); });
  command->add_option("file", given->file, "The registry")->required();
  contract(command);
  command
      ->add_option("--profile", given->profile,
                   "Its layout; deploy/registries has those of some banks")
      ->required();
  contract(AddCommand(noun, context, "suspense", "What waits for somebody to find its child",
                      [context, given] { return Suspense(*context, *given); }));
  payment(AddCommand(noun, context, "place", "Put a payment in suspense where it belongs",
                     [context, given] { return Place(*context, *given); }));
  payment(AddCommand(noun, context, "move",
                     "Take a misdirected payment to the right child, with a second person",
                     [context, given] { return Move(*context, *given); }));
  AddSlipCommand(noun, context);
}

}  // namespace ladon::ctl
