// Goal: the register that an operator hands to the regulator says everything about every
// processing, in both languages. Method: every field of every row; ids; the articles that each
// basis must name.
#include "server/base/processing.h"

#include <algorithm>
#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ladon::base {
namespace {

using ::testing::HasSubstr;

bool HasCyrillic(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c == '\xD0' || c == '\xD1'; });
}

TEST(ProcessingTest, NoFieldIsEmptyAndEachIsInItsLanguage) {
  ASSERT_EQ(AllProcessings().size(), 5u);
  for (const Processing& one : AllProcessings()) {
    for (const Bilingual& text : {one.name, one.purpose, one.subjects, one.categories, one.basis,
                                  one.term, one.recipients, one.measures}) {
      EXPECT_TRUE(HasCyrillic(text.russian)) << one.id;
      EXPECT_FALSE(text.english.empty()) << one.id;
      EXPECT_FALSE(HasCyrillic(text.english)) << one.id << ": " << text.english;
      for (const std::string_view line : {text.russian, text.english}) {
        EXPECT_EQ(line.find('\n'), std::string_view::npos) << one.id;
        EXPECT_EQ(line.find("  "), std::string_view::npos) << one.id << ": " << line;
        EXPECT_NE(line.back(), ' ') << one.id;
      }
      EXPECT_EQ(text.In(Language::kRussian), text.russian);
      EXPECT_EQ(text.In(Language::kEnglish), text.english);
    }
  }
}

TEST(ProcessingTest, IdsAreUniqueAndFound) {
  std::set<std::string_view> ids;
  for (const Processing& one : AllProcessings()) {
    EXPECT_TRUE(ids.insert(one.id).second) << one.id;
    EXPECT_EQ(FindProcessing(one.id), &one);
    EXPECT_EQ(one.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz-"), std::string_view::npos);
  }
  EXPECT_EQ(FindProcessing(""), nullptr);
  EXPECT_EQ(FindProcessing("Ledger"), nullptr);
}

TEST(ProcessingTest, EveryBasisNamesItsArticle) {
  const auto basis = [](std::string_view id) {
    const Processing* const found = FindProcessing(id);
    return found == nullptr ? std::string() : std::string(found->basis.english);
  };
  EXPECT_THAT(basis(kBiometricProcessing), HasSubstr("article 11"));
  EXPECT_THAT(basis(kAccountingProcessing), HasSubstr("article 6"));
  EXPECT_THAT(basis(kLedgerProcessing), HasSubstr("402-FZ"));
  EXPECT_THAT(basis(kRightsProcessing), HasSubstr("article 9 part 3"));
  EXPECT_THAT(basis(kSecurityLogProcessing), HasSubstr("article 19"));
}

}  // namespace
}  // namespace ladon::base
