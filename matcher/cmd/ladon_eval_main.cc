// ladon-eval: how well the matcher tells palms apart, measured on a folder of images.
//
// Exit codes: 0 measured; 2 usage; 4 local problem (folder, image, file).
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "matcher/eval/coded_set.h"
#include "matcher/eval/distance_table.h"
#include "matcher/eval/evaluation.h"
#include "matcher/eval/image_set.h"
#include "matcher/eval/protection.h"
#include "matcher/eval/report.h"
#include "matcher/thresholds.h"
#include "matcher/transform.h"

namespace {

namespace eval = ladon::matcher::eval;

constexpr int kExitUsage = 2;
constexpr int kExitLocal = 4;
constexpr size_t kTemplatesMax = 12;
constexpr size_t kSplitsMax = 1'000;
constexpr size_t kThreadsMax = 256;
constexpr const char* kFooter = R"(
The folder holds <palm>/<session>_<number>.png, .jpg or .bmp. With two sessions the first one
enrols and the later ones probe; with one session the first images of a palm enrol (this flatters).

Example:
  ladon-eval --images palms/polyu-nir --templates-per-palm 3 --json figures.json --plot det.svg

Rates are those of ISO/IEC 19795-1, means over random splits with 90 % intervals.)";

struct Options {
  std::string images;
  std::string json;
  std::string plot;
  eval::Design design;
  size_t threads = std::max(1U, std::thread::hardware_concurrency());
};

void Describe(CLI::App* app, Options* options) {
  app->add_option("--images", options->images, "Folder of palms")
      ->required()
      ->check(CLI::ExistingDirectory);
  app->add_option("--templates-per-palm", options->design.templates_per_palm,
                  "Images that enrol a palm")
      ->check(CLI::Range(size_t{1}, kTemplatesMax))
      ->capture_default_str();
  app->add_option("--enrolled-fraction", options->design.enrolled_fraction,
                  "Share of the palms that the open set enrols")
      ->check(CLI::Range(0.05, 0.95))
      ->capture_default_str();
  app->add_option("--splits", options->design.splits, "Random splits")
      ->check(CLI::Range(size_t{1}, kSplitsMax))
      ->capture_default_str();
  app->add_option("--seed", options->design.seed, "Seed of the splits")->capture_default_str();
  app->add_option("--threads", options->threads, "Threads; as many as processors unless told")
      ->check(CLI::Range(size_t{1}, kThreadsMax));
  app->add_option("--json", options->json, "Write the figures to this file");
  app->add_option("--plot", options->plot, "Write the DET plot to this file (SVG)");
  app->footer(kFooter);
}

// One line on standard error when somebody looks at it.
eval::Progress ProgressOf(const char* what) {
  if (isatty(STDERR_FILENO) == 0) return {};
  return [what](size_t done, size_t total) {
    std::fprintf(stderr, "\r%s %3zu %%%s", what, 100 * done / total,
                 done == total ? "\r\033[K" : "");
  };
}

absl::StatusOr<eval::Report> Measure(const Options& options) {
  const absl::StatusOr<eval::ImageSet> images =
      eval::ReadImageSet(options.images, options.design.templates_per_palm);
  if (!images.ok()) return images.status();
  const absl::StatusOr<eval::CodedSet> coded =
      eval::CodeImages(*images, options.threads, ProgressOf("extracting"));
  if (!coded.ok()) return coded.status();
  // Any secret will do: the transform changes no distance.
  std::array<uint8_t, ladon::matcher::kSchoolSecretBytes> secret{};
  secret.fill(1);
  const absl::StatusOr<eval::DistanceTable> table =
      eval::DistanceTable::Compute(*coded, ladon::matcher::SchoolTransform::Derive(secret),
                                   options.threads, ProgressOf("comparing"));
  if (!table.ok()) return table.status();
  eval::Report report;
  report.name = std::filesystem::path(options.images).lexically_normal().filename().string();
  if (report.name.empty()) report.name = options.images;
  report.design = options.design;
  report.palms = coded->palms.size();
  report.images = coded->images;
  report.failed_images = coded->failed_images;
  report.extract_ms = coded->probe_extract_ms;
  report.two_sessions = images->two_sessions;
  report.evaluation = eval::Evaluate(*table, coded->probe_codes, options.design,
                                     ladon::matcher::kDefaultThresholds);
  report.protection = eval::MeasureProtection(*coded, options.design.seed);
  return report;
}

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "ladon-eval: %s\n", std::string(status.message()).c_str());
  return kExitLocal;
}

int MeasureAndTell(const Options& options) {
  const absl::StatusOr<eval::Report> report = Measure(options);
  if (!report.ok()) return Fail(report.status());
  std::printf("%s", eval::RenderText(*report).c_str());
  if (!options.json.empty()) {
    if (absl::Status s = eval::WriteFile(options.json, eval::RenderJson(*report)); !s.ok()) {
      return Fail(s);
    }
  }
  if (!options.plot.empty()) {
    if (absl::Status s = eval::WriteFile(options.plot, eval::RenderPlot(*report)); !s.ok()) {
      return Fail(s);
    }
  }
  return 0;
}

int Run(int argc, char** argv) {
  CLI::App app("How well the matcher tells palms apart, measured on images.", "ladon-eval");
  Options options;
  Describe(&app, &options);
  try {  // CLI11 reports by exception.
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  return MeasureAndTell(options);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Run(argc, argv);
  } catch (...) {  // Out of memory.
    return kExitLocal;
  }
}
