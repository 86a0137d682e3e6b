// Goal: nobody acts in a role without a grant where grants are required, nobody grants himself one,
// nobody holds roles that must be apart, and absence is counted so that no canteen is closed by it.
// Method: a real house; the clock goes by days over a calendar with school holidays.
#include "server/flow/principals.h"

#include <algorithm>

#include "server/flow/approval.h"
#include "tests/server/flow/flow_world.h"

namespace ladon::flow {
namespace {

using base::Role;
using registers::GrantState;
using testing::IsOk;

class PrincipalsTest : public ::testing::Test {
 protected:
  absl::StatusOr<PrincipalAnswer> Grant(const access::Caller& admin, const base::RequestId& id,
                                        const base::Principal& principal,
                                        const std::string& holder) {
    return world_.Call<PrincipalAnswer>(
        admin, "AccessService/GrantRole", [&](const access::Caller& c, auto done) {
          GrantRole(world_.house(), c,
                    world_.RequestOf(c, id, base::FormatPrincipal(principal) + holder), principal,
                    holder, std::move(done));
        });
  }
  absl::Status GrantByTwo(const base::Principal& principal, const std::string& holder) {
    const base::RequestId id = world_.FreshId();
    const auto refused = Grant(world_.SecurityAdmin(1), id, principal, holder);
    if (ReasonOf(refused) != Reason::kApprovalNeeded) return refused.status();
    const auto approval = *base::IdOfHex<base::ApprovalId>(FieldOf(refused));
    const auto decided = world_.Call<DecidedApproval>(
        world_.SecurityAdmin(2), "ApprovalService/DecideApproval",
        [&](const access::Caller& c, auto done) {
          DecideApproval(world_.house(), c, world_.Fresh(c), approval,
                         world_.house().registers->FindApproval(approval)->content, true,
                         std::move(done));
        });
    if (!decided.ok()) return decided.status();
    return Grant(world_.SecurityAdmin(1), id, principal, holder).status();
  }
  absl::Status SetState(const base::Principal& principal, GrantState state) {
    return world_
        .Call<PrincipalAnswer>(world_.SecurityAdmin(1), "AccessService/SetPrincipalState",
                               [&](const access::Caller& c, auto done) {
                                 SetPrincipalState(world_.house(), c, world_.Fresh(c), principal,
                                                   state, std::move(done));
                               })
        .status();
  }
  bool MayAct(const base::Principal& principal) {
    return CheckPrincipal(world_.house(), principal, base::FormatPrincipal(principal)).ok();
  }
  base::Principal PersonOf(Role role, uint64_t number) const {
    const bool one = base::BelongingOf(role) == base::Belonging::kOneSchool;
    return {.role = role,
            .school = one ? school_.school.id : base::SchoolId{},
            .id = IdOf<base::ActorId>(number)};
  }

  FlowWorld world_;
  TestSchool school_ = world_.MakeSchool();
};

TEST_F(PrincipalsTest, WhereGrantsAreRequiredACertificateIsNotEnough) {
  const base::Principal clerk = PersonOf(Role::kEnroller, 901);
  EXPECT_TRUE(MayAct(clerk));
  world_.principal_rules.grants_required = true;
  world_.principal_rules.founders = {world_.SecurityAdmin(1).uri, world_.SecurityAdmin(2).uri};
  EXPECT_FALSE(MayAct(clerk));
  EXPECT_TRUE(MayAct(world_.SecurityAdmin(1).principal)) << "a founder";
  EXPECT_FALSE(MayAct(world_.SecurityAdmin(3).principal));
  EXPECT_TRUE(MayAct(world_.Till(school_).principal)) << "registered elsewhere";
  ASSERT_THAT(GrantByTwo(clerk, "E-1"), IsOk());
  EXPECT_TRUE(MayAct(clerk));
  base::Principal elsewhere = clerk;
  elsewhere.school = IdOf<base::SchoolId>(77);
  EXPECT_FALSE(MayAct(elsewhere)) << "granted for one school";
  base::Principal higher = clerk;
  higher.role = Role::kSeniorCashier;
  EXPECT_FALSE(MayAct(higher)) << "granted in one role";
  world_.Restart();
  EXPECT_TRUE(MayAct(clerk));
}

TEST_F(PrincipalsTest, OnePersonDoesNotHoldWhatMustBeApart) {
  ASSERT_THAT(GrantByTwo(PersonOf(Role::kSeniorCashier, 901), "E-1"), IsOk());
  EXPECT_EQ(ReasonOf(GrantByTwo(PersonOf(Role::kSysadmin, 902), "E-1")), Reason::kRolesApart);
  EXPECT_EQ(ReasonOf(GrantByTwo(PersonOf(Role::kSysadmin, 902), "e-1")), Reason::kRolesApart)
      << "however it is written";
  EXPECT_THAT(GrantByTwo(PersonOf(Role::kSysadmin, 902), "E-2"), IsOk());
  EXPECT_THAT(GrantByTwo(PersonOf(Role::kEnroller, 903), "E-1"), IsOk()) << "a small school";
  // What was blocked is not held any more.
  ASSERT_THAT(SetState(PersonOf(Role::kSysadmin, 902), GrantState::kBlocked), IsOk());
  EXPECT_THAT(GrantByTwo(PersonOf(Role::kSeniorCashier, 904), "E-2"), IsOk());
}

TEST_F(PrincipalsTest, ABlockedRoleDoesNotComeBackBesideOneThatMustBeApart) {
  const base::Principal sysadmin = PersonOf(Role::kSysadmin, 901);
  ASSERT_THAT(GrantByTwo(sysadmin, "E-1"), IsOk());
  ASSERT_THAT(SetState(sysadmin, GrantState::kBlocked), IsOk());
  ASSERT_THAT(GrantByTwo(PersonOf(Role::kSecurityAdmin, 902), "E-1"), IsOk());
  EXPECT_EQ(ReasonOf(SetState(sysadmin, GrantState::kActive)), Reason::kRolesApart);
  EXPECT_FALSE(MayAct(sysadmin));
  ASSERT_THAT(SetState(PersonOf(Role::kSecurityAdmin, 902), GrantState::kBlocked), IsOk());
  EXPECT_THAT(SetState(sysadmin, GrantState::kActive), IsOk());
}

TEST_F(PrincipalsTest, WhoWasGrantedARoleIsListedBeforeTheFirstCall) {
  ASSERT_THAT(GrantByTwo(PersonOf(Role::kEnroller, 901), "E-1"), IsOk());
  const auto page =
      world_.Call<PrincipalPage>(world_.SecurityAdmin(1), "AccessService/ListPrincipals",
                                 [&](const access::Caller& c, auto done) {
                                   ListPrincipals(world_.house(), c, {}, 100, std::move(done));
                                 });
  ASSERT_THAT(page, IsOk());
  EXPECT_EQ(std::count_if(page->principals.begin(), page->principals.end(),
                          [](const PrincipalView& view) {
                            return view.principal.id == IdOf<base::ActorId>(901);
                          }),
            1);
}

TEST_F(PrincipalsTest, NobodyAloneTakesTheRoomOfAllOtherApprovals) {
  const auto ask = [&](uint8_t admin, uint64_t person) {
    return ReasonOf(Grant(world_.SecurityAdmin(admin), world_.FreshId(),
                          PersonOf(Role::kEnroller, person), "E-1"));
  };
  for (uint64_t i = 0; i < registers::kPendingOfOneMax; ++i) {
    ASSERT_EQ(ask(1, 1'000 + i), Reason::kApprovalNeeded);
  }
  EXPECT_EQ(ask(1, 2'000), Reason::kOverloaded);
  EXPECT_EQ(ask(2, 2'000), Reason::kApprovalNeeded);
  // Long after their term they are cleared away, and nobody's way is barred.
  world_.now_ns += kApprovalLifetimeNs + kApprovalKeptNs;
  for (int i = 0; i < 10; ++i) ASSERT_EQ(ask(1, 3'000), Reason::kApprovalNeeded);
  const auto kept = world_.house().registers->ListApprovals(
      {}, 1'000, [](const registers::Approval&) { return true; });
  EXPECT_EQ(kept.size(), 10);
}

TEST_F(PrincipalsTest, AnIdIsNeverGivenToAnother) {
  ASSERT_THAT(GrantByTwo(PersonOf(Role::kEnroller, 901), "E-1"), IsOk());
  EXPECT_EQ(ReasonOf(GrantByTwo(PersonOf(Role::kSeniorCashier, 901), "E-1")),
            Reason::kAlreadyExists);
}

TEST_F(PrincipalsTest, WhoIsBlockedIsDeniedAndUnblockedAgain) {
  const base::Principal clerk = PersonOf(Role::kEnroller, 901);
  EXPECT_EQ(ReasonOf(SetState(clerk, GrantState::kBlocked)), Reason::kPrincipalUnknown);
  ASSERT_THAT(GrantByTwo(clerk, "E-1"), IsOk());
  ASSERT_THAT(SetState(clerk, GrantState::kBlocked), IsOk());
  EXPECT_FALSE(MayAct(clerk));
  world_.Restart();
  EXPECT_FALSE(MayAct(clerk));
  ASSERT_THAT(SetState(clerk, GrantState::kActive), IsOk());
  EXPECT_TRUE(MayAct(clerk));
}

TEST_F(PrincipalsTest, AFounderIsNotBlockedByACall) {
  const access::Caller founder = world_.SecurityAdmin(2);
  world_.principal_rules.founders = {founder.uri};
  ASSERT_THAT(GrantByTwo(founder.principal, "E-7"), IsOk());
  EXPECT_EQ(ReasonOf(SetState(founder.principal, GrantState::kBlocked)), Reason::kFieldInvalid);
  EXPECT_TRUE(MayAct(founder.principal)) << "the way back in";
  world_.principal_rules.founders.clear();
  EXPECT_THAT(SetState(founder.principal, GrantState::kBlocked), IsOk());
}

TEST_F(PrincipalsTest, WhoNeverCameIsAwaySinceTheGrant) {
  world_.principal_rules.idle_days_max = 10;
  const base::Principal clerk = PersonOf(Role::kEnroller, 901);
  ASSERT_THAT(GrantByTwo(clerk, "E-1"), IsOk());
  world_.now_ns += 14 * kDayNs;
  EXPECT_TRUE(MayAct(clerk));
  world_.now_ns += kDayNs;
  EXPECT_FALSE(MayAct(clerk));
  ASSERT_THAT(SetState(clerk, GrantState::kActive), IsOk());
  EXPECT_TRUE(MayAct(clerk));
}

// 2026-09-01 is a Tuesday; the calendar of these tests has no school holidays of its own.
TEST_F(PrincipalsTest, WhoWasAwayTooLongMustBeActivatedAnew) {
  world_.principal_rules.idle_days_max = 10;
  const access::Caller desk = world_.Desk(school_.school.id);
  world_.MakePupil(school_);     // The desk was seen today.
  world_.now_ns += 14 * kDayNs;  // Ten working days.
  EXPECT_TRUE(MayAct(desk.principal));
  world_.now_ns += kDayNs;
  EXPECT_FALSE(MayAct(desk.principal));
  world_.Restart();
  EXPECT_FALSE(MayAct(desk.principal)) << "a restart is no activation";
  ASSERT_THAT(SetState(desk.principal, GrantState::kActive), IsOk());
  EXPECT_TRUE(MayAct(desk.principal));
}

TEST_F(PrincipalsTest, HolidaysDoNotCountAgainstATill) {
  ASSERT_OK_AND_ASSIGN(world_.calendar, base::Calendar::Parse(R"(
school_week_days = 5
[[year]]
year = 2026
decree = ""

[[school_holidays]]
name = "long"
from = 2026-09-02
to = 2026-10-31
)",
                                                              "test"));
  world_.principal_rules.idle_days_max = 10;
  const access::Caller till = world_.Till(school_);
  const access::Caller desk = world_.Desk(school_.school.id);
  world_.MakePupil(school_);  // The desk was seen,
  EXPECT_EQ(ReasonOf(world_.Identify(till, CardOf(9))), Reason::kCardUnknown);  // and the till.
  world_.now_ns += 60 * kDayNs;  // All of it holidays.
  EXPECT_TRUE(MayAct(till.principal));
  EXPECT_FALSE(MayAct(desk.principal)) << "people have working days in school holidays";
  world_.now_ns += 20 * kDayNs;  // And then eleven school days and more.
  EXPECT_FALSE(MayAct(till.principal));
}

}  // namespace
}  // namespace ladon::flow
