// Goal: no palm without both consents and the school's leave; a withdrawal takes the palms out of
// search before it answers, and nothing brings them back but a new enrolment.
// Method: each condition broken alone; repeats after everything changed; the vault read directly.
#include "server/flow/enrol.h"
#include "tests/matcher/random_codes.h"
#include "tests/server/flow/flow_world.h"

namespace ladon::flow {
namespace {

using testing::IsOk;
using vault::ConsentKind;

class EnrolPalmTest : public ::testing::Test {
 protected:
  PalmInput InputOf(const base::SubjectId& subject, size_t samples = 1) {
    PalmInput input{.subject = subject, .side = 1, .samples = {}};
    for (size_t i = 0; i < samples; ++i) {
      input.samples.emplace_back(matcher::NoisyCopy(palm_, 0.1, world_.rng()), uint8_t{80});
    }
    input.check = world_.ProbeOf(palm_);
    return input;
  }
  absl::StatusOr<PalmAnswer> Enrol(const Request& request, const PalmInput& input) {
    return world_.Call<PalmAnswer>(desk_, "EnrolmentService/EnrolPalm",
                                   [&](const access::Caller& c, auto done) {
                                     EnrolPalm(world_.house(), c, request, input, std::move(done));
                                   });
  }
  absl::StatusOr<PalmAnswer> Enrol(const PalmInput& input) {
    return Enrol(world_.Fresh(desk_), input);
  }
  absl::StatusOr<WithdrawAnswer> Withdraw(const Request& request, ConsentKind kind) {
    return world_.Call<WithdrawAnswer>(
        desk_, "EnrolmentService/WithdrawConsent", [&](const access::Caller& c, auto done) {
          WithdrawConsent(world_.house(), c, request, pupil_.id, kind, std::move(done));
        });
  }
  Reason Show() { return ReasonOf(world_.Identify(world_.Till(school_), world_.ProbeOf(palm_))); }
  size_t StoredSamples() {
    const auto numbers = world_.vault().PalmNumbers(world_.store(), {school_.school.id, pupil_.id});
    EXPECT_THAT(numbers, IsOk());
    return numbers->size();
  }

  FlowWorld world_;
  TestSchool school_ = world_.MakeSchool();
  access::Caller desk_ = world_.Desk(school_.school.id);
  SubjectView pupil_ = world_.MakePupil(school_);
  matcher::VeinCode palm_ = world_.NewPalm();
};

TEST_F(EnrolPalmTest, IsFoundAtOnceAndKept) {
  world_.GiveConsents(school_, pupil_.id);
  ASSERT_OK_AND_ASSIGN(const PalmAnswer answer, Enrol(InputOf(pupil_.id, 3)));
  EXPECT_EQ(answer.samples, 3);
  EXPECT_EQ(world_.last_audit().object, pupil_.id.bytes);
  EXPECT_EQ(world_.last_audit().journal_index, answer.journal_index);
  EXPECT_EQ(Show(), Reason::kNone);
  EXPECT_EQ(StoredSamples(), 3);
  ASSERT_OK_AND_ASSIGN(const PalmAnswer more, Enrol(InputOf(pupil_.id, 2)));
  EXPECT_EQ(more.samples, 5);
  EXPECT_EQ(world_.house().galleries->rows(), 5);
}

TEST_F(EnrolPalmTest, NeedsBothConsents) {
  for (const auto missing : {ConsentKind::kPersonalData, ConsentKind::kBiometric}) {
    pupil_ = world_.MakePupil(school_);
    world_.GiveConsents(school_, pupil_.id);
    ASSERT_THAT(Withdraw(world_.Fresh(desk_), missing), IsOk());
    const auto refused = Enrol(InputOf(pupil_.id));
    EXPECT_EQ(ReasonOf(refused), Reason::kConsentMissing);
    EXPECT_EQ(FieldOf(refused), missing == ConsentKind::kBiometric ? "biometric" : "personal_data");
    EXPECT_EQ(StoredSamples(), 0);
  }
  pupil_ = world_.MakePupil(school_);
  EXPECT_EQ(ReasonOf(Enrol(InputOf(pupil_.id))), Reason::kConsentMissing);
  EXPECT_EQ(Show(), Reason::kPalmNotRecognised);
}

TEST_F(EnrolPalmTest, AConsentThatRanOutIsNone) {
  world_.GiveConsents(school_, pupil_.id);
  world_.now_ns += 366 * kDayNs;
  EXPECT_EQ(ReasonOf(Enrol(InputOf(pupil_.id))), Reason::kConsentMissing);
}

TEST_F(EnrolPalmTest, NeedsASchoolThatAllowsIt) {
  world_.GiveConsents(school_, pupil_.id);
  directory::SchoolSettings settings = DefaultSettings();
  settings.biometrics = false;
  world_.ChangeSettings(&school_, settings);
  EXPECT_EQ(ReasonOf(Enrol(InputOf(pupil_.id))), Reason::kBiometricsOff);
  EXPECT_EQ(StoredSamples(), 0);
}

TEST_F(EnrolPalmTest, NeedsASubjectOfTheOwnSchool) {
  const size_t keys = world_.keys().size();
  EXPECT_EQ(ReasonOf(Enrol(InputOf(IdOf<base::SubjectId>(404)))), Reason::kSubjectUnknown);
  EXPECT_EQ(world_.keys().size(), keys) << "no key for somebody made up";
  world_.GiveConsents(school_, pupil_.id);
  desk_ = world_.Desk(world_.MakeSchool().school.id);
  EXPECT_EQ(ReasonOf(Enrol(InputOf(pupil_.id))), Reason::kSubjectUnknown);
}

TEST_F(EnrolPalmTest, ABlockedSubjectIsNotEnrolled) {
  world_.GiveConsents(school_, pupil_.id);
  const SubjectChange change{.id = pupil_.id,
                             .family_name = "Петров",
                             .given_name = "Иван",
                             .class_name = "5А",
                             .state = vault::SubjectState::kBlocked};
  ASSERT_THAT(world_.Call<SubjectAnswer>(desk_, "EnrolmentService/UpdateSubject",
                                         [&](const access::Caller& c, auto done) {
                                           UpdateSubject(world_.house(), c, world_.Fresh(c), change,
                                                         std::move(done));
                                         }),
              IsOk());
  EXPECT_EQ(ReasonOf(Enrol(InputOf(pupil_.id))), Reason::kSubjectBlocked);
}

TEST_F(EnrolPalmTest, TwelveSamplesAndNotOneMore) {
  world_.GiveConsents(school_, pupil_.id);
  ASSERT_THAT(Enrol(InputOf(pupil_.id, 6)), IsOk());
  ASSERT_THAT(Enrol(InputOf(pupil_.id, 5)), IsOk());
  const auto refused = Enrol(InputOf(pupil_.id, 2));
  EXPECT_EQ(ReasonOf(refused), Reason::kFieldInvalid);
  EXPECT_EQ(FieldOf(refused), "templates");
  EXPECT_EQ(StoredSamples(), 11) << "none of a call that would be too many";
  ASSERT_OK_AND_ASSIGN(const PalmAnswer last, Enrol(InputOf(pupil_.id, 1)));
  EXPECT_EQ(last.samples, vault::kPalmSamplesMax);
}

// Regression: the enrolment was made durable, answered with an error, and the next start refused to
// load it.
TEST_F(EnrolPalmTest, AFullGalleryRefusesBeforeAnythingIsWritten) {
  world_.RestartWithRoomFor(4);
  world_.GiveConsents(school_, pupil_.id);
  ASSERT_THAT(Enrol(InputOf(pupil_.id, 3)), IsOk());
  EXPECT_EQ(ReasonOf(Enrol(InputOf(pupil_.id, 2))), Reason::kGalleryFull);
  EXPECT_EQ(StoredSamples(), 3);
  ASSERT_THAT(Enrol(InputOf(pupil_.id, 1)), IsOk()) << "the last place";
  EXPECT_EQ(ReasonOf(Enrol(InputOf(pupil_.id, 1))), Reason::kGalleryFull);
  world_.Restart();
  EXPECT_EQ(world_.house().galleries->rows(), 4);
  EXPECT_EQ(ReasonOf(Enrol(InputOf(pupil_.id, 1))), Reason::kGalleryFull) << "counted on start";
  ASSERT_THAT(Withdraw(world_.Fresh(desk_), ConsentKind::kBiometric), IsOk());
  world_.GiveConsents(school_, pupil_.id);
  EXPECT_THAT(Enrol(InputOf(pupil_.id, 4)), IsOk()) << "a withdrawal makes room";
}

TEST_F(EnrolPalmTest, ARepeatEnrolsNothing) {
  world_.GiveConsents(school_, pupil_.id);
  const Request request = world_.Fresh(desk_);
  const PalmInput input = InputOf(pupil_.id, 2);
  ASSERT_OK_AND_ASSIGN(const PalmAnswer first, Enrol(request, input));
  ASSERT_OK_AND_ASSIGN(const PalmAnswer again, Enrol(request, input));
  EXPECT_EQ(again.samples, 2);
  EXPECT_EQ(again.journal_index, first.journal_index);
  EXPECT_EQ(StoredSamples(), 2);
  EXPECT_EQ(world_.house().galleries->rows(), 2);
}

TEST_F(EnrolPalmTest, EitherWithdrawalRemovesThePalmsBeforeItAnswers) {
  for (const auto kind : {ConsentKind::kPersonalData, ConsentKind::kBiometric}) {
    world_.GiveConsents(school_, pupil_.id);
    ASSERT_THAT(Enrol(InputOf(pupil_.id, 3)), IsOk());
    ASSERT_EQ(Show(), Reason::kNone);
    ASSERT_OK_AND_ASSIGN(const WithdrawAnswer gone, Withdraw(world_.Fresh(desk_), kind));
    EXPECT_EQ(world_.house().galleries->rows(), 0) << "on the spot";
    EXPECT_EQ(gone.palm_samples_removed, 3);
    EXPECT_EQ(world_.last_audit().object, pupil_.id.bytes);
    EXPECT_EQ(StoredSamples(), 0);
    EXPECT_EQ(Show(), Reason::kPalmNotRecognised);
    world_.Restart();
    EXPECT_EQ(Show(), Reason::kPalmNotRecognised);
  }
}

TEST_F(EnrolPalmTest, WithdrawingTakesNobodyElsesPalms) {
  world_.GiveConsents(school_, pupil_.id);
  ASSERT_THAT(Enrol(InputOf(pupil_.id)), IsOk());
  const SubjectView other = world_.MakePupil(school_);
  const matcher::VeinCode others_palm = world_.GivePalm(school_, other.id);
  ASSERT_THAT(Withdraw(world_.Fresh(desk_), ConsentKind::kBiometric), IsOk());
  EXPECT_THAT(world_.Identify(world_.Till(school_), world_.ProbeOf(others_palm)), IsOk());
}

TEST_F(EnrolPalmTest, OnlyAConsentThatStandsCanBeWithdrawn) {
  const auto none = Withdraw(world_.Fresh(desk_), ConsentKind::kBiometric);
  EXPECT_EQ(ReasonOf(none), Reason::kConsentUnknown);
  EXPECT_EQ(FieldOf(none), "kind");
  world_.GiveConsents(school_, pupil_.id);
  ASSERT_THAT(Withdraw(world_.Fresh(desk_), ConsentKind::kBiometric), IsOk());
  EXPECT_EQ(ReasonOf(Withdraw(world_.Fresh(desk_), ConsentKind::kBiometric)),
            Reason::kConsentUnknown);
}

// Regression: the repeat of a withdrawal took palms out of search that were enrolled after it, on
// a new consent; they came back only with a restart.
TEST_F(EnrolPalmTest, ARepeatedWithdrawalLeavesALaterEnrolmentAlone) {
  world_.GiveConsents(school_, pupil_.id);
  ASSERT_THAT(Enrol(InputOf(pupil_.id)), IsOk());
  const Request withdrawal = world_.Fresh(desk_);
  ASSERT_OK_AND_ASSIGN(const WithdrawAnswer first, Withdraw(withdrawal, ConsentKind::kBiometric));
  world_.GiveConsents(school_, pupil_.id);
  ASSERT_THAT(Enrol(InputOf(pupil_.id, 2)), IsOk());
  ASSERT_OK_AND_ASSIGN(const WithdrawAnswer again, Withdraw(withdrawal, ConsentKind::kBiometric));
  EXPECT_EQ(again.journal_index, first.journal_index);
  EXPECT_EQ(StoredSamples(), 2);
  EXPECT_EQ(world_.house().galleries->rows(), 2);
  EXPECT_EQ(Show(), Reason::kNone);
}

TEST_F(EnrolPalmTest, ARepeatedEnrolmentDoesNotUndoAWithdrawal) {
  world_.GiveConsents(school_, pupil_.id);
  const Request request = world_.Fresh(desk_);
  const PalmInput input = InputOf(pupil_.id);
  ASSERT_THAT(Enrol(request, input), IsOk());
  ASSERT_THAT(Withdraw(world_.Fresh(desk_), ConsentKind::kBiometric), IsOk());
  ASSERT_OK_AND_ASSIGN(const PalmAnswer again, Enrol(request, input));
  EXPECT_EQ(again.samples, 0);
  EXPECT_EQ(Show(), Reason::kPalmNotRecognised);
  EXPECT_EQ(StoredSamples(), 0);
}

// Enrolments and withdrawals that follow each other without waiting end as the journal says.
TEST_F(EnrolPalmTest, SearchFollowsTheOrderOfTheJournal) {
  world_.GiveConsents(school_, pupil_.id);
  for (int round = 0; round < 5; ++round) {
    const PalmInput input = InputOf(pupil_.id, 2);
    absl::Notification enrolled;
    absl::Notification withdrawn;
    absl::StatusOr<PalmAnswer> palm = absl::UnknownError("none");
    absl::StatusOr<WithdrawAnswer> gone = absl::UnknownError("none");
    EnrolPalm(world_.house(), desk_, world_.Fresh(desk_), input,
              [&](absl::StatusOr<PalmAnswer> answer) {
                palm = std::move(answer);
                enrolled.Notify();
              });
    WithdrawConsent(world_.house(), desk_, world_.Fresh(desk_), pupil_.id, ConsentKind::kBiometric,
                    [&](absl::StatusOr<WithdrawAnswer> answer) {
                      gone = std::move(answer);
                      withdrawn.Notify();
                    });
    enrolled.WaitForNotification();
    withdrawn.WaitForNotification();
    ASSERT_THAT(gone, IsOk());
    if (palm.ok()) {
      EXPECT_LT(palm->journal_index, gone->journal_index);
      EXPECT_EQ(gone->palm_samples_removed, 2);
    } else {  // The withdrawal came first.
      EXPECT_EQ(ReasonOf(palm), Reason::kConsentMissing);
      EXPECT_EQ(gone->palm_samples_removed, 0);
    }
    EXPECT_EQ(world_.house().galleries->rows(), 0);
    world_.GiveConsents(school_, pupil_.id);
  }
}

TEST_F(EnrolPalmTest, CapturesMustResembleEachOtherAndBeFoundAgain) {
  world_.GiveConsents(school_, pupil_.id);
  PalmInput other_hand = InputOf(pupil_.id, 3);
  other_hand.samples[1].first = world_.NewPalm();
  EXPECT_EQ(ReasonOf(Enrol(other_hand)), Reason::kCapturesDiffer);
  PalmInput other_check = InputOf(pupil_.id, 3);
  other_check.check = world_.ProbeOf(world_.NewPalm());
  EXPECT_EQ(ReasonOf(Enrol(other_check)), Reason::kEnrolmentNotConfirmed);
  PalmInput not_alive = InputOf(pupil_.id, 3);
  not_alive.check.liveness = Liveness::kFail;
  EXPECT_EQ(ReasonOf(Enrol(not_alive)), Reason::kLivenessFailed);
  EXPECT_EQ(StoredSamples(), 0U);
  EXPECT_EQ(Show(), Reason::kPalmNotRecognised) << "nothing of a refused enrolment is active";
  EXPECT_THAT(Enrol(InputOf(pupil_.id, 3)), IsOk());
}

TEST_F(EnrolPalmTest, APalmOfSomebodyElseNeedsASecondApprover) {
  world_.GiveConsents(school_, pupil_.id);
  ASSERT_THAT(Enrol(InputOf(pupil_.id, 3)), IsOk());
  const SubjectView twin = world_.MakePupil(school_);
  world_.GiveConsents(school_, twin.id);
  const access::Caller first = desk_;
  const access::Caller second = world_.OtherDesk(school_.school.id);
  PalmInput input = InputOf(twin.id, 3);
  const auto enrol = [&](const access::Caller& desk, bool look_alike) {
    desk_ = desk;
    input.look_alike = look_alike;
    return ReasonOf(Enrol(input));
  };
  EXPECT_EQ(enrol(second, true), Reason::kFieldInvalid) << "nobody was refused yet";
  EXPECT_EQ(enrol(first, false), Reason::kPalmAlreadyEnrolled);
  EXPECT_EQ(world_.last_audit().object, twin.id.bytes) << "whose palm it resembles is not told";
  EXPECT_EQ(enrol(first, true), Reason::kFieldInvalid) << "nobody approves their own";
  EXPECT_EQ(enrol(second, false), Reason::kPalmAlreadyEnrolled);
  EXPECT_EQ(enrol(first, true), Reason::kFieldInvalid) << "nor by asking a colleague to be refused";
  world_.now_ns += LookAlikes::kApprovalNs + 1;
  EXPECT_EQ(enrol(second, true), Reason::kFieldInvalid) << "too late";
  EXPECT_EQ(enrol(first, false), Reason::kPalmAlreadyEnrolled);
  EXPECT_EQ(enrol(second, true), Reason::kNone);
  EXPECT_EQ(Show(), Reason::kPalmAmbiguous);
}

TEST_F(EnrolPalmTest, MorePalmsOfTheSameChildAreNotSomebodyElse) {
  world_.GiveConsents(school_, pupil_.id);
  ASSERT_THAT(Enrol(InputOf(pupil_.id, 3)), IsOk());
  EXPECT_THAT(Enrol(InputOf(pupil_.id, 3)), IsOk());
}

TEST_F(EnrolPalmTest, ARepeatIsAnsweredThoughALookAlikeCameSince) {
  world_.GiveConsents(school_, pupil_.id);
  const Request request = world_.Fresh(desk_);
  const PalmInput input = InputOf(pupil_.id, 3);
  ASSERT_OK_AND_ASSIGN(const PalmAnswer first, Enrol(request, input));
  const SubjectView twin = world_.MakePupil(school_);
  world_.GiveConsents(school_, twin.id);
  PalmInput of_twin = InputOf(twin.id, 3);
  ASSERT_EQ(ReasonOf(Enrol(of_twin)), Reason::kPalmAlreadyEnrolled);
  of_twin.look_alike = true;
  desk_ = world_.OtherDesk(school_.school.id);
  ASSERT_THAT(Enrol(of_twin), IsOk());
  desk_ = world_.Desk(school_.school.id);
  ASSERT_OK_AND_ASSIGN(const PalmAnswer again, Enrol(request, input));
  EXPECT_EQ(again.journal_index, first.journal_index);
}

}  // namespace
}  // namespace ladon::flow
