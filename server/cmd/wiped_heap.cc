// Heap memory of ladond is overwritten when it is freed.
//
// A palm code passes through many hands on its way to the gallery: TLS and gRPC buffers, messages,
// records of the vault, strings. Most of them belong to libraries that free what they held as it
// was, and freed memory keeps it for hours. So this program's free() and realloc() wipe first; all
// libraries call them, for the dynamic linker takes the program's definitions before libc's. They
// rest on glibc's own entry points, as interposers do (glibc manual, "Replacing malloc"). The
// sanitizers bring an allocator of their own and are left alone. mallopt's M_PERTURB would do the
// same, but not for the thread caches, where the small blocks are.
//
// Measured by tests/e2e/memory_test.py: without this file it fails.
#include <malloc.h>
#include <string.h>

#include <algorithm>
#include <cstddef>

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

extern "C" {

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): glibc's names.
void __libc_free(void* block);
void* __libc_malloc(size_t bytes);
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

void free(void* block) {
  if (block == nullptr) return;
  explicit_bzero(block, malloc_usable_size(block));
  __libc_free(block);
}

// Never in place when it grows: what it leaves behind must be wiped, and glibc's would not be.
void* realloc(void* block, size_t bytes) {
  if (block == nullptr) return __libc_malloc(bytes);
  if (bytes == 0) {
    free(block);
    return nullptr;
  }
  const size_t held = malloc_usable_size(block);
  if (bytes <= held && bytes >= held / 2) return block;
  void* const moved = __libc_malloc(bytes);
  if (moved == nullptr) return nullptr;
  memcpy(moved, block, std::min(held, bytes));
  free(block);
  return moved;
}

}  // extern "C"

#endif
