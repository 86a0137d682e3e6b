#include "matcher/kernels/elastic_totals_avx2.h"

#include <immintrin.h>

#include "matcher/kernels/elastic_totals_scalar.h"
#include "matcher/kernels/layout.h"
#include "matcher/kernels/sum_avx2.h"

// The sixteen blocks of a translation are one vector.

namespace ladon::matcher::kernels {
namespace {

__attribute__((target("avx2"), always_inline)) inline __m256i Greatest(__m256i here, __m256i before,
                                                                       __m256i after) {
  const __m256i moved =
      _mm256_sub_epi16(_mm256_max_epi16(before, after), _mm256_set1_epi16(kMovePenalty));
  return _mm256_max_epi16(here, moved);
}

}  // namespace

__attribute__((target("avx2"))) void ElasticTotalsAvx2(const int16_t* excess, size_t width,
                                                       size_t height, int16_t* totals) {
  __m256i across[kTranslationsASideMax * kTranslationsASideMax];
  const auto* const at = reinterpret_cast<const __m256i*>(excess);
  for (size_t y = 0; y < height; ++y) {
    for (size_t x = 0; x < width; ++x) {
      const size_t here = y * width + x;
      const size_t before = x == 0 ? here : here - 1;
      const size_t after = x + 1 == width ? here : here + 1;
      across[here] = Greatest(_mm256_loadu_si256(at + here), _mm256_loadu_si256(at + before),
                              _mm256_loadu_si256(at + after));
    }
  }
  for (size_t y = 0; y < height; ++y) {
    for (size_t x = 0; x < width; ++x) {
      const size_t here = y * width + x;
      const size_t above = y == 0 ? here : here - width;
      const size_t below = y + 1 == height ? here : here + width;
      totals[here] =
          static_cast<int16_t>(SumOf16(Greatest(across[here], across[above], across[below])));
    }
  }
}

}  // namespace ladon::matcher::kernels
