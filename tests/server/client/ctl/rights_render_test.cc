// Goal: an approver, an officer and a script each see what the server told, and nothing is shown
// that it did not tell. Method: messages of the contract, filled and empty, against whole rows and
// JSON.
#include "server/client/ctl/rights_render.h"

#include <sstream>
#include <string>

#include "server/client/ctl/values.h"
#include "tests/testing/status_testing.h"

namespace ladon::ctl {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int64_t kNow = 1'800'000'000;

std::string Id(char byte) {
  return std::string(16, byte);
}

v1::Approval Pending() {
  v1::Approval approval;
  approval.set_approval_id(Id('\x11'));
  approval.set_state(v1::APPROVAL_STATE_PENDING);
  approval.set_call("SubjectService/EraseSubject");
  approval.set_school_id(Id('\x22'));
  approval.set_object_id(Id('\x33'));
  approval.set_content_digest(std::string(32, '\x44'));
  approval.set_proposer_role("data-protection-officer");
  approval.set_proposer_id(Id('\x55'));
  approval.mutable_proposed_at()->set_seconds(kNow - 60);
  approval.mutable_expires_at()->set_seconds(kNow + 60);
  return approval;
}

class RightsRenderTest : public ::testing::Test {
 protected:
  std::ostringstream out_;
  const Context context_{base::Language::kEnglish, &out_, &out_};
};

TEST_F(RightsRenderTest, AnApprovalForMachines) {
  EXPECT_EQ(JsonOf(Pending()), Json::parse(R"({
    "approval_id": "11111111111111111111111111111111", "state": "pending",
    "call": "SubjectService/EraseSubject", "school_id": "22222222222222222222222222222222",
    "object_id": "33333333333333333333333333333333",
    "content_digest": "4444444444444444444444444444444444444444444444444444444444444444",
    "proposer_role": "data-protection-officer",
    "proposer_id": "55555555555555555555555555555555",
    "proposed_at": "2027-01-15T07:59:00Z", "expires_at": "2027-01-15T08:01:00Z",
    "approver_role": null, "approver_id": null, "decided_at": null})"));
  EXPECT_EQ(JsonOf(v1::Approval())["school_id"], nullptr);
}

TEST_F(RightsRenderTest, AnApprovalForPeople) {
  const std::string table = TableOf(context_, {Pending()}, kNow);
  EXPECT_THAT(table, HasSubstr("destroy the data of a person  22222222222222222222222222222222  "
                               "33333333333333333333333333333333  data-protection officer "
                               "55555555"));
  EXPECT_THAT(table, HasSubstr(FormatLocalTime(kNow + 60) + "  pending\n"));
  EXPECT_THAT(TableOf(context_, {Pending()}, kNow + 60), HasSubstr("  expired\n"));
  v1::Approval used = Pending();
  used.set_state(v1::APPROVAL_STATE_USED);
  EXPECT_THAT(TableOf(context_, {used}, kNow + 60), HasSubstr("  used\n"));
  const std::string facts = FactsOf(context_, Pending(), kNow);
  EXPECT_THAT(facts, HasSubstr("destroy the data of a person (SubjectService/EraseSubject)"));
  EXPECT_THAT(facts, HasSubstr("44444444444444444444444444444444444444444444444444444444444"));
  EXPECT_EQ(TableOf(context_, std::vector<v1::Approval>(), kNow), "Nothing waits for a decision.");
  v1::Approval newer = Pending();
  newer.set_call("NewService/NewCall");
  EXPECT_THAT(TableOf(context_, {newer}, kNow), HasSubstr("NewService/NewCall"));
}

TEST_F(RightsRenderTest, WhoIsNotGrantedIsNotShownAsGranted) {
  v1::Principal known;
  known.set_uri("ladon://-/sysadmin/11111111111111111111111111111111");
  known.set_state(v1::PRINCIPAL_STATE_ACTIVE);
  known.set_last_seen_day("2027-01-14");
  v1::Principal granted = known;
  granted.set_state(v1::PRINCIPAL_STATE_BLOCKED);
  granted.set_granted(true);
  granted.set_idle(true);
  granted.mutable_granted_at()->set_seconds(kNow);
  EXPECT_THAT(TableOf(context_, {known}), HasSubstr("active  not granted  2027-01-14\n"));
  EXPECT_THAT(TableOf(context_, {granted}),
              HasSubstr("blocked  " + FormatLocalTime(kNow) +
                        "  2027-01-14  was away for long, needs activate\n"));
  EXPECT_EQ(JsonOf(known)["granted_at"], nullptr);
  EXPECT_EQ(JsonOf(granted)["granted_at"], FormatUtc(kNow));
}

TEST_F(RightsRenderTest, AnErasureThatIsNotDoneHasNoEnd) {
  v1::Erasure erasure;
  erasure.set_erasure_id(Id('\x11'));
  erasure.set_subject_id(Id('\x22'));
  erasure.set_school_id(Id('\x33'));
  erasure.set_step(v1::ERASURE_STEP_KEYS_DESTROYED);
  erasure.set_reason(v1::ERASURE_REASON_LEFT_SCHOOL);
  erasure.set_act_number(7);
  erasure.mutable_requested_at()->set_seconds(kNow);
  const Json json = JsonOf(erasure);
  EXPECT_EQ(json["step"], "keys_destroyed");
  EXPECT_EQ(json["reason"], "left_school");
  EXPECT_EQ(json["done_at"], nullptr);
  EXPECT_EQ(json["approved_by"], nullptr);
  const std::string table = TableOf(context_, {erasure});
  EXPECT_THAT(table, HasSubstr("      7  22222222222222222222222222222222"));
  EXPECT_THAT(table, HasSubstr("the person left the school"));
  EXPECT_THAT(table, HasSubstr("keys destroyed, waits for the epoch to end"));
  EXPECT_EQ(ReasonName(erasure.reason()), "LEFT_SCHOOL");
  EXPECT_EQ(ReasonName(static_cast<v1::ErasureReason>(99)), "");
}

TEST_F(RightsRenderTest, ARequestTellsItsTerm) {
  v1::RightsRequest request;
  request.set_rights_request_id(Id('\x11'));
  request.set_kind(v1::REQUEST_KIND_ACCESS);
  request.set_state(v1::REQUEST_STATE_OPEN);
  *request.mutable_received() = *ParseDate("2027-01-11");
  *request.mutable_deadline() = *ParseDate("2027-01-25");
  const auto shows = [&](const char* state) {
    EXPECT_THAT(TableOf(context_, {request}), HasSubstr(std::string("2027-01-25  ") + state));
  };
  shows("in progress");
  request.set_extended(true);
  shows("extended");
  request.set_warn(true);
  shows("due soon");
  request.set_overdue(true);
  shows("overdue");
  EXPECT_EQ(JsonOf(request)["deadline"], "2027-01-25");
  EXPECT_EQ(JsonOf(request)["closed"], nullptr);
  EXPECT_EQ(JsonOf(request)["overdue"], true);
}

TEST_F(RightsRenderTest, AnIncidentTellsBothTerms) {
  v1::Incident incident;
  incident.set_incident_id(Id('\x11'));
  incident.set_state(v1::INCIDENT_STATE_REPORTED_24);
  incident.mutable_due_24()->set_seconds(kNow);
  incident.mutable_due_72()->set_seconds(kNow + 172'800);
  incident.set_cause("a key was lost\x1b[2J");
  const std::string table = TableOf(context_, {incident});
  EXPECT_THAT(table, HasSubstr(FormatLocalTime(kNow + 172'800) + "  notice given"));
  EXPECT_THAT(table, Not(HasSubstr("\x1b")));
  EXPECT_EQ(JsonOf(incident)["state"], "reported_24");
  EXPECT_EQ(JsonOf(incident)["receipt_24"], nullptr);
}

TEST_F(RightsRenderTest, KeysWithAndWithoutAStandby) {
  v1::GetKeysResponse keys;
  keys.set_epoch(3);
  keys.set_data_keys(12);
  EXPECT_THAT(FactsOf(context_, keys), HasSubstr("not configured"));
  keys.set_standby_configured(true);
  keys.set_standby_failure("no such directory");
  EXPECT_THAT(FactsOf(context_, keys), HasSubstr("behind"));
  EXPECT_THAT(FactsOf(context_, keys), HasSubstr("no such directory"));
  EXPECT_EQ(JsonOf(keys)["epoch"], 3);
  EXPECT_EQ(JsonOf(keys)["epoch_begun_at"], nullptr);
}

}  // namespace
}  // namespace ladon::ctl
