// Goal: rows in memory are AES-128-CTR ciphertext under their own salt; the key is guarded.
// Method: every AES level must seal to OpenSSL's bytes and open all levels' rows.
#include "matcher/memory_key.h"

#include <openssl/evp.h>

#include <algorithm>
#include <bit>
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "tests/matcher/random_codes.h"
#include "tests/testing/status_testing.h"

namespace ladon::matcher {
namespace {

using ::ladon::testing::StatusIs;

constexpr AesLevel kLevels[] = {AesLevel::kOpenSsl, AesLevel::kAesni, AesLevel::kVaes};
using Bytes = std::array<uint8_t, kCodeBytes>;

TEST(MemoryKeyTest, EveryLevelSealsToAesCtr) {
  std::mt19937_64 rng(8);
  const VeinCode code = RandomCode(rng);
  const RowSalt salt = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  std::array<uint8_t, 16> key;
  SeededBytes(9)(key);
  std::array<uint8_t, 16> counter{};
  std::copy(salt.begin(), salt.end(), counter.begin());
  Bytes expected{};
  int written = 0;
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  ASSERT_EQ(EVP_EncryptInit_ex(context, EVP_aes_128_ctr(), nullptr, key.data(), counter.data()), 1);
  ASSERT_EQ(EVP_EncryptUpdate(context, expected.data(), &written,
                              reinterpret_cast<const uint8_t*>(code.words.data()), kCodeBytes),
            1);
  EVP_CIPHER_CTX_free(context);
  for (const AesLevel level : kLevels) {
    ASSERT_OK_AND_ASSIGN(const auto memory_key, MemoryKey::Create(SeededBytes(9), level));
    Bytes sealed{};
    memory_key->Seal(code, salt, sealed);
    EXPECT_EQ(sealed, expected) << static_cast<int>(level);
  }
}

TEST(MemoryKeyTest, OpensBlocksOfRowsUpToTheLimit) {
  std::mt19937_64 rng(10);
  for (const AesLevel level : kLevels) {
    ASSERT_OK_AND_ASSIGN(const auto key, MemoryKey::Create(SeededBytes(11), level));
    for (const size_t count : {size_t{0}, size_t{1}, kOpenRowsMax - 1, kOpenRowsMax}) {
      std::vector<VeinCode> codes;
      std::vector<Bytes> bytes(count);
      std::vector<SealedRow> rows;
      for (size_t i = 0; i < count; ++i) {
        codes.push_back(RandomCode(rng));
        RowSalt salt{};
        salt[0] = static_cast<uint8_t>(i);
        key->Seal(codes[i], salt, bytes[i]);
        rows.push_back({.bytes = bytes[i].data(), .salt = salt});
      }
      std::vector<VeinCode> open(count);
      key->Open(rows, open);
      EXPECT_EQ(open, codes);
    }
  }
}

TEST(MemoryKeyDeathTest, MoreOpenRowsThanTheLimitIsABug) {
  ASSERT_OK_AND_ASSIGN(const auto key, MemoryKey::Create(SeededBytes(11)));
  const Bytes bytes{};
  const std::vector<SealedRow> rows(kOpenRowsMax + 1, {.bytes = bytes.data(), .salt = {}});
  std::vector<VeinCode> open(kOpenRowsMax + 1);
  EXPECT_DEATH(key->Open(rows, open), "kOpenRowsMax");
}

// Equal codes under different salts, or keys, must look unrelated: about half the bits differ.
TEST(MemoryKeyTest, SaltsAndKeysSeparateEqualRows) {
  std::mt19937_64 rng(12);
  const VeinCode code = RandomCode(rng);
  ASSERT_OK_AND_ASSIGN(const auto key, MemoryKey::Create(SeededBytes(13)));
  ASSERT_OK_AND_ASSIGN(const auto other_key, MemoryKey::Create(SeededBytes(14)));
  Bytes first{};
  Bytes other_salt{};
  Bytes other{};
  key->Seal(code, RowSalt{1}, first);
  key->Seal(code, RowSalt{2}, other_salt);
  other_key->Seal(code, RowSalt{1}, other);
  for (const Bytes& b : {other_salt, other}) {
    int differing = 0;
    for (size_t i = 0; i < kCodeBytes; ++i) {
      differing += std::popcount(static_cast<unsigned>(first[i] ^ b[i]));
    }
    EXPECT_NEAR(differing, 3584, 270);  // 7 168 fair coins: deviation 42.
  }
}

TEST(SecretMemoryTest, BothBackingsHoldBytes) {
  for (const auto request :
       {SecretMemory::Request::kBest, SecretMemory::Request::kLockedPageOnly}) {
    ASSERT_OK_AND_ASSIGN(const auto memory, SecretMemory::Allocate(176, request));
    EXPECT_EQ(memory->bytes().size(), 176U);
    EXPECT_TRUE(std::all_of(memory->bytes().begin(), memory->bytes().end(),
                            [](uint8_t b) { return b == 0; }));
    memory->bytes()[175] = 42;
    EXPECT_EQ(memory->bytes()[175], 42);
    if (request == SecretMemory::Request::kLockedPageOnly) {
      EXPECT_EQ(memory->backing(), SecretBacking::kLockedPage);
    }
  }
}

TEST(SecretMemoryTest, Limits) {
  EXPECT_THAT(SecretMemory::Allocate(0), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(SecretMemory::Allocate(SecretMemory::kBytesMax), ladon::testing::IsOk());
  EXPECT_THAT(SecretMemory::Allocate(SecretMemory::kBytesMax + 1),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace ladon::matcher
