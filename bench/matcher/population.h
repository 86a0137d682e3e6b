// Invented palms for the matcher's benchmark: codes with the statistics of real ones.
//
// Independent random cells flatter a matcher: their distances hardly vary. So codes are extracted
// from synthetic images (once; kept in a file), and more are made of them in the code domain:
// turned by 180 degrees, mirrored, and moved around the grid by more than a search looks for, which
// keeps how cells depend on their neighbours. A mated showing of a code is moved, stretched block
// by block, and hidden in patches by somebody else's lines until it is as far as showings of real
// palms are. Deterministic for a seed. Not thread safe, but for const calls.
#ifndef LADON_BENCH_MATCHER_POPULATION_H_
#define LADON_BENCH_MATCHER_POPULATION_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "matcher/vein_code.h"

namespace ladon::bench {

// An image of a palm of `palm_seed` as the benchmark shows it: the middle of a synthetic one, made
// larger, because the veins of real palms are wider and so their codes change less from cell to
// cell.
std::vector<uint8_t> PalmImage(uint64_t palm_seed, uint64_t sample_seed);

class Population {
 public:
  // Reads `cache`, or extracts `palms` synthetic palms on `threads` threads and writes it.
  // `progress` is told how many are done. Exits with a message when the file cannot be written.
  Population(const std::string& cache, size_t palms, size_t threads,
             const std::function<void(size_t)>& progress);

  [[nodiscard]] size_t palms() const { return codes_.size(); }
  [[nodiscard]] const matcher::VeinCode& Base(size_t palm) const { return codes_[palm]; }

  // Code number `row` of any number of them; the first palms() are the extracted ones.
  [[nodiscard]] matcher::VeinCode Code(size_t row) const;

  // A later showing of `code`: how well it was taken varies from very well to hardly.
  [[nodiscard]] matcher::VeinCode Showing(const matcher::VeinCode& code,
                                          std::mt19937_64* random) const;

 private:
  std::vector<matcher::VeinCode> codes_;
};

}  // namespace ladon::bench

#endif  // LADON_BENCH_MATCHER_POPULATION_H_
