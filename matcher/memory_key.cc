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

// The counter blocks of one row, in order.
void WriteCounters(const RowSalt& salt, uint8_t* out) {
  for (size_t b = 0; b < kRowBlocks; ++b) {
    std::memcpy(out, salt.data(), kRowSaltBytes);
    static_assert(kRowBlocks <= 256);  // The number fits the last of its four bytes.
    out[kRowSaltBytes] = out[kRowSaltBytes + 1] = out[kRowSaltBytes + 2] = 0;
    out[kRowSaltBytes + 3] = static_cast<uint8_t>(b);
    out += kAesBlockBytes;
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

void MemoryKey::XorWithOpenSsl(std::span<const SealedRow> rows,
                               std::span<uint8_t* const> out) const {
  if (rows.empty()) return;
  // One key schedule and one call for the whole block of rows: counters in, keystream out.
  std::array<uint8_t, kOpenRowsMax * kCodeBytes> counters;
  std::array<uint8_t, kOpenRowsMax * kCodeBytes> keystream;
  for (size_t i = 0; i < rows.size(); ++i) {
    WriteCounters(rows[i].salt, counters.data() + i * kCodeBytes);
  }
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  assert(context != nullptr);
  int ok =
      EVP_EncryptInit_ex(context, EVP_aes_128_ecb(), nullptr, memory_->bytes().data(), nullptr);
  assert(ok == 1);
  ok = EVP_CIPHER_CTX_set_padding(context, 0);
  assert(ok == 1);
  const int bytes = static_cast<int>(rows.size() * kCodeBytes);
  int written = 0;
  ok = EVP_EncryptUpdate(context, keystream.data(), &written, counters.data(), bytes);
  assert(ok == 1 && written == bytes);
  EVP_CIPHER_CTX_free(context);
  for (size_t i = 0; i < rows.size(); ++i) {
    for (size_t b = 0; b < kCodeBytes; ++b) {
      out[i][b] = static_cast<uint8_t>(rows[i].bytes[b] ^ keystream[i * kCodeBytes + b]);
    }
  }
  OPENSSL_cleanse(keystream.data(), rows.size() * kCodeBytes);
}

}  // namespace ladon::matcher
