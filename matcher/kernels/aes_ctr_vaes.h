// AesCtrAesni two blocks at a time, for CPUs with VAES and AVX2: same arguments, same bytes.
// Call only after the dispatcher (dispatch.h) has found VAES. Round keys come from
// AesExpandKeyAesni: every CPU with VAES has AES-NI.
#ifndef LADON_MATCHER_KERNELS_AES_CTR_VAES_H_
#define LADON_MATCHER_KERNELS_AES_CTR_VAES_H_

#include <cstddef>
#include <cstdint>

namespace ladon::matcher::kernels {

void AesCtrVaes(const uint8_t* round_keys, const uint8_t* salt, const uint8_t* in, uint8_t* out,
                size_t blocks);

}  // namespace ladon::matcher::kernels

#endif  // LADON_MATCHER_KERNELS_AES_CTR_VAES_H_
