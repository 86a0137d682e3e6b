// Goal: the answer to a debit is the same for ever, and its service date is that of the school.
// Method: requests are repeated after everything round them has changed, in this process and the
// next; the clock stands on both sides of both midnights in two time zones.
#include "tests/server/flow/flow_world.h"

namespace ladon::flow {
namespace {

using testing::IsOk;

constexpr uint64_t kUtcMidnightNs = kNoonNs + 19 * kHourNs;  // 2026-09-02T00:00:00Z

class DebitAnswerTest : public ::testing::Test {
 protected:
  // A pupil with a card and money in a school with these settings.
  void Begin(const directory::SchoolSettings& settings = DefaultSettings()) {
    school_ = world_.MakeSchool(settings);
    pupil_ = world_.MakePupil(school_, 1'000'000);
    world_.GiveCard(school_, pupil_.id, card_);
  }
  DebitInput Sale(std::vector<BasketLine> lines = {LineOf(kSoup)}) {
    return world_.SaleOf(school_, PayMeans(card_), std::move(lines));
  }
  absl::StatusOr<DebitAnswer> Pay(const DebitInput& input) {
    return world_.Debit(world_.Till(school_), input);
  }
  uint32_t DayOfSaleAt(uint64_t now_ns) {
    world_.now_ns = now_ns;
    DebitInput input = Sale();
    input.repeat_confirmed = true;
    const auto answer = Pay(input);
    EXPECT_THAT(answer, IsOk());
    if (!answer.ok()) return 0;
    const auto entry = world_.house().ledger->ReadEntry(answer->journal_index);
    EXPECT_THAT(entry, IsOk());
    EXPECT_EQ(entry->leaf.service_date, answer->service_day) << "the journal says the same";
    return answer->service_day;
  }

  FlowWorld world_;
  TestSchool school_;
  SubjectView pupil_;
  vault::CardNumber card_ = CardOf(1);
};

TEST_F(DebitAnswerTest, ARepeatGetsTheStoredAnswerWhateverHasChanged) {
  Begin();
  const DebitInput input = Sale();
  ASSERT_OK_AND_ASSIGN(const DebitAnswer first, Pay(input));
  // A new price, a new name, a lost card, less money, a later day, a new process.
  world_.PutList(school_, kToday, 15'000);
  const SubjectChange change{.id = pupil_.id,
                             .family_name = "Сидорова",
                             .given_name = "Анна",
                             .class_name = "6Б",
                             .state = vault::SubjectState::kBlocked};
  ASSERT_THAT(world_.Call<SubjectAnswer>(
                  world_.Desk(school_.school.id), "EnrolmentService/UpdateSubject",
                  [&](const access::Caller& c, auto done) {
                    UpdateSubject(world_.house(), c, world_.Fresh(c), change, std::move(done));
                  }),
              IsOk());
  ASSERT_THAT(
      world_.Call<CardAnswer>(world_.Desk(school_.school.id), "EnrolmentService/SetCardState",
                              [&](const access::Caller& c, auto done) {
                                SetCardState(world_.house(), c, world_.Fresh(c), card_,
                                             vault::CardState::kLost, std::move(done));
                              }),
      IsOk());
  world_.TopUpPurse(school_, pupil_.record.purses[0].second, 77);
  world_.now_ns += 3 * kDayNs;
  for (const bool restarted : {false, true}) {
    if (restarted) world_.Restart();
    ASSERT_OK_AND_ASSIGN(const DebitAnswer again, Pay(input));
    EXPECT_TRUE(again.replayed);
    EXPECT_EQ(again.transaction, first.transaction);
    EXPECT_EQ(again.journal_index, first.journal_index);
    EXPECT_EQ(again.booked_at_ns, first.booked_at_ns);
    EXPECT_EQ(again.service_day, first.service_day);
    EXPECT_EQ(again.payer.balance_kopecks, first.payer.balance_kopecks) << "as it was then";
    EXPECT_EQ(again.payer.display_name, "Анна С., 6Б") << "names are rendered anew";
    EXPECT_EQ(world_.last_audit().object, pupil_.id.bytes);
    EXPECT_EQ(world_.last_audit().journal_index, first.journal_index);
  }
  EXPECT_EQ(world_.Balance(pupil_.record.purses[0].second), 1'000'000 - kSoupKopecks + 77);
}

TEST_F(DebitAnswerTest, ARepeatIsLookedUpBeforeThePalm) {
  Begin();
  DebitInput input = Sale();
  ASSERT_THAT(Pay(input), IsOk());
  input.means = PayMeans(world_.ProbeOf(world_.NewPalm()));  // Nobody's.
  ASSERT_OK_AND_ASSIGN(const DebitAnswer again, Pay(input));
  EXPECT_TRUE(again.replayed);
}

TEST_F(DebitAnswerTest, AnIdWithOtherContentIsRefusedAndChangesNothing) {
  Begin();
  const base::RequestId id = world_.FreshId();
  DebitInput input = Sale();
  input.request = world_.RequestOf(world_.Till(school_), id, "one");
  ASSERT_OK_AND_ASSIGN(const DebitAnswer first, Pay(input));
  DebitInput other = Sale({LineOf(kBun)});
  other.request = world_.RequestOf(world_.Till(school_), id, "two");
  const auto refused = Pay(other);
  EXPECT_EQ(ReasonOf(refused), Reason::kRequestIdReused);
  EXPECT_EQ(FieldOf(refused), "request_id");
  ASSERT_OK_AND_ASSIGN(const DebitAnswer again, Pay(input));
  EXPECT_EQ(again.transaction, first.transaction);
}

TEST_F(DebitAnswerTest, TheSameIdAtAnotherTillIsAnotherRequest) {
  Begin();
  const base::RequestId id = world_.FreshId();
  DebitInput here = Sale();
  here.request = world_.RequestOf(world_.Till(school_), id);
  ASSERT_THAT(Pay(here), IsOk());
  DebitInput there = Sale({LineOf(kBun)});
  there.request = world_.RequestOf(world_.OtherTill(school_), id);
  ASSERT_OK_AND_ASSIGN(const DebitAnswer answer, world_.Debit(world_.OtherTill(school_), there));
  EXPECT_FALSE(answer.replayed);
}

TEST_F(DebitAnswerTest, RepeatsThatRaceAreAnsweredOnce) {
  Begin();
  const DebitInput input = Sale();
  constexpr int kRepeats = 20;
  std::vector<absl::StatusOr<DebitAnswer>> answers(kRepeats, absl::UnknownError("none"));
  std::vector<absl::Notification> answered(kRepeats);
  for (size_t i = 0; i < kRepeats; ++i) {
    Debit(world_.house(), world_.Till(school_), input, [&, i](absl::StatusOr<DebitAnswer> answer) {
      answers[i] = std::move(answer);
      answered[i].Notify();
    });
  }
  int fresh = 0;
  for (size_t i = 0; i < kRepeats; ++i) {
    answered[i].WaitForNotification();
    ASSERT_THAT(answers[i], IsOk());
    fresh += answers[i]->replayed ? 0 : 1;
    EXPECT_EQ(answers[i]->journal_index, answers[0]->journal_index);
  }
  EXPECT_EQ(fresh, 1);
  EXPECT_EQ(world_.Balance(pupil_.record.purses[0].second), 1'000'000 - kSoupKopecks);
}

TEST_F(DebitAnswerTest, ServiceDateAtBothMidnightsInTomsk) {
  Begin();  // UTC+7
  const uint64_t local_ns = kUtcMidnightNs - 7 * kHourNs;
  EXPECT_EQ(DayOfSaleAt(local_ns - kSecondNs), 2026'09'01);
  EXPECT_EQ(DayOfSaleAt(local_ns), 2026'09'02);
  EXPECT_EQ(DayOfSaleAt(kUtcMidnightNs - kSecondNs), 2026'09'02);
  EXPECT_EQ(DayOfSaleAt(kUtcMidnightNs), 2026'09'02);
}

TEST_F(DebitAnswerTest, ServiceDateAtBothMidnightsInKamchatka) {
  directory::SchoolSettings settings = DefaultSettings();
  settings.time_zone = "Asia/Kamchatka";
  Begin(settings);  // UTC+12
  const uint64_t local_ns = kUtcMidnightNs - 12 * kHourNs;
  EXPECT_EQ(DayOfSaleAt(local_ns - kSecondNs), 2026'09'01);
  EXPECT_EQ(DayOfSaleAt(local_ns), 2026'09'02);
  EXPECT_EQ(DayOfSaleAt(kUtcMidnightNs - kSecondNs), 2026'09'02);
  EXPECT_EQ(DayOfSaleAt(kUtcMidnightNs), 2026'09'02);
  EXPECT_EQ(DayOfSaleAt(kUtcMidnightNs + 12 * kHourNs), 2026'09'03);
}

TEST_F(DebitAnswerTest, ThePriceListChangesAtTheSchoolsMidnight) {
  Begin();
  world_.PutList(school_, 2026'09'02, 13'000);
  world_.now_ns = kUtcMidnightNs - 7 * kHourNs - kSecondNs;
  EXPECT_THAT(Pay(Sale()), IsOk());
  world_.now_ns += kSecondNs;
  EXPECT_EQ(ReasonOf(Pay(Sale())), Reason::kPriceNotOnList);
  DebitInput dearer = Sale();
  dearer.basket.lines[0].unit_price_kopecks = 13'000;
  dearer.basket.total_kopecks = 13'000;
  EXPECT_THAT(Pay(dearer), IsOk());
}

}  // namespace
}  // namespace ladon::flow
