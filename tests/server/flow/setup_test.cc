// Goal: what the sysadmin sets up is there at once and for good, once per request; what does not
// exist is refused by name. Method: each verb, its repeat over a restart, each refusal.
#include "server/flow/setup.h"

#include "tests/server/flow/flow_world.h"

namespace ladon::flow {
namespace {

using testing::IsOk;

// In a test fixture, SetUp is something else.
template <class T>
using Made = SetUp<T>;

class SetupTest : public ::testing::Test {
 protected:
  absl::StatusOr<Made<directory::School>> School(const Request& request,
                                                 const directory::SchoolSettings& settings) {
    return world_.Call<Made<directory::School>>(
        admin_, "AdminService/CreateSchool", [&](const access::Caller& c, auto done) {
          CreateSchool(world_.house(), c, request, settings, std::move(done));
        });
  }
  absl::StatusOr<Made<directory::School>> Update(const base::SchoolId& school,
                                                 const directory::SchoolSettings& settings) {
    return world_.Call<Made<directory::School>>(
        admin_, "AdminService/UpdateSchoolSettings", [&](const access::Caller& c, auto done) {
          UpdateSchoolSettings(world_.house(), c, world_.Fresh(c), school, settings,
                               std::move(done));
        });
  }
  absl::StatusOr<Made<directory::Terminal>> Register(const Request& request,
                                                     const base::SchoolId& school) {
    return world_.Call<Made<directory::Terminal>>(
        admin_, "AdminService/RegisterTerminal", [&](const access::Caller& c, auto done) {
          RegisterTerminal(world_.house(), c, request, school, "Касса", std::move(done));
        });
  }
  absl::StatusOr<Made<directory::Terminal>> SetState(const base::TerminalId& terminal,
                                                     directory::TerminalState state) {
    return world_.Call<Made<directory::Terminal>>(
        admin_, "AdminService/SetTerminalState", [&](const access::Caller& c, auto done) {
          SetTerminalState(world_.house(), c, world_.Fresh(c), terminal, state, std::move(done));
        });
  }
  absl::StatusOr<Made<directory::Caterer>> Cater(const Request& request,
                                                 const base::SchoolId& school) {
    return world_.Call<Made<directory::Caterer>>(
        admin_, "AdminService/CreateCaterer", [&](const access::Caller& c, auto done) {
          CreateCaterer(world_.house(), c, request, school, "Столовая", std::move(done));
        });
  }
  absl::StatusOr<uint64_t> Put(const Request& request, const base::CatererId& caterer,
                               uint32_t from) {
    const directory::PriceList list{
        .caterer = caterer,
        .valid_from = from,
        .items = {{.id = IdOf<base::ItemId>(1), .name = "Суп", .unit_price_kopecks = 100}}};
    return world_.Call<uint64_t>(admin_, "AdminService/PutPriceList",
                                 [&](const access::Caller& c, auto done) {
                                   PutPriceList(world_.house(), c, request, list, std::move(done));
                                 });
  }

  FlowWorld world_;
  access::Caller admin_ = world_.Sysadmin();
  const base::SchoolId no_school_ = IdOf<base::SchoolId>(404);
};

TEST_F(SetupTest, ASchoolIsMadeOnceWithItsCashDesk) {
  const Request request = world_.Fresh(admin_);
  ASSERT_OK_AND_ASSIGN(const auto made, School(request, DefaultSettings()));
  EXPECT_EQ(world_.last_audit().object, made.made.id.bytes);
  EXPECT_EQ(world_.last_audit().journal_index, made.journal_index);
  const auto desk = world_.house().ledger->FindAccount(ToLedger(made.made.cash_desk_account));
  ASSERT_TRUE(desk.has_value());
  EXPECT_EQ(desk->terms.code, ledger::AccountCode::kChannelClearing);
  EXPECT_EQ(desk->terms.flags, 0) << "it sinks when money comes in";
  for (const bool restarted : {false, true}) {
    if (restarted) world_.Restart();
    ASSERT_OK_AND_ASSIGN(const auto again, School(request, DefaultSettings()));
    EXPECT_EQ(again.made.id, made.made.id);
    EXPECT_EQ(again.journal_index, made.journal_index);
    EXPECT_EQ(world_.house().directory->ListSchools({}, 10).size(), 1);
  }
  ASSERT_OK_AND_ASSIGN(const auto other, School(world_.Fresh(admin_), DefaultSettings()));
  EXPECT_NE(other.made.id, made.made.id);
}

TEST_F(SetupTest, AnIdWithOtherContentIsRefused) {
  const base::RequestId id = world_.FreshId();
  ASSERT_THAT(School(world_.RequestOf(admin_, id, "one"), DefaultSettings()), IsOk());
  EXPECT_EQ(ReasonOf(School(world_.RequestOf(admin_, id, "two"), DefaultSettings())),
            Reason::kRequestIdReused);
}

TEST_F(SetupTest, SettingsChangeAndTheAccountStays) {
  const TestSchool school = world_.MakeSchool();
  directory::SchoolSettings settings = DefaultSettings();
  settings.low_money_kopecks = 1;
  settings.time_zone = "Asia/Kamchatka";
  ASSERT_OK_AND_ASSIGN(const auto changed, Update(school.school.id, settings));
  EXPECT_EQ(changed.made.settings.low_money_kopecks, 1);
  EXPECT_EQ(changed.made.cash_desk_account, school.school.cash_desk_account);
  world_.Restart();
  const auto found = world_.house().directory->FindSchool(school.school.id);
  EXPECT_EQ(found->settings.time_zone, "Asia/Kamchatka");
  EXPECT_EQ(found->cash_desk_account, school.school.cash_desk_account);
}

TEST_F(SetupTest, WhatDoesNotExistIsRefusedByName) {
  const auto update = Update(no_school_, DefaultSettings());
  EXPECT_EQ(ReasonOf(update), Reason::kSchoolUnknown);
  EXPECT_EQ(FieldOf(update), "school_id");
  EXPECT_EQ(FieldOf(Register(world_.Fresh(admin_), no_school_)), "school_id");
  EXPECT_EQ(FieldOf(Cater(world_.Fresh(admin_), no_school_)), "school_id");
  const auto state = SetState(IdOf<base::TerminalId>(404), directory::TerminalState::kBlocked);
  EXPECT_EQ(ReasonOf(state), Reason::kTerminalUnknown);
  EXPECT_EQ(FieldOf(state), "terminal_id");
  const auto list = Put(world_.Fresh(admin_), IdOf<base::CatererId>(404), kToday);
  EXPECT_EQ(ReasonOf(list), Reason::kCatererUnknown);
  EXPECT_EQ(FieldOf(list), "price_list.caterer_id");
}

TEST_F(SetupTest, TillsAreRegisteredOnceAndBlocked) {
  const TestSchool school = world_.MakeSchool();
  const Request request = world_.Fresh(admin_);
  ASSERT_OK_AND_ASSIGN(const auto made, Register(request, school.school.id));
  EXPECT_EQ(world_.last_audit().object, made.made.id.bytes);
  ASSERT_OK_AND_ASSIGN(const auto again, Register(request, school.school.id));
  EXPECT_EQ(again.made.id, made.made.id);
  ASSERT_THAT(SetState(made.made.id, directory::TerminalState::kBlocked), IsOk());
  world_.Restart();
  EXPECT_EQ(world_.house().directory->FindTerminal(made.made.id)->state,
            directory::TerminalState::kBlocked);
}

TEST_F(SetupTest, ACatererGetsAnAccountOfItsOwn) {
  const TestSchool school = world_.MakeSchool();
  const Request request = world_.Fresh(admin_);
  ASSERT_OK_AND_ASSIGN(const auto made, Cater(request, school.school.id));
  EXPECT_NE(made.made.payable_account, school.caterer.payable_account);
  const auto account = world_.house().ledger->FindAccount(ToLedger(made.made.payable_account));
  ASSERT_TRUE(account.has_value());
  EXPECT_EQ(account->terms.code, ledger::AccountCode::kCatererPayable);
  ASSERT_OK_AND_ASSIGN(const auto again, Cater(request, school.school.id));
  EXPECT_EQ(again.made.payable_account, made.made.payable_account);
}

TEST_F(SetupTest, APriceListBeginsTodayAtTheEarliest) {
  const TestSchool school = world_.MakeSchool();
  const Request today = world_.Fresh(admin_);
  ASSERT_OK_AND_ASSIGN(const uint64_t index, Put(today, school.caterer.id, kToday));
  EXPECT_EQ(world_.last_audit().object, school.caterer.id.bytes);
  const auto past = Put(world_.Fresh(admin_), school.caterer.id, kToday - 1);
  EXPECT_EQ(ReasonOf(past), Reason::kFieldInvalid);
  EXPECT_EQ(FieldOf(past), "price_list.valid_from");
  // 00:00 in the school is still yesterday in UTC.
  world_.now_ns = kNoonNs + 12 * kHourNs;
  EXPECT_EQ(ReasonOf(Put(world_.Fresh(admin_), school.caterer.id, kToday)), Reason::kFieldInvalid);
  EXPECT_THAT(Put(world_.Fresh(admin_), school.caterer.id, kToday + 1), IsOk());
  ASSERT_OK_AND_ASSIGN(const uint64_t again, Put(today, school.caterer.id, kToday));
  EXPECT_EQ(again, index) << "a repeat is not judged again";
}

}  // namespace
}  // namespace ladon::flow
