#include "matcher/kernels/dispatch.h"

#include <algorithm>

#include "matcher/kernels/aes_ctr_aesni.h"
#include "matcher/kernels/aes_ctr_vaes.h"
#include "matcher/kernels/hamming_masked_avx2.h"
#include "matcher/kernels/hamming_masked_scalar.h"

namespace ladon::matcher {

KernelLevel BestKernelLevel() {
  return __builtin_cpu_supports("avx2") ? KernelLevel::kAvx2 : KernelLevel::kScalar;
}

AesLevel BestAesLevel() {
  if (!__builtin_cpu_supports("aes") || !__builtin_cpu_supports("sse4.1")) {
    return AesLevel::kOpenSsl;
  }
  const bool vaes = __builtin_cpu_supports("vaes") && __builtin_cpu_supports("avx2");
  return vaes ? AesLevel::kVaes : AesLevel::kAesni;
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
