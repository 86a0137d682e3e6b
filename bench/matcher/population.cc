#include "bench/matcher/population.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <thread>

#include "matcher/distance.h"
#include "matcher/extract/extractor.h"
#include "matcher/extract/synthetic_palm.h"

namespace ladon::bench {
namespace {

using matcher::CellLines;
using matcher::kGridSide;
using matcher::VeinCode;

constexpr int kSide = static_cast<int>(kGridSide);
// How large palms are shown, so that codes have about the degrees of freedom of real ones, and how
// much of a palm is hidden at most, so that mated distances spread as theirs do; the benchmark
// prints both beside the real figures.
constexpr double kMagnification = 2.0;
constexpr int kShowingPatchesMax = 70;

// Where the cells of a derived code come from.
struct Derivation {
  bool mirror_x = false;
  bool mirror_y = false;
  size_t roll_x = 0;
  size_t roll_y = 0;
};

VeinCode Derive(const VeinCode& code, const Derivation& d) {
  VeinCode out;
  for (size_t y = 0; y < kGridSide; ++y) {
    for (size_t x = 0; x < kGridSide; ++x) {
      const size_t from_x = d.mirror_x ? kGridSide - 1 - x : x;
      const size_t from_y = d.mirror_y ? kGridSide - 1 - y : y;
      std::optional<CellLines> lines = matcher::CellAt(code, from_x, from_y);
      if (!lines.has_value()) continue;
      // One mirror turns the angles round, two put them right again.
      if (d.mirror_x != d.mirror_y) {
        lines =
            CellLines{.fine = (matcher::kOrientations - lines->fine) % matcher::kOrientations,
                      .coarse = (matcher::kOrientations - lines->coarse) % matcher::kOrientations};
      }
      matcher::SetCell(out, (x + d.roll_x) % kGridSide, (y + d.roll_y) % kGridSide, *lines);
    }
  }
  return out;
}

using Cells = std::array<bool, matcher::kCells>;

// `count` squares of 2 to 5 cells a side, anywhere.
Cells Patches(int count, std::mt19937_64* random) {
  const auto draw = [random](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(*random);
  };
  Cells covered{};
  for (int p = 0; p < count; ++p) {
    const int left = draw(-2, kSide - 2);
    const int top = draw(-2, kSide - 2);
    const int size = draw(2, 5);
    for (int y = std::max(top, 0); y < std::min(top + size, kSide); ++y) {
      for (int x = std::max(left, 0); x < std::min(left + size, kSide); ++x) {
        covered[static_cast<size_t>(y) * kGridSide + static_cast<size_t>(x)] = true;
      }
    }
  }
  return covered;
}

VeinCode ExtractSynthetic(size_t palm) {
  const auto extraction = matcher::ExtractTemplate(PalmImage(palm + 1, 1));
  assert(extraction.ok());
  return extraction->codes.front();
}

std::vector<VeinCode> ReadCache(const std::string& cache, size_t palms) {
  std::ifstream in(cache, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
  if (bytes.size() < palms * matcher::kTemplateBytes) return {};
  std::vector<VeinCode> codes;
  for (size_t i = 0; i < palms; ++i) {
    const auto* const at =
        reinterpret_cast<const uint8_t*>(bytes.data()) + i * matcher::kTemplateBytes;
    const auto code = matcher::ParseTemplate({at, matcher::kTemplateBytes});
    if (!code.ok()) return {};  // Of another version of the extractor.
    codes.push_back(*code);
  }
  // Another build may draw or code palms in another way.
  if (codes.empty() || codes.front() != ExtractSynthetic(0)) return {};
  return codes;
}

}  // namespace

std::vector<uint8_t> PalmImage(uint64_t palm_seed, uint64_t sample_seed) {
  return matcher::RenderSyntheticPalmPng(
      {.palm_seed = palm_seed, .sample_seed = sample_seed, .magnification = kMagnification});
}

Population::Population(const std::string& cache, size_t palms, size_t threads,
                       const std::function<void(size_t)>& progress)
    : codes_(ReadCache(cache, palms)) {
  if (!codes_.empty()) return;
  codes_.resize(palms);
  std::atomic<size_t> next = 0;
  const auto extract = [&](bool reports) {
    for (size_t i = next++; i < palms; i = next++) {
      codes_[i] = ExtractSynthetic(i);
      if (reports) progress(next);
    }
  };
  std::vector<std::thread> helpers;
  for (size_t t = 1; t < threads; ++t) helpers.emplace_back(extract, false);
  extract(true);
  for (std::thread& helper : helpers) helper.join();
  std::ofstream out(cache, std::ios::binary);
  for (const VeinCode& code : codes_) {
    const std::vector<uint8_t> bytes = matcher::SerializeTemplate(code);
    out.write(reinterpret_cast<const char*>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
  }
  if (!out.flush()) {
    std::fprintf(stderr, "matcher_bench: cannot write %s\n", cache.c_str());
    std::exit(1);
  }
}

VeinCode Population::Code(size_t row) const {
  const size_t round = row / codes_.size();
  if (round == 0) return codes_[row];
  // Rolls of 8 .. 23 cells: beyond what a search aligns, in either direction.
  const Derivation derivation = {.mirror_x = (round & 1) != 0,
                                 .mirror_y = (round & 2) != 0,
                                 .roll_x = 8 + round * 5 % 16,
                                 .roll_y = 8 + round * 11 % 16};
  return Derive(codes_[row % codes_.size()], derivation);
}

VeinCode Population::Showing(const VeinCode& code, std::mt19937_64* random) const {
  const auto draw = [random](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(*random);
  };
  const VeinCode& other = codes_[(*random)() % codes_.size()];
  // How much of the palm shows something else, beyond what the second image brought.
  const Cells hidden = Patches(draw(0, kShowingPatchesMax), random);
  VeinCode seen;
  std::array<std::array<int, 2>, matcher::kBlocks> stretch{};
  for (auto& [dx, dy] : stretch) {
    dx = draw(-3, 3) / 3;
    dy = draw(-3, 3) / 3;
  }
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      const auto& [dx, dy] = stretch[static_cast<size_t>(y / 8 * 4 + x / 8)];
      const int from_x = std::clamp(x + dx, 0, kSide - 1);
      const int from_y = std::clamp(y + dy, 0, kSide - 1);
      const size_t cell = static_cast<size_t>(y) * kGridSide + static_cast<size_t>(x);
      const auto lines = matcher::CellAt(hidden[cell] ? other : code, static_cast<size_t>(from_x),
                                         static_cast<size_t>(from_y));
      if (!lines.has_value()) continue;
      matcher::SetCell(seen, static_cast<size_t>(x), static_cast<size_t>(y), *lines);
    }
  }
  // Hands are put down near the same place more often than at the edge.
  const int dx = (draw(-4, 4) + draw(-4, 4)) / 2;
  const int dy = (draw(-4, 4) + draw(-4, 4)) / 2;
  return matcher::Shift(seen, dx, dy);
}

}  // namespace ladon::bench
