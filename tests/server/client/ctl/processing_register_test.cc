// Goal: the register that an inspector reads has every processing of base/processing.h with every
// field, in three forms. Method: look each text up in each form, in both languages.
#include "server/client/ctl/processing_register.h"

#include <string>

#include "server/base/processing.h"
#include "server/client/ctl/html.h"
#include "tests/testing/status_testing.h"

namespace ladon::ctl {
namespace {

using ::testing::HasSubstr;

TEST(ProcessingRegisterTest, EveryFieldOfEveryProcessingStandsInEveryForm) {
  for (const base::Language language : {base::Language::kRussian, base::Language::kEnglish}) {
    const Json json = RegisterJson(language);
    const std::string table = RegisterTable(language);
    const std::string page = RegisterPage("Школа № 1", "Город, улица, 1", language);
    EXPECT_THAT(page, HasSubstr("Школа № 1"));
    ASSERT_EQ(json["processings"].size(), base::AllProcessings().size());
    size_t number = 0;
    for (const base::Processing& one : base::AllProcessings()) {
      const Json& row = json["processings"][number++];
      EXPECT_EQ(row["id"], std::string(one.id));
      EXPECT_EQ(row.size(), 9u);
      for (const base::Bilingual* text : {&one.name, &one.purpose, &one.subjects, &one.categories,
                                          &one.basis, &one.term, &one.recipients, &one.measures}) {
        const std::string said(text->In(language));
        EXPECT_THAT(table, HasSubstr(said));
        EXPECT_THAT(page, HasSubstr(EscapeHtml(said)));
        EXPECT_THAT(row.dump(), HasSubstr(Json(said).dump()));
      }
    }
  }
}

}  // namespace
}  // namespace ladon::ctl
