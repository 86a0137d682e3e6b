#include "matcher/kernels/elastic_totals_scalar.h"

#include "matcher/kernels/layout.h"

// The penalty is a cell in x plus a cell in y, so the greatest of nine is the greatest of three of
// the greatest of three.

namespace ladon::matcher::kernels {
namespace {

int16_t Greatest(int16_t here, int16_t before, int16_t after) {
  const int moved = (before > after ? before : after) - kMovePenalty;
  return here > moved ? here : static_cast<int16_t>(moved);
}

}  // namespace

void ElasticTotalsScalar(const int16_t* excess, size_t width, size_t height, int16_t* totals) {
  int16_t across[kTranslationsASideMax * kTranslationsASideMax];
  for (size_t t = 0; t < width * height; ++t) totals[t] = 0;
  for (size_t block = 0; block < kWordsAPlane; ++block) {
    const auto at = [&](size_t x, size_t y) {
      return excess[(y * width + x) * kWordsAPlane + block];
    };
    for (size_t y = 0; y < height; ++y) {
      for (size_t x = 0; x < width; ++x) {
        across[y * width + x] =
            Greatest(at(x, y), at(x == 0 ? x : x - 1, y), at(x + 1 == width ? x : x + 1, y));
      }
    }
    for (size_t y = 0; y < height; ++y) {
      for (size_t x = 0; x < width; ++x) {
        const size_t above = (y == 0 ? y : y - 1) * width + x;
        const size_t below = (y + 1 == height ? y : y + 1) * width + x;
        const size_t here = y * width + x;
        totals[here] = static_cast<int16_t>(totals[here] +
                                            Greatest(across[here], across[above], across[below]));
      }
    }
  }
}

}  // namespace ladon::matcher::kernels
