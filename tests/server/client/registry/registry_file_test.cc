// Goal: every payment of a registry is read as the bank meant it, and a file of which anything is
// doubtful is refused by line. Method: an invented registry of each shipped layout; then each with
// one thing wrong.
#include "server/client/registry/registry_file.h"

#include <cstdio>
#include <string>

#include "tests/server/client/registry/encoded.h"
#include "tests/testing/status_testing.h"

namespace ladon::registry {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::testing::HasSubstr;

Profile Shipped(const std::string& name) {
  const absl::StatusOr<Profile> profile = LoadProfile("deploy/registries/" + name + ".toml");
  EXPECT_TRUE(profile.ok()) << profile.status();
  return profile.ok() ? *profile : Profile{};
}

std::string Refusal(const std::string& bytes, const Profile& profile) {
  const absl::StatusOr<RegistryFile> file = ReadRegistry(bytes, profile);
  EXPECT_THAT(file, StatusIs(absl::StatusCode::kInvalidArgument)) << bytes;
  return std::string(file.status().message());
}

std::string HexOf(const RegistryFile& file) {
  std::string hex;
  for (const uint8_t byte : file.sha256) {
    char two[3];
    std::snprintf(two, sizeof(two), "%02x", byte);
    hex += two;
  }
  return hex;
}

// --- QIWI -------------------------------------------------------------------------------------

constexpr char kQiwi[] =
    "BANK_DATA_DOC;BANK_VALUE_DOC;BANK_AGR_CODE;SUM_BANK;TRANS_DATE;TRANSACTION_ID;SUM;COMMISSION;"
    "USER_INFO;ID;MERCH;MERCH_SITE;PARENT_TRANSACTION_ID;BILL;PURPOSE;MERCHANT_SITE_NAME;"
    "PAYMENT_METHOD_TYPE;ММВБ;CLIENT_AMOUNT;CLIENT_CUR_CODE;SETTLEMENT_AMOUNT;PAYMENTDETAILS\r\n"
    "01.09.2026;01.09.2026;1;-1545,46;;;1545,46;;;;;;;;SETTLEMENT;;;null;;;;\r\n"
    "01.09.2026;01.09.2026;2;1545,46;31.08.2026 9:59;659720;1530,46;25;400000******0000;77;m;m-1;;"
    "405217938864;Оплата;site;SBP;null;1530,46;643;1545,46;Перевод\r\n"
    "01.09.2026;01.09.2026;2;1545,46;31.08.2026 10:01;660540;25;6,7;400000******0001;78;m;m-1;;"
    "100000000001;Оплата;\"a;b\";SBP;null;25;643;1545,46;\"Перевод \"\"1\"\"\"\r\n"
    "01.09.2026;01.09.2026;2;1545,46;31.08.2026 "
    "23:10;660999;10;;;79;m;m-1;659720;;Возврат;site;SBP;"
    "null;10;643;1545,46;\r\n";

TEST(RegistryFileTest, ReadsQiwi) {
  ASSERT_OK_AND_ASSIGN(const RegistryFile file, ReadRegistry(kQiwi, Shipped("qiwi-daily")));
  ASSERT_EQ(file.count, 3u);
  ASSERT_EQ(file.lines.size(), 3u);
  const RegistryLine& first = file.lines[0];
  EXPECT_EQ(first.line_number, 3u);
  EXPECT_EQ(first.payment_id, "659720");
  EXPECT_EQ(first.account_text, "405217938864");
  EXPECT_EQ(first.kopecks, 153'046);
  EXPECT_EQ(first.fee_kopecks, 2'500);
  EXPECT_EQ(first.paid_day, 2026'08'31u);
  EXPECT_EQ(first.paid_at, "2026-08-31 09:59:00");
  EXPECT_FALSE(first.refund);
  EXPECT_EQ(first.refund_of, "");
  EXPECT_EQ(file.lines[1].kopecks, 2'500);
  EXPECT_EQ(file.lines[1].fee_kopecks, 670);
  const RegistryLine& refund = file.lines[2];
  EXPECT_TRUE(refund.refund);
  EXPECT_EQ(refund.payment_id, "660999");
  EXPECT_EQ(refund.refund_of, "659720");
  EXPECT_EQ(refund.account_text, "");
  EXPECT_EQ(refund.kopecks, 1'000);
  EXPECT_EQ(refund.fee_kopecks, 0);
  EXPECT_EQ(file.total_kopecks, 153'046 + 2'500 - 1'000);
}

TEST(RegistryFileTest, FindsColumnsWhereverTheHeaderHasThem) {
  const Profile profile = Shipped("tochka");
  ASSERT_OK_AND_ASSIGN(
      const RegistryFile file,
      ReadRegistry("SUM;X;TRANSACTION_TYPE;ORDER_UID;PARENT_TRANSACTION_ID;TRANSACTION_ID;"
                   "COMMISSION;TRANS_DATE\n"
                   "10,45;;PAYMENT;405217938864;;a-1;0,10;01.09.2026 00:00:01\n",
                   profile));
  ASSERT_EQ(file.lines.size(), 1u);
  EXPECT_EQ(file.lines[0].kopecks, 1'045);
  EXPECT_EQ(file.lines[0].payment_id, "a-1");
}

TEST(RegistryFileTest, RefusesAnotherLayoutOfQiwi) {
  const Profile profile = Shipped("qiwi-daily");
  EXPECT_THAT(Refusal(Replaced(kQiwi, ";COMMISSION;", ";FEE;"), profile),
              HasSubstr("line 1: the header has no column «COMMISSION»"));
  EXPECT_THAT(Refusal(Replaced(kQiwi, ";USER_INFO;", ";SUM;"), profile),
              HasSubstr("line 1: the header has the column «SUM» twice"));
  EXPECT_THAT(Refusal(Replaced(kQiwi, "Возврат", "REVERT_CHARGEBACK"), profile),
              HasSubstr("line 5: the kind «REVERT_CHARGEBACK» is none"));
  EXPECT_THAT(Refusal(Replaced(kQiwi, "405217938864;", "405217938864;;"), profile),
              HasSubstr("line 3: 23 "));
  EXPECT_THAT(Refusal(Replaced(kQiwi, "405217938864;Оплата", ";Оплата"), profile),
              HasSubstr("line 3: the account is missing"));
  EXPECT_THAT(Refusal(Replaced(kQiwi, ";659720;;Возврат", ";6 5;;Возврат"), profile),
              HasSubstr("line 5: what the refund takes back"));
  EXPECT_THAT(Refusal(Replaced(kQiwi, ";6,7;", ";-6,7;"), profile),
              HasSubstr("line 4: fee «-6,7» is not an amount"));
  EXPECT_THAT(Refusal(Replaced(kQiwi, "\"\"1\"\"\"", "\"1\"\""), profile),
              HasSubstr("line 4: its quotes"));
  EXPECT_THAT(Refusal(Replaced(kQiwi, "\"\"1\"\"\"", ""), profile),
              HasSubstr("line 4: a quote is opened and not closed"));
}

// --- Tochka -----------------------------------------------------------------------------------

constexpr char kTochka[] =
    "\xEF\xBB\xBF"
    "TRANS_DATE;TRANSACTION_ID;SUM;COMMISSION;ITV_COMMISSION;USER_INFO;MERCH;MERCH_SITE;"
    "PARENT_TRANSACTION_ID;TRANSACTION_TYPE;MERCHANT_SITE_NAME;PAYMENT_METHOD_TYPE;RRN;AUTH_CODE;"
    "ORDER_UID;QRC_ID\n"
    "01.09.2026 12:01:33;6f9619ff-8b86-d011-b42d-00cf4fc964ff;580,00;4,06;0;;m;s;;PAYMENT;x;SBP;;;"
    "405217938864;AS10003\n"
    "02.09.2026 00:00:00;7f9619ff-8b86-d011-b42d-00cf4fc964ff;80;0;0;;m;s;"
    "6f9619ff-8b86-d011-b42d-00cf4fc964ff;REFUND;x;SBP;;;405217938864;AS10003\n";

TEST(RegistryFileTest, ReadsTochka) {
  ASSERT_OK_AND_ASSIGN(const RegistryFile file, ReadRegistry(kTochka, Shipped("tochka")));
  ASSERT_EQ(file.lines.size(), 2u);
  EXPECT_EQ(file.lines[0].payment_id, "6f9619ff-8b86-d011-b42d-00cf4fc964ff");
  EXPECT_EQ(file.lines[0].kopecks, 58'000);
  EXPECT_EQ(file.lines[0].fee_kopecks, 406);
  EXPECT_EQ(file.lines[0].paid_at, "2026-09-01 12:01:33");
  EXPECT_TRUE(file.lines[1].refund);
  EXPECT_EQ(file.lines[1].refund_of, file.lines[0].payment_id);
  EXPECT_EQ(file.total_kopecks, 50'000);
}

TEST(RegistryFileTest, AnEmptyFileIsReadWhereTheLayoutAllowsIt) {
  Profile profile = Shipped("tochka");
  const std::string head = std::string(kTochka, std::string_view(kTochka).find('\n') + 1);
  for (const std::string& bytes : {std::string(), std::string("\xEF\xBB\xBF"), head}) {
    ASSERT_OK_AND_ASSIGN(const RegistryFile file, ReadRegistry(bytes, profile));
    EXPECT_EQ(file.count, 0u);
    EXPECT_EQ(file.total_kopecks, 0);
  }
  ASSERT_OK_AND_ASSIGN(const RegistryFile nothing, ReadRegistry("", profile));
  EXPECT_EQ(HexOf(nothing), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  profile.may_be_empty = false;
  EXPECT_EQ(Refusal("", profile), "there is no payment in the file");
  EXPECT_EQ(Refusal(head, profile), "there is no payment in the file");
}

TEST(RegistryFileTest, RefusesAFileOfAnotherCharset) {
  EXPECT_THAT(Refusal(Cp1251(Replaced(kQiwi, "ММВБ", "MMVB")), Shipped("qiwi-daily")),
              HasSubstr("line 3: the byte 0xCE there is no utf-8"));
  // The other way round the letters are others, so no kind is known and nothing is credited.
  Profile profile = Shipped("qiwi-daily");
  profile.charset = Charset::kKoi8R;
  EXPECT_THAT(Refusal(kQiwi, profile), HasSubstr("line 3: the kind "));
}

// --- Sber -------------------------------------------------------------------------------------

constexpr char kSberFooter[] =
    "01-09-2026;12-01-33;9999/1;5;10000001;405217938864;ИВАНОВ И.;ТОМСК, \"А;09.2026;580,00;574,20;"
    "5,80\r\n"
    "01-09-2026;12-05-00;9999/1;5;10000002; 100000000001 ;;;;100;99;1\r\n"
    "=2;680,00;673,20;6,80;15;02-09-2026\r\n";

TEST(RegistryFileTest, ReadsSberWithAFooter) {
  const std::string bytes =
      Cp1251(Replaced(kSberFooter, "ТОМСК, \"А", "ТОМСК, \"А\""));  // Quotes are letters there.
  for (const std::string& one : {bytes, Cp1251(kSberFooter)}) {
    ASSERT_OK_AND_ASSIGN(const RegistryFile file, ReadRegistry(one, Shipped("sber-footer")));
    ASSERT_EQ(file.lines.size(), 2u);
    EXPECT_EQ(file.lines[0].payment_id, "10000001");
    EXPECT_EQ(file.lines[0].account_text, "405217938864");
    EXPECT_EQ(file.lines[0].kopecks, 58'000);
    EXPECT_EQ(file.lines[0].fee_kopecks, 580);
    EXPECT_EQ(file.lines[0].paid_day, 2026'09'01u);
    EXPECT_EQ(file.lines[0].paid_at, "2026-09-01 12:01:33");
    EXPECT_EQ(file.lines[1].account_text, "100000000001");
    EXPECT_EQ(file.lines[1].line_number, 2u);
    EXPECT_EQ(file.count, 2u);
    EXPECT_EQ(file.total_kopecks, 68'000);
  }
}

TEST(RegistryFileTest, KeepsCyrillicAccounts) {
  ASSERT_OK_AND_ASSIGN(const RegistryFile file,
                       ReadRegistry(Cp1251(Replaced(kSberFooter, "405217938864", "ЛС № 17 «Ёж»")),
                                    Shipped("sber-footer")));
  EXPECT_EQ(file.lines[0].account_text, "ЛС № 17 «Ёж»");
}

TEST(RegistryFileTest, RefusesAFooterThatDiffers) {
  const Profile profile = Shipped("sber-footer");
  const auto refusal = [&](const std::string& part, const std::string& with) {
    return Refusal(Cp1251(Replaced(kSberFooter, part, with)), profile);
  };
  EXPECT_EQ(refusal("=2;", "=3;"), "line 3: the footer counts 3 payments, the file has 2");
  EXPECT_EQ(refusal("=2;", "=1;"), "line 3: the footer counts 1 payments, the file has 2");
  EXPECT_EQ(refusal("=2;680,00", "=2;680,01"),
            "line 3: the footer's sum is 680.01, that of the payments 680.00");
  EXPECT_EQ(refusal("=2;680,00", "=2;679,99"),
            "line 3: the footer's sum is 679.99, that of the payments 680.00");
  EXPECT_THAT(refusal("=2;680,00", "=2;680.00"), HasSubstr("sum «680.00» is not an amount"));
  EXPECT_THAT(refusal("=2;680,00", "=2;"), HasSubstr("sum «» is not an amount"));
  EXPECT_THAT(refusal("=2;", "=2x;"), HasSubstr("count «2x» is not a number"));
  EXPECT_THAT(refusal("=2;", "=-2;"), HasSubstr("count «-2» is not a number"));
  EXPECT_THAT(refusal("=2;", "=99999999999999999999;"), HasSubstr("is not a number"));
  EXPECT_THAT(refusal("=2;680,00;673,20;6,80;15;02-09-2026", "=2"),
              HasSubstr("footer ends before"));
  EXPECT_THAT(refusal("=2;680,00;673,20;6,80;15;02-09-2026", "="), HasSubstr("footer is empty"));
  EXPECT_THAT(refusal("=2;680,00;673,20;6,80;15;02-09-2026\r\n", ""), HasSubstr("is missing"));
  EXPECT_THAT(Refusal(Cp1251(std::string(kSberFooter) + "=2;680,00\n"), profile),
              HasSubstr("line 4: the footer is on line 3"));
  EXPECT_THAT(Refusal("", profile), HasSubstr("is missing"));
}

TEST(RegistryFileTest, AFooterOfNothingIsOne) {
  Profile profile = Shipped("sber-footer");
  EXPECT_THAT(ReadRegistry("=0;0,00;0,00;0,00;15;02-09-2026\r\n", profile), IsOk());
  EXPECT_THAT(Refusal("=0;0,01\r\n", profile), HasSubstr("line 1: the footer's sum"));
  profile.may_be_empty = false;
  EXPECT_THAT(Refusal("=0;0,00\r\n", profile), HasSubstr("no payment"));
}

// Whatever byte a transfer was cut at, before the end of the sum.
TEST(RegistryFileTest, EveryBeginOfAFileWithAFooterIsRefused) {
  const Profile profile = Shipped("sber-footer");
  const std::string whole = Cp1251(kSberFooter);
  const size_t sum_end = whole.find(";673,20");
  for (size_t size = 0; size < sum_end; ++size) {
    // "680,0" and "680" are the same sum.
    if (size == sum_end - 1 || size == sum_end - 3) continue;
    EXPECT_THAT(ReadRegistry(whole.substr(0, size), profile),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << size;
  }
  EXPECT_THAT(ReadRegistry(whole, profile), IsOk());
}

constexpr char kSberPairs[] =
    "70;8616;01/09/2026;1;580.00;5.80;CLIENTNO:405217938864;CLIENTDOCNO:A_1;method_pay:карта;\n"
    "70;8616;02/09/2026;2;0.01;0;method_pay: ;CLIENTDOCNO : A_2 ;CLIENTNO: Ёж:1\n";

TEST(RegistryFileTest, ReadsSberWithPairs) {
  ASSERT_OK_AND_ASSIGN(const RegistryFile file,
                       ReadRegistry(Cp1251(kSberPairs), Shipped("sber-pairs")));
  ASSERT_EQ(file.lines.size(), 2u);
  EXPECT_EQ(file.lines[0].payment_id, "A_1");
  EXPECT_EQ(file.lines[0].account_text, "405217938864");
  EXPECT_EQ(file.lines[0].kopecks, 58'000);
  EXPECT_EQ(file.lines[0].fee_kopecks, 580);
  EXPECT_EQ(file.lines[0].paid_at, "2026-09-01");
  EXPECT_EQ(file.lines[1].payment_id, "A_2");
  EXPECT_EQ(file.lines[1].account_text, "Ёж:1");
  EXPECT_EQ(file.lines[1].kopecks, 1);
  EXPECT_EQ(file.total_kopecks, 58'001);
}

TEST(RegistryFileTest, RefusesPairsThatAreNotClear) {
  const Profile profile = Shipped("sber-pairs");
  const auto refusal = [&](const std::string& part, const std::string& with) {
    return Refusal(Cp1251(Replaced(kSberPairs, part, with)), profile);
  };
  EXPECT_EQ(refusal("CLIENTDOCNO:A_1;", ""), "line 1: there is no pair «CLIENTDOCNO»");
  // What a payer typed cannot name another account.
  EXPECT_EQ(refusal("method_pay:карта", "CLIENTNO:1"),
            "line 1: the pair «CLIENTNO» is there twice");
  EXPECT_EQ(refusal("method_pay:карта", "карта"), "line 1: field 9 is no pair like NAME:value");
  EXPECT_EQ(refusal("CLIENTNO:405217938864", "CLIENTNO:"), "line 1: the account is missing");
  EXPECT_EQ(refusal("70;8616;01/09/2026;1;580.00", "70;8616;01/09/2026"),
            "line 1: there is no pair «CLIENTDOCNO»");
  EXPECT_EQ(refusal("01/09/2026", "01.09.2026"),
            "line 1: date «01.09.2026» is not a day as the layout writes it");
  EXPECT_EQ(Refusal("70;8616\n", profile), "line 1: there is no pair «CLIENTDOCNO»");
  EXPECT_EQ(refusal("CLIENTNO: Ёж", "CLIENTNO:\x01"), "line 2: the byte 0x01 there is no text");
}

// --- What is the same in all ------------------------------------------------------------------

Profile Plain(const std::string& decimal_mark = ".", const std::string& more = "") {
  const absl::StatusOr<Profile> profile =
      ParseProfile("name = \"plain\"\ncharset = \"utf-8\"\ndelimiter = \";\"\ndecimal_mark = \"" +
                       decimal_mark + "\"\n" + more +
                       "[fields]\npayment_id = 1\naccount = 2\nsum = 3\n"
                       "[paid_at]\ndate = 4\ndate_format = \"DD.MM.YYYY\"\n",
                   "plain.toml");
  EXPECT_TRUE(profile.ok()) << profile.status();
  return profile.ok() ? *profile : Profile{};
}

std::string Line(const std::string& id, const std::string& sum) {
  return id + ";1;" + sum + ";01.09.2026\n";
}

TEST(RegistryFileTest, ReadsSumsToTheKopeck) {
  const std::pair<const char*, int64_t> sums[] = {
      {"19.99", 1'999}, {"4.35", 435},     {"1.15", 115}, {"0.29", 29},
      {"100", 10'000},  {"100.0", 10'000}, {"0.01", 1},   {"100000000.00", kPaidKopecksMax}};
  for (const auto& [text, kopecks] : sums) {
    ASSERT_OK_AND_ASSIGN(const RegistryFile file, ReadRegistry(Line("1", text), Plain()));
    EXPECT_EQ(file.lines[0].kopecks, kopecks) << text;
  }
  ASSERT_OK_AND_ASSIGN(const RegistryFile file, ReadRegistry(Line("1", "10,45"), Plain(",")));
  EXPECT_EQ(file.lines[0].kopecks, 1'045);
}

TEST(RegistryFileTest, RefusesWhatIsNoSum) {
  for (const std::string sum : {"",
                                ".",
                                "1.",
                                ".5",
                                "1e2",
                                "-1",
                                "+1",
                                "10,45",
                                "10.4.5",
                                "NaN",
                                "inf",
                                "1.234",
                                "1 000",
                                "0",
                                "0.00",
                                "0x10",
                                "100000000.01",
                                "999999999999999999",
                                "999999999999999999999999",
                                "٣"}) {
    EXPECT_EQ(Refusal(Line("1", "5") + Line("2", sum), Plain()),
              "line 2: sum «" + sum + "» is not an amount");
  }
  EXPECT_EQ(Refusal(Line("1", "10,4,5"), Plain(",")), "line 1: sum «10,4,5» is not an amount");
  EXPECT_EQ(Refusal(Line("1", "10.45"), Plain(",")), "line 1: sum «10.45» is not an amount");
}

TEST(RegistryFileTest, RefusesAPaymentTwice) {
  EXPECT_EQ(Refusal(Line("a", "5") + Line("b", "5") + Line("a", "5"), Plain()),
            "line 3: payment «a» is on line 1 already, with the same data");
  EXPECT_EQ(Refusal(Line("a", "5") + "\n" + Line("a", "6"), Plain()),
            "line 3: payment «a» is on line 1 already, with other data");
  EXPECT_EQ(Refusal(Line("a", "5") + "a;2;5;01.09.2026\n", Plain()),
            "line 2: payment «a» is on line 1 already, with other data");
  EXPECT_THAT(ReadRegistry(Line("a", "5") + Line("A", "5"), Plain()), IsOk());
}

TEST(RegistryFileTest, RefusesPaymentIdsThatAreNone) {
  for (const std::string id : {"", "a b", "a.b", "a/b", "№1", "a\"", "a:b"}) {
    EXPECT_THAT(Refusal(Line("1", "5") + Line(id, "5"), Plain()),
                HasSubstr("line 2: the payment id is not 1 to 64"))
        << id;
  }
}

TEST(RegistryFileTest, RefusesLinesThatEndEarly) {
  EXPECT_EQ(Refusal("1;1;5\n", Plain()), "line 1: it ends before field 4");
  EXPECT_EQ(Refusal("1\n", Plain()), "line 1: it ends before field 2");
  EXPECT_THAT(Refusal(";;;\n", Plain()), HasSubstr("line 1: the payment id"));
}

TEST(RegistryFileTest, ASetNumberOfColumnsIsKept) {
  const Profile profile = Plain(".", "columns = 5\n");
  EXPECT_THAT(ReadRegistry("1;1;5;01.09.2026;\n", profile), IsOk());
  EXPECT_EQ(Refusal("1;1;5;01.09.2026\n", profile), "line 1: 4 fields, not 5");
  EXPECT_EQ(Refusal("1;1;5;01.09.2026;;\n", profile), "line 1: 6 fields, not 5");
}

TEST(RegistryFileTest, PassesOverHeadersCommentsAndBlankLines) {
  const Profile profile = Plain(".", "header_lines = 2\ncomment = \"#\"\n");
  ASSERT_OK_AND_ASSIGN(const RegistryFile file,
                       ReadRegistry("\n# made by a bank\nRegistry \"17\nof a day\n \t\n" +
                                        Line("1", "5") + "#" + Line("2", "5"),
                                    profile));
  ASSERT_EQ(file.count, 1u);
  EXPECT_EQ(file.lines[0].line_number, 6u);
  EXPECT_EQ(Refusal("Registry\n", profile), "the file ends within its header");
}

TEST(RegistryFileTest, RefusesWhatIsNoText) {
  EXPECT_EQ(Refusal(Line("1", "5") + Line(std::string("2\0", 2), "5"), Plain()),
            "line 2: the byte 0x00 there is no text");
  EXPECT_EQ(Refusal(Line("1", "5") + Line("2\x1B[2J", "5"), Plain()),
            "line 2: the byte 0x1B there is no text");
  EXPECT_EQ(Refusal("1;1;5;01.09.2026\r2;1;5;01.09.2026\n", Plain()),
            "line 1: the byte 0x0D there is no text");
  EXPECT_EQ(Refusal(std::string(100, '\0'), Plain()), "line 1: the byte 0x00 there is no text");
}

TEST(RegistryFileTest, TheHashIsThatOfTheBytes) {
  ASSERT_OK_AND_ASSIGN(const RegistryFile lf, ReadRegistry("1;1;5;01.09.2026\n", Plain()));
  ASSERT_OK_AND_ASSIGN(const RegistryFile crlf, ReadRegistry("1;1;5;01.09.2026\r\n", Plain()));
  EXPECT_EQ(lf.lines[0].paid_at, crlf.lines[0].paid_at);
  EXPECT_NE(HexOf(lf), HexOf(crlf));
  // printf '1;1;5;01.09.2026\n' | sha256sum
  EXPECT_EQ(HexOf(lf), "70841c5c7550f4358b97f7127abad66da2b841612fe23a73021da6051940f096");
}

}  // namespace
}  // namespace ladon::registry
