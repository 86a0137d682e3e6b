// Goal: what is kept before an erasure is enough to repeat the call and to write the act, and this
// is known before anything is destroyed. Method: a draft there and back; every field that the act
// needs left out; the files of one erasure made twice.
#include "server/client/ctl/erasure_draft.h"

#include <string>

#include "server/base/id.h"
#include "server/client/ctl/values.h"
#include "tests/testing/status_testing.h"

namespace ladon::ctl {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr base::Language kRussian = base::Language::kRussian;

ErasureDraft Draft() {
  return {.request_id = std::string(32, '1'),
          .target = {.subject = std::string(32, '2'), .school = std::string(32, '3')},
          .reason = v1::ERASURE_REASON_LEFT_SCHOOL,
          .act = Json::parse(R"({
            "subject_name": "Канарейкина Аполлинария", "categories": ["Имя и класс"],
            "operator": {"name": "Школа № 1", "address": "Город, улица, 1"}, "processor": null,
            "performed_by": [{"name": "Скворцова О. П.", "position": "Делопроизводитель"}],
            "information_system": "Ладонь", "approved_by": null})")};
}

v1::Erasure Done() {
  v1::Erasure erasure;
  erasure.set_step(v1::ERASURE_STEP_DONE);
  erasure.set_reason(v1::ERASURE_REASON_LEFT_SCHOOL);
  erasure.set_subject_id(std::string(16, '\x22'));
  erasure.set_act_number(17);
  erasure.set_approved_by_role("school");
  erasure.set_approved_by(std::string(16, '\x44'));
  erasure.set_keys_destroyed(2);
  erasure.set_epoch_after(41);
  erasure.mutable_destroyed_at()->set_seconds(1'800'000'000);
  return erasure;
}

TEST(ErasureDraftTest, ReadsWhatItWrites) {
  ASSERT_OK_AND_ASSIGN(const ErasureDraft again, ParseDraft(FormatDraft(Draft())));
  EXPECT_EQ(again.request_id, Draft().request_id);
  EXPECT_EQ(again.target.subject, Draft().target.subject);
  EXPECT_EQ(again.target.school, Draft().target.school);
  EXPECT_EQ(again.reason, Draft().reason);
  EXPECT_EQ(again.act, Draft().act);
  ErasureDraft own_school = Draft();
  own_school.target.school.clear();
  EXPECT_THAT(ParseDraft(FormatDraft(own_school)), IsOk());
}

TEST(ErasureDraftTest, WhatATermErasedHasTheCategoriesThatWereCounted) {
  constexpr auto kEnglish = base::Language::kEnglish;
  v1::Erasure erasure = Done();
  erasure.set_records(1);
  EXPECT_EQ(CategoriesOf(erasure, kEnglish).size(), 1);
  erasure.set_palms(3);
  erasure.set_cards(2);
  erasure.set_records(6);
  EXPECT_EQ(CategoriesOf(erasure, kEnglish).size(), 3);
  erasure.set_records(7);
  EXPECT_EQ(CategoriesOf(erasure, kEnglish).size(), 4);
}

TEST(ErasureDraftTest, AnActWithoutANameHasTheNumber) {
  ErasureDraft draft = Draft();
  draft.act["subject_name"] = Json();
  draft.act["approved_by"] = "Дроздов К. А.";
  v1::Erasure erasure = Done();
  erasure.clear_approved_by_role();
  erasure.clear_approved_by();
  ASSERT_OK_AND_ASSIGN(const ActFiles files,
                       MakeActFiles(draft, erasure, base::Language::kRussian));
  const Json act = Json::parse(files.act_json);
  EXPECT_FALSE(act.contains("subject_name"));
  EXPECT_EQ(act["subject_id"], std::string(32, '2'));
  EXPECT_THAT(files.act_page, ::testing::HasSubstr(std::string(32, '2')));
}

TEST(ErasureDraftTest, RefusesWhatIsNoDraft) {
  for (const std::string& text :
       {std::string(), std::string("{"), std::string("5"), std::string("[]"), std::string("{}"),
        std::string("{\"format\": \"ladon-erasure-draft/2\"}"), std::string(kDraftBytesMax, ' '),
        FormatDraft(Draft()) + std::string(kDraftBytesMax, ' ')}) {
    EXPECT_THAT(ParseDraft(text), StatusIs(absl::StatusCode::kInvalidArgument));
  }
  for (const char* field : {"format", "request_id", "subject_id", "reason", "act"}) {
    Json less = Json::parse(FormatDraft(Draft()));
    less.erase(field);
    EXPECT_THAT(ParseDraft(less.dump()), StatusIs(absl::StatusCode::kInvalidArgument)) << field;
    less[field] = "x";
    EXPECT_THAT(ParseDraft(less.dump()), StatusIs(absl::StatusCode::kInvalidArgument)) << field;
  }
  Json zero = Json::parse(FormatDraft(Draft()));
  zero["school_id"] = std::string(32, '0');
  EXPECT_THAT(ParseDraft(zero.dump()), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(ErasureDraftTest, WhatTheActWouldLackIsFoundBeforeTheErasure) {
  EXPECT_THAT(CheckDraft(Draft()), IsOk());
  for (const char* field :
       {"subject_name", "categories", "operator", "performed_by", "information_system"}) {
    ErasureDraft less = Draft();
    less.act.erase(field);
    EXPECT_THAT(CheckDraft(less), StatusIs(absl::StatusCode::kInvalidArgument)) << field;
    less.act[field] = "";
    EXPECT_THAT(CheckDraft(less), StatusIs(absl::StatusCode::kInvalidArgument)) << field;
  }
  ErasureDraft processor = Draft();
  processor.act["processor"] = {{"name", "Комбинат питания"}, {"address", ""}};
  EXPECT_THAT(CheckDraft(processor), StatusIs(absl::StatusCode::kInvalidArgument));
  ErasureDraft none = Draft();
  none.reason = v1::ERASURE_REASON_UNSPECIFIED;
  EXPECT_THAT(CheckDraft(none), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(ErasureDraftTest, TheActNamesWhomTheServerHasForgotten) {
  ASSERT_OK_AND_ASSIGN(const ActFiles files, MakeActFiles(Draft(), Done(), kRussian));
  const Json act = Json::parse(files.act_json);
  EXPECT_EQ(act["act_number"], "17");
  EXPECT_EQ(act["subject_name"], "Канарейкина Аполлинария");
  EXPECT_EQ(act["subject_id"], std::string(32, '2'));
  EXPECT_EQ(act["reason"], "LEFT_SCHOOL");
  EXPECT_EQ(act["date"], FormatLocalTime(1'800'000'000).substr(0, 10));
  EXPECT_EQ(act["approved_by"], "школа " + std::string(32, '4'));
  EXPECT_EQ(act["keys_destroyed"], 2);
  EXPECT_EQ(act["epoch_after"], 41);
  EXPECT_EQ(act["log_extract_sha256"], base::HexOf(Sha256(files.extract_json)));
  EXPECT_THAT(files.act_page, HasSubstr("Акт об уничтожении персональных данных № 17"));
  EXPECT_THAT(files.act_page, HasSubstr("человек выбыл из школы"));
  EXPECT_THAT(files.extract_page, HasSubstr("Канарейкина Аполлинария"));

  ASSERT_OK_AND_ASSIGN(const ActFiles again, MakeActFiles(Draft(), Done(), kRussian));
  EXPECT_EQ(again.act_json, files.act_json);
  EXPECT_EQ(again.act_page, files.act_page);

  ErasureDraft named = Draft();
  named.act["approved_by"] = "Дроздов К. А.";
  EXPECT_THAT(MakeActFiles(named, Done(), kRussian)->act_page, HasSubstr("Дроздов К. А."));
}

TEST(ErasureDraftTest, ThereIsNoActOfWhatIsNotDone) {
  for (const v1::ErasureStep step : {v1::ERASURE_STEP_BLOCKED, v1::ERASURE_STEP_KEYS_DESTROYED}) {
    v1::Erasure erasure = Done();
    erasure.set_step(step);
    EXPECT_THAT(MakeActFiles(Draft(), erasure, kRussian),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST(ErasureDraftTest, CategoriesAreThoseThatWereHeld) {
  v1::ExportSubjectResponse held;
  EXPECT_EQ(CategoriesOf(held, kRussian).size(), 1u);
  held.add_palms();
  held.add_cards();
  held.add_consents();
  held.set_pin(true);
  EXPECT_EQ(CategoriesOf(held, kRussian).size(), 5u);
  EXPECT_THAT(CategoriesOf(held, kRussian).dump(), HasSubstr("шаблоны рисунка вен"));
  EXPECT_THAT(CategoriesOf(held, base::Language::kEnglish).dump(), Not(HasSubstr("шаблоны")));
}

}  // namespace
}  // namespace ladon::ctl
