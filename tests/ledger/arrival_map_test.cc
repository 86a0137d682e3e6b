// Goal: what was added is found, in whatever order and however much it was, and nothing else is.
// Method: random additions, of keys that collide too, beside a std::map.
#include "ledger/arrival_map.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <random>

#include "ledger/proof/ids.h"

namespace ladon::ledger {
namespace {

OperationKey KeyOf(uint64_t first, uint64_t second) {
  OperationKey key;
  std::memcpy(key.digest.bytes.data(), &first, sizeof(first));
  std::memcpy(key.digest.bytes.data() + sizeof(first), &second, sizeof(second));
  return key;
}

// Checks that `map` and `naive` say the same of every key in `naive`, and in what number.
void ExpectSame(const ArrivalMap<OperationKey>& map,
                const std::map<OperationKey, uint64_t>& naive) {
  ASSERT_EQ(map.size(), naive.size());
  for (const auto& [key, value] : naive) {
    const uint64_t* const found = map.Find(key);
    ASSERT_NE(found, nullptr);
    ASSERT_EQ(*found, value);
  }
}

TEST(ArrivalMapTest, EmptyFindsNothing) {
  const ArrivalMap<OperationKey> map;
  EXPECT_EQ(map.Find(KeyOf(1, 2)), nullptr);
  EXPECT_EQ(map.size(), 0u);
}

TEST(ArrivalMapTest, AgreesWithANaiveMap) {
  for (const uint64_t seed : {1, 2, 3}) {
    std::mt19937_64 random(seed);
    ArrivalMap<OperationKey> map;
    if (seed == 2) map.Reserve(300);  // Grows beyond it.
    std::map<OperationKey, uint64_t> naive;
    for (uint64_t i = 0; i < 5'000; ++i) {
      // Few first halves: equal hashes with unequal keys. In them, equal low and unequal high bits
      // too: equal slots with unequal tags.
      const uint64_t low = random() % 64;
      const uint64_t high = random() % 8;
      const OperationKey key = KeyOf(low | high << 32, random() % 16);
      map.InsertOrAssign(key, i);
      naive.insert_or_assign(key, i);
    }
    ASSERT_NO_FATAL_FAILURE(ExpectSame(map, naive)) << "seed " << seed;
    for (uint64_t i = 0; i < 1'000; ++i) {
      const OperationKey absent = KeyOf(random() % 64, 16 + random() % 16);
      ASSERT_EQ(map.Find(absent), nullptr) << "seed " << seed;
    }
  }
}

TEST(ArrivalMapTest, KeepsTheOrderOfArrival) {
  ArrivalMap<OperationKey> map;
  for (uint64_t i = 0; i < 100; ++i) map.InsertOrAssign(KeyOf(~i * 0x9e3779b97f4a7c15, i), i);
  map.InsertOrAssign(KeyOf(~uint64_t{7} * 0x9e3779b97f4a7c15, 7), 1'000);  // Its place stays.
  for (uint64_t i = 0; i < 100; ++i) {
    EXPECT_EQ(map.items()[i].second, i == 7 ? 1'000 : i);
  }
}

TEST(ArrivalMapTest, ClearedIsAsNew) {
  ArrivalMap<OperationKey> map;
  for (uint64_t i = 0; i < 1'000; ++i) map.InsertOrAssign(KeyOf(i, i), i);
  map.Clear();
  EXPECT_EQ(map.size(), 0u);
  for (uint64_t i = 0; i < 1'000; ++i) EXPECT_EQ(map.Find(KeyOf(i, i)), nullptr);
  std::map<OperationKey, uint64_t> naive;
  for (uint64_t i = 500; i < 2'000; ++i) {
    map.InsertOrAssign(KeyOf(i, i), i + 1);
    naive.insert_or_assign(KeyOf(i, i), i + 1);
  }
  ASSERT_NO_FATAL_FAILURE(ExpectSame(map, naive));
}

}  // namespace
}  // namespace ladon::ledger
