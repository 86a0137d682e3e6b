// Goal: an act and a log extract hold every field that Roskomnadzor's order 179 asks for, and none
// is made without one of them. Method: a golden act; the JSON key by key; every required field left
// out, emptied and bent.
#include "server/client/ctl/destruction_act.h"

#include <string>
#include <vector>

#include "server/client/ctl/values.h"
#include "tests/testing/status_testing.h"

namespace ladon::ctl {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kGolden[] = "tests/server/client/ctl/golden/destruction_act.html";

Json Destruction() {
  return Json::parse(R"({
    "act_number": "17", "date": "2026-12-14",
    "operator": {"name": "Школа № 1", "address": "Город, улица, 1"},
    "processor": {"name": "Комбинат питания", "address": "Город, улица, 2"},
    "subject_name": "Канарейкина Аполлинария", "subject_id": "11111111111111111111111111111111",
    "categories": ["Шаблоны ладони", "Имя и класс"], "information_system": "Ладонь",
    "method": "Уничтожение ключей шифрования", "reason": "CONSENT_WITHDRAWN",
    "performed_by": [{"name": "Скворцова О. П.", "position": "Делопроизводитель"}],
    "approved_by": "Дроздов К. А.", "keys_destroyed": 2, "epoch_after": 41,
    "log_extract_sha256": "ab12"
  })");
}

std::vector<std::string> KeysOf(const Json& json) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  return keys;
}

TEST(DestructionActTest, IsTheGoldenPage) {
  ASSERT_OK_AND_ASSIGN(const std::string golden, ReadWholeFile(kGolden, size_t{64} * 1024));
  ASSERT_OK_AND_ASSIGN(const std::string page,
                       DestructionActPage(Destruction(), base::Language::kRussian));
  EXPECT_EQ(page, golden);
}

TEST(DestructionActTest, TheJsonHasTheFieldsAndNoOthers) {
  Json more = Destruction();
  more["colour"] = "red";
  more["operator"]["phone"] = "5";
  more["performed_by"][0]["passport"] = "5";
  ASSERT_OK_AND_ASSIGN(const Json act, DestructionActJson(more));
  EXPECT_THAT(KeysOf(act), ::testing::ElementsAre("format", "act_number", "operator", "processor",
                                                  "subject_name", "subject_id", "performed_by",
                                                  "categories", "information_system", "method",
                                                  "reason", "date", "approved_by", "keys_destroyed",
                                                  "epoch_after", "log_extract_sha256"));
  EXPECT_EQ(act["format"], "ladon-destruction-act/1");
  EXPECT_EQ(act["performed_by"], Destruction()["performed_by"]);
  EXPECT_EQ(act["operator"], Destruction()["operator"]);
  EXPECT_EQ(act["epoch_after"], 41);
  // An act is made again from its own JSON.
  ASSERT_OK_AND_ASSIGN(const Json again, DestructionActJson(act));
  EXPECT_EQ(again, act);
}

TEST(DestructionActTest, TheLogExtractHasItsFiveFields) {
  ASSERT_OK_AND_ASSIGN(const Json extract, LogExtractJson(Destruction()));
  EXPECT_THAT(KeysOf(extract),
              ::testing::ElementsAre("format", "act_number", "subject_name", "subject_id",
                                     "categories", "information_system", "reason", "date"));
  EXPECT_EQ(extract["format"], "ladon-destruction-log-extract/1");
  ASSERT_OK_AND_ASSIGN(const std::string page,
                       LogExtractPage(Destruction(), base::Language::kRussian));
  for (const char* shown : {"к акту № 17", "Канарейкина Аполлинария", "Шаблоны ладони; Имя и класс",
                            "Ладонь", "согласие отозвано", "14.12.2026"}) {
    EXPECT_THAT(page, HasSubstr(shown));
  }
}

TEST(DestructionActTest, NothingRequiredMayBeMissing) {
  const char* const both[] = {"act_number", "date", "categories", "information_system", "reason"};
  const char* const act_only[] = {"operator", "method", "performed_by", "approved_by"};
  const auto refused = [](const Json& destruction, bool extract_too, const std::string& field) {
    for (const absl::Status& status :
         {DestructionActJson(destruction).status(),
          DestructionActPage(destruction, base::Language::kEnglish).status()}) {
      EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument)) << field;
      EXPECT_THAT(std::string(status.message()), HasSubstr(field));
    }
    for (const absl::Status& status :
         {LogExtractJson(destruction).status(),
          LogExtractPage(destruction, base::Language::kEnglish).status()}) {
      EXPECT_EQ(status.ok(), !extract_too) << field;
    }
  };
  const auto with = [](const char* field, const Json& value) {
    Json changed = Destruction();
    changed[field] = value;
    return changed;
  };
  const Json odd[] = {Json(nullptr), Json(""), Json(7), Json::array(), Json::object()};
  for (const char* field : both) {
    for (const Json& value : odd) refused(with(field, value), true, field);
    Json less = Destruction();
    less.erase(field);
    refused(less, true, field);
  }
  for (const char* field : act_only) {
    for (const Json& value : odd) refused(with(field, value), false, field);
    Json less = Destruction();
    less.erase(field);
    refused(less, false, field);
  }
  refused(with("operator", {{"name", "Школа"}}), false, "operator.address");
  refused(with("processor", {{"address", "Улица"}}), false, "processor.name");
  refused(with("processor", "Комбинат"), false, "processor.name");
  refused(with("performed_by", Json::array({Json{{"name", "Имя"}}})), false,
          "performed_by.position");
  refused(with("performed_by", Json::array({"Имя"})), false, "performed_by.name");
  refused(with("categories", Json::array({"x", ""})), true, "categories");
  refused(with("categories", Json::array({"x", 5})), true, "categories");
  refused(with("categories", Json(std::vector<Json>(kActListMax + 1, "x"))), true, "categories");
  refused(with("performed_by",
               Json(std::vector<Json>(kActListMax + 1, Json{{"name", "a"}, {"position", "b"}}))),
          false, "performed_by");
  EXPECT_THAT(DestructionActJson(with("categories", Json(std::vector<Json>(kActListMax, "x")))),
              IsOk());
  for (const Json& no_object : {Json(), Json(5), Json("x"), Json::array()}) {
    refused(no_object, true, "act_number");
  }
}

TEST(DestructionActTest, AnIdWillDoForASubjectWithoutAName) {
  Json nameless = Destruction();
  nameless["subject_name"] = "";
  ASSERT_OK_AND_ASSIGN(const std::string page,
                       DestructionActPage(nameless, base::Language::kEnglish));
  EXPECT_THAT(page, HasSubstr("<th>Whose data were destroyed</th>"
                              "<td>11111111111111111111111111111111</td>"));
  nameless.erase("subject_id");
  EXPECT_THAT(DestructionActJson(nameless), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(LogExtractJson(nameless), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(DestructionActTest, WithoutAProcessorItSaysSo) {
  Json alone = Destruction();
  alone["processor"] = nullptr;
  ASSERT_OK_AND_ASSIGN(const Json act, DestructionActJson(alone));
  EXPECT_TRUE(act["processor"].is_null());
  ASSERT_OK_AND_ASSIGN(const std::string page, DestructionActPage(alone, base::Language::kEnglish));
  EXPECT_THAT(page, HasSubstr("<th>Processing entrusted to</th><td>nobody</td>"));
  alone.erase("processor");
  EXPECT_THAT(DestructionActPage(alone, base::Language::kEnglish), IsOk());
}

TEST(DestructionActTest, KeysMayBeCountedOrListedAndReasonsMayBeFree) {
  Json listed = Destruction();
  listed["keys_destroyed"] = {"personal", "biometric", "card"};
  listed["reason"] = "предписание";
  ASSERT_OK_AND_ASSIGN(const std::string page,
                       DestructionActPage(listed, base::Language::kEnglish));
  EXPECT_THAT(page, HasSubstr("<th>Keys destroyed</th><td>3</td>"));
  EXPECT_THAT(page, HasSubstr("<td>предписание</td>"));
}

TEST(DestructionActTest, NoValueIsMarkup) {
  Json hostile = Destruction();
  for (const char* field : {"act_number", "subject_name", "method", "approved_by", "reason"}) {
    hostile[field] = "<script>\"'\u202e\u200b";
  }
  hostile["performed_by"][0]["name"] = "<script>\"'\u202e\u200b";
  for (const auto& page : {DestructionActPage(hostile, base::Language::kRussian),
                           LogExtractPage(hostile, base::Language::kRussian)}) {
    ASSERT_THAT(page, IsOk());
    EXPECT_THAT(*page, Not(HasSubstr("<script")));
    EXPECT_THAT(*page, Not(HasSubstr("\u202e")));
    EXPECT_THAT(*page, HasSubstr("&lt;script&gt;&quot;&#39;\\u202e\\u200b"));
  }
}

}  // namespace
}  // namespace ladon::ctl
