// Goal: a child arrives at another school with its cards and its money and without its palms,
// leaves nothing behind, and a stop on the way loses neither child nor kopeck. Method: a real house
// with two schools; the power goes at every write of the move.
#include "server/flow/move.h"

#include "server/flow/erase.h"
#include "tests/server/flow/flow_world.h"

namespace ladon::flow {
namespace {

using testing::IsOk;
using vault::SubjectRef;

class MoveTest : public ::testing::Test {
 protected:
  absl::StatusOr<MoveAnswer> Move(const base::RequestId& id, const std::string& class_name = "6Б") {
    return WaitFor<MoveAnswer>([&](Done<MoveAnswer> done) {
      access::Caller officer = world_.Officer();
      EXPECT_THAT(access::Authorize(access::Matrix::BuiltIn(),
                                    "/ladon.v1.SubjectService/MoveSubject", &officer),
                  IsOk());
      MoveSubject(world_.house(), officer, world_.RequestOf(officer, id), from_, there_.school.id,
                  class_name, std::move(done));
    });
  }
  SubjectRef At(const TestSchool& school) const {
    return {.school = school.school.id, .subject = pupil_.id};
  }
  void ExpectMoved() {
    const House& house = world_.house();
    const auto record = house.vault->ReadSubject(house.vault->store(), At(there_));
    ASSERT_THAT(record, IsOk());
    ASSERT_TRUE(record->has_value());
    EXPECT_EQ((*record)->class_name, "6Б");
    EXPECT_EQ((*record)->family_name, "Петров");
    EXPECT_EQ(world_.Balance((*record)->purses.front().second), kMoney);
    EXPECT_EQ(world_.Balance(pupil_.record.purses.front().second), 0);
    const auto old = house.vault->ReadSubject(house.vault->store(), from_);
    ASSERT_THAT(old, IsOk());
    EXPECT_FALSE(old->has_value());
    EXPECT_THAT(world_.Identify(world_.Till(there_), card_), IsOk());
    EXPECT_EQ(ReasonOf(world_.Identify(world_.Till(here_), card_)), Reason::kCardUnknown);
    for (const TestSchool& school : {here_, there_}) {
      EXPECT_EQ(ReasonOf(world_.Identify(world_.Till(school), world_.ProbeOf(palm_))),
                Reason::kPalmNotRecognised);
    }
    const auto consent =
        house.vault->ReadConsent(house.vault->store(), At(there_), vault::ConsentKind::kBiometric);
    ASSERT_THAT(consent, IsOk());
    EXPECT_FALSE(consent->has_value()) << "given to another operator";
    // The card pays there at once.
    EXPECT_THAT(
        world_.Debit(world_.Till(there_), world_.SaleOf(there_, PayMeans{card_}, {LineOf(kBun)})),
        IsOk());
  }

  static constexpr int64_t kMoney = 54'321;
  FlowWorld world_;
  TestSchool here_ = world_.MakeSchool();
  TestSchool there_ = world_.MakeSchool();
  SubjectView pupil_ = world_.MakePupil(here_, kMoney);
  SubjectRef from_ = At(here_);
  vault::CardNumber card_ = CardOf(1);
  matcher::VeinCode palm_ = Equip();

  matcher::VeinCode Equip() {
    world_.GiveCard(here_, pupil_.id, card_);
    return world_.GivePalm(here_, pupil_.id);
  }
};

TEST_F(MoveTest, TakesCardsAndMoneyAlongAndLeavesThePalms) {
  const base::RequestId id = world_.FreshId();
  ASSERT_OK_AND_ASSIGN(const MoveAnswer answer, Move(id));
  EXPECT_EQ(answer.carried_kopecks, kMoney);
  EXPECT_EQ(answer.cards, 1);
  EXPECT_EQ(answer.cards_to_bind, 0);
  EXPECT_EQ(answer.palms_removed, 2);
  ASSERT_OK_AND_ASSIGN(const MoveAnswer again, Move(id));
  EXPECT_EQ(again.journal_index, answer.journal_index) << "a repeat moves once";
  ExpectMoved();
  world_.Restart();
  EXPECT_THAT(world_.Identify(world_.Till(there_), card_), IsOk());
}

TEST_F(MoveTest, RefusesWhatWouldNotArrive) {
  EXPECT_EQ(FieldOf(Move(world_.FreshId(), "")), "class_name");
  there_.school.id = here_.school.id;
  EXPECT_EQ(FieldOf(Move(world_.FreshId())), "to_school_id");
  there_.school.id = IdOf<base::SchoolId>(999);
  EXPECT_EQ(ReasonOf(Move(world_.FreshId())), Reason::kSchoolUnknown);
}

TEST_F(MoveTest, ACardThatIsSomebodyElsesThereStopsTheWholeMove) {
  const SubjectView other = world_.MakePupil(there_, 100);
  world_.GiveCard(there_, other.id, card_);
  EXPECT_EQ(ReasonOf(Move(world_.FreshId())), Reason::kCardBoundElsewhere);
  EXPECT_EQ(world_.Balance(pupil_.record.purses.front().second), kMoney) << "no money has gone";
}

TEST_F(MoveTest, AnOverdraftGoesAlongAsTheDebtItIs) {
  const base::AccountId purse = pupil_.record.purses.front().second;
  const auto limit = world_.Call<uint64_t>(
      world_.Cashier(here_.school.id), "AccountsService/SetOverdraftLimit",
      [&](const access::Caller& c, auto done) {
        SetOverdraftLimit(world_.house(), c, world_.Fresh(c), purse, 1'000'000, std::move(done));
      });
  ASSERT_THAT(limit, IsOk());
  ASSERT_THAT(
      world_.Debit(world_.Till(here_), world_.SaleOf(here_, PayMeans{card_}, {LineOf(kSoup, 10)})),
      IsOk());
  ASSERT_OK_AND_ASSIGN(const MoveAnswer answer, Move(world_.FreshId()));
  EXPECT_EQ(answer.carried_kopecks, kMoney - 10 * kSoupKopecks);
  EXPECT_LT(answer.carried_kopecks, 0);
}

TEST_F(MoveTest, APowerCutAtEveryWriteIsMadeGoodByTheSameRequest) {
  const base::RequestId id = world_.FreshId();
  int cuts = 0;
  for (int fail_at = 1;; ++fail_at) {
    ASSERT_LT(fail_at, 200);
    world_.disk().FailAt(world_.disk().operations() + static_cast<uint64_t>(fail_at),
                         testing::Fault::kPowerCut);
    const bool done = Move(id).ok();
    world_.PowerCutAndRestart();
    if (done) break;
    ++cuts;
    // Wherever it stopped: the money is there, once.
    int64_t sum = world_.Balance(pupil_.record.purses.front().second);
    const auto there = world_.house().vault->ReadSubject(world_.store(), At(there_));
    ASSERT_THAT(there, IsOk());
    EXPECT_FALSE(there->has_value() && sum != 0);
  }
  EXPECT_GT(cuts, 3);
  ASSERT_THAT(Move(id), IsOk());
  ExpectMoved();
}

TEST_F(MoveTest, APowerCutAtEveryWriteIsMadeGoodByAnyRequest) {
  for (int fail_at = 1;; ++fail_at) {
    ASSERT_LT(fail_at, 200);
    world_.disk().FailAt(world_.disk().operations() + static_cast<uint64_t>(fail_at),
                         testing::Fault::kPowerCut);
    const bool done = Move(world_.FreshId()).ok();
    world_.PowerCutAndRestart();
    if (done) break;
  }
  ExpectMoved();
  EXPECT_FALSE(world_.house().registers->MoveOf(pupil_.id));
}

// Stops a move when the money has gone and the child has not.
class HalfMovedTest : public MoveTest {
 protected:
  base::AccountId StopHalfWay() {
    const base::AccountId old = pupil_.record.purses.front().second;
    for (int fail_at = 1; fail_at < 50; ++fail_at) {
      world_.disk().FailAt(world_.disk().operations() + static_cast<uint64_t>(fail_at),
                           testing::Fault::kPowerCut);
      EXPECT_FALSE(Move(world_.FreshId()).ok());
      world_.PowerCutAndRestart();
      const auto move = world_.house().registers->MoveOf(pupil_.id);
      if (!move || world_.Balance(old) != 0) continue;
      return move->purses.front().to;
    }
    ADD_FAILURE() << "never half-way";
    return {};
  }
};

TEST_F(HalfMovedTest, AnotherSchoolHasToWait) {
  const base::AccountId fresh = StopHalfWay();
  EXPECT_EQ(world_.Balance(fresh), kMoney);
  const TestSchool there = there_;
  there_ = world_.MakeSchool();
  EXPECT_EQ(FieldOf(Move(world_.FreshId())), "to_school_id");
  there_ = there;
  ASSERT_THAT(Move(world_.FreshId()), IsOk());
  ExpectMoved();
}

TEST_F(HalfMovedTest, AnErasureSettlesThePursesOfBothSchools) {
  const base::AccountId fresh = StopHalfWay();
  const auto kept = [](const storage::Reader&) { return absl::OkStatus(); };
  ASSERT_THAT(EraseByRetention(world_.house(), from_, registers::ErasureReason::kLeftSchool, kept),
              IsOk());
  EXPECT_EQ(ReasonOf(Move(world_.FreshId())), Reason::kErasureUnderWay);
  auto erasure = *world_.house().registers->ErasureOf(pupil_.id);
  while (erasure.step != registers::ErasureStep::kKeysDestroyed) {
    ASSERT_OK_AND_ASSIGN(erasure, AdvanceErasure(world_.house(), erasure));
  }
  EXPECT_EQ(erasure.settled_kopecks, kMoney);
  EXPECT_EQ(world_.Balance(fresh), 0);
  EXPECT_FALSE(world_.house().registers->MoveOf(pupil_.id));
}

TEST_F(MoveTest, TermsGoAlongAlsoALimitBelowTheDebtAndFrozen) {
  const base::AccountId purse = pupil_.record.purses.front().second;
  const auto set_limit = [&](int64_t kopecks) {
    const auto limit = world_.Call<uint64_t>(
        world_.Cashier(here_.school.id), "AccountsService/SetOverdraftLimit",
        [&](const access::Caller& c, auto done) {
          SetOverdraftLimit(world_.house(), c, world_.Fresh(c), purse, kopecks, std::move(done));
        });
    ASSERT_THAT(limit, IsOk());
  };
  set_limit(1'000'000);
  ASSERT_THAT(
      world_.Debit(world_.Till(here_), world_.SaleOf(here_, PayMeans{card_}, {LineOf(kSoup, 10)})),
      IsOk());
  set_limit(100);
  const auto frozen = world_.Call<uint64_t>(
      world_.Cashier(here_.school.id), "AccountsService/SetFrozen",
      [&](const access::Caller& c, auto done) {
        SetFrozen(world_.house(), c, world_.Fresh(c), purse, true, std::move(done));
      });
  ASSERT_THAT(frozen, IsOk());
  ASSERT_OK_AND_ASSIGN(const MoveAnswer answer, Move(world_.FreshId()));
  EXPECT_EQ(answer.carried_kopecks, kMoney - 10 * kSoupKopecks);
  const auto record = world_.house().vault->ReadSubject(world_.store(), At(there_));
  ASSERT_THAT(record, IsOk());
  const auto there = world_.house().ledger->FindAccount(ToLedger((*record)->purses.front().second));
  ASSERT_TRUE(there);
  EXPECT_EQ(there->terms.overdraft_limit_kopecks, 100);
  EXPECT_NE(there->terms.flags & ledger::kAccountFrozen, 0);
}

TEST_F(MoveTest, ALostCardStaysLost) {
  ASSERT_THAT(world_.Call<CardAnswer>(world_.Desk(here_.school.id), "EnrolmentService/SetCardState",
                                      [&](const access::Caller& c, auto done) {
                                        SetCardState(world_.house(), c, world_.Fresh(c), card_,
                                                     vault::CardState::kLost, std::move(done));
                                      }),
              IsOk());
  ASSERT_THAT(Move(world_.FreshId()), IsOk());
  EXPECT_EQ(ReasonOf(world_.Identify(world_.Till(there_), card_)), Reason::kCardLost);
}

}  // namespace
}  // namespace ladon::flow
