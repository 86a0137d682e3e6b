#include "matcher/gallery_table.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cassert>

namespace ladon::matcher {

std::span<const GalleryRow> GalleryView::Block(size_t block) const {
  const size_t first = block * kSketchBlockRows;
  return {table->rows.get() + first, std::min(kSketchBlockRows, count - first)};
}

const SealedSketches* GalleryView::SketchesOf(size_t block) const {
  if ((block + 1) * kSketchBlockRows > count) return nullptr;
  const SealedSketches* const sealed = &table->sketches[block];
  return sealed->bytes == nullptr ? nullptr : sealed;
}

void MakeSketches(const MemoryKey& memory_key, std::span<const GalleryRow> rows,
                  std::span<uint8_t, kSketchBlockBytes> out) {
  assert(rows.size() <= kSketchBlockRows);
  std::fill(out.begin(), out.end(), uint8_t{0});
  VeinCode open;
  for (size_t r = 0; r < rows.size(); ++r) {
    if (rows[r].bytes == nullptr) continue;
    const SealedRow sealed = {.bytes = rows[r].bytes, .salt = rows[r].salt};
    memory_key.Open({&sealed, 1}, {&open, 1});
    AddSketch(open, r, out);
  }
  OPENSSL_cleanse(&open, sizeof(open));
}

}  // namespace ladon::matcher
