// Goal: whatever the server tells of a person is in what the parent is handed, under the names that
// the page reads. Method: an answer with one of everything, key by key; an empty one; the page of
// both.
#include "server/client/ctl/subject_export.h"

#include <string>

#include "server/client/ctl/subject_page.h"
#include "server/client/ctl/values.h"
#include "tests/testing/status_testing.h"

namespace ladon::ctl {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int64_t kMadeAt = 1'800'000'000;
constexpr base::Language kRussian = base::Language::kRussian;

std::string Id(char byte) {
  return std::string(16, byte);
}

v1::ExportSubjectResponse Held() {
  v1::ExportSubjectResponse held;
  held.mutable_subject()->set_subject_id(Id('\x11'));
  held.mutable_subject()->set_kind(v1::SUBJECT_KIND_PUPIL);
  held.mutable_subject()->set_state(v1::SUBJECT_STATE_BLOCKED);
  held.mutable_subject()->mutable_name()->set_family_name("Канарейкина");
  held.mutable_subject()->mutable_name()->set_given_name("Аполлинария");
  held.mutable_subject()->mutable_name()->set_class_name("5А");
  *held.mutable_birth_date() = *ParseDate("2015-02-28");
  v1::ConsentView* const consent = held.add_consents();
  consent->set_consent_id(Id('\x22'));
  consent->set_kind(v1::CONSENT_KIND_BIOMETRIC);
  consent->set_signer(v1::CONSENT_SIGNER_BOTH);
  consent->set_form(v1::CONSENT_FORM_ELECTRONIC_SIGNATURE);
  consent->set_document_sha256(std::string(32, '\x33'));
  consent->set_recorded_by(Id('\x44'));
  *consent->mutable_valid_until() = *ParseDate("2027-08-31");
  for (const uint32_t quality : {70u, 90u, 80u}) {
    v1::PalmView* const palm = held.add_palms();
    palm->set_side(v1::PALM_SIDE_RIGHT);
    palm->set_quality(quality);
    palm->set_template_bytes(900);
  }
  v1::CardView* const card = held.add_cards();
  card->set_card_id(Id('\x55'));
  card->set_state(v1::CARD_STATE_LOST);
  card->set_tail("a5");
  held.set_pin(true);
  v1::PurseView* const purse = held.add_purses();
  purse->set_purse(v1::PURSE_HOT_MEALS);
  purse->set_account_id(Id('\x66'));
  purse->set_balance_kopecks(12'345);
  v1::RightsRequest* const request = held.add_requests();
  request->set_rights_request_id(Id('\x77'));
  request->set_kind(v1::REQUEST_KIND_ACCESS);
  request->set_state(v1::REQUEST_STATE_OPEN);
  request->set_extended(true);
  v1::Movement* const movement = held.add_movements();
  movement->mutable_booked_at()->set_seconds(kMadeAt);
  movement->set_what("MEAL");
  movement->set_item("Суп");
  movement->set_amount_kopecks(-9'550);
  return held;
}

Json ExportOf(const v1::ExportSubjectResponse& held) {
  v1::SecurityEvent till;
  till.set_index(7);
  till.mutable_at()->set_seconds(kMadeAt);
  till.set_role("terminal");
  till.set_actor_id(Id('\x88'));
  till.set_call("TerminalService/IdentifyAndDebit");
  till.set_outcome(v1::SECURITY_OUTCOME_SUCCESS);
  v1::SecurityEvent desk = till;
  desk.set_index(3);
  desk.set_role("enroller");
  desk.set_call("EnrolmentService/ListSubjects");
  desk.set_outcome(v1::SECURITY_OUTCOME_REFUSED);
  v1::SecurityEvent itself = till;
  itself.clear_role();
  return SubjectExportJson(held, {till, itself, desk},
                           {.operator_name = "Школа № 1",
                            .operator_address = "Город, улица, 1",
                            .made_at_unix_seconds = kMadeAt},
                           kRussian);
}

TEST(SubjectExportTest, EverythingThatIsHeldStandsUnderItsName) {
  const Json json = ExportOf(Held());
  EXPECT_EQ(json["format"], "ladon-subject-export/1");
  EXPECT_EQ(json["made_at"], "2027-01-15T08:00:00Z");
  EXPECT_EQ(json["operator"]["name"], "Школа № 1");
  EXPECT_EQ(json["subject"]["subject_id"], "11111111111111111111111111111111");
  EXPECT_EQ(json["subject"]["kind"], "pupil");
  EXPECT_EQ(json["subject"]["state"], "blocked");
  EXPECT_EQ(json["subject"]["family_name"], "Канарейкина");
  EXPECT_EQ(json["subject"]["birth_date"], "2015-02-28");
  EXPECT_EQ(json["subject"]["left_on"], nullptr);
  EXPECT_EQ(json["consents"][0]["kind"], "biometric");
  EXPECT_EQ(json["consents"][0]["signer"], "both");
  EXPECT_EQ(json["consents"][0]["form"], "electronic_signature");
  EXPECT_EQ(json["consents"][0]["valid_until"], "2027-08-31");
  EXPECT_EQ(json["consents"][0]["withdrawn_at"], nullptr);
  EXPECT_EQ(json["consents"][0]["purposes"].size(), 1u);
  v1::ExportSubjectResponse named = Held();
  named.mutable_consents(0)->add_purposes(v1::CONSENT_PURPOSE_PALM_IDENTIFICATION);
  named.mutable_consents(0)->set_processor("ООО «Столовая»");
  EXPECT_EQ(ExportOf(named)["consents"][0]["purposes"],
            Json::array({"Опознание у кассы по ладони"}));
  EXPECT_EQ(ExportOf(named)["consents"][0]["processor"], "ООО «Столовая»");
  EXPECT_EQ(json["palms"], Json::parse(R"([{"side": "right", "samples": 3, "enrolled_quality": 90,
                                           "template_bytes": 2700}])"));
  EXPECT_EQ(json["cards"][0]["state"], "lost");
  EXPECT_EQ(json["cards"][0]["tail"], "a5");
  EXPECT_EQ(json["pin"], true);
  EXPECT_EQ(json["purses"][0]["purse"], "hot-meals");
  EXPECT_EQ(json["requests"][0]["state"], "extended");
  EXPECT_EQ(json["movements"][0]["what"], "meal");
  EXPECT_EQ(json["movements"][0]["item"], "Суп");
  EXPECT_EQ(json["legal_bases"].size(), json["recipients"].size());
  ASSERT_EQ(json["accesses"].size(), 2u);  // What the server does by itself is nobody's.
  EXPECT_EQ(json["accesses"][0]["role"], "enroller");
  EXPECT_EQ(json["accesses"][0]["outcome"], "refused");
  EXPECT_EQ(json["accesses"][1]["call"], "TerminalService/IdentifyAndDebit");
  EXPECT_EQ(json["accesses"][1]["at"], "2027-01-15T08:00:00Z");
}

TEST(SubjectExportTest, ThePageReadsIt) {
  ASSERT_OK_AND_ASSIGN(const std::string page, SubjectPage(ExportOf(Held()), kRussian));
  for (const char* word :
       {"Канарейкина", "заблокирован", "28.02.2015", "опознание по ладони",
        "законный представитель и сам человек", "с электронной подписью", "правая", "утеряна",
        "горячее питание", "123,45 ₽", "продлено", "питание", "Суп", "-95,50 ₽",
        "Опознание по рисунку вен ладони", "просмотр списка", "опознание и оплата"}) {
    EXPECT_THAT(page, HasSubstr(word));
  }
}

TEST(SubjectExportTest, WithoutPalmsThereIsNoBiometricProcessing) {
  v1::ExportSubjectResponse held = Held();
  held.clear_palms();
  EXPECT_THAT(ExportOf(held)["legal_bases"].dump(), HasSubstr("Опознание по рисунку вен ладони"));
  held.clear_consents();
  EXPECT_THAT(ExportOf(held)["legal_bases"].dump(),
              Not(HasSubstr("Опознание по рисунку вен ладони")));
  ASSERT_OK_AND_ASSIGN(const std::string page,
                       SubjectPage(ExportOf(v1::ExportSubjectResponse()), kRussian));
  EXPECT_THAT(page, HasSubstr("Ничего не хранится."));
}

TEST(SubjectExportTest, WhatWasCutIsSaidSo) {
  v1::ExportSubjectResponse held = Held();
  const auto page_of = [&] { return SubjectPage(ExportOf(held), kRussian).value_or(""); };
  EXPECT_THAT(page_of(), Not(HasSubstr("Показаны первые")));
  held.set_movements_cut(true);
  EXPECT_THAT(page_of(), HasSubstr("Показаны первые 1;"));
}

}  // namespace
}  // namespace ladon::ctl
