#include "matcher/eval/seriation.h"

#include <array>
#include <bit>
#include <cassert>
#include <cstdlib>
#include <utility>
#include <vector>

namespace ladon::matcher::eval {
namespace {

constexpr size_t kBitsAWord = 64;

// Where each cell of an image truly lies: the mask is permuted and not padded, so that a code with
// one reliable cell shows where that cell goes.
std::array<size_t, kCells> TruePlaces(const SchoolTransform& transform) {
  std::array<size_t, kCells> places{};
  for (size_t word = 0; word < kPlaneWords; ++word) {
    for (size_t bit = 0; bit < kBitsAWord; ++bit) {
      VeinCode one;
      one.words[kPlanes * kPlaneWords + word] = uint64_t{1} << bit;
      const VeinCode image = transform.Apply(one);
      for (size_t w = 0; w < kPlaneWords; ++w) {
        const uint64_t mask = image.words[kPlanes * kPlaneWords + w];
        if (mask != 0) {
          places[w * kBitsAWord + static_cast<size_t>(std::countr_zero(mask))] =
              word * kBitsAWord + bit;
        }
      }
    }
  }
  return places;
}

bool AreNeighbours(size_t one, size_t other) {
  const auto x_of = [](size_t cell) {
    return static_cast<int>(cell / kBitsAWord % kBlocksASide * kBlockSide + cell % kBlockSide);
  };
  const auto y_of = [](size_t cell) {
    return static_cast<int>(cell / kBitsAWord / kBlocksASide * kBlockSide +
                            cell % kBitsAWord / kBlockSide);
  };
  return std::abs(x_of(one) - x_of(other)) <= 1 && std::abs(y_of(one) - y_of(other)) <= 1;
}

}  // namespace

double SeriationSuccess(std::span<const VeinCode> images, const SchoolTransform& transform) {
  assert(images.size() >= 2);
  // Of each plane and cell one bit an image, so that two cells are compared word by word.
  const size_t words = (images.size() + kBitsAWord - 1) / kBitsAWord;
  std::vector<uint64_t> columns(kPlanes * kCells * words);
  for (size_t i = 0; i < images.size(); ++i) {
    for (size_t p = 0; p < kPlanes; ++p) {
      for (size_t cell = 0; cell < kCells; ++cell) {
        const uint64_t word = images[i].words[p * kPlaneWords + cell / kBitsAWord];
        columns[(p * kCells + cell) * words + i / kBitsAWord] |= (word >> cell % kBitsAWord & 1)
                                                                 << i % kBitsAWord;
      }
    }
  }
  const auto correlation = [&](size_t one, size_t other) {
    int64_t sum = 0;
    for (size_t p = 0; p < kPlanes; ++p) {
      const uint64_t* const a = &columns[(p * kCells + one) * words];
      const uint64_t* const b = &columns[(p * kCells + other) * words];
      int64_t differing = 0;
      for (size_t w = 0; w < words; ++w) differing += std::popcount(a[w] ^ b[w]);
      // The pad turns some cells over, so only how far from half matters.
      sum += std::abs(static_cast<int64_t>(images.size()) - 2 * differing);
    }
    return sum;
  };
  std::vector<int64_t> best(kCells, -1);
  std::vector<size_t> partner(kCells);
  for (size_t one = 0; one < kCells; ++one) {
    for (size_t other = one + 1; other < kCells; ++other) {
      const int64_t value = correlation(one, other);
      for (const auto& [cell, guess] : {std::pair(one, other), std::pair(other, one)}) {
        if (value <= best[cell]) continue;
        best[cell] = value;
        partner[cell] = guess;
      }
    }
  }
  const std::array<size_t, kCells> places = TruePlaces(transform);
  size_t found = 0;
  for (size_t cell = 0; cell < kCells; ++cell) {
    found += AreNeighbours(places[cell], places[partner[cell]]) ? 1 : 0;
  }
  return static_cast<double>(found) / kCells;
}

}  // namespace ladon::matcher::eval
