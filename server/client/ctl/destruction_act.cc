#include "server/client/ctl/destruction_act.h"

#include <initializer_list>
#include <vector>

#include "server/client/ctl/html.h"
#include "server/client/ctl/page_fields.h"

namespace ladon::ctl {
namespace {

absl::Status Missing(std::string_view field, std::string_view what) {
  return absl::InvalidArgumentError("the act lacks " + std::string(field) + ": " +
                                    std::string(what));
}

bool HasText(const Json& object, std::string_view name) {
  if (!object.is_object()) return false;
  const auto found = object.find(std::string(name));
  return found != object.end() && found->is_string() && *found != "";
}

absl::Status CheckTexts(const Json& object, std::string_view path,
                        std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (!HasText(object, name)) {
      return Missing(std::string(path) + std::string(name), "a text that is not empty");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckCategories(const Json& destruction) {
  const Json& categories = ListAt(destruction, "categories");
  if (categories.empty() || categories.size() > kActListMax) {
    return Missing("categories", "1 to " + std::to_string(kActListMax) + " texts");
  }
  for (const Json& category : categories) {
    if (!category.is_string() || category == "") return Missing("categories", "an empty one");
  }
  return absl::OkStatus();
}

// The fields that the log extract needs; the act needs them too.
absl::Status CheckExtract(const Json& destruction) {
  if (absl::Status s =
          CheckTexts(destruction, "", {"act_number", "information_system", "reason", "date"});
      !s.ok()) {
    return s;
  }
  if (!HasText(destruction, "subject_name") && !HasText(destruction, "subject_id")) {
    return Missing("subject_name", "a name or a subject_id");
  }
  return CheckCategories(destruction);
}

absl::Status CheckAct(const Json& destruction) {
  if (absl::Status s = CheckExtract(destruction); !s.ok()) return s;
  if (absl::Status s = CheckTexts(destruction, "", {"method", "approved_by"}); !s.ok()) return s;
  if (absl::Status s =
          CheckTexts(ObjectAt(destruction, "operator"), "operator.", {"name", "address"});
      !s.ok()) {
    return s;
  }
  if (destruction.contains("processor") && !destruction["processor"].is_null()) {
    if (absl::Status s =
            CheckTexts(ObjectAt(destruction, "processor"), "processor.", {"name", "address"});
        !s.ok()) {
      return s;
    }
  }
  const Json& people = ListAt(destruction, "performed_by");
  if (people.empty() || people.size() > kActListMax) {
    return Missing("performed_by", "1 to " + std::to_string(kActListMax) + " people");
  }
  for (const Json& person : people) {
    if (absl::Status s = CheckTexts(person, "performed_by.", {"name", "position"}); !s.ok()) {
      return s;
    }
  }
  return absl::OkStatus();
}

// Copies the fields that are there and not null, in this order.
void Copy(const Json& from, std::initializer_list<std::string_view> names, Json* to) {
  for (const std::string_view name : names) {
    const auto found = from.find(std::string(name));
    if (found != from.end() && !found->is_null()) (*to)[std::string(name)] = *found;
  }
}

Json PartyOf(const Json& party) {
  Json copy = Json::object();
  Copy(party, {"name", "address"}, &copy);
  return copy;
}

std::string SubjectOf(const Json& destruction, base::Language language) {
  return TextAt(destruction, HasText(destruction, "subject_name") ? "subject_name" : "subject_id",
                language);
}

// A number, or how many when the keys are listed.
std::string KeysDestroyed(const Json& destruction, base::Language language) {
  const Json& list = ListAt(destruction, "keys_destroyed");
  return list.empty() ? TextAt(destruction, "keys_destroyed", language)
                      : std::to_string(list.size());
}

void AddSignatures(const Json& destruction, base::Language language, HtmlPage* page) {
  const auto say = [&](std::string_view key) { return base::Text(key, language); };
  page->Heading(say("act.performed_by"));
  std::vector<HtmlPage::Row> people;
  for (const Json& person : ListAt(destruction, "performed_by")) {
    people.push_back({TextAt(person, "name", language), TextAt(person, "position", language), ""});
  }
  page->AddForm({say("act.name"), say("act.position"), say("act.signature")}, people);
  page->Heading(say("act.approved_by"));
  page->AddForm({say("act.name"), say("act.signature")},
                {{TextAt(destruction, "approved_by", language), ""}});
}

}  // namespace

absl::StatusOr<Json> DestructionActJson(const Json& destruction) {
  if (absl::Status s = CheckAct(destruction); !s.ok()) return s;
  Json act = {{"format", std::string(kActFormat)}};
  Copy(destruction, {"act_number"}, &act);
  act["operator"] = PartyOf(ObjectAt(destruction, "operator"));
  const Json& processor = ObjectAt(destruction, "processor");
  act["processor"] = processor.empty() ? Json(nullptr) : PartyOf(processor);
  Copy(destruction, {"subject_name", "subject_id"}, &act);
  Json people = Json::array();
  for (const Json& person : ListAt(destruction, "performed_by")) {
    Json one = Json::object();
    Copy(person, {"name", "position"}, &one);
    people.push_back(std::move(one));
  }
  act["performed_by"] = std::move(people);
  Copy(destruction,
       {"categories", "information_system", "method", "reason", "date", "approved_by",
        "keys_destroyed", "epoch_after", "log_extract_sha256"},
       &act);
  return act;
}

absl::StatusOr<Json> LogExtractJson(const Json& destruction) {
  if (absl::Status s = CheckExtract(destruction); !s.ok()) return s;
  Json extract = {{"format", std::string(kLogExtractFormat)}};
  Copy(destruction,
       {"act_number", "subject_name", "subject_id", "categories", "information_system", "reason",
        "date"},
       &extract);
  return extract;
}

absl::StatusOr<std::string> DestructionActPage(const Json& destruction, base::Language language) {
  if (absl::Status s = CheckAct(destruction); !s.ok()) return s;
  const auto say = [&](std::string_view key) { return base::Text(key, language); };
  const auto text = [&](std::string_view name) { return TextAt(destruction, name, language); };
  const Json& house = ObjectAt(destruction, "operator");
  const Json& processor = ObjectAt(destruction, "processor");

  HtmlPage page(base::Text("act.title", language, {text("act_number")}), language);
  page.Paragraph(say("act.intro"));
  HtmlPage::Facts facts = {{say("act.operator"), TextAt(house, "name", language)},
                           {say("act.operator_address"), TextAt(house, "address", language)}};
  if (processor.empty()) {
    facts.emplace_back(say("act.processor"), say("act.not_entrusted"));
  } else {
    facts.emplace_back(say("act.processor"), TextAt(processor, "name", language));
    facts.emplace_back(say("act.processor_address"), TextAt(processor, "address", language));
  }
  facts.emplace_back(say("act.subject"), SubjectOf(destruction, language));
  facts.emplace_back(say("act.subject_id"), text("subject_id"));
  facts.emplace_back(say("act.categories"), JoinedAt(destruction, "categories", language));
  facts.emplace_back(say("act.system"), text("information_system"));
  facts.emplace_back(say("act.method"), text("method"));
  facts.emplace_back(say("act.reason"), WordAt(destruction, "reason", "act.reason.", language));
  facts.emplace_back(say("act.date"), DateAt(destruction, "date", language));
  facts.emplace_back(say("act.keys_destroyed"), KeysDestroyed(destruction, language));
  facts.emplace_back(say("act.epoch_after"), text("epoch_after"));
  facts.emplace_back(say("act.log_extract"), text("log_extract_sha256"));
  page.AddFacts(facts);
  AddSignatures(destruction, language, &page);
  return page.Render();
}

absl::StatusOr<std::string> LogExtractPage(const Json& destruction, base::Language language) {
  if (absl::Status s = CheckExtract(destruction); !s.ok()) return s;
  const auto say = [&](std::string_view key) { return base::Text(key, language); };
  HtmlPage page(
      base::Text("act.extract_title", language, {TextAt(destruction, "act_number", language)}),
      language);
  page.Paragraph(say("act.extract_intro"));
  page.AddFacts({{say("act.subject"), SubjectOf(destruction, language)},
                 {say("act.categories"), JoinedAt(destruction, "categories", language)},
                 {say("act.system"), TextAt(destruction, "information_system", language)},
                 {say("act.reason"), WordAt(destruction, "reason", "act.reason.", language)},
                 {say("act.date"), DateAt(destruction, "date", language)}});
  return page.Render();
}

}  // namespace ladon::ctl
