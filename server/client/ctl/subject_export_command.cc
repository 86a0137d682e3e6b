#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ladon/v1/security_service.pb.h"
#include "ladon/v1/subject_service.pb.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/subject_export.h"
#include "server/client/ctl/subject_page.h"
#include "server/client/ctl/subject_target.h"
#include "server/client/ctl/values.h"
#include "server/client/pki/identity_files.h"

namespace ladon::ctl {
namespace {

struct Arguments {
  SubjectTarget target;
  std::string out;
  std::string operator_name;
  std::string operator_address;
};

// Who called about `object`, as far as the log is not in archives.
int FetchAccesses(Context& context, const std::string& object,
                  std::vector<v1::SecurityEvent>* accesses) {
  v1::ListSecurityEventsRequest request;
  request.set_object_id(object);
  return context.List<v1::ListSecurityEventsResponse>(
      request, [&](const v1::ListSecurityEventsResponse& page) {
        for (const v1::SecurityEvent& event : page.events()) {
          if (accesses->size() < kPageRowsMax) accesses->push_back(event);
        }
      });
}

int Export(Context& context, const Arguments& given) {
  const std::string json_path = absl::StrCat(given.out, "/", given.target.subject, ".json");
  const std::string page_path = absl::StrCat(given.out, "/", given.target.subject, ".html");
  if (absl::Status s = pki::MakePrivateDirectory(given.out); !s.ok()) return context.Fail(s);
  // Before the call: an officer's exports of a day are counted.
  for (const std::string& path : {json_path, page_path}) {
    if (pki::FileExists(path)) {
      return context.Fail(
          absl::AlreadyExistsError(absl::StrCat(path, ": exists already, nothing is overwritten")));
    }
  }
  v1::ExportSubjectRequest request;
  request.set_request_id(context.RequestId());
  SetTarget(given.target, &request);
  v1::ExportSubjectResponse held;
  if (const int code = context.Call(request, &held); code != kDone) {
    return code;
  }
  std::vector<v1::SecurityEvent> accesses;
  std::vector<std::string> objects = {held.subject().subject_id()};
  for (const v1::PurseView& purse : held.purses()) objects.push_back(purse.account_id());
  for (const std::string& object : objects) {
    if (const int code = FetchAccesses(context, object, &accesses); code != kDone) return code;
  }
  const Json json = SubjectExportJson(held, accesses,
                                      {.operator_name = given.operator_name,
                                       .operator_address = given.operator_address,
                                       .made_at_unix_seconds = NowUnixSeconds()},
                                      context.language());
  const absl::StatusOr<std::string> page = SubjectPage(json, context.language());
  if (!page.ok()) return context.Fail(page.status());
  const std::string text = json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  if (absl::Status s = pki::WriteNewFile(json_path, text, 0600); !s.ok()) return context.Fail(s);
  if (absl::Status s = pki::WriteNewFile(page_path, *page, 0600); !s.ok()) return context.Fail(s);
  return context.Print({{"json", json_path}, {"page", page_path}},
                       context.Say("subject.exported", {page_path, json_path}));
}

}  // namespace

void AddSubjectExportCommand(CLI::App* subject, Context* context) {
  const auto given = std::make_shared<Arguments>();
  CLI::App* command =
      AddCommand(subject, context, "export",
                 "Everything that is held of a person, as a page to print and as JSON; more than "
                 "20 a day by one officer need a second person",
                 [context, given] { return Export(*context, *given); });
  AddSubjectTarget(command, &given->target)->required();
  command->add_option("--out", given->out, "Directory for the two files; closed to others")
      ->required();
  command->add_option("--operator-name", given->operator_name,
                      "Who answers for the data: the full name of the school or the firm");
  command->add_option("--operator-address", given->operator_address, "Its address");
}

}  // namespace ladon::ctl
