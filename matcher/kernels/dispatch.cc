#include "matcher/kernels/dispatch.h"

#include <cpuid.h>

#include <algorithm>

#include "matcher/kernels/aes_ctr_aesni.h"
#include "matcher/kernels/aes_ctr_vaes.h"
#include "matcher/kernels/block_excess_avx2.h"
#include "matcher/kernels/block_excess_avx512.h"
#include "matcher/kernels/block_excess_scalar.h"
#include "matcher/kernels/clear_vectors_avx2.h"
#include "matcher/kernels/clear_vectors_avx512.h"
#include "matcher/kernels/clear_vectors_scalar.h"
#include "matcher/kernels/elastic_totals_avx2.h"
#include "matcher/kernels/elastic_totals_scalar.h"
#include "matcher/kernels/gather_code_avx2.h"
#include "matcher/kernels/gather_code_scalar.h"
#include "matcher/kernels/sketch_scan_avx2.h"
#include "matcher/kernels/sketch_scan_avx512.h"
#include "matcher/kernels/sketch_scan_scalar.h"

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
  if (!__builtin_cpu_supports("avx2")) return KernelLevel::kScalar;
  const bool has_avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512vl") &&
                          __builtin_cpu_supports("avx512vpopcntdq");
  return has_avx512 ? KernelLevel::kAvx512 : KernelLevel::kAvx2;
}

AesLevel BestAesLevel() {
  if (!__builtin_cpu_supports("aes") || !__builtin_cpu_supports("sse4.1")) {
    return AesLevel::kOpenSsl;
  }
  return HasVaes() && __builtin_cpu_supports("avx2") ? AesLevel::kVaes : AesLevel::kAesni;
}

namespace kernels {

const MatchKernels& MatchKernelsFor(KernelLevel level) {
  static constexpr MatchKernels kScalarKernels = {.block_excess = BlockExcessScalar,
                                                  .elastic_totals = ElasticTotalsScalar,
                                                  .gather_code = GatherCodeScalar,
                                                  .sketch_scan = SketchScanScalar};
  static constexpr MatchKernels kAvx2Kernels = {.block_excess = BlockExcessAvx2,
                                                .elastic_totals = ElasticTotalsAvx2,
                                                .gather_code = GatherCodeAvx2,
                                                .sketch_scan = SketchScanAvx2};
  static constexpr MatchKernels kAvx512Kernels = {.block_excess = BlockExcessAvx512,
                                                  .elastic_totals = ElasticTotalsAvx2,
                                                  .gather_code = GatherCodeAvx2,
                                                  .sketch_scan = SketchScanAvx512};
  switch (std::min(level, BestKernelLevel())) {
    case KernelLevel::kAvx512:
      return kAvx512Kernels;
    case KernelLevel::kAvx2:
      return kAvx2Kernels;
    case KernelLevel::kScalar:
      return kScalarKernels;
  }
  __builtin_unreachable();
}

ClearVectorsFn BestClearVectors() {
  if (__builtin_cpu_supports("avx512f")) return ClearVectorsAvx512;
  return __builtin_cpu_supports("avx2") ? ClearVectorsAvx2 : ClearVectorsScalar;
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
