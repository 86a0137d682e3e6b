#include "matcher/memory_key.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <cassert>
#include <cstring>
#include <utility>

#include "matcher/kernels/aes_ctr_aesni.h"

namespace ladon::matcher {
namespace {

constexpr size_t kAesBlockBytes = 16;
constexpr size_t kRoundKeysBytes = 11 * kAesBlockBytes;
constexpr size_t kRowBlocks = kCodeBytes / kAesBlockBytes;

// The first counter blocks under a salt, in order.
void WriteCounters(const RowSalt& salt, std::span<uint8_t> out) {
  static_assert(MemoryKey::kXorBytesMax / kAesBlockBytes <= 65'536);
  for (size_t b = 0; b < out.size() / kAesBlockBytes; ++b) {
    uint8_t* const counter = out.data() + b * kAesBlockBytes;
    std::memcpy(counter, salt.data(), kRowSaltBytes);
    counter[kRowSaltBytes] = counter[kRowSaltBytes + 1] = 0;
    counter[kRowSaltBytes + 2] = static_cast<uint8_t>(b >> 8);
    counter[kRowSaltBytes + 3] = static_cast<uint8_t>(b);
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<MemoryKey>> MemoryKey::Create(const RandomSource& random,
                                                             AesLevel aes) {
  absl::StatusOr<std::unique_ptr<SecretMemory>> memory = SecretMemory::Allocate(kRoundKeysBytes);
  if (!memory.ok()) return memory.status();
  const std::span<uint8_t> keys = (*memory)->bytes();
  random(keys.first(kMemoryKeyBytes));
  const kernels::AesCtrFn aes_ctr = kernels::AesCtrFor(aes);
  // The expansion reads the key before it writes, so both may share their first block.
  if (aes_ctr != nullptr) kernels::AesExpandKeyAesni(keys.data(), keys.data());
  return std::unique_ptr<MemoryKey>(new MemoryKey(*std::move(memory), aes_ctr));
}

void MemoryKey::Seal(const VeinCode& code, const RowSalt& salt,
                     std::span<uint8_t, kCodeBytes> out) const {
  const auto* const in = reinterpret_cast<const uint8_t*>(code.words.data());
  if (aes_ctr_ != nullptr) {
    aes_ctr_(memory_->bytes().data(), salt.data(), in, out.data(), kRowBlocks);
    return;
  }
  const SealedRow row = {.bytes = in, .salt = salt};
  uint8_t* const to = out.data();
  XorWithOpenSsl({&row, 1}, {&to, 1});
}

void MemoryKey::Open(std::span<const SealedRow> rows, std::span<VeinCode> out) const {
  assert(rows.size() <= kOpenRowsMax && rows.size() <= out.size());
  if (aes_ctr_ != nullptr) {
    for (size_t i = 0; i < rows.size(); ++i) {
      aes_ctr_(memory_->bytes().data(), rows[i].salt.data(), rows[i].bytes,
               reinterpret_cast<uint8_t*>(out[i].words.data()), kRowBlocks);
    }
    return;
  }
  std::array<uint8_t*, kOpenRowsMax> to{};
  for (size_t i = 0; i < rows.size(); ++i) {
    to[i] = reinterpret_cast<uint8_t*>(out[i].words.data());
  }
  XorWithOpenSsl(rows, {to.data(), rows.size()});
}

void MemoryKey::Xor(const RowSalt& salt, std::span<const uint8_t> in,
                    std::span<uint8_t> out) const {
  assert(in.size() == out.size() && in.size() % kAesBlockBytes == 0 && in.size() <= kXorBytesMax);
  if (aes_ctr_ != nullptr) {
    aes_ctr_(memory_->bytes().data(), salt.data(), in.data(), out.data(),
             in.size() / kAesBlockBytes);
    return;
  }
  std::array<uint8_t, kXorBytesMax> buffer;
  const std::span<uint8_t> keystream(buffer.data(), in.size());
  WriteCounters(salt, keystream);
  EncryptWithOpenSsl(keystream);
  for (size_t b = 0; b < in.size(); ++b) out[b] = static_cast<uint8_t>(in[b] ^ keystream[b]);
  OPENSSL_cleanse(keystream.data(), keystream.size());
}

void MemoryKey::EncryptWithOpenSsl(std::span<uint8_t> counters) const {
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  assert(context != nullptr);
  int ok =
      EVP_EncryptInit_ex(context, EVP_aes_128_ecb(), nullptr, memory_->bytes().data(), nullptr);
  assert(ok == 1);
  ok = EVP_CIPHER_CTX_set_padding(context, 0);
  assert(ok == 1);
  const int bytes = static_cast<int>(counters.size());
  int written = 0;
  ok = EVP_EncryptUpdate(context, counters.data(), &written, counters.data(), bytes);
  assert(ok == 1 && written == bytes);
  EVP_CIPHER_CTX_free(context);
}

void MemoryKey::XorWithOpenSsl(std::span<const SealedRow> rows,
                               std::span<uint8_t* const> out) const {
  if (rows.empty()) return;
  // One key schedule and one call for the whole block of rows: counters in, keystream out.
  std::array<uint8_t, kXorBytesMax> buffer;
  const std::span<uint8_t> keystream(buffer.data(), rows.size() * kCodeBytes);
  for (size_t i = 0; i < rows.size(); ++i) {
    WriteCounters(rows[i].salt, keystream.subspan(i * kCodeBytes, kCodeBytes));
  }
  EncryptWithOpenSsl(keystream);
  for (size_t i = 0; i < rows.size(); ++i) {
    for (size_t b = 0; b < kCodeBytes; ++b) {
      out[i][b] = static_cast<uint8_t>(rows[i].bytes[b] ^ keystream[i * kCodeBytes + b]);
    }
  }
  OPENSSL_cleanse(keystream.data(), keystream.size());
}

}  // namespace ladon::matcher
