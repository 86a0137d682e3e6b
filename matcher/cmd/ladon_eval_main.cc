// ladon-eval: how well the matcher tells palms apart, measured on a folder of images.
//
// `ladon-eval calibrate` turns what was measured into the thresholds of a server.
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
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "matcher/calibration.h"
#include "matcher/eval/calibration_fit.h"
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

struct CalibrateOptions {
  std::vector<std::string> images;
  std::string out;
  eval::CalibrationDesign design;
  size_t threads = std::max(1U, std::thread::hardware_concurrency());
};

void DescribeCalibrate(CLI::App* app, CalibrateOptions* options) {
  app->add_option("--images", options->images, "Folder of palms; may be given several times")
      ->required()
      ->check(CLI::ExistingDirectory)
      ->expected(1, static_cast<int>(ladon::matcher::kCalibrationSetsMax));
  app->add_option("--subjects", options->design.subjects, "Whose hands these are")
      ->required()
      ->check(CLI::IsMember({"adults", "children", "mixed"}));
  app->add_option("--fpir", options->design.wanted_fpir,
                  "Wanted share of searches by strangers that find somebody")
      ->check(CLI::Range(1e-9, 0.5))
      ->capture_default_str();
  app->add_option("--rows", options->design.rows_max, "Templates in the largest gallery")
      ->check(CLI::Range(uint64_t{20'000}, uint64_t{1} << 32))
      ->capture_default_str();
  app->add_option("--templates-per-palm", options->design.templates_per_palm,
                  "Images that enrol a palm, for the FNIR that is told")
      ->check(CLI::Range(size_t{1}, kTemplatesMax))
      ->capture_default_str();
  app->add_option("--threads", options->threads, "Threads; as many as processors unless told")
      ->check(CLI::Range(size_t{1}, kThreadsMax));
  app->add_option("--out", options->out, "Write the calibration to this file")->required();
  app->footer(R"(
The file goes where [matcher] calibration of ladond.toml points. It holds thresholds and aggregate
figures only.

Example:
  ladon-eval calibrate --images palms/polyu-nir --images palms/tongji --subjects adults \
    --fpir 1e-3 --out calibration.json)");
}

void Describe(CLI::App* app, Options* options) {
  app->add_option("--images", options->images, "Folder of palms")->check(CLI::ExistingDirectory);
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

struct Measured {
  std::string name;
  bool two_sessions = false;
  eval::CodedSet coded;
  eval::DistanceTable table;
};

absl::StatusOr<Measured> Compare(const std::string& folder, size_t templates_per_palm,
                                 size_t threads) {
  const absl::StatusOr<eval::ImageSet> images = eval::ReadImageSet(folder, templates_per_palm);
  if (!images.ok()) return images.status();
  absl::StatusOr<eval::CodedSet> coded =
      eval::CodeImages(*images, threads, ProgressOf("extracting"));
  if (!coded.ok()) return coded.status();
  // Any secret will do: the transform changes no distance.
  std::array<uint8_t, ladon::matcher::kSchoolSecretBytes> secret{};
  secret.fill(1);
  absl::StatusOr<eval::DistanceTable> table = eval::DistanceTable::Compute(
      *coded, ladon::matcher::SchoolTransform::Derive(secret), threads, ProgressOf("comparing"));
  if (!table.ok()) return table.status();
  std::string name = std::filesystem::path(folder).lexically_normal().filename().string();
  if (name.empty()) {  // The folder was given with a slash at its end.
    name = std::filesystem::path(folder).lexically_normal().parent_path().filename().string();
  }
  if (name.empty()) name = folder;
  return Measured{.name = std::move(name),
                  .two_sessions = images->two_sessions,
                  .coded = *std::move(coded),
                  .table = *std::move(table)};
}

absl::StatusOr<eval::Report> Measure(const Options& options) {
  const absl::StatusOr<Measured> measured =
      Compare(options.images, options.design.templates_per_palm, options.threads);
  if (!measured.ok()) return measured.status();
  const eval::CodedSet& coded = measured->coded;
  eval::Report report;
  report.name = measured->name;
  report.design = options.design;
  report.palms = coded.palms.size();
  report.images = coded.images;
  report.failed_images = coded.failed_images;
  report.extract_ms = coded.probe_extract_ms;
  report.two_sessions = measured->two_sessions;
  report.evaluation = eval::Evaluate(measured->table, coded.probe_codes, options.design,
                                     ladon::matcher::kDefaultThresholds);
  const auto protection = eval::MeasureProtection(coded, options.design.seed);
  if (!protection.ok()) return protection.status();
  report.protection = *protection;
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

int Calibrate(const CalibrateOptions& options) {
  std::vector<Measured> measured;
  measured.reserve(options.images.size());
  for (const std::string& folder : options.images) {
    absl::StatusOr<Measured> set =
        Compare(folder, options.design.templates_per_palm, options.threads);
    if (!set.ok()) return Fail(set.status());
    measured.push_back(*std::move(set));
  }
  std::vector<eval::CalibrationInput> inputs;
  inputs.reserve(measured.size());
  for (const Measured& set : measured) {
    inputs.push_back({.name = set.name,
                      .table = &set.table,
                      .probe_codes = set.coded.probe_codes,
                      .two_sessions = set.two_sessions});
  }
  const absl::StatusOr<ladon::matcher::Calibration> calibration =
      eval::FitCalibration(inputs, options.design);
  if (!calibration.ok()) return Fail(calibration.status());
  if (absl::Status s =
          eval::WriteFile(options.out, ladon::matcher::RenderCalibration(*calibration));
      !s.ok()) {
    return Fail(s);
  }
  std::printf("%s", eval::DescribeCalibration(*calibration, inputs, options.design).c_str());
  std::printf("\nwritten to %s: FPIR %.0e\n", options.out.c_str(), options.design.wanted_fpir);
  return 0;
}

int Run(int argc, char** argv) {
  CLI::App app("How well the matcher tells palms apart, measured on images.", "ladon-eval");
  app.set_version_flag("--version", LADON_VERSION);
  Options options;
  Describe(&app, &options);
  CalibrateOptions calibrate_options;
  CLI::App* calibrate =
      app.add_subcommand("calibrate", "Fit the thresholds of a server for a wanted FPIR");
  DescribeCalibrate(calibrate, &calibrate_options);
  app.require_subcommand(0, 1);
  try {  // CLI11 reports by exception.
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  if (calibrate->parsed()) return Calibrate(calibrate_options);
  if (options.images.empty()) {
    std::fprintf(stderr, "ladon-eval: --images is required; --help tells more\n");
    return kExitUsage;
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
