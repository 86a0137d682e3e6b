// Goal: a person who is erased is gone from everywhere a copy could lie, the money is settled by
// double entry, and nothing that stops the work in between leaves a half.
// Method: a real house; the sequence is stopped at each step by a restart and by a power cut;
// afterwards the keys of every epoch that was ever copied are tried on every byte that was kept.
#include "server/flow/erase.h"

#include <array>
#include <filesystem>
#include <future>

#include "server/flow/approval.h"
#include "server/flow/deadlines.h"
#include "server/flow/own_work.h"
#include "server/flow/palm_keys.h"
#include "server/flow/retention.h"
#include "server/flow/rights.h"
#include "server/vault/purge.h"
#include "storage/rocks_store.h"
#include "tests/server/flow/flow_world.h"

namespace ladon::flow {
namespace {

using registers::Erasure;
using registers::ErasureReason;
using registers::ErasureStep;
using testing::IsOk;
using vault::SubjectRef;

class EraseTest : public ::testing::Test {
 protected:
  absl::StatusOr<EraseAnswer> Erase(const access::Caller& officer, const base::RequestId& id,
                                    ErasureReason reason = ErasureReason::kSubjectDemand) {
    return world_.Call<EraseAnswer>(officer, "SubjectService/EraseSubject",
                                    [&](const access::Caller& c, auto done) {
                                      EraseSubject(world_.house(), c, world_.RequestOf(c, id),
                                                   subject_, reason, std::move(done));
                                    });
  }
  absl::StatusOr<DecidedApproval> Decide(const access::Caller& approver,
                                         const std::string& approval_hex, bool grant = true) {
    const auto id = base::IdOfHex<base::ApprovalId>(approval_hex);
    EXPECT_TRUE(id) << approval_hex;
    const auto approval = world_.house().registers->FindApproval(*id);
    EXPECT_TRUE(approval);
    return world_.Call<DecidedApproval>(approver, "ApprovalService/DecideApproval",
                                        [&](const access::Caller& c, auto done) {
                                          DecideApproval(world_.house(), c, world_.Fresh(c), *id,
                                                         approval->content, grant, std::move(done));
                                        });
  }
  // Asked for by one officer, approved by the head of the school, asked for again.
  Erasure Begin(ErasureReason reason = ErasureReason::kSubjectDemand) {
    const base::RequestId id = world_.FreshId();
    const auto refused = Erase(world_.Officer(1), id, reason);
    EXPECT_EQ(ReasonOf(refused), Reason::kApprovalNeeded);
    EXPECT_THAT(Decide(world_.Head(school_.school.id), FieldOf(refused)), IsOk());
    const auto begun = Erase(world_.Officer(1), id, reason);
    EXPECT_THAT(begun, IsOk());
    return begun->erasure;
  }
  Erasure Now(const Erasure& erasure) { return *world_.house().registers->FindErasure(erasure.id); }
  Erasure AdvanceTo(Erasure erasure, ErasureStep step) {
    while (erasure.step < step) {
      const auto next = AdvanceErasure(world_.house(), Now(erasure));
      EXPECT_THAT(next, IsOk());
      if (!next.ok() || next->step == erasure.step) break;
      erasure = *next;
    }
    return erasure;
  }
  void EndEpoch() { ASSERT_THAT(world_.keys().Rotate(world_.now_ns), IsOk()); }
  void ExpectForgotten(const Erasure& erasure) {
    const House& house = world_.house();
    const auto record = house.vault->ReadSubject(house.vault->store(), subject_);
    ASSERT_THAT(record, IsOk());
    EXPECT_FALSE(record->has_value());
    EXPECT_EQ(ReasonOf(world_.Identify(world_.Till(school_), card_)), Reason::kCardUnknown);
    EXPECT_EQ(ReasonOf(world_.Identify(world_.Till(school_), world_.ProbeOf(palm_))),
              Reason::kPalmNotRecognised);
    EXPECT_FALSE(house.vault->HasKey(subject_, vault::Purpose::kPersonal));
    EXPECT_FALSE(house.vault->HasKey(subject_, vault::Purpose::kBiometric));
    const auto purse = house.ledger->FindAccount(ToLedger(purse_));
    ASSERT_TRUE(purse);
    EXPECT_EQ(purse->balance_kopecks, 0);
    EXPECT_NE(purse->terms.flags & ledger::kAccountClosed, 0);
    EXPECT_EQ(Now(erasure).settled_kopecks, kMoney);
    // Nothing in the store names the subject any more but ledger, registers and security log.
    for (const auto family : {storage::Family::kVault, storage::Family::kCardIndex}) {
      const auto scan = world_.store().NewScan(family);
      for (scan->Seek(""); scan->Valid(); scan->Next()) {
        EXPECT_EQ(std::string(scan->key()).find(subject_.subject.view()), std::string::npos);
        EXPECT_EQ(std::string(scan->value()).find(subject_.subject.view()), std::string::npos);
      }
    }
    // Others are as they were.
    EXPECT_THAT(world_.Identify(world_.Till(school_), other_card_), IsOk());
  }

  static constexpr int64_t kMoney = 12'345;
  FlowWorld world_;
  TestSchool school_ = world_.MakeSchool();
  SubjectView pupil_ = world_.MakePupil(school_, kMoney);
  SubjectRef subject_{.school = school_.school.id, .subject = pupil_.id};
  base::AccountId purse_ = pupil_.record.purses.front().second;
  vault::CardNumber card_ = CardOf(1);
  vault::CardNumber other_card_ = CardOf(2);
  matcher::VeinCode palm_ = Equip();

  matcher::VeinCode Equip() {
    world_.GiveCard(school_, pupil_.id, card_);
    world_.GiveCard(school_, world_.MakePupil(school_, 100).id, other_card_);
    return world_.GivePalm(school_, pupil_.id);
  }
};

TEST_F(EraseTest, OneOfficerAloneErasesNobody) {
  const base::RequestId id = world_.FreshId();
  const auto first = Erase(world_.Officer(1), id);
  ASSERT_EQ(ReasonOf(first), Reason::kApprovalNeeded);
  const std::string approval = FieldOf(first);
  EXPECT_EQ(FieldOf(Erase(world_.Officer(1), id)), approval) << "asked for once";
  EXPECT_EQ(ReasonOf(Decide(world_.Officer(1), approval)), Reason::kApproverNotIndependent);
  const TestSchool elsewhere = world_.MakeSchool();
  EXPECT_EQ(ReasonOf(Decide(world_.Head(elsewhere.school.id), approval)), Reason::kApprovalUnknown);
  EXPECT_EQ(ReasonOf(Decide(world_.SecurityAdmin(), approval)), Reason::kApprovalUnknown);
  EXPECT_THAT(world_.Identify(world_.Till(school_), card_), IsOk()) << "nothing has happened";

  EXPECT_THAT(Decide(world_.Officer(2), approval), IsOk());
  EXPECT_EQ(ReasonOf(Decide(world_.Officer(2), approval)), Reason::kApprovalDecided);
  // For exactly this request: not for another reason, not under another id, not by another officer.
  EXPECT_EQ(ReasonOf(Erase(world_.Officer(1), world_.FreshId())), Reason::kApprovalNeeded);
  EXPECT_EQ(ReasonOf(Erase(world_.Officer(2), id)), Reason::kApprovalNeeded);
  ASSERT_OK_AND_ASSIGN(const EraseAnswer begun, Erase(world_.Officer(1), id));
  EXPECT_EQ(begun.erasure.approved_by.id, world_.Officer(2).principal.id);
  EXPECT_EQ(begun.erasure.act_number, 1);
  ASSERT_OK_AND_ASSIGN(const EraseAnswer again, Erase(world_.Officer(1), id));
  EXPECT_EQ(again.journal_index, begun.journal_index) << "a repeat erases once";
}

TEST_F(EraseTest, ARejectedOrLateApprovalIsNone) {
  const base::RequestId rejected = world_.FreshId();
  EXPECT_THAT(Decide(world_.Officer(2), FieldOf(Erase(world_.Officer(1), rejected)), false),
              IsOk());
  EXPECT_EQ(ReasonOf(Erase(world_.Officer(1), rejected)), Reason::kApprovalRejected);
  const base::RequestId late = world_.FreshId();
  EXPECT_THAT(Decide(world_.Officer(2), FieldOf(Erase(world_.Officer(1), late))), IsOk());
  world_.now_ns += kApprovalLifetimeNs;
  EXPECT_EQ(ReasonOf(Erase(world_.Officer(1), late)), Reason::kApprovalExpired);
  world_.Restart();
  EXPECT_EQ(ReasonOf(Erase(world_.Officer(1), late)), Reason::kApprovalExpired);
}

TEST_F(EraseTest, FromTheAnswerOnNobodyIsServedAndNothingIsWritten) {
  const Erasure erasure = Begin();
  EXPECT_EQ(erasure.step, ErasureStep::kBlocked);
  EXPECT_EQ(erasure.palms, 2);
  EXPECT_EQ(ReasonOf(world_.Identify(world_.Till(school_), card_)), Reason::kSubjectBlocked);
  EXPECT_EQ(ReasonOf(world_.Identify(world_.Till(school_), world_.ProbeOf(palm_))),
            Reason::kPalmNotRecognised);
  const auto update = world_.Call<SubjectAnswer>(
      world_.Desk(school_.school.id), "EnrolmentService/UpdateSubject",
      [&](const access::Caller& c, auto done) {
        UpdateSubject(world_.house(), c, world_.Fresh(c),
                      {.id = pupil_.id, .family_name = "А", .given_name = "Б", .class_name = "1А"},
                      std::move(done));
      });
  EXPECT_EQ(ReasonOf(update), Reason::kErasureUnderWay);
  const auto unblock = world_.Call<uint64_t>(
      world_.Officer(), "SubjectService/BlockSubject", [&](const access::Caller& c, auto done) {
        BlockSubject(world_.house(), c, world_.Fresh(c), subject_, false, std::move(done));
      });
  EXPECT_EQ(ReasonOf(unblock), Reason::kErasureUnderWay);
  EXPECT_EQ(ReasonOf(Erase(world_.Officer(1), world_.FreshId())), Reason::kErasureUnderWay);
}

TEST_F(EraseTest, TheSequenceEndsWithNothingLeft) {
  Erasure erasure = AdvanceTo(Begin(), ErasureStep::kKeysDestroyed);
  EXPECT_EQ(erasure.step, ErasureStep::kKeysDestroyed);
  EXPECT_EQ(erasure.keys_destroyed, 2);
  EXPECT_EQ(erasure.destroyed_in_epoch, 1);
  ASSERT_OK_AND_ASSIGN(const Erasure waits, AdvanceErasure(world_.house(), erasure));
  EXPECT_EQ(waits.step, ErasureStep::kKeysDestroyed) << "until an epoch has ended";
  EndEpoch();
  erasure = AdvanceTo(erasure, ErasureStep::kDone);
  EXPECT_EQ(erasure.step, ErasureStep::kDone);
  EXPECT_EQ(erasure.epoch_after, 2);
  EXPECT_EQ(erasure.cards, 1);
  ExpectForgotten(erasure);
  world_.Restart();
  ExpectForgotten(erasure);
}

// kill -9 between any two steps, and the machine's power with it.
TEST_F(EraseTest, AStopAtEveryStepIsTakenUpAgain) {
  Erasure erasure = Begin();
  for (const auto step : {ErasureStep::kSettled, ErasureStep::kRemoved, ErasureStep::kKeysDestroyed,
                          ErasureStep::kDone}) {
    world_.PowerCutAndRestart();
    ASSERT_EQ(Now(erasure).step, erasure.step) << "what was told is there";
    if (step == ErasureStep::kDone) EndEpoch();
    erasure = AdvanceTo(erasure, step);
    ASSERT_EQ(erasure.step, step);
  }
  world_.PowerCutAndRestart();
  ExpectForgotten(erasure);
}

// The keys are outside the store: a power cut may take the step's record and leave the keys gone.
TEST_F(EraseTest, KeysThatWentBeforeTheRecordOfItDoNotStopIt) {
  Erasure erasure = AdvanceTo(Begin(), ErasureStep::kRemoved);
  const std::array subjects = {subject_};
  const std::array purposes = {vault::Purpose::kPersonal, vault::Purpose::kBiometric};
  ASSERT_THAT(world_.vault().DestroyKeys(subjects, purposes, world_.now_ns), IsOk());
  world_.PowerCutAndRestart();
  erasure = AdvanceTo(Now(erasure), ErasureStep::kKeysDestroyed);
  EXPECT_EQ(erasure.step, ErasureStep::kKeysDestroyed);
  EndEpoch();
  ExpectForgotten(AdvanceTo(erasure, ErasureStep::kDone));
}

// The power goes at the n-th write of the whole sequence, for every n.
TEST_F(EraseTest, APowerCutAtEveryWriteIsTakenUpAgain) {
  Erasure erasure = Begin();
  int cuts = 0;
  for (int fail_at = 1; Now(erasure).step != ErasureStep::kKeysDestroyed; ++fail_at) {
    ASSERT_LT(fail_at, 200);
    world_.disk().FailAt(world_.disk().operations() + static_cast<uint64_t>(fail_at),
                         testing::Fault::kPowerCut);
    for (auto now = Now(erasure); now.step != ErasureStep::kKeysDestroyed;) {
      const auto next = AdvanceErasure(world_.house(), now);
      if (!next.ok()) break;
      now = *next;
    }
    world_.PowerCutAndRestart();
    ++cuts;
  }
  EXPECT_GT(cuts, 5);
  EndEpoch();
  ExpectForgotten(AdvanceTo(Now(erasure), ErasureStep::kDone));
}

TEST_F(EraseTest, ADebtIsWaivedFromTheSchoolsSuspenseAccount) {
  const auto limit = world_.Call<uint64_t>(
      world_.Cashier(school_.school.id), "AccountsService/SetOverdraftLimit",
      [&](const access::Caller& c, auto done) {
        SetOverdraftLimit(world_.house(), c, world_.Fresh(c), purse_, 1'000'000, std::move(done));
      });
  ASSERT_THAT(limit, IsOk());
  ASSERT_THAT(world_.Debit(world_.Till(school_),
                           world_.SaleOf(school_, PayMeans{card_}, {LineOf(kSoup, 2)})),
              IsOk());
  const Erasure erasure = AdvanceTo(Begin(), ErasureStep::kSettled);
  EXPECT_EQ(Now(erasure).settled_kopecks, kMoney - 2 * kSoupKopecks);
  EXPECT_EQ(world_.Balance(purse_), 0);
}

TEST_F(EraseTest, AFrozenPurseIsSettledToo) {
  const auto frozen = world_.Call<uint64_t>(
      world_.Cashier(school_.school.id), "AccountsService/SetFrozen",
      [&](const access::Caller& c, auto done) {
        SetFrozen(world_.house(), c, world_.Fresh(c), purse_, true, std::move(done));
      });
  ASSERT_THAT(frozen, IsOk());
  const Erasure erasure = AdvanceTo(Begin(), ErasureStep::kKeysDestroyed);
  EndEpoch();
  ExpectForgotten(AdvanceTo(erasure, ErasureStep::kDone));
}

// backup -> erase -> rotate -> restore: the backup's records of the erased child do not open with
// today's table, and those of everybody else do.
TEST_F(EraseTest, AnOldBackupBringsBackEverybodyButTheErased) {
  const testing::TempDir elsewhere;
  const std::string backups = elsewhere.Sub("backups");
  ASSERT_THAT(world_.store().Backup({.directory = backups, .note = "", .keep = 0}), IsOk());
  // Four rotations later, with an erasure and children who came in between.
  Erasure erasure = AdvanceTo(Begin(), ErasureStep::kKeysDestroyed);
  for (int rotation = 0; rotation < 4; ++rotation) {
    EndEpoch();
    world_.MakePupil(school_, 100);
  }
  ASSERT_EQ(AdvanceTo(erasure, ErasureStep::kDone).step, ErasureStep::kDone);

  const std::string restored = elsewhere.Sub("restored");
  ASSERT_THAT(storage::RestoreBackup(backups, 0, restored), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto store, storage::OpenRocksStore({.path = restored}));
  ASSERT_OK_AND_ASSIGN(const auto purged, vault::PurgeDestroyed(store.get(), world_.keys()));
  EXPECT_GT(purged.records, 0);
  EXPECT_EQ(purged.cards, 1);
  ASSERT_OK_AND_ASSIGN(const auto vault, vault::Vault::Open(store.get(), &world_.keys()));
  ASSERT_OK_AND_ASSIGN(const auto everybody,
                       vault->ListSubjects(school_.school.id, base::SubjectId{}, 100));
  EXPECT_EQ(everybody.size(), 1) << "the other child of the backup";
  EXPECT_NE(everybody.front().first.subject, pupil_.id);
  ASSERT_OK_AND_ASSIGN(const auto hash, vault->HashCard(school_.school.id, card_));
  ASSERT_OK_AND_ASSIGN(const auto found, vault->FindCard(*store, school_.school.id, hash));
  EXPECT_FALSE(found.has_value());
  ASSERT_OK_AND_ASSIGN(const auto again, vault::PurgeDestroyed(store.get(), world_.keys()));
  EXPECT_EQ(again.records, 0);
}

TEST_F(EraseTest, WhatOfficersWroteAboutSomebodyEndsWithThem) {
  const auto opened = world_.Call<KeptRequest>(
      world_.Officer(), "SubjectService/OpenRequest", [&](const access::Caller& c, auto done) {
        OpenRequest(world_.house(), c, world_.Fresh(c), subject_,
                    static_cast<uint8_t>(RequestKind::kAccess), 0, std::move(done));
      });
  ASSERT_THAT(opened, IsOk());
  const auto closed = world_.Call<KeptRequest>(
      world_.Officer(), "SubjectService/CloseRequest", [&](const access::Caller& c, auto done) {
        CloseRequest(world_.house(), c, world_.Fresh(c), opened->request.id,
                     registers::RequestState::kRefused, "мать Петрова не та", std::move(done));
      });
  ASSERT_THAT(closed, IsOk());
  const auto note = [&] {
    const auto page = world_.Call<RequestPage>(
        world_.Officer(), "SubjectService/ListRequests", [&](const access::Caller& c, auto done) {
          ListRequests(world_.house(), c, {}, 100, true, std::move(done));
        });
    EXPECT_THAT(page, IsOk());
    EXPECT_EQ(page->requests.size(), 1);
    return page->requests.front().note;
  };
  EXPECT_EQ(note(), "мать Петрова не та");
  AdvanceTo(Begin(), ErasureStep::kKeysDestroyed);
  EXPECT_EQ(note(), "");
}

TEST_F(EraseTest, AWithdrawnConsentTakesThePalmsKeyAndANewOneGetsAnother) {
  const auto withdraw = world_.Call<WithdrawAnswer>(
      world_.Desk(school_.school.id), "EnrolmentService/WithdrawConsent",
      [&](const access::Caller& c, auto done) {
        WithdrawConsent(world_.house(), c, world_.Fresh(c), pupil_.id,
                        vault::ConsentKind::kBiometric, std::move(done));
      });
  ASSERT_THAT(withdraw, IsOk());
  std::promise<size_t> swept;
  DestroyUnusedPalmKeys(world_.house(), {subject_}, [&](size_t keys) { swept.set_value(keys); });
  swept.get_future().wait();  // Behind the one that the withdrawal asked for.
  EXPECT_FALSE(world_.vault().HasKey(subject_, vault::Purpose::kBiometric));
  const matcher::VeinCode fresh = world_.GivePalm(school_, pupil_.id);
  EXPECT_TRUE(world_.vault().HasKey(subject_, vault::Purpose::kBiometric));
  EXPECT_THAT(world_.Identify(world_.Till(school_), world_.ProbeOf(fresh)), IsOk());
  world_.Restart();
  EXPECT_THAT(world_.Identify(world_.Till(school_), world_.ProbeOf(fresh)), IsOk());
}

class RetentionTest : public EraseTest {
 protected:
  void Rectify(uint32_t birth_day, uint32_t left_on) {
    const auto done = world_.Call<Rectified>(
        world_.Officer(), "SubjectService/RectifySubject", [&](const access::Caller& c, auto tell) {
          RectifySubject(world_.house(), c, world_.Fresh(c), subject_,
                         {.family_name = "Петров",
                          .given_name = "Иван",
                          .class_name = "5А",
                          .birth_day = birth_day,
                          .left_on = left_on},
                         std::move(tell));
        });
    ASSERT_THAT(done, IsOk());
  }
  Retained Apply() {
    const auto retained = ApplyRetention(world_.house(), [] { return true; });
    EXPECT_THAT(retained, IsOk());
    return *retained;
  }
};

TEST_F(RetentionTest, WhoLeftIsErasedThirtyDaysLaterAndNotADaySooner) {
  Rectify(0, kToday);
  world_.now_ns += 29 * kDayNs;
  EXPECT_EQ(Apply().erasures, 0);
  EXPECT_THAT(world_.Identify(world_.Till(school_), card_), IsOk());
  world_.now_ns += kDayNs;
  EXPECT_EQ(Apply().erasures, 1);
  EXPECT_EQ(Apply().erasures, 0) << "once";
  const auto erasure = world_.house().registers->ErasureOf(pupil_.id);
  ASSERT_TRUE(erasure);
  EXPECT_EQ(erasure->reason, ErasureReason::kLeftSchool);
  EXPECT_EQ(ReasonOf(world_.Identify(world_.Till(school_), card_)), Reason::kSubjectBlocked);
}

TEST_F(RetentionTest, WhatIsNoLongerSoWhenItWouldBeginBeginsNothing) {
  const auto changed = [](const storage::Reader&) { return absl::AbortedError("she stays"); };
  EXPECT_THAT(EraseByRetention(world_.house(), subject_, ErasureReason::kLeftSchool, changed),
              testing::StatusIs(absl::StatusCode::kAborted));
  EXPECT_FALSE(world_.house().registers->ErasureOf(pupil_.id));
  EXPECT_THAT(world_.Identify(world_.Till(school_), card_), IsOk());
  // And can begin later.
  Rectify(0, kToday);
  world_.now_ns += 31 * kDayNs;
  EXPECT_EQ(Apply().erasures, 1);
}

TEST_F(RetentionTest, ADamagedRecordOfOneSchoolDoesNotStopTheOthers) {
  Rectify(0, kToday);
  const TestSchool damaged = world_.MakeSchool();
  const SubjectView victim = world_.MakePupil(damaged, 100);
  const auto scan = world_.store().NewScan(storage::Family::kVault);
  storage::Batch batch;
  for (scan->Seek(damaged.school.id.view()); scan->Valid(); scan->Next()) {
    if (scan->key().substr(0, base::kIdBytes) != damaged.school.id.view()) break;
    std::string blob(scan->value());
    blob.back() = static_cast<char>(blob.back() ^ 1);
    batch.Put(storage::Family::kVault, scan->key(), blob);
  }
  ASSERT_THAT(world_.store().Write(batch), IsOk());
  world_.now_ns += 31 * kDayNs;
  const Retained retained = Apply();
  EXPECT_EQ(retained.erasures, 1);
  EXPECT_EQ(retained.failures, 1);
  EXPECT_THAT(retained.first_failure, testing::StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(RetentionTest, AWithdrawnConsentToPersonalDataEndsInErasure) {
  const auto withdraw = world_.Call<WithdrawAnswer>(
      world_.Desk(school_.school.id), "EnrolmentService/WithdrawConsent",
      [&](const access::Caller& c, auto done) {
        WithdrawConsent(world_.house(), c, world_.Fresh(c), pupil_.id,
                        vault::ConsentKind::kPersonalData, std::move(done));
      });
  ASSERT_THAT(withdraw, IsOk());
  world_.now_ns += 29 * kDayNs;
  EXPECT_EQ(Apply().erasures, 0);
  world_.now_ns += 2 * kDayNs;
  EXPECT_EQ(Apply().erasures, 1);
  EXPECT_EQ(world_.house().registers->ErasureOf(pupil_.id)->reason,
            ErasureReason::kConsentWithdrawn);
}

TEST_F(RetentionTest, TheEighteenthBirthdayEndsARepresentativesConsentAndTheCardWorksOn) {
  Rectify(2008'09'02, 0);  // Of age tomorrow.
  EXPECT_THAT(world_.Identify(world_.Till(school_), world_.ProbeOf(palm_)), IsOk());
  EXPECT_EQ(Apply().palms_removed, 0);
  world_.now_ns += kDayNs;
  EXPECT_EQ(ReasonOf(world_.Identify(world_.Till(school_), world_.ProbeOf(palm_))),
            Reason::kConsentMissing);
  EXPECT_THAT(world_.Identify(world_.Till(school_), card_), IsOk());
  const Retained retained = Apply();
  EXPECT_EQ(retained.palms_removed, 2);
  EXPECT_EQ(retained.keys_destroyed, 1);
  EXPECT_EQ(ReasonOf(world_.Identify(world_.Till(school_), world_.ProbeOf(palm_))),
            Reason::kPalmNotRecognised);
}

}  // namespace
}  // namespace ladon::flow
