// AES-128 in counter mode (NIST SP 800-38A) with the AES-NI instructions: constant time by
// construction, no tables. The counter block is salt (12 bytes) then a 32-bit big-endian block
// number from 0, so the result equals OpenSSL's AES-128-CTR with IV salt || 00000000.
// Call only after the dispatcher (dispatch.h) has found AES-NI.
#ifndef LADON_MATCHER_KERNELS_AES_CTR_AESNI_H_
#define LADON_MATCHER_KERNELS_AES_CTR_AESNI_H_

#include <cstddef>
#include <cstdint>

namespace ladon::matcher::kernels {

// FIPS 197 key expansion: 16 key bytes to 11 round keys of 16 bytes.
void AesExpandKeyAesni(const uint8_t* key, uint8_t* round_keys);

// out = in XOR keystream, `blocks` blocks of 16 bytes; in may equal out. No alignment assumed.
void AesCtrAesni(const uint8_t* round_keys, const uint8_t* salt, const uint8_t* in, uint8_t* out,
                 size_t blocks);

}  // namespace ladon::matcher::kernels

#endif  // LADON_MATCHER_KERNELS_AES_CTR_AESNI_H_
