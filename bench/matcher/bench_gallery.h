// A gallery of invented palms as a search reads it: rows and sketches under keystream.
#ifndef LADON_BENCH_MATCHER_BENCH_GALLERY_H_
#define LADON_BENCH_MATCHER_BENCH_GALLERY_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "bench/matcher/population.h"
#include "matcher/gallery_table.h"
#include "matcher/memory_key.h"
#include "matcher/transform.h"

namespace ladon::bench {

class BenchGallery {
 public:
  // The first `rows` codes of `population`, sealed on `threads` threads. All arguments outlive it.
  BenchGallery(const Population& population, const matcher::SchoolTransform& transform,
               const matcher::MemoryKey& memory_key, size_t rows, size_t threads);

  // The first `rows` of them, a multiple of 64.
  [[nodiscard]] matcher::GalleryView View(size_t rows) const {
    return {.table = &table_, .count = rows};
  }

 private:
  std::vector<uint8_t> row_bytes_;
  std::vector<uint8_t> sketch_bytes_;
  matcher::GalleryTable table_;
};

matcher::SubjectRef SubjectOf(uint64_t number);

}  // namespace ladon::bench

#endif  // LADON_BENCH_MATCHER_BENCH_GALLERY_H_
