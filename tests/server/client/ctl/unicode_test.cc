// Goal: names and classes that people call the same fold alike, and nothing else does.
// Method: hand-made pairs; every code point through encoder and decoder; malformed UTF-8.
#include "server/client/ctl/unicode.h"

#include <string>

#include "gtest/gtest.h"

namespace ladon::ctl {
namespace {

TEST(UnicodeTest, EveryCodePointRoundTrips) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    const std::string text = EncodeUtf8(std::u32string(1, c));
    const auto back = DecodeUtf8(text);
    ASSERT_TRUE(back && back->size() == 1 && back->front() == c) << static_cast<uint32_t>(c);
    // Every proper prefix is malformed.
    for (size_t size = 1; size < text.size(); ++size) {
      ASSERT_FALSE(DecodeUtf8(text.substr(0, size))) << static_cast<uint32_t>(c);
    }
  }
}

TEST(UnicodeTest, RefusesWhatIsNotUtf8) {
  for (const char* text : {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80",
                           "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "a\xD0", "\xD0\x41"}) {
    EXPECT_FALSE(DecodeUtf8(text)) << text;
  }
}

TEST(UnicodeTest, FoldsNames) {
  EXPECT_EQ(FoldName("  Семёнов   АЛЁША "), "семенов алеша");
  EXPECT_EQ(FoldName("ЙЦУКЕНГШЩЗХЪ"), "йцукенгшщзхъ");
  EXPECT_EQ(FoldName("Әлфия Җәмилева"), FoldName("әЛФИЯ җӘМИЛЕВА"));
  EXPECT_EQ(FoldName("Ҡыҙғалаҡ"), FoldName("ҠЫҘҒАЛАҠ"));
  EXPECT_EQ(FoldName("Ann-Marie O'Neil"), "ann-marie o'neil");
  EXPECT_NE(FoldName("Иванов"), FoldName("Иванова"));
  EXPECT_EQ(FoldName("\xC2\xA0Иван"), "иван");
}

TEST(UnicodeTest, FoldsClasses) {
  for (const char* same : {"5А", "5а", "5 А", "5-А", "5 «А»", "5\"А\"", "5A", "5a"}) {
    EXPECT_EQ(FoldClass(same), "5а") << same;
  }
  EXPECT_NE(FoldClass("5Б"), FoldClass("5А"));
  EXPECT_NE(FoldClass("11А"), FoldClass("1А"));
  EXPECT_EQ(FoldClass("- «»"), "");
}

TEST(UnicodeTest, KnowsTheNextGrade) {
  EXPECT_EQ(NextClass("5а"), "6а");
  EXPECT_EQ(NextClass("9б"), "10б");
  EXPECT_EQ(NextClass("0а"), "1а");
  EXPECT_EQ(NextClass("10"), "11");
  EXPECT_EQ(NextClass("11а"), "");
  EXPECT_EQ(NextClass("гимназисты"), "");
  EXPECT_EQ(NextClass(""), "");
}

}  // namespace
}  // namespace ladon::ctl
