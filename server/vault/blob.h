// A sealed record: XChaCha20-Poly1305 under a header that names the provider and the key.
//
//   offset size
//        0    4  magic "LDNB"
//        4    1  version, 1
//        5    1  provider: 1 = libsodium (a second one, GOST, can stand beside it)
//        6    1  algorithm: 1 = XChaCha20-Poly1305-IETF
//        7    1  purpose of the data key
//        8   16  owner of the data key
//       24   24  nonce, random
//       48    n  ciphertext and 16 bytes of tag
//
// The additional data are the whole header and the caller's label (format version, school, subject,
// record kind, record number), so that no record can be moved or relabelled (DESIGN section 6).
// Source: IETF draft-irtf-cfrg-xchacha; libsodium crypto_aead_xchacha20poly1305_ietf.
// Threading: pure functions over their arguments; randomness is the system's.
#ifndef LADON_SERVER_VAULT_BLOB_H_
#define LADON_SERVER_VAULT_BLOB_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/base/id.h"
#include "server/base/secret.h"

namespace ladon::vault {

inline constexpr size_t kBlobHeaderBytes = 48;
inline constexpr size_t kBlobOverheadBytes = kBlobHeaderBytes + 16;
inline constexpr size_t kBlobBytesMax = 65'536;
inline constexpr uint8_t kProviderLibsodium = 1;
inline constexpr uint8_t kAlgorithmXChaCha20Poly1305 = 1;

// What a data key is for. Biometric data have keys of their own, so that they can be destroyed
// alone. The numbers are part of the formats and are never reused.
enum class Purpose : uint8_t {
  kPersonal = 1,            // owner: subject
  kBiometric = 2,           // owner: subject
  kSchoolTransform = 3,     // owner: school; permutation and pad of its templates
  kSchoolCardPepper = 4,    // owner: school; keyed hash of card numbers
  kLedgerSecret = 5,        // owner: zero; salts of the journal's commitments
  kContentDigest = 6,       // owner: zero; digests of what callers sent
  kLedgerSigning = 7,       // owner: zero; Ed25519 seed of the ledger's checkpoints
  kSecurityLogSigning = 8,  // owner: zero; Ed25519 seed of the security log's checkpoints
  kSchoolPinPepper = 9,     // owner: school; keyed hash of PINs before Argon2id
  kOfficerTexts = 10,       // owner: zero; what officers write into the registers
};

// Whose key, and what for.
struct KeyName {
  std::array<uint8_t, 16> owner{};
  Purpose purpose = Purpose::kPersonal;

  friend auto operator<=>(const KeyName&, const KeyName&) = default;
};

[[nodiscard]] std::string SealBlob(const base::SecretKey& key, const KeyName& name,
                                   std::string_view label, std::string_view plain);

// InvalidArgument: not a blob, a newer version, a provider or algorithm that is not here.
// DataLoss: the tag does not fit (damaged, moved, or sealed under another key).
[[nodiscard]] absl::StatusOr<std::string> OpenBlob(const base::SecretKey& key, const KeyName& name,
                                                   std::string_view label, std::string_view blob);

}  // namespace ladon::vault

#endif  // LADON_SERVER_VAULT_BLOB_H_
