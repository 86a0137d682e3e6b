#include "server/vault/key_format.h"

#include <sodium.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include "server/base/codec.h"

namespace ladon::vault {
namespace {

constexpr uint8_t kVersion = 2;
constexpr uint8_t kFirstVersion = 1;
constexpr uint8_t kKeyKind = 1;
constexpr uint8_t kGoneKind = 2;
constexpr size_t kStoreIdBytes = 16;
constexpr size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kCipherBytes = base::kSecretKeyBytes + crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(kSealedKeyBytes == kNonceBytes + kCipherBytes);
static_assert(kKeyRecordBytes == 1 + 16 + 1 + kSealedKeyBytes);
constexpr size_t kTagBytes = 32;
constexpr size_t kGoneBodyBytes = 1 + 16 + 1 + 4 + 8;
constexpr size_t kGoneZeroBytes = kKeyRecordBytes - kGoneBodyBytes - kTagBytes;

const uint8_t* Bytes(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

std::string_view View(const auto& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string_view MagicOf(KeyFile file) {
  return file == KeyFile::kEpochKey ? "LDNE" : "LDNT";
}

std::string WrapLabel(const Epoch& epoch, const KeyName& name) {
  base::Encoder out;
  out.Raw("ladon/dek/1");
  out.U32(epoch.head.epoch);
  out.Raw(View(name.owner));
  out.U8(static_cast<uint8_t>(name.purpose));
  return out.Take();
}

std::string TagOf(const Epoch& epoch, std::string_view body) {
  base::Encoder out;
  out.Raw("ladon/gone/1");
  out.U32(epoch.head.epoch);
  out.Raw(body);
  const std::string text = out.Take();
  std::string tag(kTagBytes, '\0');
  const int failed =
      crypto_generichash(reinterpret_cast<uint8_t*>(tag.data()), tag.size(), Bytes(text),
                         text.size(), epoch.key.RevealForCrypto().data(), base::kSecretKeyBytes);
  assert(failed == 0);
  static_cast<void>(failed);
  return tag;
}

}  // namespace

size_t KeyHead::bytes(KeyFile file) const {
  constexpr size_t kFirst = 4 + 1 + kStoreIdBytes + 4;
  if (version == kFirstVersion) return kFirst;
  return kFirst + 2 + (file == KeyFile::kEpochKey ? 8 : 0);
}

std::string EncodeHead(KeyFile file, const KeyHead& head, std::string_view store_id) {
  assert(store_id.size() == kStoreIdBytes && head.version <= kVersion);
  base::Encoder out;
  out.Raw(MagicOf(file));
  out.U8(head.version);
  if (head.version > kFirstVersion) {
    out.U8(kProviderLibsodium);
    out.U8(kAlgorithmXChaCha20Poly1305);
  }
  out.Raw(store_id);
  out.U32(head.epoch);
  if (head.version > kFirstVersion && file == KeyFile::kEpochKey) out.U64(head.begun_at_ns);
  return out.Take();
}

absl::StatusOr<KeyHead> DecodeHead(KeyFile file, std::string_view bytes, std::string_view store_id,
                                   const std::string& path) {
  base::Decoder in(bytes);
  const bool ours = in.Raw(MagicOf(file).size()) == MagicOf(file);
  KeyHead head{.version = in.U8()};
  if (!ours || in.failed() || (head.version <= kVersion && bytes.size() < head.bytes(file))) {
    return absl::InvalidArgumentError(path +
                                      " is not a Ladon key file or is truncated: restore the "
                                      "keys directory from the standby copy");
  }
  if (head.version < kFirstVersion || head.version > kVersion) {
    return absl::InvalidArgumentError(path + " has format version " + std::to_string(head.version) +
                                      ", this program reads versions 1 and 2: install the newer "
                                      "program");
  }
  if (head.version > kFirstVersion) {
    const uint8_t provider = in.U8();
    const uint8_t algorithm = in.U8();
    if (provider != kProviderLibsodium || algorithm != kAlgorithmXChaCha20Poly1305) {
      return absl::InvalidArgumentError(path + " was sealed by a provider (" +
                                        std::to_string(provider) + "/" + std::to_string(algorithm) +
                                        ") that this program does not have");
    }
  }
  if (in.Raw(kStoreIdBytes) != store_id) {
    return absl::FailedPreconditionError(path +
                                         " belongs to another store: point [keys] directory "
                                         "and [store] path at the same installation");
  }
  head.epoch = in.U32();
  if (head.version > kFirstVersion && file == KeyFile::kEpochKey) head.begun_at_ns = in.U64();
  return head;
}

std::string SealKey(const base::SecretKey& with, std::string_view additional,
                    const base::SecretKey& key) {
  std::string out(kSealedKeyBytes, '\0');
  auto* const bytes = reinterpret_cast<uint8_t*>(out.data());
  randombytes_buf(bytes, kNonceBytes);
  unsigned long long written = 0;  // libsodium's own type.
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      bytes + kNonceBytes, &written, key.RevealForCrypto().data(), base::kSecretKeyBytes,
      Bytes(additional), additional.size(), nullptr, bytes, with.RevealForCrypto().data());
  assert(written == kCipherBytes);
  return out;
}

absl::StatusOr<base::SecretKey> OpenKey(const base::SecretKey& with, std::string_view additional,
                                        std::string_view sealed, KeyMemory memory) {
  std::array<uint8_t, base::kSecretKeyBytes> plain{};
  unsigned long long written = 0;  // libsodium's own type.
  if (sealed.size() != kSealedKeyBytes ||
      crypto_aead_xchacha20poly1305_ietf_decrypt(
          plain.data(), &written, nullptr, Bytes(sealed) + kNonceBytes, kCipherBytes,
          Bytes(additional), additional.size(), Bytes(sealed),
          with.RevealForCrypto().data()) != 0) {
    return absl::InvalidArgumentError("key does not open");
  }
  base::SecretKey key =
      memory == KeyMemory::kBrief ? base::SecretKey::Brief(plain) : base::SecretKey(plain);
  base::Wipe(plain.data(), plain.size());
  return key;
}

WrappedKey Wrap(const Epoch& epoch, const KeyName& name, const base::SecretKey& key) {
  const std::string sealed = SealKey(epoch.key, WrapLabel(epoch, name), key);
  WrappedKey wrapped{};
  std::memcpy(wrapped.data(), sealed.data(), wrapped.size());
  return wrapped;
}

absl::StatusOr<base::SecretKey> Unwrap(const Epoch& epoch, const KeyName& name,
                                       const WrappedKey& wrapped) {
  return OpenKey(epoch.key, WrapLabel(epoch, name), View(wrapped), KeyMemory::kBrief);
}

std::string EncodeKeyRecord(const KeyName& name, const WrappedKey& wrapped) {
  base::Encoder out;
  out.U8(kKeyKind);
  out.Raw(View(name.owner));
  out.U8(static_cast<uint8_t>(name.purpose));
  out.Raw(View(wrapped));
  return out.Take();
}

std::string EncodeGoneRecord(const Epoch& epoch, const KeyName& name, const Destruction& gone) {
  base::Encoder out;
  out.U8(kGoneKind);
  out.Raw(View(name.owner));
  out.U8(static_cast<uint8_t>(name.purpose));
  out.U32(gone.epoch);
  out.U64(gone.at_ns);
  const std::string body = out.Take();
  return body + std::string(kGoneZeroBytes, '\0') + TagOf(epoch, body);
}

absl::StatusOr<KeyRecord> DecodeKeyRecord(const Epoch& epoch, std::string_view bytes) {
  base::Decoder in(bytes);
  KeyRecord record;
  const uint8_t kind = in.U8();
  const std::string_view owner = in.Raw(record.name.owner.size());
  record.name.purpose = static_cast<Purpose>(in.U8());
  if (bytes.size() != kKeyRecordBytes) return absl::InvalidArgumentError("a record is cut");
  std::memcpy(record.name.owner.data(), owner.data(), owner.size());
  if (kind == kKeyKind) {
    std::memcpy(record.wrapped.data(), in.Raw(kSealedKeyBytes).data(), kSealedKeyBytes);
    if (!Unwrap(epoch, record.name, record.wrapped).ok()) {
      return absl::InvalidArgumentError("a key does not open");
    }
    return record;
  }
  record.gone = true;
  record.destruction.epoch = in.U32();
  record.destruction.at_ns = in.U64();
  const std::string_view zeros = in.Raw(kGoneZeroBytes);
  const std::string tag = TagOf(epoch, bytes.substr(0, kGoneBodyBytes));
  if (kind != kGoneKind || std::any_of(zeros.begin(), zeros.end(), [](char c) { return c != 0; }) ||
      sodium_memcmp(tag.data(), in.Raw(kTagBytes).data(), kTagBytes) != 0) {
    return absl::InvalidArgumentError("not a record of this table");
  }
  return record;
}

}  // namespace ladon::vault
