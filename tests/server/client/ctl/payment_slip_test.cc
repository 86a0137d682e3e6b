// Goal: a slip pays into the account that is printed on it, tells a bank nothing else of the child,
// and no text on it can become markup. Method: texts of QR codes written and read back by a reader
// of its own, with every separator; slips with hostile and with too long texts; a slip drawn and
// scanned by programs that are not ours, where they are installed.
#include "server/client/ctl/payment_slip.h"

#include <array>
#include <cstdio>
#include <fstream>
#include <random>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/client/ctl/payment_qr_reader.h"
#include "tests/server/base/temp_dir.h"

namespace ladon::ctl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Not;

constexpr std::string_view kSeparators = "|#;:^_~{}!$%&()*+,/@";
constexpr char kPurpose[] = "Питание в школе";
constexpr char kSchool[] = "МБОУ «Средняя школа № 34»";

base::PaymentAccount Account(uint32_t seed) {
  std::mt19937 random(seed);
  return base::PaymentAccount::Draw([&](std::span<uint8_t> out) {
    for (uint8_t& byte : out) byte = static_cast<uint8_t>(random());
  });
}

Payee Canteen() {
  return {.name = "ООО «Школьное питание»",
          .account = "40702810000000000001",
          .bank_name = "ПАО «Примербанк»",
          .bic = "044525225",
          .correspondent_account = "30101810400000000225",
          .inn = "7707083893",
          .kpp = "773601001"};
}

SlipPerson Ivan() {
  return {.name_line = "Иван П.", .class_name = "5А", .account = Account(1)};
}

std::string QrTextOf(const Payee& payee, const base::PaymentAccount& account) {
  const auto text = PaymentQrText({payee, kPurpose, account, std::nullopt});
  EXPECT_TRUE(text.ok()) << text.status();
  return text.value_or("");
}

std::string SvgOf(const SlipPerson& person) {
  const auto svg = PaymentSlipSvg(Canteen(), kPurpose, kSchool, person);
  EXPECT_TRUE(svg.ok()) << svg.status();
  return svg.value_or("");
}

size_t Count(std::string_view text, std::string_view what) {
  size_t count = 0;
  for (size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) {
    ++count;
  }
  return count;
}

TEST(PaymentQrReaderTest, ReadsBackWhatASlipSays) {
  Payee trader = Canteen();
  trader.name = "ИП Примеров А. Б.";
  trader.inn = "500100732259";
  trader.kpp.clear();
  trader.correspondent_account = "0";
  Payee equal = Canteen();
  equal.name = "Name=А=Б";
  uint32_t seed = 0;
  for (const Payee& payee : {Canteen(), trader, equal}) {
    const base::PaymentAccount account = Account(++seed);
    const auto qr = ParsePaymentQr(QrTextOf(payee, account));
    ASSERT_TRUE(qr.ok()) << qr.status();
    EXPECT_EQ(qr->charset, QrCharset::kUtf8);
    EXPECT_EQ(qr->Value("Name"), payee.name);
    EXPECT_EQ(qr->Value("PersonalAcc"), payee.account);
    EXPECT_EQ(qr->Value("BankName"), payee.bank_name);
    EXPECT_EQ(qr->Value("BIC"), payee.bic);
    EXPECT_EQ(qr->Value("CorrespAcc"), payee.correspondent_account);
    EXPECT_EQ(qr->Value("Purpose"), kPurpose);
    EXPECT_EQ(qr->Value("PayeeINN"), payee.inn);
    EXPECT_EQ(qr->Value("KPP").value_or(""), payee.kpp);
    EXPECT_EQ(qr->Value("PersAcc"), account.Digits());
    EXPECT_EQ(qr->Value("TechCode"), "08");
    EXPECT_EQ(qr->Value("Sum"), std::nullopt);
    EXPECT_EQ(qr->Value("name"), std::nullopt);
  }
}

TEST(PaymentQrReaderTest, ReadsEverySeparatorThatIsAllowed) {
  for (size_t i = 0; i < kSeparators.size(); ++i) {
    Payee payee = Canteen();  // Its name takes the separators that would come first.
    payee.name = "Школа " + std::string(kSeparators.substr(0, i));
    const auto qr = ParsePaymentQr(QrTextOf(payee, Account(7)));
    ASSERT_TRUE(qr.ok()) << qr.status();
    EXPECT_EQ(qr->separator, kSeparators[i]);
    EXPECT_EQ(qr->Value("Name"), payee.name);
    EXPECT_EQ(qr->Value("PersAcc"), Account(7).Digits());
  }
}

TEST(PaymentQrReaderTest, KnowsTheOlderCharsetsAndDecodesNoneOfThem) {
  const std::string fields =
      "|Name=\xcf\xf0|PersonalAcc=40702810000000000001|BankName=B|BIC=044525225|CorrespAcc=0";
  const auto windows = ParsePaymentQr("ST00011" + fields);
  ASSERT_TRUE(windows.ok()) << windows.status();
  EXPECT_EQ(windows->charset, QrCharset::kWindows1251);
  EXPECT_EQ(windows->Value("Name"), "\xcf\xf0") << "bytes as they came";
  EXPECT_THAT(windows->fields, ElementsAre(Key("Name"), Key("PersonalAcc"), Key("BankName"),
                                           Key("BIC"), Key("CorrespAcc")));
  const auto koi8 = ParsePaymentQr("ST00013" + fields);
  ASSERT_TRUE(koi8.ok()) << koi8.status();
  EXPECT_EQ(koi8->charset, QrCharset::kKoi8R);
  EXPECT_THAT(ParsePaymentQr("ST00012" + fields).status().message(), HasSubstr("UTF-8"));
}

TEST(PaymentQrReaderTest, RefusesWhatTheStandardDoesNotHave) {
  const std::string good = QrTextOf(Canteen(), Account(1));
  const auto refused = [](const std::string& text) {
    const auto qr = ParsePaymentQr(text);
    EXPECT_EQ(qr.status().code(), absl::StatusCode::kInvalidArgument) << text;
    return std::string(qr.status().message());
  };
  const auto with = [&good](size_t at, char sign) {
    std::string text = good;
    text[at] = sign;
    return text;
  };
  EXPECT_THAT(refused(""), HasSubstr("ST0001"));
  EXPECT_THAT(refused("ST00012|"), HasSubstr("ST0001"));
  EXPECT_THAT(refused("https://example.org/pay"), HasSubstr("ST0001"));
  EXPECT_THAT(refused(with(5, '2')), HasSubstr("ST0001"));
  EXPECT_THAT(refused(with(6, '0')), HasSubstr("charset"));
  EXPECT_THAT(refused(with(6, '4')), HasSubstr("charset"));
  EXPECT_THAT(refused(with(7, '=')), HasSubstr("separator"));
  EXPECT_THAT(refused(with(7, '\0')), HasSubstr("separator"));
  EXPECT_THAT(refused(with(7, ';')), HasSubstr("PersonalAcc")) << "one separator from end to end";
  EXPECT_THAT(refused(good + "|"), HasSubstr("no name"));
  EXPECT_THAT(refused(good + "|=x"), HasSubstr("no name"));
  EXPECT_THAT(refused(good + "|<b>=x"), Not(HasSubstr("<b>")));
  EXPECT_THAT(refused(good + "|PersAcc=1"), HasSubstr("PersAcc stands there twice"));
  EXPECT_THAT(refused(good + "|Note=\xff"), HasSubstr("Note is no UTF-8"));
  EXPECT_THAT(refused("ST00012|Name=A|PersonalAcc=1|BankName=B|BIC="), HasSubstr("BIC"));
}

TEST(PaymentQrReaderTest, RefusesATextWithoutAllOfItsMandatoryPart) {
  const std::string good = QrTextOf(Canteen(), Account(1));
  const std::string last = "|CorrespAcc=";
  const size_t least = good.find(last) + last.size() + 1;
  for (size_t size = 0; size < least; ++size) {
    EXPECT_FALSE(ParsePaymentQr(good.substr(0, size)).ok()) << size;
  }
  EXPECT_TRUE(ParsePaymentQr(good.substr(0, least)).ok());
}

TEST(PaymentQrReaderTest, BoundsWhatItReads) {
  std::string text = QrTextOf(Canteen(), Account(1));
  for (size_t i = ParsePaymentQr(text)->fields.size(); i < kQrFieldsMax; ++i) {
    text += "|X" + std::to_string(i) + "=";
  }
  EXPECT_TRUE(ParsePaymentQr(text).ok());
  EXPECT_THAT(ParsePaymentQr(text + "|Last=").status().message(), HasSubstr("64 fields"));
  text.resize(kQrReadBytesMax, 'x');
  EXPECT_TRUE(ParsePaymentQr(text).ok());
  EXPECT_THAT(ParsePaymentQr(text + "x").status().message(), HasSubstr("2953 bytes"));
}

TEST(QrPathTest, KnowsHowMuchACodeHolds) {
  const auto largest = QrPathSvg(std::string(kQrBytesMax, '\xd0'));
  ASSERT_TRUE(largest.ok()) << largest.status();
  EXPECT_EQ(largest->side, 177 + 8) << "version 40 and four modules of quiet on both sides";
  EXPECT_EQ(QrPathSvg(std::string(kQrBytesMax + 1, 'x')).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(QrPathSvg("").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(QrPathTest, BeginsWithTheCornerAndIsOnePath) {
  const auto qr = QrPathSvg("ST00012");
  ASSERT_TRUE(qr.ok()) << qr.status();
  EXPECT_EQ(qr->side, 21 + 8);
  EXPECT_THAT(qr->path, HasSubstr("d=\"M4 4.5h7m"));  // The upper edge of the left corner's mark.
  EXPECT_THAT(qr->path, HasSubstr("M4 24.5h7m"));     // The lower edge of the lowest one.
  EXPECT_EQ(Count(qr->path, "<"), 1);
}

TEST(PaymentSlipTest, SaysWhoseItIsAndWhereToPay) {
  const std::string svg = SvgOf(Ivan());
  for (const std::string& text :
       {std::string("Иван П., 5А"), std::string(kSchool), Ivan().account.Grouped(), Canteen().name,
        Canteen().account, Canteen().bank_name, Canteen().bic, Canteen().correspondent_account,
        Canteen().inn, Canteen().kpp, std::string(kPurpose), std::string("отсканируйте код"),
        std::string("переходе в другую школу")}) {
    EXPECT_THAT(svg, HasSubstr(text));
  }
  EXPECT_THAT(svg, HasSubstr("xmlns=\"http://www.w3.org/2000/svg\""));
}

TEST(PaymentSlipTest, LeavesOutWhatThereIsNot) {
  Payee trader = Canteen();
  trader.kpp.clear();
  trader.correspondent_account = "0";
  SlipPerson person = Ivan();
  person.class_name.clear();
  const auto svg = PaymentSlipSvg(trader, kPurpose, kSchool, person);
  ASSERT_TRUE(svg.ok()) << svg.status();
  EXPECT_THAT(*svg, HasSubstr(">Иван П.</text>"));
  EXPECT_THAT(*svg, Not(HasSubstr("КПП")));
  EXPECT_THAT(*svg, Not(HasSubstr("к/с")));
}

TEST(PaymentSlipTest, TheQrCodeHoldsNothingOfTheChildButTheAccount) {
  const std::string text = QrTextOf(Canteen(), Ivan().account);
  const auto qr = QrPathSvg(text);
  ASSERT_TRUE(qr.ok()) << qr.status();
  EXPECT_THAT(SvgOf(Ivan()), HasSubstr(qr->path)) << "the code is that of the text, bit for bit";
  SlipPerson renamed = Ivan();
  renamed.name_line = "Мария К.";
  renamed.class_name = "11Б";
  EXPECT_THAT(SvgOf(renamed), HasSubstr(qr->path)) << "whoever it is";
  EXPECT_THAT(text, Not(HasSubstr("Иван")));
  EXPECT_THAT(text, Not(HasSubstr("5А")));
  EXPECT_THAT(text, Not(HasSubstr("34"))) << "nor of the school";
}

TEST(PaymentSlipTest, NoTextBecomesMarkup) {
  const std::string hostile = "<script>&amp;\"'</text>";
  const std::string shown = "&lt;script&gt;&amp;amp;&quot;&#39;&lt;/text&gt;";
  Payee payee = Canteen();
  payee.name = payee.bank_name = hostile;
  const SlipPerson person = {
      .name_line = hostile, .class_name = "5<\u202eА", .account = Account(2)};
  const auto page = PaymentSlipsPage(payee, hostile, hostile, {person});
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(Count(*page, shown), 6) << "the title, the name, the school, payee, bank, purpose";
  EXPECT_THAT(*page, HasSubstr("5&lt;\\u202eА"));
  EXPECT_EQ(Count(*page, "<text "), Count(*page, "</text>"));
  for (const char* markup : {"<script", "http:", "https:", "//", "src=", "href=", "url(", "@import",
                             "<link", "<img", "<image", "<use", "<foreignObject"}) {
    EXPECT_THAT(*page, Not(HasSubstr(markup))) << markup;
  }
}

TEST(PaymentSlipTest, APageHoldsEverySlipInItsOrder) {
  std::vector<SlipPerson> people;
  for (uint32_t i = 0; i < 7; ++i) {
    people.push_back({"Ученик " + std::to_string(i), "5А", Account(i)});
  }
  const auto page = PaymentSlipsPage(Canteen(), kPurpose, kSchool, people);
  ASSERT_TRUE(page.ok()) << page.status();
  size_t at = 0;
  for (const SlipPerson& person : people) {
    for (const std::string& next :  // The code stands first within a slip.
         {QrPathSvg(QrTextOf(Canteen(), person.account))->path, person.name_line + ", 5А",
          person.account.Grouped()}) {
      at = page->find(next, at);
      ASSERT_NE(at, std::string::npos) << next;
    }
  }
  EXPECT_EQ(Count(*page, "<section>"), people.size());
  EXPECT_THAT(*page, HasSubstr("size: A4"));
  EXPECT_THAT(*page, HasSubstr("dashed"));
}

TEST(PaymentSlipTest, LongTextsGoOnBelowAndTheNumberStaysWhole) {
  SlipPerson person = Ivan();
  for (const char* letter : {"W", "Ж", "i", "漢"}) {
    person.name_line.clear();
    for (size_t i = 0; i < kSlipNameLettersMax; ++i) person.name_line += letter;
    for (uint32_t seed = 0; seed < 20; ++seed) {
      person.account = Account(seed);
      const std::string svg = SvgOf(person);
      EXPECT_THAT(svg, Not(HasSubstr(person.name_line))) << "in one line it would cross the code";
      EXPECT_THAT(svg, HasSubstr(">" + person.account.Grouped() + "</text>"));
    }
  }
}

TEST(PaymentSlipTest, BreaksLinesAtBlanksAndLosesNoWord) {
  SlipPerson person = Ivan();
  person.name_line = "Константин  Константинович Константинопольский-Примеров";
  const std::string svg = SvgOf(person);
  for (const char* word : {"Константин", "Константинович", "Константинопольский-Примеров"}) {
    EXPECT_THAT(svg, HasSubstr(word));
  }
  EXPECT_THAT(svg, Not(HasSubstr("></text>"))) << "no empty line";
}

TEST(PaymentSlipTest, WhatDoesNotFitIsNamed) {
  const auto refused = [](const auto& change) {
    Payee payee = Canteen();
    std::string purpose = kPurpose;
    std::string school = kSchool;
    SlipPerson person = Ivan();
    change(payee, purpose, school, person);
    const auto svg = PaymentSlipSvg(payee, purpose, school, person);
    const auto page = PaymentSlipsPage(payee, purpose, school, {Ivan(), person});
    EXPECT_EQ(svg.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(svg.status(), page.status());
    return std::string(svg.status().message());
  };
  using S = std::string;
  using P = SlipPerson;
  EXPECT_THAT(refused([](Payee&, S&, S&, P& p) { p.name_line.clear(); }), HasSubstr("the name"));
  EXPECT_THAT(refused([](Payee&, S&, S&, P& p) { p.name_line.assign(81, 'x'); }),
              HasSubstr("the name is longer than 80"));
  EXPECT_THAT(refused([](Payee&, S&, S&, P& p) { p.name_line = "\xff"; }), HasSubstr("UTF-8"));
  EXPECT_THAT(refused([](Payee&, S&, S&, P& p) { p.class_name.assign(21, 'x'); }),
              HasSubstr("the class"));
  EXPECT_THAT(refused([](Payee&, S&, S& s, P&) { s.clear(); }), HasSubstr("the school"));
  EXPECT_THAT(refused([](Payee&, S&, S& s, P&) { s.assign(161, 'x'); }), HasSubstr("the school"));
  EXPECT_THAT(refused([](Payee&, S& s, S&, P&) { s.assign(161, 'x'); }), HasSubstr("the purpose"));
  EXPECT_THAT(refused([](Payee& p, S&, S&, P&) { p.name = "\xd0"; }),
              HasSubstr("the payee's name"));
  EXPECT_THAT(refused([](Payee& p, S&, S&, P&) { p.bic = "1"; }), HasSubstr("BIC"));
  EXPECT_EQ(PaymentSlipsPage(Canteen(), kPurpose, kSchool, {}).status().code(),
            absl::StatusCode::kInvalidArgument);
  const std::vector<SlipPerson> crowd(kSlipsMax + 1, Ivan());
  EXPECT_EQ(PaymentSlipsPage(Canteen(), kPurpose, kSchool, crowd).status().code(),
            absl::StatusCode::kResourceExhausted);
}

// What `command` writes, and whether it ended well.
struct Ended {
  bool ok;
  std::string output;
};

Ended RunShell(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return {false, ""};
  std::string output;
  std::array<char, 4096> part{};
  while (const size_t size = std::fread(part.data(), 1, part.size(), pipe)) {
    output.append(part.data(), size);
  }
  return {pclose(pipe) == 0, output};
}

TEST(PaymentSlipTest, AScannerReadsTheTextThatWentIn) {
  if (!RunShell("command -v rsvg-convert && command -v zbarimg").ok) {
    GTEST_SKIP() << "no rsvg-convert or no zbarimg: install librsvg2-bin and zbar-tools";
  }
  Payee wordy = Canteen();
  for (wordy.name = "МУП"; wordy.name.size() < 120;) wordy.name += " Питание";
  const testing::TempDir dir;
  for (const Payee& payee : {Canteen(), wordy}) {
    const auto svg = PaymentSlipSvg(payee, kPurpose, kSchool, Ivan());
    ASSERT_TRUE(svg.ok()) << svg.status();
    std::ofstream(dir.File("slip.svg")) << *svg;
    const Ended drawn = RunShell("rsvg-convert -d 150 -p 150 -o '" + dir.File("slip.png") + "' '" +
                                 dir.File("slip.svg") + "' 2>&1");
    ASSERT_TRUE(drawn.ok) << drawn.output;
    const Ended scanned =
        RunShell("zbarimg --quiet --raw -Sbinary --nodbus '" + dir.File("slip.png") + "'");
    ASSERT_TRUE(scanned.ok);
    EXPECT_EQ(scanned.output, QrTextOf(payee, Ivan().account));
    const auto qr = ParsePaymentQr(scanned.output);
    ASSERT_TRUE(qr.ok()) << qr.status();
    EXPECT_EQ(base::PaymentAccount::Parse(*qr->Value("PersAcc")), Ivan().account);
  }
}

}  // namespace
}  // namespace ladon::ctl
