#include "matcher/search.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <vector>

#include "matcher/traces.h"

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
};
struct SketchScratch {
  ~SketchScratch() { OPENSSL_cleanse(this, sizeof(*this)); }
  std::array<uint8_t, kSketchBlockBytes> bytes;
};

struct PartResult {
  TwoBest two;
  StageCounts counts;
};

void Join(const PartResult& part, PartResult* whole) {
  // The least of all, and the least of any other subject, are among the parts' two.
  if (part.two.best().has_value()) whole->two.Offer(*part.two.best());
  if (part.two.best_other().has_value()) whole->two.Offer(*part.two.best_other());
  whole->counts.after_sketches += part.counts.after_sketches;
  whole->counts.after_windows += part.counts.after_windows;
}

// Runs part(block_from, block_to, result) over the view and puts the results together. Nothing of a
// row is left on the threads that did it.
PartResult RunParts(const GalleryView& view, const SearchContext& context,
                    const std::function<void(size_t, size_t, PartResult*)>& part) {
  const size_t blocks = view.blocks();
  const size_t parts = (blocks + kBlocksAPart - 1) / kBlocksAPart;
  std::vector<PartResult> results(parts);
  const std::function<void(size_t)> run = [&](size_t p) {
    part(p * kBlocksAPart, std::min(blocks, (p + 1) * kBlocksAPart), &results[p]);
  };
  const std::function<void()> wipe = WipeTraces;
  if (context.pool != nullptr) {
    context.pool->Run(parts, run, wipe);
  } else {
    for (size_t p = 0; p < parts; ++p) run(p);
    wipe();
  }
  PartResult whole;
  for (const PartResult& result : results) Join(result, &whole);
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

void OpenSketches(const GalleryView& view, size_t block, const MemoryKey& memory_key,
                  std::span<uint8_t, kSketchBlockBytes> out) {
  const SealedSketches* const sealed = view.SketchesOf(block);
  if (sealed == nullptr) return MakeSketches(memory_key, view.Block(block), out);
  memory_key.Xor(sealed->salt, {sealed->bytes, kSketchBlockBytes}, out);
}

// What stage 1 found with one code for the rows of a block: the least cost and its translation.
struct StepCosts {
  uint16_t* costs;
  uint8_t* steps;
};

// The same of many blocks; wiped when it goes.
class SketchCosts {
 public:
  explicit SketchCosts(size_t blocks)
      : costs_(blocks * kSketchBlockRows), steps_(blocks * kSketchBlockRows) {}
  ~SketchCosts() {
    OPENSSL_cleanse(costs_.data(), costs_.size() * sizeof(costs_[0]));
    OPENSSL_cleanse(steps_.data(), steps_.size());
  }
  SketchCosts(const SketchCosts&) = delete;
  SketchCosts& operator=(const SketchCosts&) = delete;

  StepCosts Of(size_t block) {
    return {.costs = &costs_[block * kSketchBlockRows], .steps = &steps_[block * kSketchBlockRows]};
  }

 private:
  std::vector<uint16_t> costs_;
  std::vector<uint8_t> steps_;
};

// Of stage 1: above `above`, at most `at_most`.
struct CostRange {
  int above;
  int at_most;
};
constexpr CostRange kNarrow = {.above = -1, .at_most = kNarrowSketchCostMax};
constexpr CostRange kBesidesNarrow = {.above = kNarrowSketchCostMax, .at_most = kWideSketchCostMax};
constexpr CostRange kWide = {.above = -1, .at_most = kWideSketchCostMax};

// Stages 2 and 3, for one part of the gallery.
class Refiner {
 public:
  Refiner(const ProbeVariants& probe, const SearchContext& context, PartResult* result)
      : probe_(probe), context_(context), result_(result) {}

  // Forgets which rows have got their distance: they are another block's from here on.
  void NextBlock() { done_ = {}; }

  // The rows of a block whose costs with `code` are in `range`.
  void Refine(std::span<const GalleryRow> rows, size_t code, const StepCosts& found,
              const CostRange& range) {
    for (size_t r = 0; r < rows.size(); ++r) {
      const int cost = found.costs[r];
      if (cost <= range.above || cost > range.at_most) continue;
      if (rows[r].bytes == nullptr || done_[r]) continue;
      done_[r] = RefineRow(rows[r], code, found.steps[r]);
    }
  }

 private:
  // Whether stage 2 passed it.
  bool RefineRow(const GalleryRow& row, size_t code, uint8_t step) {
    ++result_->counts.after_sketches;
    const SealedRow sealed = {.bytes = row.bytes, .salt = row.salt};
    context_.memory_key->Open({&sealed, 1}, scratch_.rows);
    const VeinCode& open = scratch_.rows[0];
    const int32_t window_q16 = WindowDistanceQ16(open, probe_, code, step, *context_.kernels);
    if (window_q16 > kWindowDistanceMaxQ16) return false;
    ++result_->counts.after_windows;
    int32_t distance_q16 = 0;
    ScanRows({&open, 1}, probe_, *context_.kernels, {&distance_q16, 1});
    result_->two.Offer({.distance_q16 = distance_q16, .subject = row.subject});
    return true;
  }

  const ProbeVariants& probe_;
  const SearchContext& context_;
  PartResult* result_;
  Scratch scratch_;
  std::array<bool, kSketchBlockRows> done_{};
};

void ScanSketches(const SketchScratch& sketches, const SketchProbe& probe,
                  const SearchContext& context, const StepCosts& found) {
  context.kernels->sketch_scan(sketches.bytes.data(), probe.tables(), found.costs, found.steps);
}

// What the narrow pass has left out: more rows with the upright code, whose costs are known, and
// all rows with the others.
PartResult SearchWidely(const GalleryView& view, const ProbeVariants& probe,
                        const SearchContext& context, SketchCosts* upright) {
  std::vector<std::unique_ptr<SketchProbe>> others;
  for (size_t code = 1; code < probe.codes(); ++code) {
    others.push_back(std::make_unique<SketchProbe>(probe, code));
  }
  return RunParts(view, context, [&](size_t from, size_t to, PartResult* result) {
    SketchScratch sketches;
    SketchCosts turned(1);
    Refiner refiner(probe, context, result);
    for (size_t block = from; block < to; ++block, refiner.NextBlock()) {
      const std::span<const GalleryRow> rows = view.Block(block);
      refiner.Refine(rows, 0, upright->Of(block), kBesidesNarrow);
      OpenSketches(view, block, *context.memory_key, sketches.bytes);
      for (size_t code = 1; code < probe.codes(); ++code) {
        ScanSketches(sketches, *others[code - 1], context, turned.Of(0));
        refiner.Refine(rows, code, turned.Of(0), kWide);
      }
    }
  });
}

}  // namespace

int32_t WindowDistanceQ16(const VeinCode& row, const ProbeVariants& probe, size_t code, uint8_t at,
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
    const VeinCode& first = probe.At(code, left, top + static_cast<int>(line));
    kernels.block_excess(row.words.data(), first.words.data(), width,
                         &excess[line * width * kBlocks], &cells[line * width]);
  }
  return LeastDistanceQ16(excess, cells, width, height, kernels);
}

TwoBest SearchExhaustively(const GalleryView& view, const ProbeVariants& probe,
                           const SearchContext& context) {
  return RunParts(view, context,
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
  SketchCosts upright(view.blocks());
  const SketchProbe upright_probe(probe, 0);
  PartResult found = RunParts(view, context, [&](size_t from, size_t to, PartResult* result) {
    SketchScratch sketches;
    Refiner refiner(probe, context, result);
    for (size_t block = from; block < to; ++block, refiner.NextBlock()) {
      OpenSketches(view, block, *context.memory_key, sketches.bytes);
      ScanSketches(sketches, upright_probe, context, upright.Of(block));
      refiner.Refine(view.Block(block), 0, upright.Of(block), kNarrow);
    }
  });
  if (!found.two.best().has_value() || found.two.best()->distance_q16 > near_enough_q16) {
    Join(SearchWidely(view, probe, context, &upright), &found);
    found.counts.widened = true;
  }
  if (counts != nullptr) *counts = found.counts;
  return found.two;
}

}  // namespace ladon::matcher
