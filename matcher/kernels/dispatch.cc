#include "matcher/kernels/dispatch.h"

#include <cpuid.h>

#include <algorithm>

#include "matcher/kernels/aes_ctr_aesni.h"
#include "matcher/kernels/aes_ctr_vaes.h"
#include "matcher/kernels/elastic_counts_avx2.h"
#include "matcher/kernels/elastic_counts_scalar.h"
#include "matcher/kernels/hamming_masked_avx2.h"
#include "matcher/kernels/hamming_masked_scalar.h"

namespace ladon::matcher {

namespace {

// CPUID leaf 7, ECX bit 9 (Intel SDM volume 2, CPUID); not every compiler's builtin knows its name.
bool HasVaes() {
  constexpr unsigned kVaesBit = 1U << 9;
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (ecx & kVaesBit) != 0;
}

}  // namespace

KernelLevel BestKernelLevel() {
  return __builtin_cpu_supports("avx2") ? KernelLevel::kAvx2 : KernelLevel::kScalar;
}

AesLevel BestAesLevel() {
  if (!__builtin_cpu_supports("aes") || !__builtin_cpu_supports("sse4.1")) {
    return AesLevel::kOpenSsl;
  }
  return HasVaes() && __builtin_cpu_supports("avx2") ? AesLevel::kVaes : AesLevel::kAesni;
}

namespace kernels {

HammingMaskedFn HammingMaskedFor(KernelLevel level) {
  switch (std::min(level, BestKernelLevel())) {
    case KernelLevel::kAvx2:
      return HammingMaskedAvx2;
    case KernelLevel::kScalar:
      return HammingMaskedScalar;
  }
  __builtin_unreachable();
}

ElasticCountsFn ElasticCountsFor(KernelLevel level) {
  switch (std::min(level, BestKernelLevel())) {
    case KernelLevel::kAvx2:
      return ElasticCountsAvx2;
    case KernelLevel::kScalar:
      return ElasticCountsScalar;
  }
  __builtin_unreachable();
}

AesCtrFn AesCtrFor(AesLevel level) {
  switch (std::min(level, BestAesLevel())) {
    case AesLevel::kVaes:
      return AesCtrVaes;
    case AesLevel::kAesni:
      return AesCtrAesni;
    case AesLevel::kOpenSsl:
      return nullptr;
  }
  __builtin_unreachable();
}

}  // namespace kernels
}  // namespace ladon::matcher
