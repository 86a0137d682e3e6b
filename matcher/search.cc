#include "matcher/search.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <functional>
#include <vector>

namespace ladon::matcher {
namespace {

// A thread takes this many blocks at a time: enough to be worth the handing out, few enough for all
// threads to end together.
constexpr size_t kBlocksAPart = 8;
constexpr int kWindowSide = 2 * kWindowCells + 1;

// Scratch for open rows and sketches; plain ones lie here for the length of one part.
struct Scratch {
  ~Scratch() { OPENSSL_cleanse(this, sizeof(*this)); }
  std::array<VeinCode, kOpenRowsMax> rows;
  std::array<uint8_t, kSketchBlockBytes> sketches;
};

struct PartResult {
  TwoBest two;
  StageCounts counts;
};

// Runs part(block_from, block_to, result) over the view and puts the results together.
PartResult RunParts(const GalleryView& view, SearchPool* pool,
                    const std::function<void(size_t, size_t, PartResult*)>& part) {
  const size_t blocks = view.blocks();
  const size_t parts = (blocks + kBlocksAPart - 1) / kBlocksAPart;
  std::vector<PartResult> results(parts);
  const std::function<void(size_t)> run = [&](size_t p) {
    part(p * kBlocksAPart, std::min(blocks, (p + 1) * kBlocksAPart), &results[p]);
  };
  if (pool != nullptr) {
    pool->Run(parts, run);
  } else {
    for (size_t p = 0; p < parts; ++p) run(p);
  }
  PartResult whole;
  for (const PartResult& result : results) {
    // The least of all, and the least of any other subject, are among the parts' two.
    if (result.two.best().has_value()) whole.two.Offer(*result.two.best());
    if (result.two.best_other().has_value()) whole.two.Offer(*result.two.best_other());
    whole.counts.after_sketches += result.counts.after_sketches;
    whole.counts.after_windows += result.counts.after_windows;
  }
  whole.counts.rows = view.count;
  return whole;
}

// Opens what there is of `rows` (at most kOpenRowsMax) and offers every distance.
void OfferRows(std::span<const GalleryRow> rows, const ProbeVariants& probe,
               const SearchContext& context, Scratch* scratch, TwoBest* two) {
  std::array<SealedRow, kOpenRowsMax> sealed;
  std::array<const SubjectRef*, kOpenRowsMax> subjects;
  size_t count = 0;
  for (const GalleryRow& row : rows) {
    if (row.bytes == nullptr) continue;
    sealed[count] = {.bytes = row.bytes, .salt = row.salt};
    subjects[count++] = &row.subject;
  }
  std::array<int32_t, kOpenRowsMax> distances_q16;
  context.memory_key->Open({sealed.data(), count}, scratch->rows);
  ScanRows({scratch->rows.data(), count}, probe, *context.kernels, {distances_q16.data(), count});
  for (size_t i = 0; i < count; ++i) {
    two->Offer({.distance_q16 = distances_q16[i], .subject = *subjects[i]});
  }
}

// Stages 2 and 3 for one row that stage 1 has passed.
void RefineRow(const GalleryRow& row, uint8_t at, int32_t window_distance_max_q16,
               const ProbeVariants& probe, const SearchContext& context, Scratch* scratch,
               PartResult* result) {
  ++result->counts.after_sketches;
  const SealedRow sealed = {.bytes = row.bytes, .salt = row.salt};
  context.memory_key->Open({&sealed, 1}, scratch->rows);
  const VeinCode& open = scratch->rows[0];
  if (WindowDistanceQ16(open, probe, at, *context.kernels) > window_distance_max_q16) return;
  ++result->counts.after_windows;
  int32_t distance_q16 = 0;
  ScanRows({&open, 1}, probe, *context.kernels, {&distance_q16, 1});
  result->two.Offer({.distance_q16 = distance_q16, .subject = row.subject});
}

void OpenSketches(const GalleryView& view, size_t block, const MemoryKey& memory_key,
                  std::span<uint8_t, kSketchBlockBytes> out) {
  const SealedSketches* const sealed = view.SketchesOf(block);
  if (sealed == nullptr) return MakeSketches(memory_key, view.Block(block), out);
  memory_key.Xor(sealed->salt, {sealed->bytes, kSketchBlockBytes}, out);
}

}  // namespace

int32_t WindowDistanceQ16(const VeinCode& row, const ProbeVariants& probe, uint8_t at,
                          const kernels::MatchKernels& kernels) {
  const int x = SketchOffset(at % kernels::kSketchStepsASide);
  const int y = SketchOffset(at / kernels::kSketchStepsASide);
  const int left = std::max(x - kWindowCells, -kShiftCellsMax);
  const int top = std::max(y - kWindowCells, -kShiftCellsMax);
  const auto width =
      static_cast<size_t>(std::min(x + kWindowCells, kShiftCellsMax) - left) + size_t{1};
  const auto height =
      static_cast<size_t>(std::min(y + kWindowCells, kShiftCellsMax) - top) + size_t{1};
  std::array<int16_t, size_t{kWindowSide} * kWindowSide * kBlocks> excess{};
  std::array<uint16_t, size_t{kWindowSide} * kWindowSide> cells{};
  for (size_t line = 0; line < height; ++line) {
    const VeinCode& first = probe.At(0, left, top + static_cast<int>(line));
    kernels.block_excess(row.words.data(), first.words.data(), width,
                         &excess[line * width * kBlocks], &cells[line * width]);
  }
  return LeastDistanceQ16(excess, cells, width, height, kernels);
}

TwoBest SearchExhaustively(const GalleryView& view, const ProbeVariants& probe,
                           const SearchContext& context) {
  return RunParts(view, context.pool,
                  [&](size_t from, size_t to, PartResult* result) {
                    Scratch scratch;
                    for (size_t block = from; block < to; ++block) {
                      std::span<const GalleryRow> rows = view.Block(block);
                      for (; !rows.empty();
                           rows = rows.subspan(std::min(kOpenRowsMax, rows.size()))) {
                        OfferRows(rows.first(std::min(kOpenRowsMax, rows.size())), probe, context,
                                  &scratch, &result->two);
                      }
                    }
                  })
      .two;
}

TwoBest SearchInStages(const GalleryView& view, const ProbeVariants& probe, int32_t near_enough_q16,
                       const SearchContext& context, StageCounts* counts) {
  const SketchProbe sketch_probe(probe);
  // What stage 1 found, for the case that it has to pass more.
  std::vector<uint16_t> costs(view.blocks() * kSketchBlockRows);
  std::vector<uint8_t> at(view.blocks() * kSketchBlockRows);
  const auto refine = [&](size_t block, const StageLimits& limits, Scratch* scratch,
                          PartResult* result) {
    const std::span<const GalleryRow> rows = view.Block(block);
    for (size_t r = 0; r < rows.size(); ++r) {
      const size_t i = block * kSketchBlockRows + r;
      if (costs[i] > limits.sketch_cost_max || rows[r].bytes == nullptr) continue;
      RefineRow(rows[r], at[i], limits.window_distance_max_q16, probe, context, scratch, result);
    }
  };
  PartResult found = RunParts(view, context.pool, [&](size_t from, size_t to, PartResult* result) {
    Scratch scratch;
    for (size_t block = from; block < to; ++block) {
      OpenSketches(view, block, *context.memory_key, scratch.sketches);
      const size_t first = block * kSketchBlockRows;
      context.kernels->sketch_scan(scratch.sketches.data(), sketch_probe.tables(), &costs[first],
                                   &at[first]);
      refine(block, kNarrow, &scratch, result);
    }
  });
  if (!found.two.best().has_value() || found.two.best()->distance_q16 > near_enough_q16) {
    const StageLimits& wide = view.count <= kWideRowsMax ? kWide : kWideRegion;
    // What stage 2 has rejected narrowly may pass it now, so all that stage 1 passes are looked at.
    PartResult more = RunParts(view, context.pool, [&](size_t from, size_t to, PartResult* result) {
      Scratch scratch;
      for (size_t block = from; block < to; ++block) refine(block, wide, &scratch, result);
    });
    more.counts.after_sketches += found.counts.after_sketches;
    more.counts.after_windows += found.counts.after_windows;
    more.counts.widened = true;
    found = more;
  }
  OPENSSL_cleanse(costs.data(), costs.size() * sizeof(costs[0]));
  OPENSSL_cleanse(at.data(), at.size());
  if (counts != nullptr) *counts = found.counts;
  return found.two;
}

}  // namespace ladon::matcher
