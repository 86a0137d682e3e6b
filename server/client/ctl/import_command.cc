#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ladon/v1/enrolment_service.pb.h"
#include "server/base/id.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/csv_file.h"
#include "server/client/ctl/import_report.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/roster.h"
#include "server/client/ctl/roster_diff.h"
#include "server/client/text/progress.h"

namespace ladon::ctl {
namespace {

// After so many refused rows the trouble is not in the rows.
constexpr size_t kRefusedRowsMax = 20;

struct Arguments {
  std::string file;
  bool dry_run = false;
  std::vector<std::string> map;
  CardArguments cards;  // Of the column with cards.
};

// "family=Фамилия" and the like. False: not of this form.
bool HeadsOf(const std::vector<std::string>& map, ColumnMap* heads) {
  for (const std::string& entry : map) {
    const size_t mark = entry.find('=');
    if (mark == std::string::npos || mark + 1 == entry.size()) return false;
    const std::string what = entry.substr(0, mark);
    if (what != "family" && what != "given" && what != "class" && what != "id" && what != "card" &&
        what != "born") {
      return false;
    }
    (*heads)[what] = entry.substr(mark + 1);
  }
  return true;
}

int FetchPupils(Context& context, std::vector<Pupil>* pupils) {
  return context.List<v1::ListSubjectsResponse>(
      v1::ListSubjectsRequest(), [&](const v1::ListSubjectsResponse& page) {
        for (const v1::Subject& subject : page.subjects()) {
          if (subject.kind() != v1::SUBJECT_KIND_PUPIL) continue;
          pupils->push_back({.subject_id = subject.subject_id(),
                             .family_name = subject.name().family_name(),
                             .given_name = subject.name().given_name(),
                             .class_name = subject.name().class_name(),
                             .external_id = subject.external_id(),
                             .blocked = subject.state() == v1::SUBJECT_STATE_BLOCKED,
                             .birth_date_known = subject.birth_date_known()});
        }
      });
}

void SetName(const RosterRow& row, v1::SubjectName* name) {
  name->set_family_name(row.family_name);
  name->set_given_name(row.given_name);
  name->set_class_name(row.class_name);
}

v1::UpdateSubjectRequest UpdateOf(const Context& context, const Change& change) {
  v1::UpdateSubjectRequest request;
  request.set_request_id(context.RequestId());
  request.set_subject_id(change.before.subject_id);
  // What is spelled alike but for case stays as it is in the core.
  SetName(change.row, request.mutable_name());
  if (!change.renamed) {
    request.mutable_name()->set_family_name(change.before.family_name);
    request.mutable_name()->set_given_name(change.before.given_name);
  }
  if (!change.moved) request.mutable_name()->set_class_name(change.before.class_name);
  if (change.born) *request.mutable_birth_date() = DateOf(change.row.birth_date);
  request.set_state(change.before.blocked ? v1::SUBJECT_STATE_BLOCKED : v1::SUBJECT_STATE_ACTIVE);
  return request;
}

v1::CreateSubjectRequest CreateOf(const Context& context, const RosterRow& row) {
  v1::CreateSubjectRequest request;
  request.set_request_id(context.RequestId());
  request.set_kind(v1::SUBJECT_KIND_PUPIL);
  request.set_external_id(row.external_id);
  SetName(row, request.mutable_name());
  if (!row.birth_date.empty()) *request.mutable_birth_date() = DateOf(row.birth_date);
  return request;
}

CreatedRow CreatedOf(const RosterRow& row, const v1::Subject& subject) {
  CreatedRow created{.line = row.line,
                     .subject_id = subject.subject_id(),
                     .account_id = "",
                     .payment_account = subject.payment_account()};
  for (const v1::PurseAccount& purse : subject.purses()) {
    if (purse.purse() == v1::PURSE_MAIN) created.account_id = purse.account_id();
  }
  return created;
}

// Sends the changes one by one. Every one that was answered stays; running again does the rest.
class Applier {
 public:
  Applier(Context* context, const CardArguments* cards) : context_(context), cards_(cards) {}

  int Apply(const RosterDiff& diff, Applied* applied) {
    const size_t total = diff.changes.size() + diff.added.size();
    client::Progress progress(context_->Say("import.progress"), static_cast<int64_t>(total));
    for (const Change& change : diff.changes) {
      v1::UpdateSubjectResponse response;
      const grpc::Status status = context_->CallPatiently(UpdateOf(*context_, change), &response);
      if (const int code = Take(status, change.row, &applied->updated, applied); code != kDone) {
        return code;
      }
      progress.Advance(++done_);
    }
    for (const RosterRow& row : diff.added) {
      v1::CreateSubjectResponse response;
      const grpc::Status status = context_->CallPatiently(CreateOf(*context_, row), &response);
      if (const int code = Take(status, row, &applied->created, applied); code != kDone) {
        return code;
      }
      if (status.ok()) {
        applied->people.push_back(CreatedOf(row, response.subject()));
        const int code = BindCard(row, response.subject(), applied);
        if (code != kDone) return code;
      }
      progress.Advance(++done_);
    }
    return applied->refused.empty() ? kDone : kRefused;
  }

 private:
  int Take(const grpc::Status& status, const RosterRow& row, size_t* counter, Applied* applied) {
    if (status.ok()) {
      ++*counter;
      return kDone;
    }
    if (!client::IsDefinite(status)) {
      applied->stopped = client::Explain(status, context_->language());
      return kNoAnswer;
    }
    applied->refused.push_back(
        {.line = row.line, .why = client::Explain(status, context_->language())});
    return applied->refused.size() >= kRefusedRowsMax ? kRefused : kDone;
  }

  // A card that is not taken is told with its line; the child is there all the same.
  int BindCard(const RosterRow& row, const v1::Subject& subject, Applied* applied) {
    if (row.card.empty()) return kDone;
    CardArguments card = *cards_;
    card.uid_hex = row.card;
    v1::BindCardRequest request;
    request.set_request_id(context_->RequestId());
    request.set_subject_id(subject.subject_id());
    *request.mutable_card() = CardOf(card);
    request.set_state(v1::CARD_STATE_ACTIVE);
    v1::BindCardResponse response;
    return Take(context_->CallPatiently(request, &response), row, &applied->cards, applied);
  }

  Context* const context_;
  const CardArguments* const cards_;
  int64_t done_ = 0;
};

int Import(Context& context, const Arguments& given) {
  // One id cannot serve many calls; the import repeats by what is left, not by ids.
  if (!context.request_id_hex.empty()) return context.Usage(context.Say("import.no_request_id"));
  ColumnMap heads;
  if (!HeadsOf(given.map, &heads)) return context.Usage(context.Say("import.bad_map"));
  const absl::StatusOr<CsvTable> csv = ReadCsvFile(given.file, context.language());
  if (!csv.ok()) return context.Fail(csv.status());
  const absl::StatusOr<std::vector<RosterRow>> rows = RosterOf(*csv, heads, context.language());
  if (!rows.ok()) return context.Fail(rows.status());
  std::vector<Pupil> pupils;
  if (const int code = FetchPupils(context, &pupils); code != kDone) return code;
  const RosterDiff diff = CompareRoster(*rows, pupils);
  Json report = JsonOfDiff(diff);
  std::string people = TextOfDiff(context, diff);
  if (diff.DropsTooMany()) {
    report["refused"] = "too_many_missing";
    people += context.Say("import.too_many_missing",
                          {std::to_string(diff.missing.size()), std::to_string(diff.active_before),
                           std::to_string(kMissingPercentMax)});
    context.Print(report, people);
    return kUsage;
  }
  if (given.dry_run) {
    report["dry_run"] = true;
    return context.Print(report, people + context.Say("import.dry_run"));
  }
  Applied applied;
  const int code = Applier(&context, &given.cards).Apply(diff, &applied);
  report["applied"] = JsonOfApplied(applied);
  context.Print(report, people + TextOfApplied(context, applied));
  return code;
}

}  // namespace

void AddImportCommand(CLI::App* subjects, Context* context) {
  const auto given = std::make_shared<Arguments>();
  CLI::App* command = subjects->add_subcommand(
      "import", "Bring the list of pupils up to date with the school's own list");
  command->callback([context, given] {
    context->action = [context, given] { return Import(*context, *given); };
  });
  command
      ->add_option(
          "file", given->file,
          "CSV with ';', UTF-8 or cp1251, with the columns Фамилия, Имя, Класс and, best "
          "of all, Код or ЛС (the id in the school's register); Карта (a card's number, in "
          "hex) is bound to those who are new; Дата рождения (28.02.2015 or 2015-02-28) is entered "
          "where none is known")
      ->required();
  command->add_flag("--dry-run", given->dry_run, "Show what would change and change nothing");
  command
      ->add_option(
          "--map", given->map,
          "The head that the file uses for a column: family=, given=, class=, id=, card= or born=; "
          "repeatable")
      ->allow_extra_args(false)
      ->type_name("COLUMN=HEAD");
  CardKindOptions(command, &given->cards);
  command->footer(R"(
Nobody is ever deleted or blocked: who is missing from the file is only listed. A file that misses
over 10 % of the pupils is refused; block those who left first (subjects block). An import that
was interrupted is simply run again. Try first:
  ladonctl subjects import list.csv --dry-run
  ladonctl subjects import list.csv --map id="Лицевой счёт")");
}

}  // namespace ladon::ctl
