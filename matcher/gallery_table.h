// What a search reads: rows under keystream, and their sketches by 64.
//
// A table is append-only up to its capacity: entries below a published count never change, so
// snapshots of different lengths share one. The sketches of 64 rows are written when the last of
// them is; those of an incomplete block, or for which there was no memory, are made by each search.
// Plain data; the gallery owns the memory that the pointers name and sees to it that it outlives
// the searches.
#ifndef LADON_MATCHER_GALLERY_TABLE_H_
#define LADON_MATCHER_GALLERY_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "matcher/memory_key.h"
#include "matcher/scan.h"
#include "matcher/sketch.h"

namespace ladon::matcher {

struct GalleryRow {
  SubjectRef subject;
  RowSalt salt;
  uint8_t* bytes;  // kCodeBytes of ciphertext; nullptr: erased, a hole.
};

struct SealedSketches {
  uint8_t* bytes;  // kSketchBlockBytes of ciphertext; nullptr: there was no memory for them.
  RowSalt salt;
};

struct GalleryTable {
  explicit GalleryTable(size_t capacity_rows)
      : capacity(capacity_rows),
        rows(std::make_unique<GalleryRow[]>(capacity_rows)),
        sketches(std::make_unique<SealedSketches[]>(capacity_rows / kSketchBlockRows)) {}
  const size_t capacity;  // A multiple of kSketchBlockRows.
  const std::unique_ptr<GalleryRow[]> rows;
  const std::unique_ptr<SealedSketches[]> sketches;
};

// The first `count` entries of a table, holes among them.
struct GalleryView {
  const GalleryTable* table = nullptr;
  size_t count = 0;

  [[nodiscard]] size_t blocks() const { return (count + kSketchBlockRows - 1) / kSketchBlockRows; }
  [[nodiscard]] std::span<const GalleryRow> Block(size_t block) const;
  // nullptr: the search makes them.
  [[nodiscard]] const SealedSketches* SketchesOf(size_t block) const;
};

// Opens up to 64 rows and writes their sketches, plain; holes are left zero.
void MakeSketches(const MemoryKey& memory_key, std::span<const GalleryRow> rows,
                  std::span<uint8_t, kSketchBlockBytes> out);

}  // namespace ladon::matcher

#endif  // LADON_MATCHER_GALLERY_TABLE_H_
