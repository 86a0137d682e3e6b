// Goal: what is put waits until it is told, is tried again ever later, is parked in the end and may
// be tried anew; parents are told of a low balance no oftener than asked; every record that is not
// ours is refused. Method: the real store in a temporary directory, written through batches as the
// committer does, opened again in between.
#include "server/outbox/outbox.h"

#include <functional>
#include <memory>
#include <set>

#include "storage/rocks_store.h"
#include "tests/testing/status_testing.h"
#include "tests/testing/temp_dir.h"

namespace ladon::outbox {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::ladon::testing::TempDir;
using storage::Family;

constexpr uint64_t kSecondNs = 1'000'000'000;
constexpr uint64_t kNowNs = 1'795'000'000 * kSecondNs;

Event EventOf(uint64_t index, Stream stream = Stream::kNotices, uint64_t at_ns = kNowNs) {
  Event event{.stream = stream,
              .kind = Kind::kMeal,
              .index = index,
              .number = 1,
              .at_ns = at_ns,
              .sequence = 9,
              .amount_kopecks = -4'500,
              .balance_kopecks = 500,
              .due_at_ns = at_ns};
  event.id.fill(static_cast<uint8_t>(index));
  event.purse.bytes.fill(3);
  event.school.bytes.fill(4);
  return event;
}

class OutboxTest : public ::testing::Test {
 protected:
  OutboxTest() {
    storage::RocksStoreOptions options{.path = dir_.Sub("store"), .create_if_missing = true};
    options.new_store_id.fill(1);
    auto store = storage::OpenRocksStore(options);
    EXPECT_THAT(store, IsOk());
    store_ = *std::move(store);
    Open();
  }
  void Open() {
    auto outbox =
        Outbox::Open(store_.get(),
                     {.notices = true, .receipts = true, .low_balance_days = 2, .attempts_max = 3});
    ASSERT_THAT(outbox, IsOk());
    outbox_ = *std::move(outbox);
  }
  void Write(const std::function<void(storage::Overlay*)>& put) const {
    storage::Batch batch;
    storage::Overlay overlay(store_.get(), &batch);
    put(&overlay);
    EXPECT_THAT(store_->Write(batch), IsOk());
  }
  void Put(const Event& event) const {
    Write([&](storage::Overlay* overlay) { outbox_->Put(event, overlay); });
  }
  [[nodiscard]] std::vector<uint64_t> DueIndices(uint64_t now_ns, size_t limit = 100,
                                                 Stream stream = Stream::kNotices) const {
    std::vector<uint64_t> indices;
    const auto due = outbox_->DueAt(stream, now_ns, limit);
    EXPECT_THAT(due, IsOk());
    for (const Due& one : *due) indices.push_back(one.event.index);
    return indices;
  }
  // Of the first that is due.
  [[nodiscard]] bool Fail(uint64_t now_ns) const {
    const auto due = outbox_->DueAt(Stream::kNotices, now_ns, 1);
    EXPECT_THAT(due, IsOk());
    EXPECT_EQ(due->size(), 1u);
    bool parked = false;
    Write([&](storage::Overlay* overlay) {
      const auto ended = outbox_->Failed(due->front().ticket, "http 500", now_ns, overlay);
      EXPECT_THAT(ended, IsOk());
      parked = *ended;
    });
    return parked;
  }

  TempDir dir_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<Outbox> outbox_;
};

using Indices = std::vector<uint64_t>;

TEST_F(OutboxTest, WhatIsPutIsDueInOrderUntilItIsTold) {
  for (const uint64_t index : {5, 3, 4}) Put(EventOf(index));
  Put(EventOf(6, Stream::kNotices, kNowNs + kSecondNs));
  Put(EventOf(7, Stream::kReceipts));
  EXPECT_EQ(DueIndices(kNowNs), (Indices{3, 4, 5}));
  EXPECT_EQ(DueIndices(kNowNs, 2), (Indices{3, 4}));
  EXPECT_EQ(DueIndices(kNowNs - 1), Indices{});
  EXPECT_EQ(DueIndices(kNowNs, 9, Stream::kReceipts), Indices{7});
  const auto due = outbox_->DueAt(Stream::kNotices, kNowNs, 2);
  ASSERT_THAT(due, IsOk());
  for (int again = 0; again < 2; ++again) {
    Write([&](storage::Overlay* overlay) {
      for (const Due& one : *due) EXPECT_THAT(outbox_->Told(one.ticket, overlay), IsOk());
    });
  }
  EXPECT_EQ(DueIndices(kNowNs + kSecondNs), (Indices{5, 6}));
  EXPECT_EQ(outbox_->counts(Stream::kNotices).waiting, 2u);
  EXPECT_EQ(outbox_->counts(Stream::kNotices).told, 2u) << "and not once more for the repeat";
  Open();
  EXPECT_EQ(outbox_->counts(Stream::kNotices).waiting, 2u);
  EXPECT_EQ(outbox_->counts(Stream::kReceipts).waiting, 1u);
}

TEST_F(OutboxTest, WhatFailsWaitsLongerEachTimeAndIsParkedInTheEnd) {
  Put(EventOf(5));
  EXPECT_FALSE(Fail(kNowNs));
  EXPECT_EQ(DueIndices(kNowNs + Outbox::DelayNs(1) - 1), Indices{});
  const uint64_t second_ns = kNowNs + Outbox::DelayNs(1);
  EXPECT_EQ(DueIndices(second_ns), Indices{5});
  EXPECT_FALSE(Fail(second_ns));
  const uint64_t third_ns = second_ns + Outbox::DelayNs(2);
  EXPECT_EQ(DueIndices(third_ns - 1), Indices{});
  EXPECT_TRUE(Fail(third_ns));
  EXPECT_EQ(DueIndices(~uint64_t{0}), Indices{});
  Open();
  EXPECT_EQ(outbox_->counts(Stream::kNotices).waiting, 0u);
  EXPECT_EQ(outbox_->counts(Stream::kNotices).parked, 1u);
  const auto parked = outbox_->Parked(Stream::kNotices, 10);
  ASSERT_THAT(parked, IsOk());
  ASSERT_EQ(parked->size(), 1u);
  EXPECT_EQ(parked->front().fault, "http 500");
  EXPECT_EQ(parked->front().attempts, 3u);
  EXPECT_EQ(parked->front().id, EventOf(5).id) << "the same for ever";
  for (int again = 0; again < 2; ++again) {
    Write([&](storage::Overlay* overlay) {
      EXPECT_THAT(outbox_->Retry(*parked, third_ns, overlay), IsOk());
    });
  }
  EXPECT_EQ(DueIndices(third_ns), Indices{5});
  EXPECT_EQ(outbox_->counts(Stream::kNotices).waiting, 1u);
  EXPECT_EQ(outbox_->counts(Stream::kNotices).parked, 0u);
}

TEST_F(OutboxTest, AReportOfAnEarlierAttemptChangesNothing) {
  Put(EventOf(5));
  const auto due = outbox_->DueAt(Stream::kNotices, kNowNs, 1);
  ASSERT_THAT(due, IsOk());
  EXPECT_FALSE(Fail(kNowNs));
  Write([&](storage::Overlay* overlay) {
    for (const Ticket& ticket : {due->front().ticket, Ticket(kTicketBytes, 'x'), Ticket("short")}) {
      EXPECT_THAT(outbox_->Told(ticket, overlay), IsOk());
      EXPECT_EQ(*outbox_->Failed(ticket, "x", kNowNs, overlay), false);
    }
  });
  EXPECT_EQ(DueIndices(~uint64_t{0}), Indices{5});
  EXPECT_EQ(outbox_->counts(Stream::kNotices).failed, 1u);
}

TEST_F(OutboxTest, DelaysGrowToFourHours) {
  const std::vector<uint64_t> seconds = {5, 20, 80, 320, 1'280, 5'120, 14'400, 14'400};
  for (uint32_t failed = 1; failed <= seconds.size(); ++failed) {
    EXPECT_EQ(Outbox::DelayNs(failed), seconds[failed - 1] * kSecondNs) << failed;
  }
  EXPECT_EQ(Outbox::DelayNs(~uint32_t{0}), 14'400 * kSecondNs);
}

TEST_F(OutboxTest, ParentsAreToldOfALowBalanceOnceInTwoDays) {
  const base::AccountId purse = EventOf(1).purse;
  base::AccountId other;
  other.bytes.fill(9);
  const auto may = [&](const base::AccountId& whose, uint64_t now_ns) {
    bool answer = false;
    Write([&](storage::Overlay* overlay) {
      answer = *outbox_->TakeLowBalance(whose, now_ns, overlay);
    });
    return answer;
  };
  constexpr uint64_t kDayNs = 86'400 * kSecondNs;
  EXPECT_TRUE(may(purse, kNowNs));
  EXPECT_FALSE(may(purse, kNowNs + 1));
  EXPECT_TRUE(may(other, kNowNs + 1));
  EXPECT_FALSE(may(purse, kNowNs + 2 * kDayNs - 1));
  EXPECT_TRUE(may(purse, kNowNs + 2 * kDayNs));
  EXPECT_FALSE(may(purse, kNowNs + 3 * kDayNs));
}

TEST_F(OutboxTest, APurseIsFoundWhereItWent) {
  base::AccountId from;
  from.bytes.fill(1);
  base::AccountId to;
  to.bytes.fill(2);
  EXPECT_EQ(*outbox_->CarriedTo(from), std::nullopt);
  Write([&](storage::Overlay* overlay) { outbox_->Carry(from, to, overlay); });
  EXPECT_EQ(*outbox_->CarriedTo(from), to);
  EXPECT_EQ(*outbox_->CarriedTo(to), std::nullopt);
}

TEST_F(OutboxTest, ADamagedRecordHoldsUpNobody) {
  Put(EventOf(5));
  Write([&](storage::Overlay* overlay) {
    overlay->Put(Family::kOutbox, std::string("E\x01") + std::string(17, '\0'), "damaged");
    overlay->Put(Family::kOutbox, std::string("P\x01") + std::string(9, '\0'), "damaged");
  });
  EXPECT_EQ(DueIndices(kNowNs), Indices{5});
  EXPECT_THAT(outbox_->Parked(Stream::kNotices, 10), IsOk());
}

TEST_F(OutboxTest, TheOldestIsByWhenItHappened) {
  EXPECT_EQ(*outbox_->OldestAgeNs(Stream::kNotices, kNowNs), 0u);
  Put(EventOf(5));
  EXPECT_FALSE(Fail(kNowNs));
  Put(EventOf(6, Stream::kNotices, kNowNs + kSecondNs));
  EXPECT_EQ(*outbox_->OldestAgeNs(Stream::kNotices, kNowNs + 3 * kSecondNs), 3 * kSecondNs);
}

TEST(EventTest, AMealOnCreditAndATopUpThatSettlesItAreToldApart) {
  struct Case {
    int64_t amount;
    int64_t balance_after;
    int64_t advance;
    int64_t credit;
  };
  for (const Case& one :
       {Case{-100, 50, 100, 0}, Case{-100, 0, 100, 0}, Case{-100, -30, 70, 30},
        Case{-100, -100, 0, 100}, Case{-100, -250, 0, 100}, Case{100, 100, 100, 0},
        Case{100, 60, 60, 40}, Case{100, 0, 0, 100}, Case{100, -20, 0, 100}, Case{0, -20, 0, 0}}) {
    Event event;
    event.amount_kopecks = one.amount;
    event.balance_kopecks = one.balance_after;
    EXPECT_EQ(event.AdvanceKopecks(), one.advance) << one.amount << " " << one.balance_after;
    EXPECT_EQ(event.CreditKopecks(), one.credit) << one.amount << " " << one.balance_after;
  }
}

TEST(EventTest, EveryOtherRecordIsDataLoss) {
  const std::string good = Encode(EventOf(5));
  ASSERT_THAT(DecodeEvent(good), IsOk());
  EXPECT_EQ(Encode(*DecodeEvent(good)), good);
  for (size_t bytes = 0; bytes < good.size(); ++bytes) {
    EXPECT_THAT(DecodeEvent(good.substr(0, bytes)), StatusIs(absl::StatusCode::kDataLoss)) << bytes;
  }
  EXPECT_THAT(DecodeEvent(good + "x"), StatusIs(absl::StatusCode::kDataLoss));
  for (const size_t at : {0, 1, 2}) {  // Of another version, stream, kind.
    std::string bad = good;
    bad[at] = 99;
    EXPECT_THAT(DecodeEvent(bad), StatusIs(absl::StatusCode::kDataLoss)) << at;
  }
}

TEST_F(OutboxTest, AnotherRecordUnderAnEventsKeyIsDataLoss) {
  Put(EventOf(5));
  const auto due = outbox_->DueAt(Stream::kNotices, kNowNs, 1);
  ASSERT_THAT(due, IsOk());
  Write([&](storage::Overlay* overlay) {
    overlay->Put(Family::kOutbox, "E" + due->front().ticket, Encode(EventOf(6)));
  });
  Write([&](storage::Overlay* overlay) {
    EXPECT_THAT(outbox_->Told(due->front().ticket, overlay), StatusIs(absl::StatusCode::kDataLoss));
  });
}

}  // namespace
}  // namespace ladon::outbox
