// A page for a key: out of core dumps, never swapped, where the kernel can, out of reach of the
// kernel's own mappings.
//
// memfd_secret(2) (Linux 5.14, unless switched off) takes the page out of the direct map; else the
// page is mlock'ed and marked MADV_DONTDUMP. Either way a forked child does not inherit it. The
// bytes are wiped before the page is given back. Not thread safe by itself: written once, then
// read only.
#ifndef LADON_MATCHER_SECRET_MEMORY_H_
#define LADON_MATCHER_SECRET_MEMORY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "absl/status/statusor.h"

namespace ladon::matcher {

enum class SecretBacking : uint8_t { kMemfdSecret, kLockedPage };

class SecretMemory {
 public:
  // What to try. Tests force the fallback; production says kBest.
  enum class Request : uint8_t { kBest, kLockedPageOnly };

  // Zero-filled memory of at least `bytes` (1 .. kBytesMax).
  // InvalidArgument: size out of range. ResourceExhausted: no memory, or RLIMIT_MEMLOCK is used
  // up; the process must not start without (raise LimitMEMLOCK).
  static constexpr size_t kBytesMax = 4096;
  static absl::StatusOr<std::unique_ptr<SecretMemory>> Allocate(size_t bytes,
                                                                Request request = Request::kBest);
  ~SecretMemory();
  SecretMemory(const SecretMemory&) = delete;
  SecretMemory& operator=(const SecretMemory&) = delete;

  std::span<uint8_t> bytes() { return {address_, size_}; }
  std::span<const uint8_t> bytes() const { return {address_, size_}; }
  SecretBacking backing() const { return backing_; }

 private:
  SecretMemory(uint8_t* address, size_t size, SecretBacking backing)
      : address_(address), size_(size), backing_(backing) {}

  uint8_t* address_;
  size_t size_;
  SecretBacking backing_;
};

}  // namespace ladon::matcher

#endif  // LADON_MATCHER_SECRET_MEMORY_H_
