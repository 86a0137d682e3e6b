#include "server/client/ctl/subject_page.h"

#include <initializer_list>
#include <span>
#include <vector>

#include "server/client/ctl/html.h"
#include "server/client/ctl/page_fields.h"

namespace ladon::ctl {
namespace {

enum class As { kText, kDate, kMoney, kWord, kList };

// How one field is shown: its name in the export and the catalogue's name for people.
struct Field {
  std::string_view name;
  std::string_view title;
  As as = As::kText;
  std::string_view words = "";  // of kWord
};

std::string Shown(const Json& object, const Field& field, base::Language language) {
  switch (field.as) {
    case As::kDate:
      return DateAt(object, field.name, language);
    case As::kMoney:
      return MoneyAt(object, field.name, language);
    case As::kWord:
      return WordAt(object, field.name, field.words, language);
    case As::kList:
      return JoinedAt(object, field.name, language);
    case As::kText:
      break;
  }
  return TextAt(object, field.name, language);
}

HtmlPage::Facts FactsOf(const Json& object, std::span<const Field> fields,
                        base::Language language) {
  HtmlPage::Facts facts;
  for (const Field& field : fields) {
    facts.emplace_back(base::Text(field.title, language), Shown(object, field, language));
  }
  return facts;
}

void AddList(const Json& list, std::span<const Field> fields, base::Language language,
             HtmlPage* page) {
  if (list.empty()) return page->Paragraph(base::Text("page.nothing", language));
  HtmlPage::Row heads;
  for (const Field& field : fields) heads.push_back(base::Text(field.title, language));
  std::vector<HtmlPage::Row> rows;
  for (const Json& object : list) {
    HtmlPage::Row row;
    for (const Field& field : fields) row.push_back(Shown(object, field, language));
    rows.push_back(std::move(row));
  }
  page->AddTable(heads, rows);
}

constexpr Field kSubject[] = {{"family_name", "page.family_name"},
                              {"given_name", "page.given_name"},
                              {"class_name", "page.class"},
                              {"birth_date", "page.birth_date", As::kDate},
                              {"left_on", "page.left_on", As::kDate},
                              {"kind", "page.kind", As::kWord, "page.kind."},
                              {"state", "page.state", As::kWord, "page.state."},
                              {"external_id", "page.external_id"},
                              {"payment_account", "page.payment_account"},
                              {"subject_id", "page.subject_id"}};

constexpr Field kBases[] = {{"processing", "page.processing"},
                            {"purpose", "page.purpose"},
                            {"basis", "page.basis"},
                            {"term", "page.term"}};

constexpr Field kConsent[] = {{"kind", "page.consent_kind", As::kWord, "page.consent."},
                              {"signer", "page.signer", As::kWord, "page.signer."},
                              {"form", "page.form", As::kWord, "page.form."},
                              {"valid_from", "page.valid_from", As::kDate},
                              {"valid_until", "page.valid_until", As::kDate},
                              {"withdrawn_at", "page.withdrawn_at", As::kDate},
                              {"purposes", "page.purposes", As::kList},
                              {"processor", "page.processor"},
                              {"authority_checked_by", "page.checked_by"},
                              {"recorded_at", "page.recorded_at", As::kDate},
                              {"document_sha256", "page.document"},
                              {"authority_document_sha256", "page.authority_document"},
                              {"consent_id", "page.id"}};

constexpr Field kPalms[] = {{"side", "page.side", As::kWord, "page.side."},
                            {"samples", "page.samples"},
                            {"enrolled_quality", "page.quality"}};

constexpr Field kCards[] = {{"state", "page.state", As::kWord, "page.state."},
                            {"valid_until", "page.valid_until", As::kDate},
                            {"tail", "page.tail"},
                            {"card_id", "page.id"}};

constexpr Field kPin[] = {{"pin", "page.pin"}};

constexpr Field kPurses[] = {{"purse", "page.purse", As::kWord, "purse."},
                             {"balance_kopecks", "page.balance", As::kMoney},
                             {"overdraft_limit_kopecks", "page.overdraft", As::kMoney},
                             {"frozen", "page.frozen"},
                             {"account_id", "page.account"}};

constexpr Field kRequests[] = {{"kind", "page.request", As::kWord, "page.request."},
                               {"received", "page.received", As::kDate},
                               {"deadline", "page.deadline", As::kDate},
                               {"state", "page.state", As::kWord, "page.state."},
                               {"closed", "page.closed", As::kDate},
                               {"note", "page.note"},
                               {"request_id", "page.id"}};

constexpr Field kMovements[] = {{"at", "page.at", As::kDate},
                                {"service_date", "page.service_date", As::kDate},
                                {"what", "page.what", As::kWord, "page.what."},
                                {"amount_kopecks", "page.sum", As::kMoney},
                                {"item", "page.item"}};

constexpr Field kAccesses[] = {{"at", "page.at", As::kDate},
                               {"role", "page.role", As::kWord, "page.role."},
                               {"call", "page.call", As::kWord, "page.call."},
                               {"outcome", "page.outcome", As::kWord, "page.outcome."},
                               {"actor", "page.actor"}};

constexpr Field kRecipients[] = {{"who", "page.whom"}, {"why", "page.purpose"}};

// One list of the export as one section. `why` is empty where the list itself says it.
struct Section {
  std::string_view list;
  std::string_view title;
  std::string_view why;
  std::span<const Field> fields;
};

constexpr Section kSections[] = {
    {"palms", "page.palms", "page.palms_why", kPalms},
    {"cards", "page.cards", "page.cards_why", kCards},
    {"purses", "page.purses", "page.purses_why", kPurses},
    {"requests", "page.requests", "page.requests_why", kRequests},
    {"movements", "page.movements", "page.movements_why", kMovements},
    {"accesses", "page.accesses", "page.accesses_why", kAccesses},
    {"recipients", "page.recipients", "", kRecipients},
};

// A call is named "Service/Method" or "Method"; people read a word for the method.
Json WithShortCalls(const Json& accesses) {
  Json list = accesses;
  for (Json& access : list) {
    if (!access.is_object() || !access.contains("call") || !access["call"].is_string()) continue;
    const std::string call = access["call"].get<std::string>();
    access["call"] = call.substr(call.rfind('/') + 1);
  }
  return list;
}

void AddConsents(const Json& consents, base::Language language, HtmlPage* page) {
  page->Heading(base::Text("page.consents", language));
  page->Paragraph(base::Text("page.consents_why", language));
  if (consents.empty()) page->Paragraph(base::Text("page.nothing", language));
  size_t number = 0;
  for (const Json& consent : consents) {
    page->Subheading(base::Text("page.consent", language, {std::to_string(++number)}));
    page->AddFacts(FactsOf(consent, kConsent, language));
  }
}

absl::Status CheckShape(const Json& subject_export) {
  if (TextAt(subject_export, "format", base::Language::kEnglish) != kSubjectExportFormat) {
    return absl::InvalidArgumentError("this is no export of the format " +
                                      std::string(kSubjectExportFormat));
  }
  for (const auto& [name, value] : subject_export.items()) {
    if (value.is_array() && value.size() > kPageRowsMax) {
      return absl::ResourceExhaustedError("the list " + name + " has more than " +
                                          std::to_string(kPageRowsMax) + " elements");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> SubjectPage(const Json& subject_export, base::Language language) {
  if (absl::Status s = CheckShape(subject_export); !s.ok()) return s;
  const auto say = [&](std::string_view key) { return base::Text(key, language); };

  HtmlPage page(say("page.title"), language);
  page.Paragraph(say("page.intro"));
  const Json& house = ObjectAt(subject_export, "operator");
  page.AddFacts({{say("page.operator"), TextAt(house, "name", language)},
                 {say("page.operator_address"), TextAt(house, "address", language)},
                 {say("page.made_at"), DateAt(subject_export, "made_at", language)}});

  page.Heading(say("page.subject"));
  page.Paragraph(say("page.subject_why"));
  page.AddFacts(FactsOf(ObjectAt(subject_export, "subject"), kSubject, language));

  page.Heading(say("page.bases"));
  AddList(ListAt(subject_export, "legal_bases"), kBases, language, &page);
  AddConsents(ListAt(subject_export, "consents"), language, &page);

  for (const Section& section : kSections) {
    page.Heading(say(section.title));
    if (!section.why.empty()) page.Paragraph(say(section.why));
    const Json& list = ListAt(subject_export, section.list);
    const bool accesses = section.list == "accesses";
    if (accesses && !subject_export.contains("accesses")) {
      page.Paragraph(say("page.accesses_apart"));  // Not "nothing": they are logged.
      continue;
    }
    AddList(accesses ? WithShortCalls(list) : list, section.fields, language, &page);
    if (section.list == "movements" &&
        TextAt(subject_export, "movements_cut", language) == base::Text("word.yes", language)) {
      page.Paragraph(base::Text("page.movements_cut", language, {std::to_string(list.size())}));
    }
    if (section.list == "cards") page.AddFacts(FactsOf(subject_export, kPin, language));
  }

  page.Heading(say("page.rights"));
  page.Paragraph(say("page.rights_why"));
  return page.Render();
}

}  // namespace ladon::ctl
