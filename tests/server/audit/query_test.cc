// Goal: an officer finds every record that passes a filter, once, in either order, page by page,
// and no page takes long. Method: a log of a few hundred records of known kinds, compared with a
// plain loop over them; more records than a page may look at.
#include "server/audit/query.h"

#include "tests/server/audit/audit_testing.h"

namespace ladon::audit {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using Outcome = ledger::AuditOutcome;

std::array<uint8_t, 16> IdOf(uint8_t number) {
  std::array<uint8_t, 16> id{};
  id.fill(number);
  return id;
}

// Record i: a mixture that no filter below takes whole.
ledger::AuditLeaf MixedLeaf(uint64_t i) {
  ledger::AuditLeaf leaf = LeafAt(100 + i / 3, static_cast<uint16_t>(101 + i % 4));
  leaf.outcome = i % 5 == 0 ? Outcome::kRefused : Outcome::kSuccess;
  leaf.role = static_cast<uint8_t>(1 + i % 3);
  leaf.actor = IdOf(static_cast<uint8_t>(i % 7));
  leaf.school = IdOf(static_cast<uint8_t>(i % 2));
  leaf.object = IdOf(static_cast<uint8_t>(i % 11));
  return leaf;
}

class QueryTest : public ::testing::Test {
 protected:
  static constexpr uint64_t kRecords = 300;

  QueryTest() {
    uint64_t last = 0;
    EXPECT_THAT(CommitAndWait(&world_.ledger().sequencer(),
                              [&](storage::Overlay* overlay) {
                                for (uint64_t i = 0; i < kRecords; ++i) {
                                  last = world_.log().Append(MixedLeaf(i), overlay);
                                }
                              }),
                IsOk());
    world_.log().MarkDurable(last);
  }

  // Indices of all pages together.
  std::vector<uint64_t> List(const RecordFilter& filter, bool newest_first, size_t limit) {
    std::vector<uint64_t> indices;
    RecordQuery query{
        .filter = filter, .newest_first = newest_first, .position = {}, .limit = limit};
    do {
      const auto page = ListRecords(world_.log(), query);
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) break;
      EXPECT_LE(page->records.size(), limit);
      for (const ledger::AuditLeaf& leaf : page->records) indices.push_back(leaf.index);
      query.position = page->next;
    } while (query.position);
    return indices;
  }
  static std::vector<uint64_t> Naive(const std::function<bool(const ledger::AuditLeaf&)>& passes) {
    std::vector<uint64_t> indices;
    for (uint64_t i = 0; i < kRecords; ++i) {
      if (passes(MixedLeaf(i))) indices.push_back(i);
    }
    return indices;
  }
  void Expect(const RecordFilter& filter,
              const std::function<bool(const ledger::AuditLeaf&)>& passes) {
    std::vector<uint64_t> wanted = Naive(passes);
    EXPECT_FALSE(wanted.empty());
    EXPECT_LT(wanted.size(), kRecords);
    for (const size_t limit : {1, 7, 1'000}) EXPECT_EQ(List(filter, false, limit), wanted);
    std::reverse(wanted.begin(), wanted.end());
    for (const size_t limit : {1, 7, 1'000}) EXPECT_EQ(List(filter, true, limit), wanted);
  }

  AuditWorld world_;
};

TEST_F(QueryTest, FiltersByEveryFieldAndByAllTogether) {
  Expect({.from_ns = 120, .until_ns = 150},
         [](const auto& leaf) { return leaf.at_ns >= 120 && leaf.at_ns < 150; });
  Expect({.actor = IdOf(3)}, [](const auto& leaf) { return leaf.actor == IdOf(3); });
  Expect({.school = IdOf(1)}, [](const auto& leaf) { return leaf.school == IdOf(1); });
  Expect({.object = IdOf(10)}, [](const auto& leaf) { return leaf.object == IdOf(10); });
  Expect({.events = {102, 104}},
         [](const auto& leaf) { return leaf.event == 102 || leaf.event == 104; });
  Expect({.outcomes = {Outcome::kRefused}},
         [](const auto& leaf) { return leaf.outcome == Outcome::kRefused; });
  Expect({.roles = {2, 3}}, [](const auto& leaf) { return leaf.role != 1; });
  Expect({.from_ns = 110, .school = IdOf(1), .events = {102}, .roles = {1}}, [](const auto& leaf) {
    return leaf.at_ns >= 110 && leaf.school == IdOf(1) && leaf.event == 102 && leaf.role == 1;
  });
}

TEST_F(QueryTest, AZeroIdIsAFilterAndNotNone) {
  Expect({.object = IdOf(0)}, [](const auto& leaf) { return leaf.object == IdOf(0); });
}

TEST_F(QueryTest, ABoundThatNothingPassesGivesNothing) {
  EXPECT_TRUE(List({.from_ns = 1'000'000}, false, 10).empty());
  EXPECT_TRUE(List({.until_ns = 100}, true, 10).empty());
  EXPECT_TRUE(List({.from_ns = 150, .until_ns = 120}, false, 10).empty());
  EXPECT_TRUE(List({.events = {999}}, false, 10).empty());
}

// Looking leaves records too: a list that began before must end.
TEST_F(QueryTest, AListDoesNotGrowWhileItIsRead) {
  for (const bool newest_first : {false, true}) {
    const uint64_t before = world_.log().durable_size();
    RecordQuery query{.newest_first = newest_first, .position = {}, .limit = 1};
    uint64_t listed = 0;
    do {
      const auto page = ListRecords(world_.log(), query);
      ASSERT_THAT(page, IsOk());
      listed += page->records.size();
      query.position = page->next;
      world_.Append(LeafAt(500));
    } while (query.position);
    EXPECT_EQ(listed, before);
  }
}

TEST_F(QueryTest, APositionThatIsNoneIsRefused) {
  for (const RecordPosition position :
       {RecordPosition{.next = 1, .end = kRecords + 1}, RecordPosition{.next = 6, .end = 5},
        RecordPosition{.next = ~uint64_t{0}, .end = ~uint64_t{0}}}) {
    EXPECT_THAT(ListRecords(world_.log(), {.position = position}),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST_F(QueryTest, DamageIsToldAndNotPassedOver) {
  for (int i = 0; i < 5; ++i) world_.Append(LeafAt(500));  // Each in a block of its own.
  storage::Batch batch;
  batch.Put(storage::Family::kAuditLog, RecordKey(kRecords + 1), "no block");
  batch.Delete(storage::Family::kAuditLog, RecordKey(kRecords + 3));
  world_.ledger().sequencer().Stop();
  ASSERT_THAT(world_.ledger().store().Write(batch), IsOk());
  for (const bool newest_first : {false, true}) {
    const uint64_t end = kRecords + 2;
    const auto damaged = ListRecords(
        world_.log(),
        {.newest_first = newest_first,
         .position = RecordPosition{.next = newest_first ? end : kRecords + 1, .end = end}});
    EXPECT_THAT(damaged, StatusIs(absl::StatusCode::kDataLoss));
    EXPECT_THAT(std::string(damaged.status().message()),
                ::testing::HasSubstr("record 301 is damaged"));
  }
  RecordCursor cursor(world_.log());
  EXPECT_THAT(cursor.Read(kRecords + 3), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(cursor.Read(kRecords + 4), IsOk());
  EXPECT_THAT(cursor.Read(kRecords), IsOk());
  EXPECT_EQ(*cursor.End(), kRecords + 5);
  EXPECT_THAT(cursor.Read(kRecords + 5), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(QueryTest, OnePageLooksAtSoManyRecordsAndTheNextGoesOn) {
  world_.Append(kRecordsLookedAtMax, 1'000);
  world_.Append(LeafAt(~uint64_t{0} - 1, 777));
  for (const bool newest_first : {false, true}) {
    RecordQuery query{.newest_first = newest_first, .position = {}};
    query.filter.events = {newest_first ? uint16_t{101} : uint16_t{777}};
    const auto first = ListRecords(world_.log(), query);
    ASSERT_THAT(first, IsOk());
    EXPECT_TRUE(first->records.empty());
    ASSERT_TRUE(first->next.has_value());
    query.position = first->next;
    const auto second = ListRecords(world_.log(), query);
    ASSERT_THAT(second, IsOk());
    EXPECT_FALSE(second->records.empty());
  }
}

}  // namespace
}  // namespace ladon::audit
