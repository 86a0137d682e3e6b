#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "ladon/v1/audit_service.grpc.pb.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/download.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/render.h"
#include "server/client/ctl/values.h"
#include "server/client/text/table.h"

namespace ladon::ctl {
namespace {

struct Arguments {
  std::string account;
  std::string school;
  uint64_t first = 0;
  bool now = false;
  std::string out;
  std::string from;
  std::string until;
  int kind = 0;
};

// Midnight UTC, in seconds.
int64_t StartOfDay(const std::string& day) {
  const v1::Date date = DateOf(day);
  const absl::CivilDay civil(date.year(), date.month(), date.day());
  return absl::ToUnixSeconds(absl::FromCivil(civil, absl::UTCTimeZone()));
}

int Extract(Context& context, const Arguments& given) {
  if (const int code = context.OpenChannel(); code != kDone) return code;
  v1::ExportExtractRequest request;
  if (!given.account.empty()) request.set_account_id(BytesOf(given.account));
  if (!given.school.empty()) request.set_school_id(BytesOf(given.school));
  request.set_first(given.first);
  request.set_close_now(given.now);
  const auto stub = v1::AuditService::NewStub(context.channel());
  return Download(
      context, given.out, context.Say("audit.extract"), [&](const std::string& resume_token) {
        request.set_resume_token(resume_token);
        return std::make_unique<StubStream<v1::ExportExtractResponse>>(
            [&](grpc::ClientContext* call) { return stub->ExportExtract(call, request); });
      });
}

int Entries(Context& context, const Arguments& given) {
  client::Table table;
  table.Column(context.Say("audit.index"), client::Align::kRight);
  table.Column("№", client::Align::kRight);
  table.Column(context.Say("table.time"));
  table.Column(context.Say("table.service_date"));
  table.Column(context.Say("table.what"));
  table.Column(context.Say("table.sum"), client::Align::kRight);
  table.Column(context.Say("table.balance"), client::Align::kRight);
  v1::ListEntriesRequest request;
  request.set_account_id(BytesOf(given.account));
  if (!given.from.empty()) request.mutable_from()->set_seconds(StartOfDay(given.from));
  if (!given.until.empty()) request.mutable_until()->set_seconds(StartOfDay(given.until));
  request.set_kind(static_cast<v1::EntryKind>(given.kind));
  Json all = Json::array();
  const int listed =
      context.List<v1::ListEntriesResponse>(request, [&](const v1::ListEntriesResponse& page) {
        for (const v1::AccountEntry& entry : page.entries()) {
          const std::string kind = v1::EntryKind_Name(entry.kind()).substr(11);  // ENTRY_KIND_
          const std::string day = entry.has_service_date() ? FormatDate(entry.service_date()) : "";
          all.push_back({{"journal_index", entry.journal_index()},
                         {"sequence", entry.sequence()},
                         {"booked_at", entry.booked_at().seconds()},
                         {"service_date", day},
                         {"kind", kind},
                         {"amount_kopecks", entry.amount_kopecks()},
                         {"balance_kopecks", entry.balance_kopecks()}});
          table.Row({std::to_string(entry.journal_index()), std::to_string(entry.sequence()),
                     FormatLocalTime(entry.booked_at().seconds()), day, kind,
                     context.Money(entry.amount_kopecks()),
                     context.Money(entry.balance_kopecks())});
        }
      });
  if (listed != kDone) return listed;
  return context.Print(all, table.Render());
}

}  // namespace

void AddExtractCommands(CLI::App* audit, Context* context) {
  const auto given = std::make_shared<Arguments>();
  CLI::App* command =
      AddCommand(audit, context, "extract",
                 "A provably complete history to take away: of an account, a school, or everything",
                 [context, given] { return Extract(*context, *given); });
  CLI::Option* const account = IdOption(command, "--account", &given->account, "Of this account");
  IdOption(command, "--school", &given->school, "Of all accounts of this school")
      ->excludes(account);
  command->add_option("--first", given->first,
                      "Account, school: begin with the closing over so many entries; everything: "
                      "with this entry");
  command->add_flag("--now", given->now, "End at a closing made now, not at the last evening's");
  command->add_option("--out", given->out, "File to make; ladon-audit verifies it")->required();

  command = AddCommand(audit, context, "entries", "What touched an account, oldest first",
                       [context, given] { return Entries(*context, *given); });
  IdOption(command, "--account", &given->account, "The account")->required();
  DateOption(command, "--from", &given->from, "Booked on this day (UTC) or later");
  DateOption(command, "--until", &given->until, "Booked before this day (UTC)");
  command->add_option("--kind", given->kind, "Of this kind only: 2 transactions, 4 terms, ...")
      ->check(CLI::Range(1, 12));
}

}  // namespace ladon::ctl
