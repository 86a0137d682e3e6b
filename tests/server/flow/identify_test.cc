// Goal: Identify names one child, or nobody, or says that it cannot tell; and only somebody who may
// be served. Method: a real house with synthetic palms and cards; one circumstance changed a time.
#include "server/flow/identify.h"

#include "matcher/distance.h"
#include "tests/matcher/random_codes.h"
#include "tests/server/flow/flow_world.h"

namespace ladon::flow {
namespace {

using testing::IsOk;

class IdentifyTest : public ::testing::Test {
 protected:
  Reason Palm(const matcher::VeinCode& palm, Liveness liveness = Liveness::kPass) {
    return ReasonOf(world_.Identify(world_.Till(school_), world_.ProbeOf(palm, liveness)));
  }
  Reason Card(const vault::CardNumber& card) {
    return ReasonOf(world_.Identify(world_.Till(school_), card));
  }
  void SetState(const base::CardId& card, vault::CardState state) {
    const auto set = world_.Call<CardAnswer>(
        world_.Desk(school_.school.id), "EnrolmentService/SetCardState",
        [&](const access::Caller& c, auto done) {
          SetCardState(world_.house(), c, world_.Fresh(c), card, state, std::move(done));
        });
    ASSERT_THAT(set, IsOk());
  }
  void Withdraw(const base::SubjectId& subject, vault::ConsentKind kind) {
    const auto gone = world_.Call<WithdrawAnswer>(
        world_.Desk(school_.school.id), "EnrolmentService/WithdrawConsent",
        [&](const access::Caller& c, auto done) {
          WithdrawConsent(world_.house(), c, world_.Fresh(c), subject, kind, std::move(done));
        });
    ASSERT_THAT(gone, IsOk());
  }
  void Block(const SubjectView& subject) {
    const SubjectChange change{.id = subject.id,
                               .family_name = "Петров",
                               .given_name = "Иван",
                               .class_name = "5А",
                               .state = vault::SubjectState::kBlocked};
    const auto blocked = world_.Call<SubjectAnswer>(
        world_.Desk(school_.school.id), "EnrolmentService/UpdateSubject",
        [&](const access::Caller& c, auto done) {
          UpdateSubject(world_.house(), c, world_.Fresh(c), change, std::move(done));
        });
    ASSERT_THAT(blocked, IsOk());
  }

  FlowWorld world_;
  TestSchool school_ = world_.MakeSchool();
};

// After an upgrade stored templates may be of a version that nothing is compared with any more: the
// server starts, serves everybody else, and says how many it has left out.
TEST_F(IdentifyTest, PalmsOfAnEarlierVersionAreLeftOutNotFatal) {
  const SubjectView pupil = world_.MakePupil(school_);
  const matcher::VeinCode palm = world_.GivePalm(school_, pupil.id);
  const SubjectView other = world_.MakePupil(school_);
  const vault::SubjectRef ref = {.school = school_.school.id, .subject = other.id};
  ASSERT_THAT(world_.vault().PrepareKeys(ref, vault::Purpose::kBiometric), IsOk());
  storage::Batch batch;
  storage::Overlay overlay(&world_.store(), &batch);
  world_.vault().PutPalm(ref, 0, {.side = 1, .code = "LV\x01\x01" + std::string(512, '\0')},
                         &overlay);
  ASSERT_THAT(world_.store().Write(batch), IsOk());
  world_.Restart();
  EXPECT_GT(world_.house().galleries->rows(), 0U);
  EXPECT_EQ(world_.house().galleries->outdated(), 1U);
  ASSERT_THAT(world_.Identify(world_.Till(school_), world_.ProbeOf(palm)), IsOk());
  EXPECT_EQ(world_.last_audit().object, pupil.id.bytes);
}

TEST_F(IdentifyTest, APalmFindsItsOwnerAmongOthers) {
  std::vector<SubjectView> pupils;
  std::vector<matcher::VeinCode> palms;
  for (int i = 0; i < 5; ++i) {
    pupils.push_back(world_.MakePupil(school_));
    palms.push_back(world_.GivePalm(school_, pupils.back().id));
  }
  for (size_t i = 0; i < pupils.size(); ++i) {
    ASSERT_OK_AND_ASSIGN(const IdentifyAnswer answer,
                         world_.Identify(world_.Till(school_), world_.ProbeOf(palms[i])));
    EXPECT_EQ(world_.last_audit().object, pupils[i].id.bytes);
    EXPECT_EQ(answer.payer.display_name, "Иван П., 5А");
    EXPECT_EQ(answer.expires_at_ns, kNoonNs + kTokenLifetimeNs);
    EXPECT_LE(answer.token.size(), kTokenBytesMax);
  }
  EXPECT_EQ(Palm(world_.NewPalm()), Reason::kPalmNotRecognised);
  EXPECT_EQ(world_.last_audit().object, Object{});
}

TEST_F(IdentifyTest, ManyCodesOfOneImageAreOneProbe) {
  const SubjectView pupil = world_.MakePupil(school_);
  const matcher::VeinCode palm = world_.GivePalm(school_, pupil.id);
  Probe probe = world_.ProbeOf(palm);
  while (probe.codes.size() < 15) probe.codes.insert(probe.codes.begin(), world_.NewPalm());
  EXPECT_THAT(world_.Identify(world_.Till(school_), probe), IsOk());
}

TEST_F(IdentifyTest, TwoNearPalmsAreNeverGuessed) {
  const SubjectView one = world_.MakePupil(school_);
  const SubjectView two = world_.MakePupil(school_);
  const matcher::VeinCode palm = world_.NewPalm();
  const auto enrol = [&](const access::Caller& desk, const SubjectView& pupil, bool look_alike) {
    world_.GiveConsents(school_, pupil.id);
    const PalmInput input{.subject = pupil.id,
                          .side = 1,
                          .samples = {{palm, uint8_t{90}}},
                          .check = world_.ProbeOf(palm),
                          .look_alike = look_alike};
    return ReasonOf(world_.Call<PalmAnswer>(
        desk, "EnrolmentService/EnrolPalm", [&](const access::Caller& c, auto done) {
          EnrolPalm(world_.house(), c, world_.Fresh(c), input, std::move(done));
        }));
  };
  ASSERT_EQ(enrol(world_.Desk(school_.school.id), one, false), Reason::kNone);
  ASSERT_EQ(enrol(world_.Desk(school_.school.id), two, false), Reason::kPalmAlreadyEnrolled);
  ASSERT_EQ(enrol(world_.OtherDesk(school_.school.id), two, true), Reason::kNone);
  EXPECT_EQ(Palm(palm), Reason::kPalmAmbiguous);
  EXPECT_EQ(world_.last_audit().object, Object{});
}

TEST_F(IdentifyTest, LivenessThatFailedIsRefusedBeforeAnySearch) {
  const matcher::VeinCode palm = world_.GivePalm(school_, world_.MakePupil(school_).id);
  EXPECT_EQ(Palm(palm, Liveness::kFail), Reason::kLivenessFailed);
  EXPECT_EQ(Palm(palm, Liveness::kUnknown), Reason::kNone) << "the debit asks for more, if need be";
}

TEST_F(IdentifyTest, WithoutBiometricsPalmsAreRefusedAndCardsWork) {
  const SubjectView pupil = world_.MakePupil(school_);
  const matcher::VeinCode palm = world_.GivePalm(school_, pupil.id);
  world_.GiveCard(school_, pupil.id, CardOf(1));
  directory::SchoolSettings settings = DefaultSettings();
  settings.biometrics = false;
  world_.ChangeSettings(&school_, settings);
  EXPECT_EQ(Palm(palm), Reason::kBiometricsOff);
  EXPECT_EQ(Card(CardOf(1)), Reason::kNone);
}

TEST_F(IdentifyTest, PalmsNeedBothConsentsAndCardsNeitherOfThem) {
  for (const auto kind : {vault::ConsentKind::kPersonalData, vault::ConsentKind::kBiometric}) {
    const SubjectView pupil = world_.MakePupil(school_);
    const matcher::VeinCode palm = world_.GivePalm(school_, pupil.id);
    const vault::CardNumber card = CardOf(static_cast<uint32_t>(kind));
    world_.GiveCard(school_, pupil.id, card);
    ASSERT_EQ(Palm(palm), Reason::kNone);
    Withdraw(pupil.id, kind);
    EXPECT_EQ(Palm(palm), Reason::kPalmNotRecognised) << "gone from search";
    EXPECT_EQ(Card(card), Reason::kNone);
  }
}

TEST_F(IdentifyTest, AConsentThatRanOutCountsNoMore) {
  const matcher::VeinCode palm = world_.GivePalm(school_, world_.MakePupil(school_).id);
  world_.now_ns = kNoonNs + 365 * kDayNs;  // 2027-09-01: the last day.
  EXPECT_EQ(Palm(palm), Reason::kNone);
  world_.now_ns += kDayNs;
  const auto refused = world_.Identify(world_.Till(school_), world_.ProbeOf(palm));
  EXPECT_EQ(ReasonOf(refused), Reason::kConsentMissing);
  EXPECT_EQ(FieldOf(refused), "personal_data");
}

TEST_F(IdentifyTest, ABlockedSubjectIsRefusedByAllMeans) {
  const SubjectView pupil = world_.MakePupil(school_);
  const matcher::VeinCode palm = world_.GivePalm(school_, pupil.id);
  world_.GiveCard(school_, pupil.id, CardOf(1));
  Block(pupil);
  EXPECT_EQ(Palm(palm), Reason::kSubjectBlocked);
  EXPECT_EQ(world_.last_audit().object, pupil.id.bytes);
  EXPECT_EQ(Card(CardOf(1)), Reason::kSubjectBlocked);
}

TEST_F(IdentifyTest, ACardTellsItsState) {
  const SubjectView pupil = world_.MakePupil(school_);
  const base::CardId card = world_.GiveCard(school_, pupil.id, CardOf(1));
  EXPECT_EQ(Card(CardOf(1)), Reason::kNone);
  EXPECT_EQ(world_.last_audit().object, pupil.id.bytes);
  SetState(card, vault::CardState::kBlocked);
  EXPECT_EQ(Card(CardOf(1)), Reason::kCardBlocked);
  SetState(card, vault::CardState::kLost);
  EXPECT_EQ(Card(CardOf(1)), Reason::kCardLost);
  SetState(card, vault::CardState::kActive);
  EXPECT_EQ(Card(CardOf(1)), Reason::kNone);
  EXPECT_EQ(Card(CardOf(2)), Reason::kCardUnknown);
}

TEST_F(IdentifyTest, AnotherSchoolFindsNeitherPalmNorCard) {
  const SubjectView pupil = world_.MakePupil(school_);
  const matcher::VeinCode palm = world_.GivePalm(school_, pupil.id);
  world_.GiveCard(school_, pupil.id, CardOf(1));
  school_ = world_.MakeSchool();
  EXPECT_EQ(Palm(palm), Reason::kPalmNotRecognised);
  EXPECT_EQ(Card(CardOf(1)), Reason::kCardUnknown);
}

// Regression: a card shown with a certificate of a school that was never set up left a key behind.
TEST_F(IdentifyTest, ASchoolThatDoesNotExistIsRefusedAndLeavesNoKey) {
  TestSchool nowhere = school_;
  nowhere.school.id = IdOf<base::SchoolId>(999);
  const size_t keys = world_.keys().size();
  const matcher::VeinCode palm = world_.NewPalm();
  EXPECT_EQ(ReasonOf(world_.Identify(world_.Till(nowhere), CardOf(1))), Reason::kSchoolUnknown);
  EXPECT_EQ(ReasonOf(world_.Identify(world_.Till(nowhere), world_.ProbeOf(palm))),
            Reason::kSchoolUnknown);
  EXPECT_EQ(world_.keys().size(), keys);
}

TEST_F(IdentifyTest, TheTillSeesMoneyOnlyAsTheSchoolAllows) {
  const SubjectView poor = world_.MakePupil(school_, 4'999);
  const SubjectView rich = world_.MakePupil(school_, 5'000);
  world_.GiveCard(school_, poor.id, CardOf(1));
  world_.GiveCard(school_, rich.id, CardOf(2));
  ASSERT_OK_AND_ASSIGN(const IdentifyAnswer low, world_.Identify(world_.Till(school_), CardOf(1)));
  EXPECT_TRUE(low.payer.low_money);
  EXPECT_EQ(low.payer.balance_kopecks, 4'999);
  ASSERT_OK_AND_ASSIGN(const IdentifyAnswer fine, world_.Identify(world_.Till(school_), CardOf(2)));
  EXPECT_FALSE(fine.payer.low_money);
  directory::SchoolSettings settings = DefaultSettings();
  settings.show_balance_at_till = false;
  world_.ChangeSettings(&school_, settings);
  ASSERT_OK_AND_ASSIGN(const IdentifyAnswer hidden,
                       world_.Identify(world_.Till(school_), CardOf(1)));
  EXPECT_FALSE(hidden.payer.balance_kopecks.has_value());
  EXPECT_TRUE(hidden.payer.low_money);
}

TEST_F(IdentifyTest, PalmsAndCardsAreStillKnownAfterARestart) {
  const SubjectView pupil = world_.MakePupil(school_);
  const matcher::VeinCode palm = world_.GivePalm(school_, pupil.id);
  world_.GiveCard(school_, pupil.id, CardOf(1));
  world_.Restart();
  EXPECT_EQ(world_.house().galleries->rows(), 2);
  EXPECT_EQ(Palm(palm), Reason::kNone);
  EXPECT_EQ(world_.last_audit().object, pupil.id.bytes);
  EXPECT_EQ(Card(CardOf(1)), Reason::kNone);
}

TEST_F(IdentifyTest, AFullQueueOfSearchesIsToldAndRecorded) {
  absl::Notification held;
  absl::Notification release;
  ASSERT_TRUE(world_.house().searchers->Run([&] {
    held.Notify();
    release.WaitForNotification();
  }));
  held.WaitForNotification();
  for (size_t i = 0; i < kWorkQueueMax; ++i) ASSERT_TRUE(world_.house().searchers->Run([] {}));
  const Probe probe = world_.ProbeOf(world_.NewPalm());
  EXPECT_EQ(ReasonOf(world_.Identify(world_.Till(school_), probe)), Reason::kOverloaded);
  EXPECT_EQ(Card(CardOf(9)), Reason::kCardUnknown) << "cards do not wait for palms";
  release.Notify();
}

TEST_F(IdentifyTest, ASearchWhoseCallerHasGivenUpIsNotBegun) {
  const SubjectView pupil = world_.MakePupil(school_);
  const matcher::VeinCode palm = world_.GivePalm(school_, pupil.id);
  access::Caller till = world_.Till(school_);
  till.deadline_ns = world_.now_ns + kSecondNs;
  EXPECT_THAT(world_.Identify(till, world_.ProbeOf(palm)), IsOk());
  world_.now_ns += kSecondNs;
  EXPECT_EQ(ReasonOf(world_.Identify(till, world_.ProbeOf(palm))), Reason::kDeadlinePassed);
}

TEST_F(IdentifyTest, CardsThatAreNobodysThrottleCardsOfTheirTerminal) {
  const SubjectView pupil = world_.MakePupil(school_);
  world_.GiveCard(school_, pupil.id, CardOf(1));
  const matcher::VeinCode palm = world_.GivePalm(school_, pupil.id);
  for (uint32_t i = 0; i < 2 * kCardMissesBurst; ++i) {
    ASSERT_EQ(Card(CardOf(1)), Reason::kNone) << "hits cost nothing";
  }
  for (uint32_t i = 0; i < kCardMissesBurst; ++i) {
    ASSERT_EQ(Card(CardOf(1'000 + i)), Reason::kCardUnknown);
  }
  EXPECT_EQ(Card(CardOf(2'000)), Reason::kTooManyAttempts);
  EXPECT_EQ(Card(CardOf(1)), Reason::kTooManyAttempts) << "unsearched: an answer tells nothing";
  EXPECT_EQ(Palm(palm), Reason::kNone) << "other means go on";
  EXPECT_THAT(world_.Identify(world_.OtherTill(school_), CardOf(1)), IsOk()) << "other tills too";
  world_.now_ns += kMinuteNs;
  EXPECT_EQ(Card(CardOf(1)), Reason::kNone);
}

TEST_F(IdentifyTest, OneLostCardShownAgainAndAgainClosesNothingButItself) {
  const SubjectView pupil = world_.MakePupil(school_);
  world_.GiveCard(school_, pupil.id, CardOf(1));
  const SubjectView other = world_.MakePupil(school_);
  world_.GiveCard(school_, other.id, CardOf(2));
  const auto lost =
      world_.Call<CardAnswer>(world_.Desk(school_.school.id), "EnrolmentService/SetCardState",
                              [&](const access::Caller& c, auto done) {
                                SetCardState(world_.house(), c, world_.Fresh(c), CardOf(1),
                                             vault::CardState::kLost, std::move(done));
                              });
  ASSERT_THAT(lost, IsOk());
  for (uint32_t i = 0; i < kSameCardMissesBurst; ++i) {
    ASSERT_EQ(Card(CardOf(1)), Reason::kCardLost);
  }
  for (uint32_t i = 0; i < 2 * kCardMissesBurst; ++i) {
    ASSERT_EQ(Card(CardOf(1)), Reason::kTooManyAttempts);
  }
  EXPECT_EQ(Card(CardOf(2)), Reason::kNone);
}

TEST_F(IdentifyTest, MissesOfManyTerminalsCountForTheirAddress) {
  const SubjectView pupil = world_.MakePupil(school_);
  world_.GiveCard(school_, pupil.id, CardOf(1));
  uint32_t number = 10'000;
  const auto tills = kAddressMissesBurst / kCardMissesBurst + 1;
  access::Caller till = world_.Till(school_);
  till.peer = "ipv4:192.0.2.7:51000";
  access::Caller elsewhere = world_.Till(school_);
  elsewhere.peer = "ipv4:192.0.2.8:51000";
  Reason last = Reason::kNone;
  for (uint32_t i = 0; i < tills && last != Reason::kTooManyAttempts; ++i) {
    till.principal.id = IdOf<base::ActorId>(5'000 + i);
    for (uint32_t miss = 0; miss < kCardMissesBurst && last != Reason::kTooManyAttempts; ++miss) {
      last = ReasonOf(world_.Identify(till, CardOf(number++)));
    }
  }
  EXPECT_EQ(last, Reason::kTooManyAttempts);
  EXPECT_EQ(number, 10'000 + kAddressMissesBurst + 1);
  EXPECT_EQ(ReasonOf(world_.Identify(till, CardOf(1))), Reason::kTooManyAttempts);
  EXPECT_THAT(world_.Identify(elsewhere, CardOf(1)), IsOk());
}

TEST_F(IdentifyTest, MissesThrottlePalmsOfTheirTerminalAndNothingElse) {
  const SubjectView pupil = world_.MakePupil(school_);
  const matcher::VeinCode palm = world_.GivePalm(school_, pupil.id);
  world_.GiveCard(school_, pupil.id, CardOf(1));
  const ThrottleOptions defaults;
  for (uint32_t miss = 0; miss < defaults.burst; ++miss) {
    ASSERT_EQ(Palm(palm), Reason::kNone) << "a match costs nothing";
    ASSERT_EQ(Palm(world_.NewPalm()), Reason::kPalmNotRecognised) << miss;
  }
  EXPECT_EQ(Palm(world_.NewPalm()), Reason::kPalmThrottled);
  EXPECT_EQ(Palm(palm), Reason::kPalmThrottled) << "unsearched, so that an answer tells nothing";
  EXPECT_EQ(Card(CardOf(1)), Reason::kNone);
  EXPECT_EQ(ReasonOf(world_.Identify(world_.OtherTill(school_), world_.ProbeOf(palm))),
            Reason::kNone);
  constexpr uint64_t kMinuteNs = 60'000'000'000;
  world_.now_ns += kMinuteNs;
  for (uint32_t miss = 0; miss < defaults.per_minute; ++miss) {
    EXPECT_EQ(Palm(world_.NewPalm()), Reason::kPalmNotRecognised) << miss;
  }
  EXPECT_EQ(Palm(world_.NewPalm()), Reason::kPalmThrottled);
}

TEST_F(IdentifyTest, PalmsThatDriftToTheThresholdAreNamedToTheDesk) {
  const SubjectView steady = world_.MakePupil(school_);
  const SubjectView drifting = world_.MakePupil(school_);
  const matcher::VeinCode one = world_.GivePalm(school_, steady.id);
  const matcher::VeinCode other = world_.GivePalm(school_, drifting.id);
  // Redrawn until it is barely found: as a hand after years.
  const matcher::DecisionRule rule = world_.house().galleries->RuleOf(school_.school.id, 0, 1);
  matcher::VeinCode grown = other;
  while (true) {
    const matcher::VeinCode next = matcher::NoisyCopy(grown, 0.02, world_.rng());
    if (matcher::SearchDistanceQ16(other, {&next, 1}) > rule.distance_max_q16 - 1'000) break;
    grown = next;
  }
  const Probe late{.codes = {grown}, .liveness = Liveness::kPass};
  const auto& drift = world_.house().galleries->drift();
  const vault::SubjectRef ref = {.school = school_.school.id, .subject = drifting.id};
  for (uint32_t visit = 0; visit < PalmDrift::kMatchesMin; ++visit) {
    EXPECT_FALSE(drift.IsWeak(ref)) << "too early to tell";
    ASSERT_EQ(Palm(one), Reason::kNone);
    ASSERT_EQ(ReasonOf(world_.Identify(world_.Till(school_), late)), Reason::kNone);
  }
  EXPECT_TRUE(drift.IsWeak(ref));
  EXPECT_FALSE(drift.IsWeak({.school = school_.school.id, .subject = steady.id}));
  Withdraw(drifting.id, vault::ConsentKind::kBiometric);
  EXPECT_FALSE(drift.IsWeak(ref)) << "forgotten with the palm";
}

}  // namespace
}  // namespace ladon::flow
