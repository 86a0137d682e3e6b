// Goal: a secret keeps its bytes while it moves and is wiped when told to.
// Method: known bytes through copy, move and clone; two random keys differ.
#include "server/base/secret.h"

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

#include "gtest/gtest.h"

namespace ladon::base {
namespace {

static_assert(!std::is_copy_constructible_v<SecretKey> && !std::is_copy_assignable_v<SecretKey>);

bool Same(std::span<const uint8_t, kSecretKeyBytes> a,
          std::span<const uint8_t, kSecretKeyBytes> b) {
  return std::equal(a.begin(), a.end(), b.begin());
}

TEST(SecretTest, KeepsItsBytesThroughMoveAndClone) {
  std::array<uint8_t, kSecretKeyBytes> bytes{};
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i + 1);
  SecretKey key{std::span<const uint8_t, kSecretKeyBytes>(bytes)};
  const SecretKey clone = key.Clone();
  const SecretKey moved = std::move(key);
  EXPECT_TRUE(Same(moved.RevealForCrypto(), bytes));
  EXPECT_TRUE(Same(clone.RevealForCrypto(), bytes));
  EXPECT_NE(moved.RevealForCrypto().data(), clone.RevealForCrypto().data());
}

TEST(SecretTest, ABriefKeysPlaceIsWipedBeforeItIsAnothers) {
  std::array<uint8_t, kSecretKeyBytes> bytes;
  bytes.fill(0xa5);
  const uint8_t* place = nullptr;
  {
    const SecretKey key = SecretKey::Brief(bytes);
    EXPECT_TRUE(Same(key.RevealForCrypto(), bytes));
    place = key.RevealForCrypto().data();
    const SecretKey beside = SecretKey::Brief(bytes);
    EXPECT_NE(beside.RevealForCrypto().data(), place);
  }
  // The memory stays ours, so it can be looked at.
  EXPECT_TRUE(std::all_of(place, place + kSecretKeyBytes, [](uint8_t b) { return b == 0; }));
}

TEST(SecretTest, RandomKeysDiffer) {
  const SecretKey a = SecretKey::Random();
  const SecretKey b = SecretKey::Random();
  EXPECT_FALSE(Same(a.RevealForCrypto(), b.RevealForCrypto()));
}

TEST(SecretTest, WipeClearsAndFillRandomFills) {
  std::array<uint8_t, 64> bytes{};
  FillRandom(bytes);
  EXPECT_TRUE(std::any_of(bytes.begin(), bytes.end(), [](uint8_t b) { return b != 0; }));
  Wipe(bytes.data(), bytes.size());
  EXPECT_TRUE(std::all_of(bytes.begin(), bytes.end(), [](uint8_t b) { return b == 0; }));
}

TEST(SecretDeathTest, KeyMemoryIsReadOnly) {
  const SecretKey key = SecretKey::Random();
  EXPECT_DEATH(const_cast<uint8_t*>(key.RevealForCrypto().data())[0] = 1, "");
}

}  // namespace
}  // namespace ladon::base
