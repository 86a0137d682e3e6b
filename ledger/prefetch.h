// Asks for memory before it is needed.
#ifndef LADON_LEDGER_PREFETCH_H_
#define LADON_LEDGER_PREFETCH_H_

#include <cstddef>

namespace ladon::ledger {

// A hint that the line at `address` will be read and changed soon.
inline void PrefetchLine(const void* address) {
  __builtin_prefetch(address, 1);
  // g++ 12 takes a function that only prefetches for one without effect, and drops the calls to it.
  // This it keeps.
  asm volatile("");
}

// Of every line of `size` bytes.
inline void PrefetchLines(const void* address, size_t size) {
  constexpr size_t kLineBytes = 64;
  const auto* const bytes = static_cast<const char*>(address);
  for (size_t at = 0; at < size; at += kLineBytes) PrefetchLine(bytes + at);
}

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_PREFETCH_H_
