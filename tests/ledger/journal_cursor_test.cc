// Goal: a cursor finds entries by number and by time, in any order, and says what is not there.
// Method: a few hundred random requests over several blocks; every
// time of an entry, and the moments around it, against a walk over all of them.
#include "ledger/journal_cursor.h"

#include <optional>
#include <vector>

#include "tests/ledger/model_workload.h"
#include "tests/testing/ledger_testing.h"

namespace ladon::ledger {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::ladon::testing::TestLedger;

class JournalCursorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_THAT(ledger_.Open(), IsOk());
    ModelWorkload workload(20'260'901);
    uint64_t now = ledger_.now_ns.load();
    for (int i = 0; i < 600; ++i) {
      now = workload.NextTime(now);
      ledger_.now_ns = now;
      ledger_.Do(workload.Next(now));
    }
    const LedgerView view = ledger_.sequencer().View();
    size_ = ledger_.sequencer().Size();
    cursor_.emplace(view.store, view.salts);
    for (uint64_t i = 0; i < size_; ++i) {
      const auto entry = cursor_->Read(i);
      ASSERT_THAT(entry, IsOk());
      ASSERT_EQ(entry->leaf.index, i);
      times_.push_back(entry->leaf.booked_at_ns);
    }
    ASSERT_GT(size_, 300);
  }

  // By looking at all of them.
  uint64_t FirstAt(uint64_t begin, uint64_t end, uint64_t at_ns) const {
    while (begin < end && times_[begin] < at_ns) ++begin;
    return begin;
  }

  TestLedger ledger_;
  uint64_t size_ = 0;
  std::optional<JournalCursor> cursor_;
  std::vector<uint64_t> times_;
};

TEST_F(JournalCursorTest, ReadsInAnyOrderAndTellsWhatIsNotThere) {
  for (const uint64_t index : {size_ - 1, uint64_t{0}, size_ / 2, size_ / 2 - 1, size_ / 2}) {
    const auto entry = cursor_->Read(index);
    ASSERT_THAT(entry, IsOk());
    EXPECT_EQ(entry->leaf.index, index);
  }
  EXPECT_THAT(cursor_->Read(size_).status(), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(cursor_->Read(0), IsOk()) << "and goes on";
}

TEST_F(JournalCursorTest, FindsTheFirstOfATime) {
  for (uint64_t i = 0; i < size_; i += 7) {
    for (const uint64_t at_ns : {times_[i] - 1, times_[i], times_[i] + 1}) {
      const auto found = cursor_->FirstAt(0, size_, at_ns);
      ASSERT_THAT(found, IsOk());
      EXPECT_EQ(*found, FirstAt(0, size_, at_ns));
      const auto within = cursor_->FirstAt(size_ / 3, size_ / 2, at_ns);
      ASSERT_THAT(within, IsOk());
      EXPECT_EQ(*within, FirstAt(size_ / 3, size_ / 2, at_ns));
    }
  }
}

TEST_F(JournalCursorTest, BeforeAllAndAfterAllAndInNothing) {
  EXPECT_EQ(*cursor_->FirstAt(0, size_, 0), 0);
  EXPECT_EQ(*cursor_->FirstAt(0, size_, ~uint64_t{0}), size_);
  EXPECT_EQ(*cursor_->FirstAt(5, 5, 0), 5);
}

}  // namespace
}  // namespace ladon::ledger
