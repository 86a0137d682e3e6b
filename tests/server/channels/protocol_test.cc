// Goal: every bank's request is read as it was meant or refused by that bank's own code, and every
// answer is XML that its parser reads back. Method: the requests of the protocols' descriptions;
// each parameter missing, doubled, in other case, and made of everything that a network brings.
#include "server/channels/protocol.h"

#include <functional>
#include <pugixml.hpp>
#include <set>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ladon::channels {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

absl::TimeZone Tomsk() {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone("Asia/Tomsk", &zone));
  return zone;
}

const std::string& AccountText() {
  static const std::string text = base::PaymentAccount::Draw([](std::span<uint8_t> out) {
                                    for (size_t i = 0; i < out.size(); ++i) {
                                      out[i] = static_cast<uint8_t>(29 * i + 5);
                                    }
                                  }).Digits();
  return text;
}

struct Case {
  const char* name;
  std::function<std::unique_ptr<Protocol>(const Dialect&)> make;
  QueryParameters check;
  QueryParameters pay;
  const char* verb;
  const char* id;
  const char* account;
  const char* amount;
  const char* date;
  const char* code;  // The element with the result.
};

QueryParameters OsmpCheck() {
  return {
      {"command", "check"}, {"txn_id", "1234567"}, {"account", AccountText()}, {"sum", "10.45"}};
}
QueryParameters OsmpPay() {
  return {{"command", "pay"}, {"txn_id", "1234567"},          {"account", AccountText()},
          {"sum", "10.45"},   {"txn_date", "20260901120133"}, {"trm_id", "passes through"}};
}

Case OsmpCase() {
  return {"osmp",   MakeOsmp,  OsmpCheck(), OsmpPay(),  "command",
          "txn_id", "account", "sum",       "txn_date", "result"};
}
Case SberTwoCase() {
  QueryParameters check = OsmpCheck();
  check.erase("txn_id");
  check.erase("sum");
  return {"sber2",  MakeSberTwo, check, OsmpPay(),  "command",
          "txn_id", "account",   "sum", "txn_date", "result"};
}
Case SberOneCase() {
  return {"sber1",
          MakeSberOne,
          {{"ACTION", "check"}, {"ACCOUNT", AccountText()}},
          {{"ACTION", "payment"},
           {"ACCOUNT", AccountText()},
           {"AMOUNT", "10.45"},
           {"PAY_ID", "1234567"},
           {"PAY_DATE", "01.09.2026_12:01:33"}},
          "ACTION",
          "PAY_ID",
          "ACCOUNT",
          "AMOUNT",
          "PAY_DATE",
          "CODE"};
}

class ProtocolTest : public ::testing::TestWithParam<Case> {
 protected:
  QueryParameters With(const char* name, const std::string& value) const {
    QueryParameters changed = GetParam().pay;
    changed.erase(name);
    changed.emplace(name, value);
    return changed;
  }
  Verdict VerdictOf(const QueryParameters& parameters) const {
    return protocol_->Read(parameters).verdict;
  }
  std::string Answer(const Reply& reply) const { return protocol_->Write(question_, reply); }
  static std::string TextOf(const std::string& xml, const char* name) {
    pugi::xml_document document;
    EXPECT_TRUE(document.load_string(xml.c_str())) << xml;
    return document.child("response").child(name).text().get();
  }

  const Dialect dialect_{.time_zone = Tomsk(), .cancels = true};
  const std::unique_ptr<Protocol> protocol_ = GetParam().make(dialect_);
  const Question question_ = protocol_->Read(GetParam().pay).question;
};

TEST_P(ProtocolTest, ReadsACheckAndAPayment) {
  const Reading check = protocol_->Read(GetParam().check);
  EXPECT_EQ(check.verdict, Verdict::kOk);
  EXPECT_EQ(check.question.verb, Verb::kCheck);
  ASSERT_TRUE(check.question.account);
  EXPECT_EQ(check.question.account->Digits(), AccountText());
  const Reading pay = protocol_->Read(GetParam().pay);
  EXPECT_EQ(pay.verdict, Verdict::kOk);
  EXPECT_EQ(pay.question.verb, Verb::kPay);
  EXPECT_EQ(pay.question.payment_id, "1234567");
  EXPECT_EQ(pay.question.kopecks, 1'045);
  ASSERT_TRUE(pay.question.paid_at);
  EXPECT_EQ(absl::FormatTime("%F %T", *pay.question.paid_at, absl::UTCTimeZone()),
            "2026-09-01 05:01:33")
      << "noon in Tomsk";
}

TEST_P(ProtocolTest, EveryParameterIsThereOnceUnderItsOwnName) {
  const Case& given = GetParam();
  const std::pair<const char*, Verdict> parameters[] = {{given.verb, Verdict::kUnknownVerb},
                                                        {given.id, Verdict::kBadPaymentId},
                                                        {given.amount, Verdict::kBadAmount},
                                                        {given.date, Verdict::kBadDate}};
  for (const auto& [name, verdict] : parameters) {
    const std::string value = given.pay.find(name)->second;
    QueryParameters missing = given.pay;
    missing.erase(name);
    QueryParameters doubled = given.pay;
    doubled.emplace(name, value);
    QueryParameters other_case = missing;
    std::string mixed = name;
    mixed[0] = static_cast<char>(mixed[0] ^ 0x20);
    other_case.emplace(mixed, value);
    for (const QueryParameters& bad : {missing, doubled, other_case}) {
      EXPECT_EQ(VerdictOf(bad), verdict) << name;
    }
  }
}

TEST_P(ProtocolTest, SumsAreReadExactlyOrRefused) {
  const std::pair<const char*, int64_t> good[] = {{"19.99", 1'999}, {"4.35", 435},
                                                  {"1.15", 115},    {"0.29", 29},
                                                  {"100", 10'000},  {"100.0", 10'000}};
  for (const auto& [text, kopecks] : good) {
    EXPECT_EQ(protocol_->Read(With(GetParam().amount, text)).question.kopecks, kopecks) << text;
  }
  for (const std::string& text :
       {std::string("1e2"), std::string("-1"), std::string("10,45"), std::string("NaN"),
        std::string("999999999999999999"), std::string(), std::string("1\0", 2),
        std::string(1'000'000, '1')}) {
    EXPECT_EQ(VerdictOf(With(GetParam().amount, text)), Verdict::kBadAmount) << text.substr(0, 20);
  }
  EXPECT_EQ(VerdictOf(With(GetParam().amount, "0")), Verdict::kTooSmall);
}

TEST_P(ProtocolTest, DatesExist) {
  const std::vector<const char*> osmp = {"20260231120000",      "20261301120000",
                                         "202609011200",        "2026-09-01 12:00:00",
                                         "18990901120000",      "99990901120000",
                                         "20260901240000",      " 20260901120000",
                                         "2026090112000x",      "now",
                                         "01.09.2026_12:00:00", ""};
  const std::vector<const char*> sber = {"31.02.2026_12:00:00", "01.13.2026_12:00:00",
                                         "1.9.2026_12:00:00",   "01.09.2026 12:00:00",
                                         "01.09.1899_12:00:00", "01.09.9999_12:00:00",
                                         "01.09.2026_24:00:00", " 01.09.2026_12:00:00",
                                         "01.09.2026_12:00:0x", "now",
                                         "20260901120000",      ""};
  for (const char* text : GetParam().date == std::string_view("PAY_DATE") ? sber : osmp) {
    EXPECT_EQ(VerdictOf(With(GetParam().date, text)), Verdict::kBadDate) << text;
  }
}

TEST_P(ProtocolTest, IdsAreDigits) {
  EXPECT_EQ(VerdictOf(With(GetParam().id, "00000000000000000001")), Verdict::kOk) << "20 digits";
  EXPECT_EQ(protocol_->Read(With(GetParam().id, "007")).question.payment_id, "007");
  for (const std::string& text :
       {std::string(), std::string("123456789012345678901"), std::string("12a"), std::string("-1"),
        std::string("1 2"), std::string("1\0", 2), std::string("один"),
        std::string(1'000'000, '7')}) {
    EXPECT_EQ(VerdictOf(With(GetParam().id, text)), Verdict::kBadPaymentId) << text.substr(0, 30);
  }
}

// A check of it is refused; a payment has been made, and is the core's to place.
TEST_P(ProtocolTest, WhatIsNoAccountIsAVerdictOfACheckAndNoneOfAPayment) {
  for (const std::string& text :
       {std::string(), std::string("123"), std::string("Иванов"), std::string("\xc8\xe2\xe0\xed"),
        AccountText() + std::string("\0x", 2), std::string(200, '4'), std::string(1'000'000, '4'),
        std::string("<script>"), std::string("' OR 1=1")}) {
    QueryParameters check = GetParam().check;
    check.erase(GetParam().account);
    check.emplace(GetParam().account, text);
    EXPECT_EQ(VerdictOf(check), Verdict::kBadAccount) << text.substr(0, 30);
    const Reading pay = protocol_->Read(With(GetParam().account, text));
    const bool typed = !text.empty() && text.size() <= kAccountBytesMax;
    EXPECT_EQ(pay.verdict, typed ? Verdict::kOk : Verdict::kBadAccount) << text.substr(0, 30);
    EXPECT_FALSE(pay.question.account);
    EXPECT_EQ(pay.question.typed_account, typed ? text : "");
  }
}

// What the bank itself would not have let through is refused, paid or not.
TEST_P(ProtocolTest, WhatDoesNotFitTheContractsPatternIsRefused) {
  const auto strict =
      GetParam().make({.account_pattern = std::make_shared<const re2::RE2>("[0-9 -]{12,20}")});
  for (const std::string& text : {std::string("Иванов"), std::string("123"), std::string("<a>"),
                                  AccountText() + std::string("\0", 1)}) {
    EXPECT_EQ(strict->Read(With(GetParam().account, text)).verdict, Verdict::kBadAccount) << text;
  }
  for (const std::string& text : {AccountText(), std::string("405217938860")}) {
    const Reading pay = strict->Read(With(GetParam().account, text));
    EXPECT_EQ(pay.verdict, Verdict::kOk) << text;
    EXPECT_EQ(pay.question.typed_account, text);
  }
}

TEST_P(ProtocolTest, AnswersAreXmlWithTheCodeOfTheVerdict) {
  for (const Verdict verdict : kVerdicts) {
    const std::string code = TextOf(Answer({.verdict = verdict}), GetParam().code);
    EXPECT_EQ(code == "0", verdict == Verdict::kOk || (verdict == Verdict::kDuplicate &&
                                                       GetParam().name == std::string_view("osmp")))
        << static_cast<int>(verdict);
    EXPECT_EQ(code == "1", verdict == Verdict::kTemporary) << static_cast<int>(verdict);
  }
}

TEST_P(ProtocolTest, TheSameReplyIsTheSameBytes) {
  const Reply reply{.our_id = 2'016,
                    .kopecks = 1'045,
                    .registered_at = absl::FromUnixSeconds(1'788'238'800),
                    .comment = "Принято"};
  EXPECT_EQ(Answer(reply), GetParam().make(dialect_)->Write(question_, reply));
  EXPECT_THAT(Answer(reply), HasSubstr("10.45"));
  EXPECT_THAT(Answer(reply), HasSubstr("2016"));
}

TEST_P(ProtocolTest, NamesAreEscapedAndInTheContractsCharset) {
  const std::string name =
      "И*** <П&П> \"' \x01\x1f"
      "Ѫ";
  Reply reply{.masked_name = name, .comment = name};
  const std::string utf8 = Answer(reply);
  EXPECT_THAT(utf8, StartsWith("<?xml version=\"1.0\" encoding=\"UTF-8\"?><response>"));
  EXPECT_THAT(utf8, EndsWith("</response>"));
  EXPECT_THAT(utf8, HasSubstr("&lt;П&amp;П&gt;"));
  EXPECT_EQ(utf8.find('\x01'), std::string::npos);
  Dialect dialect = dialect_;
  dialect.charset = Charset::kWindows1251;
  const std::string cp1251 = GetParam().make(dialect)->Write(question_, reply);
  EXPECT_THAT(cp1251, StartsWith("<?xml version=\"1.0\" encoding=\"windows-1251\"?>"));
  EXPECT_THAT(cp1251, HasSubstr("\xc8***")) << "И";
  EXPECT_THAT(cp1251, HasSubstr("?")) << "a letter that it does not have";
  reply.masked_name = "\xff\xfe broken";
  EXPECT_THAT(Answer(reply), HasSubstr("?? broken")) << "what is no UTF-8";
}

INSTANTIATE_TEST_SUITE_P(Banks, ProtocolTest,
                         ::testing::Values(OsmpCase(), SberOneCase(), SberTwoCase()),
                         [](const auto& given) { return std::string(given.param.name); });

TEST(OsmpTest, CancelAndStatusAreKnownWhereTheContractSaysSo) {
  const QueryParameters cancel = {{"command", "cancel"}, {"txn_id", "77"}};
  EXPECT_EQ(MakeOsmp({})->Read(cancel).verdict, Verdict::kUnknownVerb);
  const Reading known = MakeOsmp({.cancels = true})->Read(cancel);
  EXPECT_EQ(known.verdict, Verdict::kOk);
  EXPECT_EQ(known.question.verb, Verb::kCancel);
}

TEST(OsmpTest, AnswersAsItsDescriptionShows) {
  const auto osmp = MakeOsmp({});
  const Question question = osmp->Read(OsmpPay()).question;
  EXPECT_EQ(osmp->Write(question, {.our_id = 2'016, .kopecks = 1'045, .comment = "OK"}),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><response><osmp_txn_id>1234567</osmp_txn_id>"
            "<prv_txn>2016</prv_txn><sum>10.45</sum><result>0</result><comment>OK</comment>"
            "</response>");
}

TEST(SberOneTest, ADuplicateComesWithTheFirstIds) {
  const auto sber = MakeSberOne({.time_zone = Tomsk()});
  EXPECT_EQ(sber->Write({}, {.verdict = Verdict::kDuplicate,
                             .our_id = 191'120,
                             .kopecks = 58'000,
                             .registered_at = absl::FromUnixSeconds(1'788'238'800),
                             .comment = "Платеж уже принят"}),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><response><EXT_ID>191120</EXT_ID>"
            "<REG_DATE>01.09.2026_12:00:00</REG_DATE><AMOUNT>580.00</AMOUNT><CODE>8</CODE>"
            "<MESSAGE>Платеж уже принят</MESSAGE></response>");
}

}  // namespace
}  // namespace ladon::channels
