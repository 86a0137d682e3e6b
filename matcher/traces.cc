#include "matcher/traces.h"

#include <openssl/crypto.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "matcher/kernels/dispatch.h"

namespace ladon::matcher {

// Its own frame is what it wipes: it must not become part of its caller's.
__attribute__((noinline)) void WipeTraces() {
  // The deepest way is a scratch of 16 open rows, a block of sketches, and ScanRows() with its
  // comparisons: 70 KiB before the kernel's own frame.
  constexpr size_t kBytes = size_t{128} * 1024;
  std::array<uint8_t, kBytes> below;
  OPENSSL_cleanse(below.data(), below.size());
  static const kernels::ClearVectorsFn clear_vectors = kernels::BestClearVectors();
  clear_vectors();
}

}  // namespace ladon::matcher
