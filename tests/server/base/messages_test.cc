// Goal: people get a whole sentence in their language, and sums are printed exactly.
// Method: walks the catalogue for missing, doubled or crooked entries; edge sums by hand.
#include "server/base/messages.h"

#include <cstdint>
#include <limits>
#include <set>
#include <string>

#include "gtest/gtest.h"

namespace ladon::base {
namespace {

std::multiset<char> PlacesOf(std::string_view text) {
  std::multiset<char> places;
  for (size_t i = 0; i + 2 < text.size(); ++i) {
    if (text[i] == '{' && text[i + 2] == '}') places.insert(text[i + 1]);
  }
  return places;
}

TEST(MessagesTest, EveryEntryIsWholeAndUnique) {
  std::set<std::string_view> keys;
  ASSERT_GT(AllMessages().size(), 50u);
  for (const Message& message : AllMessages()) {
    EXPECT_TRUE(keys.insert(message.key).second) << message.key;
    EXPECT_FALSE(message.key.empty());
    EXPECT_FALSE(message.russian.empty()) << message.key;
    EXPECT_FALSE(message.english.empty()) << message.key;
    EXPECT_EQ(PlacesOf(message.russian), PlacesOf(message.english)) << message.key;
  }
}

TEST(MessagesTest, FillsPlacesInOrderAndOnlyOnce) {
  EXPECT_EQ(Text("refusal.with_field", Language::kEnglish, {"No.", "{0}"}), "No. (field {0})");
  EXPECT_EQ(Text("refusal.with_field", Language::kRussian, {"Нет.", "a.b"}), "Нет. (поле a.b)");
}

TEST(MessagesTest, KnowsItsKeys) {
  EXPECT_TRUE(HasText("INSUFFICIENT_FUNDS"));
  EXPECT_FALSE(HasText("insufficient_funds"));
  EXPECT_FALSE(HasText(""));
}

TEST(MessagesDeathTest, UnknownKeyIsABrokenInvariant) {
  EXPECT_DEATH(Text("no.such.key", Language::kRussian), "no message");
}

TEST(MessagesTest, LanguageFollowsTheLocale) {
  EXPECT_EQ(LanguageOf(nullptr), Language::kRussian);
  EXPECT_EQ(LanguageOf(""), Language::kRussian);
  EXPECT_EQ(LanguageOf("ru"), Language::kRussian);
  EXPECT_EQ(LanguageOf("ru_RU.UTF-8"), Language::kRussian);
  EXPECT_EQ(LanguageOf("en"), Language::kEnglish);
  EXPECT_EQ(LanguageOf("C.UTF-8"), Language::kEnglish);
}

TEST(MessagesTest, PrintsSumsExactly) {
  EXPECT_EQ(FormatKopecks(12'345, Language::kRussian), "123,45 ₽");
  EXPECT_EQ(FormatKopecks(12'345, Language::kEnglish), "123.45 RUB");
  EXPECT_EQ(FormatKopecks(0, Language::kRussian), "0,00 ₽");
  EXPECT_EQ(FormatKopecks(5, Language::kRussian), "0,05 ₽");
  EXPECT_EQ(FormatKopecks(-5, Language::kRussian), "-0,05 ₽");
  EXPECT_EQ(FormatKopecks(-12'345, Language::kEnglish), "-123.45 RUB");
  EXPECT_EQ(FormatKopecks(std::numeric_limits<int64_t>::min(), Language::kEnglish),
            "-92233720368547758.08 RUB");
  EXPECT_EQ(FormatKopecks(std::numeric_limits<int64_t>::max(), Language::kEnglish),
            "92233720368547758.07 RUB");
}

}  // namespace
}  // namespace ladon::base
