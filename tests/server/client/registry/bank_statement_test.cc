// Goal: what a bank says was credited is read to the kopeck, and a statement that is cut or
// doubtful is refused by line. Method: an invented statement in each charset; then with one thing
// wrong, and cut at every line.
#include "server/client/registry/bank_statement.h"

#include <string>
#include <utility>

#include "tests/server/client/registry/encoded.h"
#include "tests/testing/status_testing.h"

namespace ladon::registry {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::testing::HasSubstr;

constexpr char kOurs[] = "40702810000000000001";

constexpr char kStatement[] =
    "1CClientBankExchange\r\n"
    "ВерсияФормата=1.03\r\n"
    "Кодировка=Windows\r\n"
    "Отправитель=Банк\r\n"
    "ДатаСоздания=02.09.2026\r\n"
    "ДатаНачала=01.09.2026\r\n"
    "ДатаКонца=01.09.2026\r\n"
    "РасчСчет=40702810000000000001\r\n"
    "Документ=Платежное поручение\r\n"
    "Документ=Банковский ордер\r\n"
    "СекцияРасчСчет\r\n"
    "ДатаНачала=01.09.2026\r\n"
    "ДатаКонца=01.09.2026\r\n"
    "РасчСчет=40702810000000000001\r\n"
    "НачальныйОстаток=-100.50\r\n"
    "ВсегоПоступило=1254.20\r\n"
    "ВсегоСписано=15.00\r\n"
    "КонечныйОстаток=1138.70\r\n"
    "КонецРасчСчет\r\n"
    "\r\n"
    "СекцияДокумент=Платежное поручение\r\n"
    "Номер=15\r\n"
    "Дата=31.08.2026\r\n"
    "Сумма=674.20\r\n"
    "ПлательщикСчет=30232810000000000009\r\n"
    "ПлательщикИНН=7700000001\r\n"
    "ПлательщикРасчСчет=30232810000000000008\r\n"
    "ПолучательСчет=40702810000000000001\r\n"
    "ДатаПоступило=01.09.2026\r\n"
    "НазначениеПлатежа=Перевод по реестру № 15 = за 31.08\r\n"
    "КонецДокумента\r\n"
    "СекцияДокумент=Платежное поручение\r\n"
    "Номер=16\r\n"
    "Дата=01.09.2026\r\n"
    "Сумма=580\r\n"
    "ПлательщикРасчСчет=40702810000000000007\r\n"
    "ПлательщикИНН=7700000002\r\n"
    "ПолучательРасчСчет=40702810000000000001\r\n"
    "ДатаПоступило=01.09.2026\r\n"
    "НазначениеПлатежа1=Возврат\r\n"
    "НазначениеПлатежа3=аванса\r\n"
    "КонецДокумента\r\n"
    "СекцияДокумент=Банковский ордер\r\n"
    "Номер=17\r\n"
    "Дата=01.09.2026\r\n"
    "Сумма=15.00\r\n"
    "ПлательщикСчет=40702810000000000001\r\n"
    "ДатаСписано=01.09.2026\r\n"
    "ПолучательСчет=70601810000000000001\r\n"
    "ДатаПоступило=\r\n"
    "НазначениеПлатежа=Комиссия\r\n"
    "КонецДокумента\r\n"
    "КонецФайла\r\n";

std::string Refusal(const std::string& bytes) {
  const absl::StatusOr<BankStatement> statement = StatementOf(bytes);
  EXPECT_THAT(statement, StatusIs(absl::StatusCode::kInvalidArgument)) << bytes;
  return std::string(statement.status().message());
}

std::string Refusal(const std::string& part, const std::string& with) {
  return Refusal(Cp1251(Replaced(kStatement, part, with)));
}

void ExpectTheStatement(const std::string& bytes) {
  ASSERT_OK_AND_ASSIGN(const BankStatement statement, StatementOf(bytes));
  EXPECT_EQ(statement.version, "1.03");
  EXPECT_EQ(statement.account, kOurs);
  EXPECT_EQ(statement.begin, 2026'09'01u);
  EXPECT_EQ(statement.end, 2026'09'01u);
  EXPECT_EQ(statement.opening_kopecks, -10'050);
  EXPECT_EQ(statement.closing_kopecks, 113'870);
  ASSERT_EQ(statement.documents.size(), 3u);
  const BankDocument& first = statement.documents[0];
  EXPECT_EQ(first.line_number, 21u);
  EXPECT_EQ(first.number, "15");
  EXPECT_EQ(first.date, 2026'08'31u);
  EXPECT_EQ(first.received_day, 2026'09'01u);
  EXPECT_EQ(first.kopecks, 67'420);
  EXPECT_EQ(first.payer_account, "30232810000000000009");
  EXPECT_EQ(first.payee_account, kOurs);
  EXPECT_EQ(first.payer_inn, "7700000001");
  EXPECT_EQ(first.purpose, "Перевод по реестру № 15 = за 31.08");
  EXPECT_EQ(statement.documents[1].payer_account, "40702810000000000007");
  EXPECT_EQ(statement.documents[1].payee_account, kOurs);
  EXPECT_EQ(statement.documents[1].kopecks, 58'000);
  EXPECT_EQ(statement.documents[1].purpose, "Возврат аванса");
  EXPECT_EQ(statement.documents[2].received_day, 0u);
}

TEST(BankStatementTest, IsReadInEachCharset) {
  ExpectTheStatement(Cp1251(kStatement));
  ExpectTheStatement(Encoded(Replaced(kStatement, "Кодировка=Windows", "Кодировка=DOS"), "CP866"));
  const std::string utf8 = Replaced(kStatement, "Кодировка=Windows", "Кодировка=UTF-8");
  ExpectTheStatement(utf8);
  ExpectTheStatement("\xEF\xBB\xBF" + utf8);
}

TEST(BankStatementTest, Version102IsReadToo) {
  ASSERT_OK_AND_ASSIGN(const BankStatement statement,
                       StatementOf(Cp1251(Replaced(kStatement, "1.03", "1.02"))));
  EXPECT_EQ(statement.version, "1.02");
}

TEST(BankStatementTest, RefusesAnotherCharsetThanItSays) {
  const std::string begin(kStatement, std::string_view(kStatement).find("Отправитель"));
  EXPECT_EQ(Refusal(kStatement), "line 3: Кодировка=Windows, but the file is written in utf-8");
  EXPECT_EQ(Refusal("=Windows", "=DOS"),
            "line 3: Кодировка=DOS, but the file is written in windows-1251");
  EXPECT_EQ(Refusal("=Windows", "=UTF-8"),
            "line 3: Кодировка=UTF-8, but the file is written in windows-1251");
  EXPECT_EQ(Refusal(Encoded(begin, "CP866")),
            "line 3: Кодировка=Windows, but the file is written in cp866");
  EXPECT_EQ(Refusal("=Windows", "=KOI8"), "line 3: Кодировка= must be Windows, DOS or UTF-8");
  EXPECT_EQ(Refusal("Кодировка=Windows\r\n", ""),
            "the header does not tell its charset (Кодировка=)");
  EXPECT_EQ(Refusal(Encoded(begin, "KOI8-R")), "the header does not tell its charset (Кодировка=)");
  // In the header all is UTF-8, behind it something else.
  EXPECT_THAT(
      Refusal(Replaced(Replaced(kStatement, "=Windows", "=UTF-8"), "Комиссия", Cp1251("Комиссия"))),
      HasSubstr("line 51: the byte 0xCA there is no utf-8"));
  EXPECT_THAT(Refusal("\xEF\xBB\xBF" + Cp1251(kStatement)), HasSubstr("line 1: is not 1C"));
}

TEST(BankStatementTest, RefusesWhatIsNoStatement) {
  EXPECT_EQ(Refusal(""), "line 1: is not 1CClientBankExchange");
  EXPECT_EQ(Refusal("date;sum\n"), "line 1: is not 1CClientBankExchange");
  EXPECT_EQ(Refusal("1CClientBankExchange\r\n", "1CClientBankExchange2\r\n"),
            "line 1: is not 1CClientBankExchange");
  EXPECT_EQ(Refusal("1.03", "2.01"), "line 2: ВерсияФормата must be 1.02 or 1.03");
  EXPECT_EQ(Refusal("ВерсияФормата=1.03\r\n", ""), "line 10: ВерсияФормата must be 1.02 or 1.03");
  EXPECT_EQ(Refusal("Отправитель=Банк", "Отправитель"),
            "line 4: is neither key=value nor the begin or end of a section");
  EXPECT_EQ(Refusal(Replaced(Cp1251(kStatement), "7700000001", std::string("77\0", 3))),
            "line 26: the byte 0x00 there is no text");
}

// Whichever line a transfer was cut at.
TEST(BankStatementTest, EveryBeginOfItIsRefused) {
  const std::string whole = Cp1251(kStatement);
  size_t cuts = 0;
  for (size_t at = whole.find('\n'); at + 1 < whole.size(); at = whole.find('\n', at + 1)) {
    EXPECT_THAT(StatementOf(whole.substr(0, at + 1)), StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(StatementOf(whole.substr(0, at - 5)), StatusIs(absl::StatusCode::kInvalidArgument));
    ++cuts;
  }
  EXPECT_EQ(cuts, 52u);
  EXPECT_EQ(Refusal("КонецФайла\r\n", ""), "the file ends without КонецФайла: it is not whole");
}

TEST(BankStatementTest, RefusesSectionsThatDoNotClose) {
  EXPECT_EQ(
      Refusal("КонецРасчСчет\r\n", ""),
      "line 20: «СекцияДокумент» stands in the section that begins on line 11 and has no end");
  EXPECT_EQ(Refusal("Комиссия\r\nКонецДокумента", "Комиссия"),
            "line 52: «КонецФайла» stands in the section that begins on line 43 and has no end");
  EXPECT_EQ(
      Refusal("КонецРасчСчет", "КонецДокумента"),
      "line 19: «КонецДокумента» stands in the section that begins on line 11 and has no end");
  EXPECT_EQ(Refusal("Банковский ордер\r\nСекцияРасчСчет", "Банковский ордер\r\nКонецДокумента"),
            "line 11: «КонецДокумента» does not belong here");
  EXPECT_EQ(Refusal("СекцияРасчСчет", "СекцияПрочее"),
            "line 11: «СекцияПрочее» does not belong here");
  EXPECT_EQ(Refusal("КонецФайла\r\n", "КонецФайла\r\nНомер=1\r\n"),
            "line 54: stands behind КонецФайла");
  EXPECT_EQ(Refusal("КонецРасчСчет\r\n", "КонецРасчСчет\r\nНомер=1\r\n"),
            "line 20: «Номер» stands in no section");
}

TEST(BankStatementTest, RefusesWhatIsNoSum) {
  for (const std::string sum : {"1e2", "-1", "+1", "10.4.5", "674,20", "674-20", "NaN", "1.234",
                                "1 000", "999999999999999999", "100000000000.01"}) {
    EXPECT_EQ(Refusal("Сумма=674.20", "Сумма=" + sum),
              "line 24: Сумма «" + sum + "» is not an amount");
  }
  EXPECT_EQ(Refusal("Сумма=674.20", "Сумма="), "line 24: the document has no Сумма");
  EXPECT_EQ(Refusal("Сумма=674.20\r\n", ""), "line 21: the document has no Сумма");
  for (const std::string sum : {"--1", "1e2", "-", "100000000000.01"}) {
    EXPECT_EQ(Refusal("=-100.50", "=" + sum),
              "line 15: НачальныйОстаток «" + sum + "» is not an amount");
  }
  ASSERT_OK_AND_ASSIGN(
      const BankStatement statement,
      StatementOf(Cp1251(Replaced(kStatement, "Сумма=674.20", "Сумма=100000000000.00"))));
  EXPECT_EQ(statement.documents[0].kopecks, kStatementKopecksMax);
}

TEST(BankStatementTest, RefusesWhatIsNoDay) {
  EXPECT_EQ(Refusal("Дата=31.08.2026", "Дата=31.09.2026"),
            "line 23: Дата «31.09.2026» is not a day like 31.12.2026");
  EXPECT_EQ(Refusal("Дата=31.08.2026", "Дата=2026-08-31"),
            "line 23: Дата «2026-08-31» is not a day like 31.12.2026");
  EXPECT_EQ(Refusal("Дата=31.08.2026\r\n", ""), "line 21: the document has no Дата");
  EXPECT_THAT(Refusal("ДатаПоступило=\r\n", "ДатаПоступило=x\r\n"),
              HasSubstr("line 50: ДатаПоступило «x»"));
  EXPECT_THAT(Refusal("02.09.2026\r\nДатаНачала=01.09.2026", "02.09.2026\r\nДатаНачала=02.09.2026"),
              HasSubstr("of which days"));
}

TEST(BankStatementTest, RefusesAKeyTwice) {
  EXPECT_EQ(Refusal("Сумма=674.20\r\n", "Сумма=674.20\r\nСумма=674.20\r\n"),
            "line 25: Сумма is on line 24 of the same section already");
  EXPECT_EQ(Refusal("ПлательщикИНН=7700000001\r\n",
                    "ПлательщикИНН=7700000001\r\nПлательщикИНН=7700000002\r\n"),
            "line 27: ПлательщикИНН is on line 26 of the same section already");
  EXPECT_THAT(StatementOf(Cp1251(Replaced(kStatement, "Номер=15\r\n",
                                          "Номер=15\r\nВидОплаты=01\r\nВидОплаты=\r\n"))),
              IsOk());
}

TEST(BankStatementTest, IsOfOneAccount) {
  const std::string header = "РасчСчет=40702810000000000001\r\nДокумент=Платежное поручение";
  EXPECT_EQ(Refusal(header, "РасчСчет=40702810000000000002\r\n" + header),
            "line 9: a second account: only one a file is read");
  EXPECT_THAT(StatementOf(Cp1251(
                  Replaced(kStatement, header, "РасчСчет=40702810000000000001\r\n" + header))),
              IsOk());
  EXPECT_EQ(Refusal("РасчСчет=40702810000000000001\r\nНачальный",
                    "РасчСчет=40702810000000000002\r\nНачальный"),
            "line 14: a second account: only one a file is read");
  EXPECT_EQ(Refusal(header, "РасчСчет=4070281000000000001\r\n"),
            "line 8: РасчСчет is not an account of 20 digits");
  const std::string alone = Replaced(kStatement, header, "Документ=");
  EXPECT_THAT(StatementOf(Cp1251(alone)), IsOk());
  EXPECT_EQ(
      Refusal(Cp1251(Replaced(alone, "РасчСчет=40702810000000000001\r\nНачальный", "Начальный"))),
      "the file does not tell its account (РасчСчет=)");
}

// Some banks write a section a day, in any order.
TEST(BankStatementTest, BalancesAreOfTheFirstAndTheLastDay) {
  const std::string section = "СекцияРасчСчет\r\n";
  const std::string bytes =
      Replaced(kStatement, section,
               "СекцияРасчСчет\r\nДатаНачала=02.09.2026\r\nДатаКонца=03.09.2026\r\n"
               "РасчСчет=40702810000000000001\r\nНачальныйОстаток=1138.70\r\nКонечныйОстаток=9\r\n"
               "КонецРасчСчет\r\n" +
                   section);
  ASSERT_OK_AND_ASSIGN(const BankStatement statement, StatementOf(Cp1251(bytes)));
  EXPECT_EQ(statement.opening_kopecks, -10'050);
  EXPECT_EQ(statement.closing_kopecks, 900);
  EXPECT_EQ(Refusal(Cp1251(Replaced(bytes, "ДатаНачала=02.09.2026\r\nДатаКонца=03.09.2026",
                                    "ДатаНачала=03.09.2026\r\nДатаКонца=02.09.2026"))),
            "line 17: the section ends before it begins");
}

TEST(BankStatementTest, BalancesMayBeMissing) {
  const std::string bytes = Replaced(kStatement, "НачальныйОстаток=-100.50\r\n", "");
  ASSERT_OK_AND_ASSIGN(
      const BankStatement statement,
      StatementOf(Cp1251(Replaced(bytes, "КонечныйОстаток=1138.70", "КонечныйОстаток="))));
  EXPECT_EQ(statement.opening_kopecks, std::nullopt);
  EXPECT_EQ(statement.closing_kopecks, std::nullopt);
}

TEST(BankStatementTest, Bounds) {
  const std::pair<const char*, size_t> texts[] = {{"Номер=15", 64},
                                                  {"ПлательщикСчет=30232810000000000009", 34},
                                                  {"ПлательщикИНН=7700000001", 20}};
  for (const auto& [line, most] : texts) {
    const std::string key = std::string(line).substr(0, std::string(line).find('=') + 1);
    EXPECT_THAT(StatementOf(Cp1251(Replaced(kStatement, line, key + std::string(most, '1')))),
                IsOk());
    EXPECT_THAT(Refusal(line, key + std::string(most + 1, '1')),
                HasSubstr("is longer than " + std::to_string(most) + " bytes"));
  }
  EXPECT_EQ(Refusal("Комиссия", std::string(kLineBytesMax, 'x')),
            "line 51: longer than 4096 bytes");
  EXPECT_EQ(Refusal(std::string(kFileBytesMax + 1, '\n')), "the file is larger than 64 MiB");

  const std::string head =
      "1CClientBankExchange\nВерсияФормата=1.03\nКодировка=UTF-8\nДатаНачала=01.09.2026\n"
      "ДатаКонца=01.09.2026\nРасчСчет=40702810000000000001\n";
  const std::string document =
      "СекцияДокумент=\nДата=01.09.2026\nСумма=100000000000\nПолучательСчет=40702810000000000001\n"
      "ДатаПоступило=01.09.2026\nКонецДокумента\n";
  std::string bytes = head;
  for (size_t i = 0; i < kDocumentsMax; ++i) bytes += document;
  ASSERT_OK_AND_ASSIGN(const BankStatement statement, StatementOf(bytes + "КонецФайла"));
  EXPECT_EQ(TotalCredited(statement, {.account = kOurs, .day = 2026'09'01}),
            static_cast<int64_t>(kDocumentsMax) * kStatementKopecksMax);
  EXPECT_THAT(Refusal(bytes + document + "КонецФайла"), HasSubstr("more than 100000 documents"));
}

TEST(BankStatementTest, TotalsWhatWasCredited) {
  ASSERT_OK_AND_ASSIGN(const BankStatement statement, StatementOf(Cp1251(kStatement)));
  const auto total = [&](const Credits& credits) { return TotalCredited(statement, credits); };
  EXPECT_EQ(total({.account = kOurs, .day = 2026'09'01}), 67'420 + 58'000);
  EXPECT_EQ(total({.account = kOurs, .day = 2026'08'31}), 0);  // The date of the document.
  EXPECT_EQ(total({.account = kOurs, .day = 2026'09'01, .payer_inn = "7700000001"}), 67'420);
  EXPECT_EQ(total({.account = kOurs, .day = 2026'09'01, .payer_inn = "770000000"}), 0);
  EXPECT_EQ(total({.account = kOurs, .day = 2026'09'01, .purpose_part = "аванса"}), 58'000);
  EXPECT_EQ(total({.account = kOurs, .day = 2026'09'01, .purpose_part = "реестру № 15"}), 67'420);
  EXPECT_EQ(total({.account = kOurs,
                   .day = 2026'09'01,
                   .payer_inn = "7700000001",
                   .purpose_part = "аванса"}),
            0);
  EXPECT_EQ(total({.account = "40702810000000000007", .day = 2026'09'01}), 0);
  // What has no day was not credited.
  EXPECT_EQ(total({.account = "70601810000000000001", .day = 0}), 0);
  EXPECT_EQ(total({.account = "", .day = 2026'09'01}), 0);
}

}  // namespace
}  // namespace ladon::registry
