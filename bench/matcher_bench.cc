// One probe against many palms, side by side: our scalar code, our exhaustive search, our staged
// search, and FAISS over the same variants, with what the machine could do at best. Answers are
// checked before anything is timed. ./dev bench matcher [--json FILE]; matcher/README.md reads it.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <numeric>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "CLI/CLI.hpp"
#include "bench/matcher/bench_gallery.h"
#include "bench/matcher/faiss_peer.h"
#include "bench/matcher/image_pairs.h"
#include "bench/matcher/machine_bounds.h"
#include "bench/matcher/miss_rate.h"
#include "bench/matcher/population.h"
#include "matcher/extract/extractor.h"
#include "matcher/extract/grey_extractor.h"
#include "matcher/search.h"
#include "matcher/thresholds.h"
#include "nlohmann/json.hpp"

namespace ladon::bench {
namespace {

using matcher::VeinCode;
using Clock = std::chrono::steady_clock;
using Probe = std::vector<VeinCode>;

struct Options {
  std::vector<size_t> rows = {12'000, 100'000, 1'000'000};
  std::vector<size_t> threads = {2, 1};
  size_t palms = 20'000;
  size_t probes = 1'000;
  size_t mated_pairs = 300'000;
  size_t searches = 200;
  bool quick = false;
  std::string cache = "build/synthetic-codes-v2.bin";
  std::string json;
  // Real palms; by default the three sets where `ladon-eval` and the tests look for them.
  std::vector<std::string> images;
  size_t moved_copies = 12;
};

// What is compared with FAISS, which takes minutes for all variants of the largest gallery: its
// time grows with the number of variants, so a part of them tells it.
constexpr size_t kFaissVariants = 55;
constexpr size_t kFaissRowsMax = 100'000;
constexpr size_t kExhaustiveComparisonsMax = 120'000'000;
constexpr size_t kScalarRows = 256;
constexpr size_t kNotFoundOneIn = 5;
constexpr size_t kStrangersEvery = 20;  // One search in so many is for somebody not enrolled.

[[noreturn]] void Die(const std::string& why) {
  std::fprintf(stderr, "matcher_bench: %s\n", why.c_str());
  std::exit(1);
}

void ShowProgress(const char* what, size_t done, size_t total) {
  if (isatty(STDERR_FILENO) == 0) return;
  if (done % std::max<size_t>(total / 50, 1) != 0 && done < total) return;
  std::fprintf(stderr, "\r%s %3zu %%%s", what, 100 * done / total, done >= total ? "\r\033[K" : "");
}

double Milliseconds(Clock::duration d) {
  return std::chrono::duration<double, std::milli>(d).count();
}

double Quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1,
                         static_cast<size_t>(q * static_cast<double>(values.size())))];
}

// The probe codes of image number `sample` of palms first_palm and on; image 1 is the enrolled one.
std::vector<Probe> ExtractProbes(size_t count, size_t first_palm, uint64_t sample, size_t threads) {
  std::vector<Probe> probes(count);
  matcher::SearchPool pool(threads);
  pool.Run(count, [&](size_t p) {
    const auto extraction = matcher::ExtractProbe(PalmImage(first_palm + p + 1, sample));
    if (!extraction.ok()) Die("a synthetic palm was refused");
    probes[p] = extraction->codes;
  });
  return probes;
}

int32_t DistanceMaxQ16(size_t rows) {
  return matcher::RuleFor(matcher::kDefaultThresholds, rows, matcher::extract::kProbePoseCount)
      .distance_max_q16;
}

// At the thresholds of a school and of a region.
void PrintMisses(const std::string& what, const std::vector<MatedPair>& pairs) {
  for (const size_t rows : {size_t{12'000}, size_t{1'000'000}}) {
    const MissRate misses = CountMisses(pairs, DistanceMaxQ16(rows));
    std::printf(
        "%s, threshold of %zu rows: of %zu mated pairs %zu accepted, %zu of them found widely, "
        "%zu missed (%.4f %%, at most %.4f %%)\n",
        what.c_str(), rows, pairs.size(), misses.accepted, misses.widened, misses.missed,
        100 * misses.rate(), 100 * misses.upper());
  }
}

nlohmann::json MissesJson(const std::vector<MatedPair>& pairs, size_t rows) {
  const MissRate misses = CountMisses(pairs, DistanceMaxQ16(rows));
  return {{"accepted", misses.accepted},
          {"widened", misses.widened},
          {"missed", misses.missed},
          {"rate", misses.rate()},
          {"upper", misses.upper()}};
}

struct World {
  Options options;
  std::unique_ptr<Population> population;
  std::unique_ptr<matcher::SchoolTransform> transform;
  std::unique_ptr<matcher::MemoryKey> memory_key;
  std::unique_ptr<BenchGallery> gallery;
  std::vector<Probe> probes;        // Of the first palms.
  std::vector<Probe> strangers;     // Of palms that are in no gallery.
  std::vector<MatedPair> invented;  // Mated pairs of invented palms,
  ImagePairs real;                  // and of real ones, if there are any.
};

World MakeWorld(const Options& options) {
  World world{.options = options};
  const size_t threads = options.threads.front();
  world.population = std::make_unique<Population>(
      options.cache, options.palms, threads,
      [&](size_t done) { ShowProgress("extracting synthetic palms", done, options.palms); });
  constexpr std::array<uint8_t, matcher::kSchoolSecretBytes> kSecret = {7};
  world.transform =
      std::make_unique<matcher::SchoolTransform>(matcher::SchoolTransform::Derive(kSecret));
  const auto rng = std::make_shared<std::mt19937_64>(42);
  auto key = matcher::MemoryKey::Create([rng](std::span<uint8_t> out) {
    for (uint8_t& byte : out) byte = static_cast<uint8_t>((*rng)());
  });
  if (!key.ok()) Die(std::string(key.status().message()));
  world.memory_key = *std::move(key);
  world.probes = ExtractProbes(options.probes, 0, 2, threads);
  world.strangers =
      ExtractProbes(options.searches / kStrangersEvery + 1, size_t{1} << 40, 2, threads);
  // Image 1 again: all that a real second visit brings is in Population::Showing, at the strength
  // of the real sets; a second synthetic image turns the palm by more than they do.
  world.invented = MeasureInventedPairs(
      *world.population, ExtractProbes(options.probes, 0, 1, threads),
      options.mated_pairs / options.probes, *world.transform, threads,
      [&](size_t done) { ShowProgress("invented pairs", done, options.probes); });
  for (const std::string& folder : options.images) {
    ImagePairs pairs = MeasureImagePairs(
        folder, options.moved_copies, *world.transform, threads,
        [&](size_t done, size_t total) { ShowProgress(folder.c_str(), done, total); });
    PrintMisses(folder + ", as taken", pairs.as_taken);
    PrintMisses(folder + ", moved", pairs.moved);
    std::move(pairs.as_taken.begin(), pairs.as_taken.end(),
              std::back_inserter(world.real.as_taken));
    std::move(pairs.moved.begin(), pairs.moved.end(), std::back_inserter(world.real.moved));
  }
  world.gallery = std::make_unique<BenchGallery>(
      *world.population, *world.transform, *world.memory_key,
      *std::max_element(options.rows.begin(), options.rows.end()), threads);
  return world;
}

// How the invented palms compare with the real ones, whose figures stand in docs/adr/0010.
void PrintPopulation(const World& world) {
  const size_t rows = std::min<size_t>(world.population->palms(), 2'000);
  std::vector<double> unaligned;
  std::vector<double> aligned;
  const auto& kernels = matcher::kernels::MatchKernelsFor(matcher::BestKernelLevel());
  for (size_t p = 0; p < std::min<size_t>(world.probes.size(), 20); ++p) {
    const matcher::ProbeVariants probe(*world.transform, world.probes[p]);
    for (size_t r = 0; r < rows; ++r) {
      if (r == p) continue;
      const VeinCode& other = world.population->Base(r);
      unaligned.push_back(matcher::DistanceQ16(world.probes[p][0], other) / 65536.0);
      const VeinCode row = world.transform->Apply(other);
      int32_t distance = 0;
      matcher::ScanRows({&row, 1}, probe, kernels, {&distance, 1});
      aligned.push_back(distance / 65536.0);
    }
  }
  const double mean = std::accumulate(unaligned.begin(), unaligned.end(), 0.0) /
                      static_cast<double>(unaligned.size());
  double squares = 0;
  for (const double d : unaligned) squares += (d - mean) * (d - mean);
  const double variance = squares / static_cast<double>(unaligned.size());
  std::vector<double> genuine;
  for (const MatedPair& pair : world.invented) genuine.push_back(pair.distance_q16 / 65536.0);
  std::printf(
      "strangers: %.0f degrees of freedom unaligned; aligned median %.3f, 1 in 10^4 below %.3f\n"
      "  (polyu-nir: 1348, 0.433, 0.401; tongji: 892, 0.428, 0.381; casia850: 898, 0.426, 0.388)\n"
      "mated showings: median %.3f, 90 %% below %.3f, 99 %% below %.3f\n"
      "  (real, sessions apart: medians 0.28 to 0.33, 90 %% 0.32 to 0.37, 99 %% 0.36 to 0.39)\n",
      mean * (1 - mean) / variance, Quantile(aligned, 0.5), Quantile(aligned, 1e-4),
      Quantile(genuine, 0.5), Quantile(genuine, 0.9), Quantile(genuine, 0.99));
}

struct SearchTimes {
  std::vector<double> ms;
  matcher::StageCounts counts;  // Of all searches together.
  size_t widened = 0;
  size_t not_found = 0;  // Of those who are enrolled.
};

SearchTimes TimeSearches(const World& world, const matcher::GalleryView& view,
                         const matcher::SearchContext& context) {
  SearchTimes times;
  const matcher::DecisionRule rule =
      matcher::RuleFor(matcher::kDefaultThresholds, view.count, world.probes[0].size());
  for (size_t s = 0; s < world.options.searches; ++s) {
    const bool stranger = s % kStrangersEvery == kStrangersEvery - 1;
    const size_t who = s % world.probes.size();
    const matcher::ProbeVariants probe(
        *world.transform, stranger ? world.strangers[s / kStrangersEvery] : world.probes[who]);
    matcher::StageCounts counts;
    const auto start = Clock::now();
    const matcher::TwoBest two =
        matcher::SearchInStages(view, probe, rule.distance_max_q16, context, &counts);
    times.ms.push_back(Milliseconds(Clock::now() - start));
    times.counts.after_sketches += counts.after_sketches;
    times.counts.after_windows += counts.after_windows;
    times.widened += counts.widened ? 1 : 0;
    const bool found = two.best().has_value() && two.best()->distance_q16 <= rule.distance_max_q16;
    if (found && (stranger || two.best()->subject != SubjectOf(who))) {
      Die("search " + std::to_string(s) + " found somebody else");
    }
    times.not_found += !stranger && !found ? 1 : 0;
  }
  // The second images of the benchmark's palms are turned and moved more than real ones, and some
  // are beyond the threshold for any search.
  if (times.not_found * kNotFoundOneIn > times.ms.size()) Die("too many are not found");
  return times;
}

// Opening alone, as one search does it: all sketches, and as many rows as the stages opened.
double OpeningMs(const World& world, const matcher::GalleryView& view, size_t rows_opened,
                 size_t threads) {
  matcher::SearchPool pool(threads);
  const auto open = [&] {
    const auto start = Clock::now();
    pool.Run(view.blocks(), [&](size_t block) {
      std::array<uint8_t, matcher::kSketchBlockBytes> sketches;
      const matcher::SealedSketches& sealed = *view.SketchesOf(block);
      world.memory_key->Xor(sealed.salt, {sealed.bytes, sketches.size()}, sketches);
      asm volatile("" : : "r"(sketches.data()) : "memory");
    });
    pool.Run(threads, [&](size_t) {
      VeinCode open_row;
      for (size_t i = 0; i < rows_opened / threads; ++i) {
        const matcher::GalleryRow& row = view.table->rows[i * 7'919 % view.count];
        const matcher::SealedRow sealed = {.bytes = row.bytes, .salt = row.salt};
        world.memory_key->Open({&sealed, 1}, {&open_row, 1});
      }
      asm volatile("" : : "r"(&open_row) : "memory");
    });
    return Milliseconds(Clock::now() - start);
  };
  std::vector<double> ms(11);
  for (double& m : ms) m = open();
  return Quantile(ms, 0.5);
}

double ExhaustiveMs(const World& world, const matcher::GalleryView& view,
                    const matcher::SearchContext& context, size_t comparisons) {
  const size_t rounds = std::clamp<size_t>(kExhaustiveComparisonsMax / comparisons, 1, 5);
  std::vector<double> ms;
  for (size_t s = 0; s < rounds; ++s) {
    const matcher::ProbeVariants probe(*world.transform, world.probes[s]);
    const auto start = Clock::now();
    const matcher::TwoBest two = matcher::SearchExhaustively(view, probe, context);
    ms.push_back(Milliseconds(Clock::now() - start));
    if (two.best()->subject != SubjectOf(s)) Die("the exhaustive search has the wrong answer");
  }
  return Quantile(ms, 0.5);
}

double FaissMs(const World& world, size_t rows, size_t threads, size_t variants) {
  const size_t measured = std::min(rows, kFaissRowsMax);
  std::vector<VeinCode> codes;
  for (size_t r = 0; r < measured; ++r) codes.push_back(world.population->Code(r));
  std::vector<VeinCode> queries;
  for (size_t v = 0; v < kFaissVariants; ++v) {
    const int dx = static_cast<int>(v % matcher::kShiftSide) - matcher::kShiftCellsMax;
    const int dy = static_cast<int>(v / matcher::kShiftSide) - 2;
    queries.push_back(matcher::Shift(codes[3], dx, dy));
  }
  const FaissFigures figures = SearchWithFaiss(codes, queries, threads, 3);
  if (figures.nearest != 3) Die("FAISS has the wrong answer");
  return figures.ms_a_variant * static_cast<double>(variants) * static_cast<double>(rows) /
         static_cast<double>(measured);
}

// What each of `threads` cores could do at best while all are busy.
struct Bounds {
  double comparisons_per_second;
  double sketches_per_second;

  void RaiseTo(const Bounds& other) {
    comparisons_per_second = std::max(comparisons_per_second, other.comparisons_per_second);
    sketches_per_second = std::max(sketches_per_second, other.sketches_per_second);
  }
};

Bounds MeasureBounds(size_t threads) {
  const matcher::KernelLevel level = matcher::BestKernelLevel();
  return {.comparisons_per_second = PopcountBoundPerSecond(level, threads),
          .sketches_per_second = SketchBoundPerSecond(level, threads)};
}

nlohmann::json MeasureSize(const World& world, size_t rows, size_t threads) {
  rows -= rows % matcher::kSketchBlockRows;
  const matcher::GalleryView view = world.gallery->View(rows);
  matcher::SearchPool pool(threads);
  const matcher::SearchContext context = {
      .memory_key = world.memory_key.get(),
      .kernels = &matcher::kernels::MatchKernelsFor(matcher::BestKernelLevel()),
      .pool = &pool};
  const size_t variants = world.probes[0].size() * matcher::kShifts;
  // Before and after what they are held against: neighbours make the machine slower and faster.
  Bounds bounds = MeasureBounds(threads);
  const SearchTimes times = TimeSearches(world, view, context);
  const double search_ms = Quantile(times.ms, 0.5);
  const double exhaustive_ms = ExhaustiveMs(world, view, context, rows * variants);
  bounds.RaiseTo(MeasureBounds(threads));
  const double faiss_ms = FaissMs(world, rows, threads, variants);
  const size_t opened = times.counts.after_sketches / times.ms.size();
  // The rate that counts is that of real palms.
  std::vector<MatedPair> pairs = world.real.as_taken;
  pairs.insert(pairs.end(), world.real.moved.begin(), world.real.moved.end());
  const bool real = !pairs.empty();
  if (!real) pairs = world.invented;
  const MissRate misses = CountMisses(pairs, DistanceMaxQ16(rows));
  const double per_second_per_core =
      static_cast<double>(rows * variants) / (exhaustive_ms / 1000) / static_cast<double>(threads);
  const double bound_ms =
      1000 * static_cast<double>(rows) / static_cast<double>(threads) / bounds.sketches_per_second;
  nlohmann::json json = {
      {"rows", rows},
      {"threads", threads},
      {"variants", variants},
      {"exhaustive_ms", exhaustive_ms},
      {"search_ms", search_ms},
      {"search_p99_ms", Quantile(times.ms, 0.99)},
      {"miss_rate", misses.rate()},
      {"miss_rate_upper", misses.upper()},
      {"miss_rate_basis", real ? "real palms, as taken and moved" : "invented palms"},
      {"mated_pairs_accepted", misses.accepted},
      {"misses_real_as_taken", MissesJson(world.real.as_taken, rows)},
      {"misses_real_moved", MissesJson(world.real.moved, rows)},
      {"misses_invented", MissesJson(world.invented, rows)},
      {"rows_after_sketches", opened},
      {"rows_after_windows", times.counts.after_windows / times.ms.size()},
      {"searches_widened", times.widened},
      {"searches_not_found", times.not_found},
      {"faiss_ms", faiss_ms},
      {"exhaustive_vs_faiss", faiss_ms / exhaustive_ms},
      {"search_vs_exhaustive", exhaustive_ms / search_ms},
      {"comparisons_per_s_per_core", per_second_per_core},
      {"popcount_share", per_second_per_core / bounds.comparisons_per_second},
      {"search_bound_ms", bound_ms},
      {"open_share", OpeningMs(world, view, opened, threads) / search_ms},
      {"bytes_per_row", matcher::kCodeBytes + matcher::kSketchBytes}};
  std::printf(
      "%8zu rows, %zu threads: search %8.2f ms (p99 %.2f; at best %.2f), exhaustive %9.1f ms (x "
      "%.0f), "
      "FAISS %9.0f ms (x %.1f of exhaustive), missed %.4f %% (at most %.4f %%), opening "
      "%.0f %%, %.0f %% of the popcount bound\n",
      rows, threads, search_ms, json["search_p99_ms"].get<double>(), bound_ms, exhaustive_ms,
      exhaustive_ms / search_ms, faiss_ms, faiss_ms / exhaustive_ms, 100 * misses.rate(),
      100 * misses.upper(), 100 * json["open_share"].get<double>(),
      100 * json["popcount_share"].get<double>());
  return json;
}

// The two figures that do not depend on the gallery, and the scalar code.
nlohmann::json MeasureProbe(const World& world) {
  std::vector<double> prepare_ms;
  for (size_t s = 0; s < 50; ++s) {
    const auto start = Clock::now();
    const matcher::ProbeVariants probe(*world.transform, world.probes[s % world.probes.size()]);
    prepare_ms.push_back(Milliseconds(Clock::now() - start));
  }
  const matcher::SearchContext scalar = {
      .memory_key = world.memory_key.get(),
      .kernels = &matcher::kernels::MatchKernelsFor(matcher::KernelLevel::kScalar),
      .pool = nullptr};
  const matcher::ProbeVariants probe(*world.transform, world.probes[1]);
  const auto start = Clock::now();
  const matcher::TwoBest two =
      matcher::SearchExhaustively(world.gallery->View(kScalarRows), probe, scalar);
  const double us_a_row = Milliseconds(Clock::now() - start) * 1000 / kScalarRows;
  if (two.best()->subject != SubjectOf(1)) Die("the scalar search has the wrong answer");
  const double bound = PopcountBoundPerSecond(matcher::BestKernelLevel(), 1);
  nlohmann::json json = {{"prepare_ms", Quantile(prepare_ms, 0.5)},
                         {"scalar_us_a_row", us_a_row},
                         {"popcount_bound_per_s_per_core", bound},
                         {"cycles_per_s_per_core", CyclesPerSecond()},
                         {"read_bytes_per_s_per_core", ReadBytesPerSecond()}};
  std::printf(
      "all variants of a probe prepared in %.3f ms; scalar %.0f us a row; bounds of a core: "
      "%.1f G cycles/s, %.0f million comparisons/s, %.1f GB/s read\n",
      json["prepare_ms"].get<double>(), us_a_row, json["cycles_per_s_per_core"].get<double>() / 1e9,
      bound / 1e6, json["read_bytes_per_s_per_core"].get<double>() / 1e9);
  return json;
}

// The sets that are there, in the folder LADON_PALMS.
std::vector<std::string> RealSets() {
  const char* const set = std::getenv("LADON_PALMS");
  const std::filesystem::path palms = set != nullptr ? set : "../shared/data/palms";
  std::vector<std::string> folders;
  for (const char* name : {"polyu-nir", "tongji", "casia850"}) {
    if (std::filesystem::is_directory(palms / name)) folders.push_back((palms / name).string());
  }
  if (folders.empty()) {
    std::fprintf(stderr, "no real palms in %s (LADON_PALMS): misses are of invented ones\n",
                 palms.c_str());
  }
  return folders;
}

int Run(const Options& options) {
  const World world = MakeWorld(options);
  PrintPopulation(world);
  PrintMisses("invented palms", world.invented);
  nlohmann::json json = MeasureProbe(world);
  json["results"] = nlohmann::json::array();
  for (const size_t rows : options.rows) {
    for (const size_t threads : options.threads) {
      json["results"].push_back(MeasureSize(world, rows, threads));
      std::fflush(stdout);
    }
  }
  if (options.json.empty()) return 0;
  std::ofstream out(options.json);
  out << json.dump(1) << "\n";
  if (!out.flush()) Die("cannot write " + options.json);
  return 0;
}

}  // namespace
}  // namespace ladon::bench

int main(int argc, char** argv) {
  ladon::bench::Options options;
  CLI::App app("One palm against many: our searches beside FAISS, in one run");
  app.add_option("--rows", options.rows, "Sizes of the gallery")->capture_default_str();
  app.add_option("--threads", options.threads, "Numbers of threads")->capture_default_str();
  app.add_option("--palms", options.palms, "Synthetic palms to extract")->capture_default_str();
  app.add_option("--mated", options.mated_pairs, "Mated pairs for the miss rate")
      ->capture_default_str();
  app.add_option("--searches", options.searches, "Searches to time")->capture_default_str();
  app.add_option("--cache", options.cache, "Where extracted codes are kept")->capture_default_str();
  app.add_option("--images", options.images,
                 "Folders of real palms, as ladon-eval reads them: what is missed on them "
                 "(default: polyu-nir, tongji and casia850 in LADON_PALMS)");
  app.add_option("--moved", options.moved_copies,
                 "Moved copies of every real probe image, for the miss rate")
      ->capture_default_str();
  app.add_option("--json", options.json, "Write the figures to this file");
  app.add_flag("--quick", options.quick, "Tiny, to see that it works");
  CLI11_PARSE(app, argc, argv);
  if (options.quick) {
    options.rows = {1'024};
    options.palms = 300;
    options.probes = 20;
    options.mated_pairs = 400;
    options.searches = 20;
    options.moved_copies = 0;
  } else if (options.images.empty()) {
    options.images = ladon::bench::RealSets();
  }
  return ladon::bench::Run(options);
}
