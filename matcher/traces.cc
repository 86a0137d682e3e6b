#include "matcher/traces.h"

#include <openssl/crypto.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace ladon::matcher {

// Its own frame is what it wipes: it must not become part of its caller's.
__attribute__((noinline)) void WipeTraces(const kernels::MatchKernels& kernels) {
  // The deepest way is a scratch of 16 open rows, a block of sketches, and ScanRows() with its
  // comparisons: 70 KiB before the kernel's own frame.
  constexpr size_t kBytes = size_t{128} * 1024;
  std::array<uint8_t, kBytes> below;
  OPENSSL_cleanse(below.data(), below.size());
  kernels.clear_vectors();
}

}  // namespace ladon::matcher
