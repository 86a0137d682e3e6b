// Goal: no value can become markup, and nothing that is there stays unseen.
// Method: every character that HTML knows; invisible and turning characters one by one and at the
// ends of their ranges; bytes that are no UTF-8; a whole page by hand.
#include "server/client/ctl/html.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/client/ctl/unicode.h"

namespace ladon::ctl {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(HtmlTest, EscapesMarkup) {
  EXPECT_EQ(EscapeHtml("<script>alert(1)</script>"), "&lt;script&gt;alert(1)&lt;/script&gt;");
  EXPECT_EQ(EscapeHtml("\" onload='x' &amp;"), "&quot; onload=&#39;x&#39; &amp;amp;");
  EXPECT_EQ(EscapeHtml("Ёлка № 5, «А» — 10 ₽"), "Ёлка № 5, «А» — 10 ₽");
  EXPECT_EQ(EscapeHtml(""), "");
}

TEST(HtmlTest, ShowsWhatWouldNotBeSeen) {
  EXPECT_EQ(EscapeHtml("Ива\u200bнов"), "Ива\\u200bнов");
  EXPECT_EQ(EscapeHtml("\u202eвонавИ\u202c"), "\\u202eвонавИ\\u202c");
  EXPECT_EQ(EscapeHtml("a\u200fb\u200ec\u061cd"), "a\\u200fb\\u200ec\\u061cd");
  EXPECT_EQ(EscapeHtml("\u2066x\u2069\ufeff\u00ad"), "\\u2066x\\u2069\\ufeff\\u00ad");
  EXPECT_EQ(EscapeHtml(std::string("a\0b\n\t\x7f", 6)), "a\\u0000b\\u000a\\u0009\\u007f");
  EXPECT_EQ(EscapeHtml("\u2028\u2029\u0085"), "\\u2028\\u2029\\u0085");
  EXPECT_EQ(EscapeHtml(EncodeUtf8(U"\U000E0041\U000F0000\U0010FFFF")),
            "\\u{e0041}\\u{f0000}\\u{10ffff}");
}

TEST(HtmlTest, LeavesEveryScriptOfSchoolListsAlone) {
  for (char32_t c = 0x20; c < 0x530; ++c) {
    const bool hidden = (c >= 0x7F && c <= 0x9F) || c == 0xAD || c == 0x34F;
    const std::string text = EncodeUtf8(std::u32string(1, c));
    EXPECT_EQ(EscapeHtml(text).substr(0, 2) == "\\u", hidden) << static_cast<uint32_t>(c);
  }
  EXPECT_EQ(EscapeHtml("שלום"), "שלום");  // Letters stay; their cell keeps their direction in.
  EXPECT_EQ(EscapeHtml("漢字"), "漢字");
}

TEST(HtmlTest, ShowsBytesThatAreNoText) {
  EXPECT_EQ(EscapeHtml("a\xff<\xc3"), "a\\xff&lt;\\xc3");
  EXPECT_EQ(EscapeHtml("\xed\xa0\x80"), "\\xed\\xa0\\x80");
}

TEST(HtmlTest, APageIsWholeAndFetchesNothing) {
  HtmlPage page("A <b>", base::Language::kEnglish);
  page.Heading("h<");
  page.Subheading("s<");
  page.Paragraph("p<");
  page.AddFacts({{"n<", "v<"}, {"empty", ""}});
  page.AddTable({"a", "b"}, {{"1", ""}});
  page.AddForm({"name", "sign"}, {{"x", ""}});
  const std::string text = page.Render();
  EXPECT_THAT(text, HasSubstr("<html lang=\"en\">"));
  EXPECT_THAT(text, HasSubstr("<title>A &lt;b&gt;</title>"));
  EXPECT_THAT(text,
              HasSubstr("<h1>A &lt;b&gt;</h1>\n<h2>h&lt;</h2>\n<h3>s&lt;</h3>\n<p>p&lt;</p>"));
  EXPECT_THAT(text, HasSubstr("<tr><th>n&lt;</th><td>v&lt;</td></tr>\n"
                              "<tr><th>empty</th><td>—</td></tr>"));
  EXPECT_THAT(text, HasSubstr("<tr><th>a</th><th>b</th></tr>\n</thead><tbody>\n"
                              "<tr><td>1</td><td>—</td></tr>"));
  EXPECT_THAT(text, HasSubstr("<tr><td>x</td><td></td></tr>"));
  EXPECT_THAT(text, HasSubstr("charset=\"utf-8\""));
  EXPECT_THAT(text, HasSubstr("size: A4"));
  for (const char* fetched : {"http:", "https:", "//", "src=", "href=", "url(", "@import",
                              "<script", "<link", "<img", "<iframe"}) {
    EXPECT_THAT(text, Not(HasSubstr(fetched))) << fetched;
  }
}

TEST(HtmlDeathTest, ARowOfAnotherWidthIsABrokenInvariant) {
  HtmlPage page("t", base::Language::kRussian);
  EXPECT_DEATH(page.AddTable({"a", "b"}, {{"1"}}), "width");
}

}  // namespace
}  // namespace ladon::ctl
