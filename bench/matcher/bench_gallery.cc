#include "bench/matcher/bench_gallery.h"

#include <array>
#include <cstring>

#include "matcher/search_pool.h"
#include "matcher/sketch.h"

namespace ladon::bench {
namespace {

// Distinct for distinct numbers and uses, which is all that keystreams ask of a salt.
matcher::RowSalt SaltOf(uint64_t number, uint8_t use) {
  matcher::RowSalt salt{};
  std::memcpy(salt.data(), &number, sizeof(number));
  salt.back() = use;
  return salt;
}

}  // namespace

matcher::SubjectRef SubjectOf(uint64_t number) {
  matcher::SubjectRef subject;
  std::memcpy(subject.bytes.data(), &number, sizeof(number));
  return subject;
}

BenchGallery::BenchGallery(const Population& population, const matcher::SchoolTransform& transform,
                           const matcher::MemoryKey& memory_key, size_t rows, size_t threads)
    : row_bytes_(rows * matcher::kCodeBytes),
      sketch_bytes_(rows * matcher::kSketchBytes),
      table_(rows) {
  matcher::SearchPool pool(threads);
  pool.Run(rows / matcher::kSketchBlockRows, [&](size_t block) {
    const size_t first = block * matcher::kSketchBlockRows;
    for (size_t r = first; r < first + matcher::kSketchBlockRows; ++r) {
      uint8_t* const bytes = row_bytes_.data() + r * matcher::kCodeBytes;
      table_.rows[r] = {.subject = SubjectOf(r), .salt = SaltOf(r, 1), .bytes = bytes};
      memory_key.Seal(transform.Apply(population.Code(r)), table_.rows[r].salt,
                      std::span<uint8_t, matcher::kCodeBytes>(bytes, matcher::kCodeBytes));
    }
    std::array<uint8_t, matcher::kSketchBlockBytes> plain;
    matcher::MakeSketches(memory_key, {table_.rows.get() + first, matcher::kSketchBlockRows},
                          plain);
    uint8_t* const bytes = sketch_bytes_.data() + block * matcher::kSketchBlockBytes;
    table_.sketches[block] = {.bytes = bytes, .salt = SaltOf(block, 2)};
    memory_key.Xor(table_.sketches[block].salt, plain, {bytes, matcher::kSketchBlockBytes});
  });
}

}  // namespace ladon::bench
