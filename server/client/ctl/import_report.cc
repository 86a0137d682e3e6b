#include "server/client/ctl/import_report.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/id.h"
#include "server/client/ctl/unicode.h"
#include "server/client/text/table.h"

namespace ladon::ctl {
namespace {

constexpr size_t kPeopleShownMax = 30;

std::string PersonOf(const RosterRow& row) {
  return row.family_name + " " + row.given_name;
}

std::string PersonOf(const Pupil& pupil) {
  return pupil.family_name + " " + pupil.given_name;
}

const char* HeldKey(HeldReason reason) {
  switch (reason) {
    case HeldReason::kSameNameOtherClass:
      return "import.held.same_name_other_class";
    case HeldReason::kIdOfAnotherName:
      return "import.held.id_of_another_name";
    case HeldReason::kTwins:
      return "import.held.twins";
  }
  return "";
}

const char* HeldWord(HeldReason reason) {
  switch (reason) {
    case HeldReason::kSameNameOtherClass:
      return "same_name_other_class";
    case HeldReason::kIdOfAnotherName:
      return "id_of_another_name";
    case HeldReason::kTwins:
      return "twins";
  }
  return "";
}

Json JsonOfRow(const RosterRow& row) {
  return {{"line", row.line},
          {"family_name", row.family_name},
          {"given_name", row.given_name},
          {"class", row.class_name},
          {"external_id", row.external_id}};
}

size_t MovedOf(const RosterDiff& diff) {
  size_t moved = 0;
  for (const Change& change : diff.changes) moved += change.moved ? 1 : 0;
  return moved;
}

size_t RenamedOf(const RosterDiff& diff) {
  size_t renamed = 0;
  for (const Change& change : diff.changes) renamed += change.renamed ? 1 : 0;
  return renamed;
}

size_t BornOf(const RosterDiff& diff) {
  size_t born = 0;
  for (const Change& change : diff.changes) born += change.born ? 1 : 0;
  return born;
}

std::string Counts(const Context& context, const RosterDiff& diff) {
  client::Table table;
  table.Column(context.Say("table.what"));
  table.Column(context.Say("table.count"), client::Align::kRight);
  const std::pair<const char*, size_t> counts[] = {
      {"import.new", diff.added.size()},    {"import.moved", MovedOf(diff)},
      {"import.renamed", RenamedOf(diff)},  {"import.born", BornOf(diff)},
      {"import.unchanged", diff.unchanged}, {"import.missing", diff.missing.size()},
      {"import.held", diff.held.size()},    {"import.homonyms", diff.homonyms.size()},
  };
  for (const auto& [key, count] : counts) table.Row({context.Say(key), std::to_string(count)});
  return table.Render();
}

std::string Heading(const Context& context, const char* key) {
  return absl::StrCat("\n", context.Say(key), "\n");
}

std::string ChangesText(const Context& context, const RosterDiff& diff) {
  std::set<std::pair<std::string, std::string>> whole;
  for (const ClassRename& rename : diff.class_renames) {
    whole.emplace(FoldClass(rename.from), FoldClass(rename.to));
  }
  client::Table table;
  table.Column(context.Say("table.line"), client::Align::kRight);
  table.Column(context.Say("table.was"));
  table.Column(context.Say("table.becomes"));
  for (const Change& change : diff.changes) {
    const bool told =
        whole.count({FoldClass(change.before.class_name), FoldClass(change.row.class_name)}) != 0;
    if (told && !change.renamed) continue;
    if (!change.moved && !change.renamed) continue;  // A date of birth is counted, not shown.
    table.Row({std::to_string(change.row.line),
               PersonOf(change.before) + ", " + change.before.class_name,
               PersonOf(change.row) + ", " + change.row.class_name});
  }
  return table.empty() ? "" : Heading(context, "import.changes") + table.Render();
}

std::string AddedText(const Context& context, const RosterDiff& diff) {
  if (diff.added.empty()) return "";
  client::Table table;
  table.Column(context.Say("table.line"), client::Align::kRight);
  table.Column(context.Say("table.class"));
  table.Column(context.Say("table.person"));
  table.Column(context.Say("table.external_id"));
  for (const RosterRow& row : diff.added) {
    table.Row({std::to_string(row.line), row.class_name, PersonOf(row), row.external_id});
  }
  return Heading(context, "import.new") + table.Render();
}

std::string MissingText(const Context& context, const RosterDiff& diff) {
  if (diff.missing.empty()) return "";
  client::Table table;
  table.Column(context.Say("table.class"));
  table.Column(context.Say("table.person"));
  table.Column(context.Say("table.subject"));
  for (const Pupil& pupil : diff.missing) {
    table.Row({pupil.class_name, PersonOf(pupil), base::HexOf(pupil.subject_id)});
  }
  return Heading(context, "import.missing") + table.Render();
}

std::string HeldText(const Context& context, const RosterDiff& diff) {
  if (diff.held.empty()) return "";
  client::Table table;
  table.Column(context.Say("table.line"), client::Align::kRight);
  table.Column(context.Say("table.class"));
  table.Column(context.Say("table.person"));
  table.Column(context.Say("table.remark"));
  for (const Held& held : diff.held) {
    table.Row({std::to_string(held.row.line), held.row.class_name, PersonOf(held.row),
               context.Say(HeldKey(held.reason))});
  }
  return Heading(context, "import.held") + table.Render();
}

// Numbers for what comes next: a top-up, a slip. A whole school's are `subjects list`.
std::string PeopleText(const Context& context, const Applied& applied) {
  if (applied.people.empty() || applied.people.size() > kPeopleShownMax) return "";
  client::Table table;
  table.Column(context.Say("table.line"), client::Align::kRight);
  table.Column(context.Say("table.payment_account"));
  table.Column(context.Say("table.account"));
  for (const CreatedRow& row : applied.people) {
    table.Row({std::to_string(row.line), row.payment_account, base::HexOf(row.account_id)});
  }
  return table.Render();
}

}  // namespace

Json JsonOfDiff(const RosterDiff& diff) {
  Json out = {{"counts",
               {{"new", diff.added.size()},
                {"moved", MovedOf(diff)},
                {"renamed", RenamedOf(diff)},
                {"born", BornOf(diff)},
                {"unchanged", diff.unchanged},
                {"missing", diff.missing.size()},
                {"held", diff.held.size()},
                {"homonyms", diff.homonyms.size()}}},
              {"class_renames", Json::array()},
              {"new", Json::array()},
              {"changes", Json::array()},
              {"missing", Json::array()},
              {"held", Json::array()},
              {"homonyms", diff.homonyms}};
  for (const ClassRename& rename : diff.class_renames) {
    out["class_renames"].push_back(
        {{"from", rename.from}, {"to", rename.to}, {"pupils", rename.pupils}});
  }
  for (const RosterRow& row : diff.added) out["new"].push_back(JsonOfRow(row));
  for (const Change& change : diff.changes) {
    out["changes"].push_back({{"subject_id", base::HexOf(change.before.subject_id)},
                              {"moved", change.moved},
                              {"renamed", change.renamed},
                              {"born", change.born},
                              {"row", JsonOfRow(change.row)}});
  }
  for (const Pupil& pupil : diff.missing) {
    out["missing"].push_back({{"subject_id", base::HexOf(pupil.subject_id)},
                              {"family_name", pupil.family_name},
                              {"given_name", pupil.given_name},
                              {"class", pupil.class_name}});
  }
  for (const Held& held : diff.held) {
    out["held"].push_back({{"reason", HeldWord(held.reason)}, {"row", JsonOfRow(held.row)}});
  }
  return out;
}

Json JsonOfApplied(const Applied& applied) {
  Json refused = Json::array();
  for (const RefusedRow& row : applied.refused) {
    refused.push_back({{"line", row.line}, {"message", row.why}});
  }
  Json people = Json::array();
  for (const CreatedRow& row : applied.people) {
    people.push_back({{"line", row.line},
                      {"subject_id", base::HexOf(row.subject_id)},
                      {"account_id", base::HexOf(row.account_id)},
                      {"payment_account", row.payment_account}});
  }
  return {{"created", applied.created},
          {"people", people},
          {"cards", applied.cards},
          {"updated", applied.updated},
          {"refused", refused},
          {"complete", applied.stopped.empty() && applied.refused.empty()}};
}

std::string TextOfDiff(const Context& context, const RosterDiff& diff) {
  std::string out = Counts(context, diff);
  if (!diff.class_renames.empty()) {
    out += Heading(context, "import.class_renames");
    for (const ClassRename& rename : diff.class_renames) {
      out += context.Say("import.class_rename",
                         {rename.from, rename.to, std::to_string(rename.pupils)}) +
             "\n";
    }
  }
  out += ChangesText(context, diff);
  out += AddedText(context, diff);
  out += MissingText(context, diff);
  out += HeldText(context, diff);
  if (!diff.homonyms.empty()) {
    out += Heading(context, "import.homonyms");
    for (const std::string& name : diff.homonyms) absl::StrAppend(&out, "  ", name, "\n");
  }
  return out + "\n";
}

std::string TextOfApplied(const Context& context, const Applied& applied) {
  std::string out = context.Say("import.applied",
                                {std::to_string(applied.created), std::to_string(applied.updated),
                                 std::to_string(applied.cards)}) +
                    "\n";
  out += PeopleText(context, applied);
  for (const RefusedRow& row : applied.refused) {
    out += context.Say("import.row_refused", {std::to_string(row.line), row.why}) + "\n";
  }
  if (!applied.stopped.empty()) out += context.Say("import.stopped", {applied.stopped}) + "\n";
  return out;
}

}  // namespace ladon::ctl
