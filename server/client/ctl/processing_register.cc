#include "server/client/ctl/processing_register.h"

#include "server/base/processing.h"
#include "server/client/ctl/html.h"
#include "server/client/text/table.h"

namespace ladon::ctl {
namespace {

// One column of the register: its name in JSON and the catalogue's name for people.
struct Column {
  std::string_view name;
  std::string_view title;
  base::Bilingual base::Processing::*text;
};

constexpr Column kColumns[] = {{"name", "page.processing", &base::Processing::name},
                               {"purpose", "page.purpose", &base::Processing::purpose},
                               {"subjects", "register.subjects", &base::Processing::subjects},
                               {"categories", "register.categories", &base::Processing::categories},
                               {"basis", "page.basis", &base::Processing::basis},
                               {"term", "page.term", &base::Processing::term},
                               {"recipients", "page.recipients", &base::Processing::recipients},
                               {"measures", "register.measures", &base::Processing::measures}};

}  // namespace

Json RegisterJson(base::Language language) {
  Json processings = Json::array();
  for (const base::Processing& one : base::AllProcessings()) {
    Json row = {{"id", std::string(one.id)}};
    for (const Column& column : kColumns) {
      row[std::string(column.name)] = std::string((one.*column.text).In(language));
    }
    processings.push_back(std::move(row));
  }
  return {{"format", "ladon-processing-register/1"}, {"processings", std::move(processings)}};
}

std::string RegisterTable(base::Language language) {
  client::Table table;
  table.Column(base::Text("table.what", language));
  table.Column(base::Text("table.value", language));
  for (const base::Processing& one : base::AllProcessings()) {
    if (!table.empty()) table.Row({"", ""});
    for (const Column& column : kColumns) {
      table.Row({base::Text(column.title, language), std::string((one.*column.text).In(language))});
    }
  }
  return table.Render();
}

std::string RegisterPage(std::string_view operator_name, std::string_view operator_address,
                         base::Language language) {
  HtmlPage page(base::Text("register.title", language), language);
  page.Paragraph(base::Text("register.intro", language));
  page.AddFacts({{base::Text("page.operator", language), std::string(operator_name)},
                 {base::Text("page.operator_address", language), std::string(operator_address)}});
  for (const base::Processing& one : base::AllProcessings()) {
    page.Heading(one.name.In(language));
    HtmlPage::Facts facts;
    for (const Column& column : kColumns) {
      if (column.text == &base::Processing::name) continue;  // The heading.
      facts.emplace_back(base::Text(column.title, language),
                         std::string((one.*column.text).In(language)));
    }
    page.AddFacts(facts);
  }
  return page.Render();
}

}  // namespace ladon::ctl
