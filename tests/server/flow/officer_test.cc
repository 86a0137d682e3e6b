// Goal: the officer can do what the law asks, within the school it is an officer of, and more than
// one person's curiosity takes a second person. Method: each verb in a real house.
#include <set>
#include <string>

#include "server/flow/approval.h"
#include "server/flow/deadlines.h"
#include "server/flow/incidents.h"
#include "server/flow/officer_terms.h"
#include "server/flow/rights.h"
#include "tests/server/flow/flow_world.h"

namespace ladon::flow {
namespace {

using registers::RequestState;
using testing::IsOk;
using vault::SubjectRef;

class OfficerTest : public ::testing::Test {
 protected:
  absl::StatusOr<SubjectExport> Export(const access::Caller& officer, const base::RequestId& id) {
    return world_.Call<SubjectExport>(
        officer, "SubjectService/ExportSubject", [&](const access::Caller& c, auto done) {
          ExportSubject(world_.house(), c, world_.RequestOf(c, id), subject_, std::move(done));
        });
  }
  absl::StatusOr<KeptRequest> Open(RequestKind kind, uint32_t received = 0) {
    return world_.Call<KeptRequest>(
        world_.Officer(), "SubjectService/OpenRequest", [&](const access::Caller& c, auto done) {
          OpenRequest(world_.house(), c, world_.Fresh(c), subject_, static_cast<uint8_t>(kind),
                      received, std::move(done));
        });
  }
  absl::StatusOr<KeptRequest> Close(const base::RightsRequestId& id, RequestState state,
                                    const std::string& note) {
    return world_.Call<KeptRequest>(
        world_.Officer(), "SubjectService/CloseRequest", [&](const access::Caller& c, auto done) {
          CloseRequest(world_.house(), c, world_.Fresh(c), id, state, note, std::move(done));
        });
  }
  absl::Status Approve(const access::Caller& approver, const std::string& hex) {
    const auto id = *base::IdOfHex<base::ApprovalId>(hex);
    return world_
        .Call<DecidedApproval>(approver, "ApprovalService/DecideApproval",
                               [&](const access::Caller& c, auto done) {
                                 DecideApproval(world_.house(), c, world_.Fresh(c), id,
                                                world_.house().registers->FindApproval(id)->content,
                                                true, std::move(done));
                               })
        .status();
  }
  absl::StatusOr<BiometricsRemoved> RemovePalms(const base::RequestId& id) {
    return world_.Call<BiometricsRemoved>(world_.Officer(1), "OfficerService/RemoveBiometrics",
                                          [&](const access::Caller& c, auto done) {
                                            RemoveBiometrics(world_.house(), c,
                                                             world_.RequestOf(c, id),
                                                             school_.school.id, std::move(done));
                                          });
  }

  FlowWorld world_;
  TestSchool school_ = world_.MakeSchool();
  SubjectView pupil_ = world_.MakePupil(school_, 30'000);
  SubjectRef subject_{.school = school_.school.id, .subject = pupil_.id};
  vault::CardNumber card_ = CardOf(1);
};

TEST_F(OfficerTest, AnExportHoldsEverything) {
  world_.GiveCard(school_, pupil_.id, card_);
  world_.GivePalm(school_, pupil_.id);
  world_.GiveConsents(school_, pupil_.id);  // Those before become past ones.
  ASSERT_THAT(
      world_.Debit(world_.Till(school_), world_.SaleOf(school_, PayMeans{card_}, {LineOf(kSoup)})),
      IsOk());
  ASSERT_THAT(Open(RequestKind::kAccess), IsOk());
  ASSERT_OK_AND_ASSIGN(const SubjectExport all, Export(world_.Officer(), world_.FreshId()));
  EXPECT_EQ(all.record.family_name, "Петров");
  EXPECT_EQ(all.consents.size(), 4);
  EXPECT_EQ(all.palms.size(), 2);
  EXPECT_EQ(all.cards.size(), 1);
  ASSERT_EQ(all.purses.size(), 1);
  EXPECT_EQ(all.purses[0].balance_kopecks, 30'000 - kSoupKopecks);
  EXPECT_EQ(all.requests.size(), 1);
  std::set<StatementKind> kinds;
  for (const auto& [account, line] : all.movements) kinds.insert(line.kind);
  EXPECT_TRUE(kinds.contains(StatementKind::kTopUp));
  EXPECT_TRUE(kinds.contains(StatementKind::kMeal));
  EXPECT_FALSE(all.movements_cut);
}

TEST_F(OfficerTest, TheTwentyFirstExportOfADayTakesASecondPerson) {
  for (size_t i = 0; i < kExportsOfOfficerMax; ++i) {
    ASSERT_THAT(Export(world_.Officer(1), world_.FreshId()), IsOk());
  }
  const base::RequestId id = world_.FreshId();
  const auto refused = Export(world_.Officer(1), id);
  ASSERT_EQ(ReasonOf(refused), Reason::kApprovalNeeded);
  EXPECT_THAT(Export(world_.Officer(2), world_.FreshId()), IsOk())
      << "another has a day of his own";
  ASSERT_THAT(Approve(world_.Head(school_.school.id), FieldOf(refused)), IsOk());
  EXPECT_THAT(Export(world_.Officer(1), id), IsOk());
  world_.now_ns += kDayNs;
  EXPECT_THAT(Export(world_.Officer(1), world_.FreshId()), IsOk());
}

TEST_F(OfficerTest, AnOldExportIsNoPermissionToReadOn) {
  const base::RequestId id = world_.FreshId();
  ASSERT_THAT(Export(world_.Officer(), id), IsOk());
  world_.now_ns += kExportRepeatNs / 2;
  EXPECT_THAT(Export(world_.Officer(), id), IsOk()) << "the answer was lost on the way";
  world_.now_ns += kExportRepeatNs;
  EXPECT_EQ(ReasonOf(Export(world_.Officer(), id)), Reason::kRepeatTooLate);
}

TEST_F(OfficerTest, TheDeskDoesNotLiftWhatTheOfficerRestricted) {
  world_.GiveCard(school_, pupil_.id, card_);
  const auto restrict = [&](bool blocked) {
    return world_.Call<uint64_t>(
        world_.Officer(), "SubjectService/BlockSubject", [&](const access::Caller& c, auto done) {
          BlockSubject(world_.house(), c, world_.Fresh(c), subject_, blocked, std::move(done));
        });
  };
  const auto update = [&](vault::SubjectState state) {
    return world_.Call<SubjectAnswer>(world_.Desk(school_.school.id),
                                      "EnrolmentService/UpdateSubject",
                                      [&](const access::Caller& c, auto done) {
                                        UpdateSubject(world_.house(), c, world_.Fresh(c),
                                                      {.id = pupil_.id,
                                                       .family_name = "Петров",
                                                       .given_name = "Пётр",
                                                       .class_name = "5А",
                                                       .state = state},
                                                      std::move(done));
                                      });
  };
  ASSERT_THAT(restrict(true), IsOk());
  EXPECT_EQ(ReasonOf(update(vault::SubjectState::kActive)), Reason::kSubjectBlocked);
  EXPECT_THAT(update(vault::SubjectState::kBlocked), IsOk()) << "a name is corrected";
  EXPECT_EQ(ReasonOf(update(vault::SubjectState::kActive)), Reason::kSubjectBlocked);
  EXPECT_EQ(ReasonOf(world_.Identify(world_.Till(school_), card_)), Reason::kSubjectBlocked);
  ASSERT_THAT(restrict(false), IsOk());
  EXPECT_THAT(world_.Identify(world_.Till(school_), card_), IsOk());
  // The other way round: what the school blocked is the school's.
  ASSERT_THAT(update(vault::SubjectState::kBlocked), IsOk());
  ASSERT_THAT(restrict(false), IsOk());
  EXPECT_EQ(ReasonOf(world_.Identify(world_.Till(school_), card_)), Reason::kSubjectBlocked);
}

TEST_F(OfficerTest, AnOfficerOfASchoolReachesNoOther) {
  access::Caller officer = world_.Officer();
  officer.scope = access::Scope::kAllSchools;
  EXPECT_THAT(SubjectFor(officer, school_.school.id, pupil_.id), IsOk());
  EXPECT_EQ(FieldOf(SubjectFor(officer, {}, pupil_.id)), "school_id");
  officer.principal.school = school_.school.id;
  EXPECT_THAT(SubjectFor(officer, {}, pupil_.id), IsOk());
  EXPECT_EQ(ReasonOf(SubjectFor(officer, IdOf<base::SchoolId>(5), pupil_.id)),
            Reason::kNotPermitted);
}

// 2026-09-01 is a Tuesday.
TEST_F(OfficerTest, RequestsGetTheDeadlinesOfTheLaw) {
  for (const auto& [kind, deadline] :
       {std::pair(RequestKind::kAccess, 2026'09'15u), std::pair(RequestKind::kRectify, 2026'09'10u),
        std::pair(RequestKind::kBlock, 2026'09'01u),
        std::pair(RequestKind::kWithdraw, 2026'10'01u)}) {
    ASSERT_OK_AND_ASSIGN(const KeptRequest kept, Open(kind));
    EXPECT_EQ(kept.request.deadline, deadline) << static_cast<int>(kind);
  }
  EXPECT_EQ(FieldOf(Open(RequestKind::kAccess, 2026'09'02)), "received");
}

TEST_F(OfficerTest, ARequestIsExtendedOnceAndClosedOnce) {
  ASSERT_OK_AND_ASSIGN(const KeptRequest opened, Open(RequestKind::kAccess));
  const auto& id = opened.request.id;
  ASSERT_OK_AND_ASSIGN(const KeptRequest longer, Close(id, RequestState::kOpen, "архив"));
  EXPECT_EQ(longer.request.deadline, 2026'09'22);
  constexpr uint64_t kEndOfThatDayNs = 1'790'121'600ULL * 1'000'000'000;
  EXPECT_EQ(RequestDueAt(world_.house()), kEndOfThatDayNs);
  EXPECT_EQ(ReasonOf(Close(id, RequestState::kOpen, "ещё")), Reason::kRightsRequestClosed);
  ASSERT_OK_AND_ASSIGN(const KeptRequest closed, Close(id, RequestState::kDone, ""));
  EXPECT_EQ(RequestDueAt(world_.house()), 0);
  EXPECT_EQ(closed.request.closed, kToday);
  EXPECT_EQ(closed.request.note, "архив");
  EXPECT_EQ(ReasonOf(Close(id, RequestState::kDone, "")), Reason::kRightsRequestClosed);
  EXPECT_EQ(ReasonOf(Close(IdOf<base::RightsRequestId>(4), RequestState::kDone, "")),
            Reason::kRightsRequestUnknown);
}

TEST_F(OfficerTest, AnIncidentNamesWhomItTouched) {
  world_.GiveCard(school_, pupil_.id, card_);
  const SubjectView other = world_.MakePupil(school_, 100);
  world_.GiveCard(school_, other.id, CardOf(2));
  const uint64_t before = world_.now_ns;
  world_.now_ns += kMinuteNs;
  ASSERT_THAT(world_.Identify(world_.Till(school_), card_), IsOk());
  ASSERT_THAT(world_.Identify(world_.OtherTill(school_), CardOf(2)), IsOk());
  world_.now_ns += kMinuteNs;
  const registers::Incident incident{.school = school_.school.id,
                                     .detected_at_ns = world_.now_ns,
                                     .actor = world_.Till(school_).principal.id,
                                     .from_ns = before,
                                     .until_ns = world_.now_ns,
                                     .cause = "похищена касса"};
  const auto kept = world_.Call<KeptIncident>(
      world_.Officer(), "OfficerService/RecordIncident", [&](const access::Caller& c, auto done) {
        RecordIncident(world_.house(), c, world_.Fresh(c), incident, std::move(done));
      });
  ASSERT_THAT(kept, IsOk());
  const auto affected = world_.Call<Affected>(
      world_.Officer(), "OfficerService/ListAffected", [&](const access::Caller& c, auto done) {
        ListAffected(world_.house(), c, kept->incident.id, std::move(done));
      });
  ASSERT_THAT(affected, IsOk());
  ASSERT_EQ(affected->subjects.size(), 1);
  EXPECT_EQ(affected->subjects[0].subject, pupil_.id);
  EXPECT_EQ(affected->events, std::set<uint16_t>{101});
  EXPECT_TRUE(affected->unnamed.empty());
  const auto report = [&](registers::IncidentState state) {
    return world_.Call<KeptIncident>(
        world_.Officer(), "OfficerService/ReportIncident", [&](const access::Caller& c, auto done) {
          ReportIncident(world_.house(), c, world_.Fresh(c), kept->incident.id, state, "R-1",
                         std::move(done));
        });
  };
  EXPECT_EQ(FieldOf(report(registers::IncidentState::kReported72)), "state");
  const uint64_t detected = kept->incident.detected_at_ns;
  EXPECT_EQ(IncidentDueAt(world_.house()), detected + kNoticeNs);
  EXPECT_THAT(report(registers::IncidentState::kReported24), IsOk());
  EXPECT_EQ(IncidentDueAt(world_.house()), detected + kInquiryNs);
  EXPECT_THAT(report(registers::IncidentState::kReported72), IsOk());
  EXPECT_EQ(IncidentDueAt(world_.house()), 0);
}

TEST_F(OfficerTest, WhatAnOfficerOfAllSchoolsTouchedIsFoundToo) {
  const TestSchool other = world_.MakeSchool();
  const SubjectView elsewhere = world_.MakePupil(other, 100);
  const uint64_t before = world_.now_ns;
  world_.now_ns += kMinuteNs;
  ASSERT_THAT(Export(world_.Officer(2), world_.FreshId()), IsOk());
  subject_ = {.school = other.school.id, .subject = elsewhere.id};
  ASSERT_THAT(Export(world_.Officer(2), world_.FreshId()), IsOk());
  world_.now_ns += kMinuteNs;
  const auto touched = [&](const base::SchoolId& school) {
    const auto kept = world_.Call<KeptIncident>(
        world_.Officer(), "OfficerService/RecordIncident", [&](const access::Caller& c, auto done) {
          RecordIncident(world_.house(), c, world_.Fresh(c),
                         {.school = school,
                          .detected_at_ns = world_.now_ns,
                          .actor = world_.Officer(2).principal.id,
                          .from_ns = before,
                          .until_ns = world_.now_ns,
                          .cause = "похищен ключ"},
                         std::move(done));
        });
    EXPECT_THAT(kept, IsOk());
    const auto affected = world_.Call<Affected>(
        world_.Officer(), "OfficerService/ListAffected", [&](const access::Caller& c, auto done) {
          ListAffected(world_.house(), c, kept->incident.id, std::move(done));
        });
    EXPECT_THAT(affected, IsOk());
    EXPECT_FALSE(affected->truncated);
    EXPECT_FALSE(affected->archived);
    std::set<base::SubjectId> subjects;
    for (const AffectedSubject& one : affected->subjects) subjects.insert(one.subject);
    return subjects;
  };
  EXPECT_EQ(touched({}), (std::set{pupil_.id, elsewhere.id}));
  EXPECT_EQ(touched(other.school.id), std::set{elsewhere.id});
}

TEST_F(OfficerTest, BiometricsOffLeavesNoTemplateOfTheSchoolAndAllOfOthers) {
  const matcher::VeinCode palm = world_.GivePalm(school_, pupil_.id);
  const TestSchool other = world_.MakeSchool();
  const SubjectView elsewhere = world_.MakePupil(other, 100);
  const matcher::VeinCode kept = world_.GivePalm(other, elsewhere.id);
  const base::RequestId id = world_.FreshId();
  const auto refused = RemovePalms(id);
  ASSERT_EQ(ReasonOf(refused), Reason::kApprovalNeeded);
  ASSERT_THAT(Approve(world_.Officer(2), FieldOf(refused)), IsOk());
  ASSERT_OK_AND_ASSIGN(const BiometricsRemoved removed, RemovePalms(id));
  EXPECT_EQ(removed.samples, 2);
  EXPECT_EQ(removed.samples_left, 0);
  EXPECT_EQ(removed.rows_in_search, 0);
  EXPECT_EQ(removed.keys, 1);
  EXPECT_EQ(ReasonOf(world_.Identify(world_.Till(school_), world_.ProbeOf(palm))),
            Reason::kBiometricsOff);
  EXPECT_THAT(world_.Identify(world_.Till(other), world_.ProbeOf(kept)), IsOk());
  ASSERT_OK_AND_ASSIGN(const BiometricsRemoved again, RemovePalms(id));
  EXPECT_EQ(again.samples_left, 0);
  world_.Restart();
  EXPECT_EQ(world_.house().galleries->RowsOf(school_.school.id), 0);
  // The same request once more, when the school has them again, takes nobody's away.
  world_.ChangeSettings(&school_, DefaultSettings());
  const matcher::VeinCode later = world_.GivePalm(school_, pupil_.id);
  ASSERT_OK_AND_ASSIGN(const BiometricsRemoved repeated, RemovePalms(id));
  EXPECT_EQ(repeated.journal_index, removed.journal_index);
  EXPECT_EQ(repeated.samples_left, 2);
  EXPECT_THAT(world_.Identify(world_.Till(school_), world_.ProbeOf(later)), IsOk());
}

}  // namespace
}  // namespace ladon::flow
