#include "server/client/ctl/act_papers.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "server/client/ctl/values.h"
#include "server/client/pki/identity_files.h"

namespace ladon::ctl {
namespace {

std::string Trimmed(const std::string& text) {
  return std::string(absl::StripAsciiWhitespace(text));
}

// "NAME, POSITION": the name has no comma.
Json PersonOf(const std::string& text) {
  const size_t comma = text.find(',');
  if (comma == std::string::npos) return {{"name", Trimmed(text)}, {"position", ""}};
  return {{"name", Trimmed(text.substr(0, comma))}, {"position", Trimmed(text.substr(comma + 1))}};
}

std::string CheckPerson(const std::string& text) {
  const Json person = PersonOf(text);
  return person["name"] != "" && person["position"] != "" ? "" : "must be \"NAME, POSITION\"";
}

absl::Status Keep(const std::string& path, const std::string& bytes) {
  absl::Status written = pki::WriteNewFile(path, bytes, 0600);
  if (!absl::IsAlreadyExists(written)) return written;
  const absl::StatusOr<std::string> there = ReadWholeFile(path, kDocumentBytesMax);
  return there.ok() && *there == bytes ? absl::OkStatus() : written;
}

}  // namespace

void AddActPapers(CLI::App* command, ActPapers* papers) {
  command->add_option("--operator-name", papers->operator_name, "Who answers for the data");
  command->add_option("--operator-address", papers->operator_address, "Its address");
  command->add_option("--processor-name", papers->processor_name,
                      "Whom the processing is entrusted to, if anybody");
  command->add_option("--processor-address", papers->processor_address, "Its address");
  command->add_option("--information-system", papers->information_system,
                      "Name of the information system, as the operator registered it");
  command
      ->add_option("--performed-by", papers->performed_by,
                   "Who destroys and signs the act; repeatable")
      ->allow_extra_args(false)
      ->check(CheckPerson)
      ->type_name("\"NAME, POSITION\"");
  command->add_option("--approved-by", papers->approved_by,
                      "Name of the second person; else the act has role and number");
}

Json JsonOf(const ActPapers& papers) {
  Json people = Json::array();
  for (const std::string& person : papers.performed_by) people.push_back(PersonOf(person));
  Json processor;
  if (!papers.processor_name.empty()) {
    processor = {{"name", papers.processor_name}, {"address", papers.processor_address}};
  }
  return {{"operator", {{"name", papers.operator_name}, {"address", papers.operator_address}}},
          {"processor", processor},
          {"performed_by", people},
          {"information_system", papers.information_system},
          {"approved_by", papers.approved_by.empty() ? Json() : Json(papers.approved_by)}};
}

absl::StatusOr<std::vector<std::string>> KeepActFiles(const std::string& base,
                                                      const ActFiles& files) {
  std::vector<std::string> paths;
  for (const auto& [ending, bytes] :
       {std::pair(".log-extract.json", &files.extract_json),
        std::pair(".log-extract.html", &files.extract_page),
        std::pair(".act.json", &files.act_json), std::pair(".act.html", &files.act_page)}) {
    paths.push_back(base + ending);
    if (absl::Status s = Keep(paths.back(), *bytes); !s.ok()) return s;
  }
  return paths;
}

}  // namespace ladon::ctl
