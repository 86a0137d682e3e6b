// Goal: the AES kernels are AES-128-CTR and nothing else.
// Method: the FIPS 197 and SP 800-38A vectors, then OpenSSL on random keys at sizes around a turn.
#include <openssl/evp.h>

#include <array>
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "matcher/kernels/aes_ctr_aesni.h"
#include "matcher/kernels/dispatch.h"

namespace ladon::matcher {
namespace {

using Key = std::array<uint8_t, 16>;
using RoundKeys = std::array<uint8_t, 176>;

std::vector<uint8_t> OpenSslCtr(const Key& key, const std::array<uint8_t, 12>& salt,
                                const std::vector<uint8_t>& in) {
  std::array<uint8_t, 16> counter{};
  std::copy(salt.begin(), salt.end(), counter.begin());
  std::vector<uint8_t> out(in.size());
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  int written = 0;
  EXPECT_EQ(EVP_EncryptInit_ex(context, EVP_aes_128_ctr(), nullptr, key.data(), counter.data()), 1);
  if (!in.empty()) {
    EXPECT_EQ(
        EVP_EncryptUpdate(context, out.data(), &written, in.data(), static_cast<int>(in.size())),
        1);
  }
  EVP_CIPHER_CTX_free(context);
  return out;
}

std::vector<AesLevel> LevelsOfThisCpu() {
  std::vector<AesLevel> levels;
  for (const AesLevel level : {AesLevel::kAesni, AesLevel::kVaes}) {
    if (level <= BestAesLevel()) levels.push_back(level);
  }
  return levels;
}

TEST(AesKernelsTest, KeyExpansionOfFips197) {
  if (BestAesLevel() == AesLevel::kOpenSsl) return;  // Nothing of ours to test on this CPU.
  const Key key = {0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6,
                   0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c};
  const Key last = {0xd0, 0x14, 0xf9, 0xa8, 0xc9, 0xee, 0x25, 0x89,
                    0xe1, 0x3f, 0x0c, 0xc8, 0xb6, 0x63, 0x0c, 0xa6};  // Appendix A.1, w40..w43.
  RoundKeys expanded{};
  kernels::AesExpandKeyAesni(key.data(), expanded.data());
  EXPECT_TRUE(std::equal(last.begin(), last.end(), expanded.begin() + 160));
  // In place, as the memory key does it.
  RoundKeys in_place{};
  std::copy(key.begin(), key.end(), in_place.begin());
  kernels::AesExpandKeyAesni(in_place.data(), in_place.data());
  EXPECT_EQ(in_place, expanded);
}

TEST(AesKernelsTest, EqualOpenSslAtEverySize) {
  std::mt19937_64 rng(7);
  for (const AesLevel level : LevelsOfThisCpu()) {
    const kernels::AesCtrFn ctr = kernels::AesCtrFor(level);
    ASSERT_NE(ctr, nullptr);
    for (const size_t blocks : {0, 1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 300}) {
      Key key;
      std::array<uint8_t, 12> salt;
      for (uint8_t& b : key) b = static_cast<uint8_t>(rng());
      for (uint8_t& b : salt) b = static_cast<uint8_t>(rng());
      std::vector<uint8_t> in(blocks * 16);
      for (uint8_t& b : in) b = static_cast<uint8_t>(rng());
      RoundKeys round_keys{};
      kernels::AesExpandKeyAesni(key.data(), round_keys.data());
      std::vector<uint8_t> out(in.size() + 1, 0x5a);
      ctr(round_keys.data(), salt.data(), in.data(), out.data(), blocks);
      EXPECT_EQ(out.back(), 0x5a) << "wrote past the end";
      out.pop_back();
      EXPECT_EQ(out, OpenSslCtr(key, salt, in)) << static_cast<int>(level) << " " << blocks;
      ctr(round_keys.data(), salt.data(), out.data(), out.data(), blocks);
      EXPECT_EQ(out, in) << "in place";
    }
  }
}

TEST(AesKernelsTest, OpenSslLevelHasNoKernelOfOurs) {
  EXPECT_EQ(kernels::AesCtrFor(AesLevel::kOpenSsl), nullptr);
}

}  // namespace
}  // namespace ladon::matcher
