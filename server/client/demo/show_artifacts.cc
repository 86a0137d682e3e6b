// What anybody can check with tools of their own, taken from the live server with ours.
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "server/client/demo/run_tool.h"
#include "server/client/demo/show.h"

namespace ladon::demo {
namespace {

namespace fs = std::filesystem;

constexpr const char* kEnding = ".ladon";
constexpr const char* kFiles =
    "checkpoint, ladon.vkey, extract.ladon, account.ladon, receipt.tlog-proof, receipt.entry, "
    "tiles/, journal.hledger, journal.beancount, journal.csv, summary.txt";

}  // namespace

absl::Status Show::LeaveArtifacts() {
  if (options_.artifacts.empty()) return absl::OkStatus();
  stage_->Scene("demo.scene.artifacts");
  std::error_code error;
  fs::create_directories(options_.artifacts, error);
  const std::string to = fs::absolute(options_.artifacts, error).string() + "/";
  if (error || !fs::is_directory(to)) {
    return absl::FailedPreconditionError(absl::StrCat(options_.artifacts, ": cannot be made"));
  }
  const auto lines = world_->Statement(children_.front());
  if (!lines.ok()) return lines.status();
  const absl::StatusOr<std::string> auditor = world_->MakeAuditor();
  if (!auditor.ok()) return auditor.status();
  const std::string tools = fs::path(options_.ladond).parent_path().string();
  const std::string audit = tools + "/ladon-audit";
  const std::string account = absl::BytesToHexString(children_.front().account_id);
  const auto ctl = [&](const std::string& identity, std::vector<std::string> arguments) {
    std::vector<std::string> all = {"--server", world_->server(), "--identity", identity, "audit"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return RunTool(tools + "/ladonctl", all);
  };
  const std::string key = to + "ladon.vkey";
  const std::string one = absl::StrCat(to, "account", kEnding);
  const std::string extract = absl::StrCat(to, "extract", kEnding);
  const auto convert = [&](const char* form, const std::string& name) {
    return RunTool(audit, {"convert", extract, "--key", key, "--to", form, "--out", to + name});
  };
  absl::Status s = ctl(*auditor, {"extract", "--account", account, "--now", "--out", one});
  if (s.ok()) s = ctl(*auditor, {"extract", "--out", extract});
  if (s.ok()) {
    s = ctl(world_->cashier_identity(),
            {"receipt", account, "--index", std::to_string(lines->back().journal_index()), "--out",
             to + "receipt"});
  }
  if (s.ok()) s = ctl(*auditor, {"tiles", "--out", to + "tiles"});
  if (s.ok()) s = ctl(*auditor, {"checkpoint", "--out", to + "checkpoint", "--key-out", key});
  if (s.ok()) s = convert("hledger", "journal.hledger");
  if (s.ok()) s = convert("beancount", "journal.beancount");
  if (s.ok()) s = convert("csv", "journal.csv");
  if (s.ok()) s = RunTool(audit, {"summary", extract, "--key", key}, to + "summary.txt");
  for (const std::string& file : {extract, one, to + "receipt.tlog-proof", to + "tiles"}) {
    if (s.ok()) s = RunTool(audit, {"verify", file, "--key", key});
  }
  if (s.ok()) stage_->Tick("demo.artifacts.left", {options_.artifacts, kFiles});
  return s;
}

}  // namespace ladon::demo
