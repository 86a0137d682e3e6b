#include "server/client/demo/cli.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "server/base/version.h"
#include "server/client/demo/show.h"
#include "server/client/text/console.h"

namespace ladon::demo {
namespace {

namespace fs = std::filesystem;

constexpr int kExitDone = 0;
constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;
constexpr int kExitLocal = 4;

constexpr const char* kFooter = R"(
Examples:
  ladon-demo --ladond build/release/bin/ladond
  ladon-demo --ladond build/release/bin/ladond --palms palms --json figures.json

Exit codes: 0 all went well; 1 something was lost, doubled, sold to a wrong child or not refused;
2 usage; 4 a scene could not be played. LADON_LANG=en prints English.)";

struct Options {
  ShowOptions show;
  std::string json;
};

// The given directory, made if need be and empty, or a fresh one that goes away at the end.
struct WorkDirectory {
  std::string path;
  bool temporary = false;

  ~WorkDirectory() {
    std::error_code ignored;
    if (temporary) fs::remove_all(path, ignored);
  }
};

absl::Status Prepare(WorkDirectory* work) {
  std::error_code error;
  if (work->path.empty()) {
    std::string name = (fs::temp_directory_path(error) / "ladon-demo-XXXXXX").string();
    if (error || mkdtemp(name.data()) == nullptr) {
      return absl::FailedPreconditionError("no temporary directory; give --work DIR");
    }
    work->path = name;
    work->temporary = true;
    return absl::OkStatus();
  }
  fs::create_directories(work->path, error);
  if (error || !fs::is_empty(work->path, error)) {
    return absl::FailedPreconditionError(
        absl::StrCat(work->path, ": must be a directory that is empty or can be made"));
  }
  fs::permissions(work->path, fs::perms::owner_all, error);
  // The server and its keys are named by absolute paths in the configuration.
  work->path = fs::absolute(work->path, error).string();
  return absl::OkStatus();
}

int Play(const Options& options) {
  const base::Language language = client::LanguageOfEnvironment();
  WorkDirectory work{.path = options.show.work};
  if (absl::Status s = Prepare(&work); !s.ok()) {
    std::fprintf(stderr, "%s\n", std::string(s.message()).c_str());
    return kExitLocal;
  }
  Stage stage(language, client::WantsColour(STDOUT_FILENO));
  ShowOptions show_options = options.show;
  show_options.work = work.path;
  Show show(show_options, &stage);
  stage.Plain(stage.Text("demo.title") + "\n");
  const absl::Status played = show.Play();
  if (!played.ok()) {
    std::fprintf(stderr, "%s\n%s\n", stage.Text("demo.stopped").c_str(),
                 std::string(played.message()).c_str());
    return kExitLocal;
  }
  const Figures& figures = show.figures();
  if (!options.json.empty()) {
    if (absl::Status s = WriteFigures(options.json, figures); !s.ok()) {
      std::fprintf(stderr, "%s\n", std::string(s.message()).c_str());
      return kExitLocal;
    }
  }
  const bool good = figures.lost == 0 && figures.duplicated == 0 && figures.wrong_child == 0 &&
                    stage.failures() == 0;
  stage.Check(good, good ? "demo.verdict.good" : "demo.verdict.bad");
  return good ? kExitDone : kExitFailed;
}

}  // namespace

int RunDemo(int argc, const char* const* argv) {
  CLI::App app("Children pay for meals: a real server, killed and found whole.", "ladon-demo");
  app.set_version_flag("--version", base::kVersion);
  app.footer(kFooter);
  Options options;
  app.add_option("--ladond", options.show.ladond, "The server's binary")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("--palms", options.show.palms, "Folder <palm>/<session>_<nn>.<ext>")
      ->check(CLI::ExistingDirectory);
  app.add_option("--json", options.json, "Write the figures to this file");
  app.add_option("--artifacts", options.show.artifacts,
                 "Leave checkpoint, extracts, receipt, tiles and journals in this folder");
  app.add_option("--work", options.show.work, "Empty directory to work in, kept afterwards");
  app.add_option("--children", options.show.children, "Children with synthetic palms")
      ->check(CLI::Range(size_t{1}, kDemoChildrenMax));
  app.add_option("--kills", options.show.kills, "Rounds of kill and restart")
      ->check(CLI::Range(1, kKillsMax));
  app.add_option("--seed", options.show.seed, "Seed of palms and of the moments of the kills");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitDone : kExitUsage;
  }
  return Play(options);
}

}  // namespace ladon::demo
