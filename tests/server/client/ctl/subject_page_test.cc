// Goal: a parent reads everything that is held, in words, and no value does anything but stand
// there. Method: a golden page of one child; the same in English without a Russian letter; hostile
// values in every place; lists and fields left out one by one.
#include "server/client/ctl/subject_page.h"

#include <algorithm>
#include <string>

#include "server/client/ctl/values.h"
#include "tests/testing/status_testing.h"

namespace ladon::ctl {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kGolden[] = "tests/server/client/ctl/golden/subject_page.html";

Json Export() {
  return Json::parse(R"({
    "format": "ladon-subject-export/1", "made_at": "2026-11-25T10:00:00Z",
    "operator": {"name": "Школа № 1", "address": "Город, улица, 1"},
    "subject": {"subject_id": "11111111111111111111111111111111", "kind": "pupil",
      "state": "active", "family_name": "Канарейкина", "given_name": "Аполлинария",
      "class_name": "5А", "external_id": "7", "payment_account": "405217938861", "birth_date": "2015-02-28"},
    "legal_bases": [{"processing": "Бухгалтерский журнал", "basis": "402-ФЗ",
      "purpose": "Учёт", "term": "Пять лет"}],
    "consents": [{"consent_id": "22222222222222222222222222222222", "kind": "biometric",
      "signer": "representative", "form": "paper", "document_sha256": "ab12",
      "authority_checked_by": "33333333333333333333333333333333",
      "recorded_at": "2026-09-01T06:30:00Z", "valid_from": "2026-09-01",
      "valid_until": "2027-08-31", "withdrawn_at": null,
      "purposes": ["Опознание у кассы", "Учёт питания"], "processor": null}],
    "palms": [{"side": "left", "samples": 3, "enrolled_quality": 87}],
    "cards": [{"card_id": "44444444444444444444444444444444", "state": "temporary",
      "valid_until": "2026-12-31", "tail": "a5"}],
    "pin": true,
    "purses": [{"purse": "main", "account_id": "55555555555555555555555555555555",
      "balance_kopecks": 12345, "overdraft_limit_kopecks": 0, "frozen": false}],
    "requests": [{"request_id": "66666666666666666666666666666666", "kind": "access",
      "received": "2026-11-25", "deadline": "2026-12-09", "state": "open"}],
    "movements": [{"at": "2026-11-24T05:10:11Z", "service_date": "2026-11-24",
      "amount_kopecks": -9550, "what": "meal", "item": "Суп"}],
    "accesses": [{"at": "2026-11-24T05:10:11Z", "role": "terminal",
      "actor": "77777777777777777777777777777777",
      "call": "TerminalService/IdentifyAndDebit", "outcome": "success"}],
    "recipients": [{"who": "Касса школы", "why": "Отпустить питание"}]
  })");
}

std::string PageOf(const Json& subject_export, base::Language language) {
  const absl::StatusOr<std::string> page = SubjectPage(subject_export, language);
  EXPECT_THAT(page, IsOk());
  return page.value_or("");
}

TEST(SubjectPageTest, IsTheGoldenPage) {
  ASSERT_OK_AND_ASSIGN(const std::string golden, ReadWholeFile(kGolden, size_t{64} * 1024));
  EXPECT_EQ(PageOf(Export(), base::Language::kRussian), golden);
}

TEST(SubjectPageTest, SpeaksOneLanguage) {
  Json plain = Export();
  for (const char* list : {"operator", "subject", "legal_bases", "recipients"}) plain.erase(list);
  plain["consents"][0].erase("purposes");
  plain["movements"][0].erase("item");
  const std::string page = PageOf(plain, base::Language::kEnglish);
  EXPECT_TRUE(
      std::none_of(page.begin(), page.end(), [](char c) { return c == '\xD0' || c == '\xD1'; }));
  for (const char* words :
       {"What is held about a person", "identification and payment", "2026-11-25 10:00:00 UTC",
        "123.45 RUB", "-95.50 RUB", "temporary", "legal representative"}) {
    EXPECT_THAT(page, HasSubstr(words));
  }
}

// Puts `value` in the place of every text but the format.
void Infect(const std::string& value, Json* json) {
  for (auto it = json->begin(); it != json->end(); ++it) {
    if (it->is_structured()) {
      Infect(value, &*it);
    } else if (it->is_string() && *it != "ladon-subject-export/1") {
      *it = value;
    }
  }
}

TEST(SubjectPageTest, NoValueIsMarkupAndNoneIsHidden) {
  Json hostile = Export();
  Infect("\"'><script>x()</script>\u202e\u200b", &hostile);
  const std::string page = PageOf(hostile, base::Language::kRussian);
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("'><")));
  EXPECT_THAT(page, Not(HasSubstr("\u202e")));
  EXPECT_THAT(page, Not(HasSubstr("\u200b")));
  EXPECT_THAT(page, HasSubstr("&quot;&#39;&gt;&lt;script&gt;x()&lt;/script&gt;\\u202e\\u200b"));
  // A value is no key of the catalogue either.
  Json key = Export();
  key["subject"]["state"] = "../title";
  EXPECT_THAT(PageOf(key, base::Language::kRussian), HasSubstr("<td>../title</td>"));
}

TEST(SubjectPageTest, WhatIsMissingIsSaidSo) {
  const Json whole = Export();
  for (const auto& [name, value] : whole.items()) {
    if (name == "format") continue;
    Json less = whole;
    less.erase(name);
    const std::string absent = PageOf(less, base::Language::kRussian);
    if (name == "accesses") {
      EXPECT_THAT(absent, HasSubstr("Выписка из журнала обращений выдаётся отдельно."));
    } else if (value.is_array()) {
      EXPECT_THAT(absent, HasSubstr("Ничего не хранится.")) << name;
      less[name] = Json::array();
      EXPECT_EQ(PageOf(less, base::Language::kRussian), absent) << name;
    }
    for (const Json& odd : {Json(nullptr), Json("x"), Json(5), Json::array({1, "x", nullptr})}) {
      less[name] = odd;
      EXPECT_THAT(SubjectPage(less, base::Language::kRussian), IsOk()) << name;
    }
  }
  const std::string bare = PageOf({{"format", "ladon-subject-export/1"}}, base::Language::kRussian);
  EXPECT_THAT(bare, HasSubstr("<td>—</td>"));
  EXPECT_THAT(bare, HasSubstr("Ваши права"));
}

TEST(SubjectPageTest, RefusesWhatIsNoExport) {
  for (const Json& other : {Json(), Json(5), Json::array(), Json::object(),
                            Json({{"format", "ladon-subject-export/2"}}), Json({{"format", 1}})}) {
    EXPECT_THAT(SubjectPage(other, base::Language::kRussian),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST(SubjectPageTest, ListsHaveALimit) {
  Json full = Export();
  full["movements"] = Json(std::vector<Json>(kPageRowsMax, Json::object()));
  EXPECT_THAT(SubjectPage(full, base::Language::kRussian), IsOk());
  full["movements"].push_back(Json::object());
  EXPECT_THAT(SubjectPage(full, base::Language::kRussian),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST(SubjectPageTest, DatesAndSumsThatAreNoneStandAsTheyAre) {
  Json odd = Export();
  odd["made_at"] = "2026-11-25 10:00";
  odd["movements"][0]["service_date"] = "24.11.2026";
  odd["movements"][0]["amount_kopecks"] = 18446744073709551615u;
  odd["purses"][0]["balance_kopecks"] = 1.5;
  const std::string page = PageOf(odd, base::Language::kRussian);
  EXPECT_THAT(page, HasSubstr("<td>2026-11-25 10:00</td>"));
  EXPECT_THAT(page, HasSubstr("<td>24.11.2026</td>"));
  EXPECT_THAT(page, HasSubstr("<td>18446744073709551615</td>"));
  EXPECT_THAT(page, HasSubstr("<td>1.5</td>"));
}

}  // namespace
}  // namespace ladon::ctl
