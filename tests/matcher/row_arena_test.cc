// Goal: slots are stable, aligned, distinct and overwritten when given back.
#include "matcher/row_arena.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <vector>

#include "gtest/gtest.h"
#include "matcher/vein_code.h"
#include "tests/testing/status_testing.h"

namespace ladon::matcher {
namespace {

constexpr size_t kChunkSlots = 7;

TEST(RowArenaTest, SlotsAreDistinctAndAlignedAcrossChunks) {
  RowArena arena(kCodeBytes, kChunkSlots);
  EXPECT_TRUE(arena.locked());
  std::vector<uint8_t*> slots;
  for (size_t i = 0; i < kChunkSlots + 1; ++i) {
    ASSERT_OK_AND_ASSIGN(uint8_t * slot, arena.Take());
    EXPECT_EQ(reinterpret_cast<uintptr_t>(slot) % 64, 0U);
    EXPECT_TRUE(std::all_of(slot, slot + kCodeBytes, [](uint8_t b) { return b == 0; }));
    std::memset(slot, static_cast<int>(i % 251) + 1, kCodeBytes);
    slots.push_back(slot);
  }
  EXPECT_EQ(std::set<uint8_t*>(slots.begin(), slots.end()).size(), slots.size());
  for (size_t i = 0; i < slots.size(); ++i) {
    EXPECT_EQ(slots[i][0], i % 251 + 1);
    EXPECT_EQ(slots[i][kCodeBytes - 1], i % 251 + 1);
  }
}

TEST(RowArenaTest, GivenSlotIsOverwrittenAndReused) {
  RowArena arena(kCodeBytes, kChunkSlots);
  ASSERT_OK_AND_ASSIGN(uint8_t * slot, arena.Take());
  std::memset(slot, 0xab, kCodeBytes);
  arena.Give(slot);
  EXPECT_TRUE(std::all_of(slot, slot + kCodeBytes, [](uint8_t b) { return b == 0; }));
  ASSERT_OK_AND_ASSIGN(uint8_t * again, arena.Take());
  EXPECT_EQ(again, slot);
}

}  // namespace
}  // namespace ladon::matcher
