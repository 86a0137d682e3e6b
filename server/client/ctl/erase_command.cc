#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ladon/v1/subject_service.pb.h"
#include "server/base/id.h"
#include "server/client/ctl/act_papers.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/enum_words.h"
#include "server/client/ctl/erasure_draft.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/rights_render.h"
#include "server/client/ctl/subject_target.h"
#include "server/client/ctl/values.h"
#include "server/client/pki/identity_files.h"

namespace ladon::ctl {
namespace {

constexpr std::chrono::milliseconds kLookEvery{1'000};

struct Arguments {
  SubjectTarget target;
  std::string reason;
  std::string out;
  ActPapers papers;
  std::string resume;
  bool wait = false;
};

// An erasure on its way, and where its papers are.
struct Work {
  ErasureDraft draft;
  std::string draft_path;
  bool wait = false;
};

ErasureDraft DraftOf(const Context& context, const Arguments& given, const std::string& request_id,
                     const v1::ExportSubjectResponse& held) {
  const v1::SubjectName& name = held.subject().name();
  ErasureDraft draft = {.request_id = base::HexOf(request_id),
                        .target = given.target,
                        .reason = EnumOf<v1::ErasureReason>(given.reason),
                        .act = JsonOf(given.papers)};
  draft.act["subject_name"] = absl::StrCat(name.family_name(), " ", name.given_name());
  draft.act["categories"] = CategoriesOf(held, context.language());
  return draft;
}

// What repeats the same call, also after the approval; to be copied into a shell.
std::string Resume(const Work& work) {
  const char* quote = work.draft_path.find(' ') == std::string::npos ? "" : "\"";
  return absl::StrCat("ladonctl subject erase --resume ", quote, work.draft_path, quote,
                      work.wait ? " --wait" : "");
}

void ShowStep(const Context& context, const v1::Erasure& erasure) {
  if (isatty(STDERR_FILENO) != 1) return;
  const std::string line = WordFor(context, "erasure.step.", EnumWord(erasure.step()));
  std::fprintf(stderr, "\r\x1b[K%s", line.c_str());
  std::fflush(stderr);
}

// Until it is done. Only keys that an epoch has left behind are gone for good.
int WaitFor(Context& context, const Work& work, v1::Erasure* erasure) {
  v1::GetErasureRequest request;
  request.set_erasure_id(erasure->erasure_id());
  while (erasure->step() != v1::ERASURE_STEP_DONE) {
    ShowStep(context, *erasure);
    std::this_thread::sleep_for(kLookEvery);
    v1::GetErasureResponse now;
    const grpc::Status status = context.CallPatiently(request, &now);
    if (!status.ok()) {
      return context.Report(status, BytesOf(work.draft.request_id), Resume(work));
    }
    *erasure = now.erasure();
  }
  if (isatty(STDERR_FILENO) == 1) std::fputs("\r\x1b[K", stderr);
  return kDone;
}

int WriteAct(Context& context, const Work& work, const v1::Erasure& erasure) {
  const absl::StatusOr<ActFiles> files = MakeActFiles(work.draft, erasure, context.language());
  if (!files.ok()) return context.Fail(files.status());
  const std::string base =
      (std::filesystem::path(work.draft_path).parent_path() / work.draft.target.subject).string();
  const auto paths = KeepActFiles(base, *files);
  if (!paths.ok()) return context.Fail(paths.status());
  std::string said = context.Say("erasure.done", {std::to_string(erasure.act_number())});
  for (const std::string& path : *paths) said += "\n  " + path;
  if (erasure.settled_kopecks() > 0) {
    said += "\n" + context.Say("erasure.refund", {context.Money(erasure.settled_kopecks())});
  }
  return context.Print(
      {{"erasure", JsonOf(erasure)}, {"draft", work.draft_path}, {"files", *paths}}, said);
}

int Go(Context& context, const Work& work) {
  if (const int code = context.OpenChannel(); code != kDone) return code;
  v1::EraseSubjectRequest request;
  request.set_request_id(BytesOf(work.draft.request_id));
  SetTarget(work.draft.target, &request);
  request.set_reason(work.draft.reason);
  v1::EraseSubjectResponse response;
  const grpc::Status status = context.CallPatiently(request, &response);
  if (!status.ok()) return context.Report(status, request.request_id(), Resume(work));
  v1::Erasure erasure = response.erasure();
  if (work.wait) {
    if (const int code = WaitFor(context, work, &erasure); code != kDone) return code;
  }
  if (erasure.step() == v1::ERASURE_STEP_DONE) return WriteAct(context, work, erasure);
  return context.Print({{"erasure", JsonOf(erasure)}, {"draft", work.draft_path}},
                       context.Say("erasure.begun", {Resume(work)}));
}

int Begin(Context& context, const Arguments& given) {
  const std::string draft_path =
      absl::StrCat(given.out, "/", given.target.subject, ".erasure-draft.json");
  if (pki::FileExists(draft_path)) {
    return context.Fail(
        absl::AlreadyExistsError(context.Say("erasure.draft_exists", {draft_path})));
  }
  const std::string request_id = context.RequestId();
  v1::ExportSubjectResponse held;
  if (const int code = FetchSubject(context, given.target, request_id, &held); code != kDone) {
    return code;
  }
  const Work work = {.draft = DraftOf(context, given, request_id, held),
                     .draft_path = draft_path,
                     .wait = given.wait};
  // Now, not when the name is nowhere any more.
  if (absl::Status s = CheckDraft(work.draft); !s.ok()) return context.Fail(s);
  if (absl::Status s = pki::MakePrivateDirectory(given.out); !s.ok()) return context.Fail(s);
  if (absl::Status s = pki::WriteNewFile(work.draft_path, FormatDraft(work.draft), 0600); !s.ok()) {
    return context.Fail(s);
  }
  return Go(context, work);
}

int Erase(Context& context, const Arguments& given) {
  if (given.resume.empty()) {
    const bool whole = !given.target.subject.empty() && !given.reason.empty() &&
                       !given.out.empty() && !given.papers.performed_by.empty();
    return whole ? Begin(context, given) : context.Usage(context.Say("erasure.give_all"));
  }
  const absl::StatusOr<std::string> text = ReadWholeFile(given.resume, kDraftBytesMax);
  if (!text.ok()) return context.Fail(text.status());
  const absl::StatusOr<ErasureDraft> draft = ParseDraft(*text);
  if (!draft.ok()) return context.Fail(draft.status());
  return Go(context, {.draft = *draft, .draft_path = given.resume, .wait = given.wait});
}

}  // namespace

void AddEraseCommand(CLI::App* subject, Context* context) {
  const auto given = std::make_shared<Arguments>();
  CLI::App* command =
      AddCommand(subject, context, "erase",
                 "Destroy the data of a person for good and write the act; a second person must "
                 "approve",
                 [context, given] { return Erase(*context, *given); });
  AddSubjectTarget(command, &given->target);
  command->add_option("--reason", given->reason, "Why, for the act")
      ->check(CLI::IsMember(EnumOptions<v1::ErasureReason>()));
  command->add_option("--out", given->out,
                      "Directory for the draft, the act and the extract of the log; closed to "
                      "others");
  AddActPapers(command, &given->papers);
  command->add_option("--resume", given->resume,
                      "Go on with this draft: after the approval, or to write the act when all is "
                      "done; needs nothing else");
  command->add_flag("--wait", given->wait, "Until all is destroyed and the act is written");
  command->footer(R"(
1. The command keeps the name in a draft in --out: the server will not know it any more.
2. It is refused until a second person approves; the message says the number for approval grant.
3. Then: ladonctl subject erase --resume OUT/<subject>.erasure-draft.json --wait
What is owed to the payer is booked to the school's refunds. The act is complete when the epoch of
keys has ended, a minute later, or at once with keys rotate.)");
}

}  // namespace ladon::ctl
