// The total excess of every translation when each block may move by one more cell: the
// specification of the kernels of this name, which equal it bit for bit.
//
// excess holds 16 values (block_excess_scalar.h) for each of width x height translations, row by
// row. For a translation each block takes the greatest excess among the up to nine translations at
// most one cell away in x and in y, less kMovePenalty a cell moved; totals gets their sum,
// -6 144 .. 6 144. width and height: 1 .. kTranslationsASideMax.
#ifndef LADON_MATCHER_KERNELS_ELASTIC_TOTALS_SCALAR_H_
#define LADON_MATCHER_KERNELS_ELASTIC_TOTALS_SCALAR_H_

#include <cstddef>
#include <cstdint>

namespace ladon::matcher::kernels {

// Noise alone would move a block by one cell if that were free (docs/adr/0009).
inline constexpr int16_t kMovePenalty = 12;
inline constexpr size_t kTranslationsASideMax = 11;

void ElasticTotalsScalar(const int16_t* excess, size_t width, size_t height, int16_t* totals);

}  // namespace ladon::matcher::kernels

#endif  // LADON_MATCHER_KERNELS_ELASTIC_TOTALS_SCALAR_H_
