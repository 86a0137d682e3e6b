// Goal: a bank's bytes become the letters they are, and what is of another charset is refused by
// line. Method: known bytes of each charset; broken UTF-8 of every kind.
#include "server/client/registry/charset.h"

#include <string>

#include "tests/server/client/registry/encoded.h"
#include "tests/testing/status_testing.h"

namespace ladon::registry {
namespace {

using ::ladon::testing::StatusIs;
using ::testing::HasSubstr;

TEST(CharsetTest, ReadsKnownBytes) {
  ASSERT_OK_AND_ASSIGN(const std::string cp1251,
                       Utf8Of("\xCF\xB8\xF2\xF0 \xB9 1\x88", Charset::kWindows1251));
  EXPECT_EQ(cp1251, "Пётр № 1€");
  ASSERT_OK_AND_ASSIGN(const std::string koi8, Utf8Of("\xF0\xA3\xD4\xD2", Charset::kKoi8R));
  EXPECT_EQ(koi8, "Пётр");
  ASSERT_OK_AND_ASSIGN(const std::string cp866, Utf8Of("\x8F\xF1\xE2\xE0", Charset::kCp866));
  EXPECT_EQ(cp866, "Пётр");
  ASSERT_OK_AND_ASSIGN(const std::string utf8, Utf8Of("Пётр № 1€ 😀", Charset::kUtf8));
  EXPECT_EQ(utf8, "Пётр № 1€ 😀");
}

TEST(CharsetTest, DropsTheMarkOfUtf8AtTheBeginOnly) {
  ASSERT_OK_AND_ASSIGN(const std::string marked, Utf8Of("\xEF\xBB\xBF"
                                                        "a",
                                                        Charset::kUtf8));
  EXPECT_EQ(marked, "a");
  ASSERT_OK_AND_ASSIGN(const std::string within, Utf8Of("a\xEF\xBB\xBF", Charset::kUtf8));
  EXPECT_EQ(within, "a\xEF\xBB\xBF");
  ASSERT_OK_AND_ASSIGN(const std::string nothing, Utf8Of("\xEF\xBB\xBF", Charset::kUtf8));
  EXPECT_EQ(nothing, "");
  ASSERT_OK_AND_ASSIGN(const std::string empty, Utf8Of("", Charset::kWindows1251));
  EXPECT_EQ(empty, "");
}

TEST(CharsetTest, ReadsTextsLongerThanItsBuffer) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "аб€";
  ASSERT_OK_AND_ASSIGN(const std::string read, Utf8Of(Cp1251(text), Charset::kWindows1251));
  EXPECT_EQ(read, text);
  ASSERT_OK_AND_ASSIGN(const std::string same, Utf8Of(text, Charset::kUtf8));
  EXPECT_EQ(same, text);
}

TEST(CharsetTest, RefusesWhatIsNotOfTheCharset) {
  // 0x98 is the one byte that windows-1251 does not have.
  const auto refused = Utf8Of("one\ntwo\x98\n", Charset::kWindows1251);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(refused.status().message(), "line 2: the byte 0x98 there is no windows-1251");
}

TEST(CharsetTest, RefusesBrokenUtf8) {
  for (const std::string bad :
       {"\x80",                                                 // Nothing that it continues.
        "a\xD0",                                                // Cut.
        "\xD0\nx",                                              // Cut by a line end.
        "\xC0\xAF",                                             // Longer than needed.
        "\xE0\x80\xAF",                                         //
        "\xED\xA0\x80",                                         // Half of a pair of UTF-16.
        "\xF4\x90\x80\x80",                                     // Beyond the last letter.
        "\xF8\x88\x80\x80\x80", "\xFF", "\xCF\xE5\xF2\xF0"}) {  // windows-1251
    const auto refused = Utf8Of("one\n" + bad, Charset::kUtf8);
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument)) << bad;
    EXPECT_THAT(std::string(refused.status().message()), HasSubstr("line 2: "));
    EXPECT_THAT(std::string(refused.status().message()), HasSubstr("is no utf-8"));
  }
}

TEST(CharsetTest, KnowsItsNames) {
  for (const Charset charset :
       {Charset::kUtf8, Charset::kWindows1251, Charset::kKoi8R, Charset::kCp866}) {
    EXPECT_EQ(CharsetOf(NameOf(charset)), charset);
  }
  for (const char* name : {"", "UTF-8", "utf8", "cp1251", "latin1"}) {
    EXPECT_EQ(CharsetOf(name), std::nullopt) << name;
  }
}

}  // namespace
}  // namespace ladon::registry
