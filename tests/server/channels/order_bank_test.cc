// Goal: nothing that a bank says is acted on unless it is wholly what it must be. Method: one good
// answer of each kind, and every part of it wrong in turn; addresses that look like others.
#include <nlohmann/json.hpp>

#include "gtest/gtest.h"
#include "server/channels/acquiring_bank.h"
#include "server/channels/bank_json.h"
#include "server/channels/body_signature.h"
#include "server/channels/sbp_bank.h"
#include "server/channels/sbp_link.h"
#include "tests/testing/status_testing.h"

namespace ladon::channels {
namespace {

using nlohmann::json;
using testing::StatusIs;

constexpr char kNumber[] = "a1b2c3d4e5f6g7h8i9j0";
constexpr char kMdOrder[] = "3ff6962a-7dcc-4283-ab50-a6d7dd3386fe";

json Deposited() {
  return {{"errorCode", "0"},
          {"orderNumber", kNumber},
          {"orderStatus", 2},
          {"amount", 1'999},
          {"currency", "643"},
          {"paymentAmountInfo", {{"depositedAmount", 1'999}, {"refundedAmount", 0}}},
          {"attributes", {{{"name", "mdOrder"}, {"value", kMdOrder}}}}};
}

absl::StatusOr<BankStatus> Read(const json& answer) {
  return ReadAcquiringStatus(answer.dump(), kNumber);
}

TEST(AcquiringTest, DepositedIsPaidWithItsSumAndId) {
  const auto status = Read(Deposited());
  ASSERT_TRUE(status.ok()) << status.status();
  EXPECT_EQ(status->state, BankState::kPaid);
  EXPECT_EQ(status->kopecks, 1'999);
  EXPECT_EQ(status->bank_id, kMdOrder);
}

TEST(AcquiringTest, OnlyStatusTwoIsPaid) {
  const std::map<int, BankState> states = {{0, BankState::kOpen},   {1, BankState::kOpen},
                                           {2, BankState::kPaid},   {3, BankState::kFailed},
                                           {4, BankState::kFailed}, {5, BankState::kOpen},
                                           {6, BankState::kFailed}};
  for (const auto& [code, state] : states) {
    json answer = Deposited();
    answer["orderStatus"] = code;
    const auto status = Read(answer);
    ASSERT_TRUE(status.ok()) << code;
    EXPECT_EQ(status->state, state) << code;
  }
  for (const json& code : {json(7), json(-1), json("2"), json(2.0), json(), json(true)}) {
    json answer = Deposited();
    answer["orderStatus"] = code;
    EXPECT_THAT(Read(answer), StatusIs(absl::StatusCode::kDataLoss)) << code;
  }
  json answer = Deposited();
  answer.erase("orderStatus");
  EXPECT_THAT(Read(answer), StatusIs(absl::StatusCode::kDataLoss)) << "errorCode 0 is not paid";
}

TEST(AcquiringTest, OfWhatWentBackInPartTheRestIsPaid) {
  struct Case {
    json deposited;
    int64_t refunded;
    BankState state;
    int64_t left;
  };
  const std::vector<Case> cases = {{1'999, 499, BankState::kPaid, 1'500},  // What was taken,
                                   {1'500, 499, BankState::kPaid, 1'500},  // or what is left.
                                   {1'999, 1'999, BankState::kFailed, 0},
                                   {0, 1'999, BankState::kFailed, 0}};
  for (const Case& one : cases) {
    json answer = Deposited();
    answer["orderStatus"] = 2;  // Some banks leave it so.
    answer["paymentAmountInfo"] = {{"depositedAmount", one.deposited},
                                   {"refundedAmount", one.refunded}};
    EXPECT_EQ(Read(answer)->kopecks, one.left) << answer;
    answer["orderStatus"] = 4;
    answer["paymentAmountInfo"] = {{"depositedAmount", one.deposited},
                                   {"refundedAmount", one.refunded}};
    const auto status = Read(answer);
    ASSERT_TRUE(status.ok()) << answer << status.status();
    EXPECT_EQ(status->state, one.state) << answer;
    EXPECT_EQ(status->kopecks, one.left) << answer;
    EXPECT_EQ(status->refunded_kopecks, one.refunded) << answer;
  }
  for (const auto& [deposited, refunded] :
       std::vector<std::pair<json, int64_t>>{{1'000, 1}, {json(), 499}, {-500, 2'499}}) {
    json answer = Deposited();
    answer["orderStatus"] = 4;
    answer["paymentAmountInfo"] = {{"depositedAmount", deposited}, {"refundedAmount", refunded}};
    EXPECT_THAT(Read(answer), StatusIs(absl::StatusCode::kDataLoss)) << answer;
  }
}

TEST(AcquiringTest, AnotherOrderCurrencyOrSumSettlesNothing) {
  const std::map<std::string, std::vector<json>> wrong = {
      {"orderNumber", {"another", "", 7, json()}},
      {"currency", {"840", 840, "", "RUB", json(), 643.0}},
      {"amount",
       {19.99, 1'999.0, "1999", 0, -1'999, json(), 1e18, 10'000'000'001,
        18'446'744'073'709'551'615u}},
      {"paymentAmountInfo", {json(), "1999", json::array()}},
      {"attributes", {json(), json::array(), "mdOrder"}}};
  for (const auto& [name, values] : wrong) {
    for (const json& value : values) {
      json answer = Deposited();
      answer[name] = value;
      EXPECT_THAT(Read(answer), StatusIs(absl::StatusCode::kDataLoss)) << name << " " << value;
    }
  }
  for (const json& value : {json(19.99), json(0), json(-1), json("1999"), json(), json(1e3)}) {
    json answer = Deposited();
    answer["paymentAmountInfo"]["depositedAmount"] = value;
    EXPECT_THAT(Read(answer), StatusIs(absl::StatusCode::kDataLoss)) << value;
  }
  for (const char* id : {"", "a b", "<script>", "id;id", "é"}) {
    json answer = Deposited();
    answer["attributes"][0]["value"] = id;
    EXPECT_THAT(Read(answer), StatusIs(absl::StatusCode::kDataLoss)) << id;
  }
  // A float by its bytes: json.dump() could have made an integer of it.
  std::string text = Deposited().dump();
  text.replace(text.find("\"depositedAmount\":1999"), 22, "\"depositedAmount\":1999.0");
  EXPECT_THAT(ReadAcquiringStatus(text, kNumber), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(AcquiringTest, ErrorCodesAreUnknownOrSilence) {
  EXPECT_EQ(Read({{"errorCode", "6"}, {"errorMessage", "нет такого"}})->state, BankState::kUnknown);
  EXPECT_EQ(Read({{"errorCode", 6}})->state, BankState::kUnknown);
  for (const char* code : {"1", "5", "7"}) {
    EXPECT_THAT(Read({{"errorCode", code}}), StatusIs(absl::StatusCode::kUnavailable));
  }
  EXPECT_THAT(Read({{"errorCode", "x"}}), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(AcquiringTest, WhatIsNoObjectOrTooLongSettlesNothing) {
  std::string cut = Deposited().dump();
  cut.pop_back();
  const std::string padded = Deposited().dump() + std::string(kBankAnswerBytesMax, ' ');
  for (const std::string& body : {std::string(), std::string("[]"), std::string("<html>"), cut,
                                  padded, std::string(60'000, '['), std::string("\xFF\xFE{}")}) {
    EXPECT_THAT(ReadAcquiringStatus(body, kNumber), StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST(AcquiringTest, APayerIsSentToASafeAddressAlone) {
  const auto read = [](const std::string& url, bool loopback) {
    return ReadFormUrl(json({{"orderId", kMdOrder}, {"formUrl", url}}).dump(), loopback);
  };
  EXPECT_TRUE(read("https://bank.example/pay?mdOrder=1&x=2#top", false).ok());
  EXPECT_TRUE(read("http://127.0.0.1:8080/pay", true).ok());
  EXPECT_FALSE(read("http://127.0.0.1:8080/pay", false).ok()) << "but for a bank that is there too";
  for (const char* url :
       {"", "http://bank.example/", "http://127.0.0.1.bank.example/", "http://127.0.0.1@b.example/",
        "https://", "https://user@bank.example/", "javascript:alert(1)", "//bank.example/",
        "https://bank.example/\r\nSet-Cookie: a=b", "https://bank.example/ x",
        "https://bank.example/\"onclick", "data:text/html,x", "https://bank.example:999999/"}) {
    EXPECT_FALSE(read(url, true).ok()) << url;
  }
  EXPECT_FALSE(read("https://bank.example/" + std::string(kUrlBytesMax, 'a'), true).ok());
  EXPECT_THAT(ReadFormUrl(R"({"errorCode":"1","errorMessage":"занят"})", false),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(ReadFormUrl("{}", false), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(BankUrlTest, OnlyTlsOrThisMachine) {
  const auto url = ParseBankUrl("https://bank.example:8443/ecomm/gw/partner/api/v1/");
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(url->origin, "https://bank.example:8443");
  EXPECT_EQ(url->path, "/ecomm/gw/partner/api/v1");
  EXPECT_FALSE(url->loopback);
  EXPECT_TRUE(ParseBankUrl("http://127.0.0.1:81")->loopback);
  for (const char* text : {"", "bank.example", "http://bank.example/", "http://127.0.0.1.example/",
                           "ftp://bank.example/", "https://bank.example/?a=b", "https:///x"}) {
    EXPECT_FALSE(ParseBankUrl(text).ok()) << text;
  }
}

TEST(SbpTest, StatesAndSums) {
  const json paid = {{"status", "PAID"}, {"amount", 1'999}, {"id", "AS1000A"}};
  const auto read = [](const json& answer) { return ReadSbpStatus(answer.dump(), kNumber); };
  ASSERT_TRUE(read(paid).ok());
  EXPECT_EQ(read(paid)->state, BankState::kPaid);
  EXPECT_EQ(read(paid)->kopecks, 1'999);
  EXPECT_EQ(read(paid)->bank_id, "AS1000A");
  const std::map<std::string, BankState> states = {
      {"NEW", BankState::kOpen}, {"REJECTED", BankState::kFailed}, {"EXPIRED", BankState::kFailed}};
  for (const auto& [name, state] : states) {
    json answer = paid;
    answer["status"] = name;
    ASSERT_TRUE(read(answer).ok()) << name;
    EXPECT_EQ(read(answer)->state, state) << name;
  }
  const std::map<std::string, std::vector<json>> wrong = {
      {"status", {"paid", "", "DONE", 2, json()}},
      {"amount", {19.99, 0, -1, "1999", json()}},
      {"id", {"", "a b", 7, json()}},
      {"order", {"another", json()}},
      {"currency", {"USD", json()}}};
  for (const auto& [name, values] : wrong) {
    for (const json& value : values) {
      json answer = paid;
      answer[name] = value;
      EXPECT_THAT(read(answer), StatusIs(absl::StatusCode::kDataLoss)) << name << " " << value;
    }
  }
}

TEST(SbpTest, ALinkIsOneOfNspkForTheOrdersSum) {
  const NewOrder order = {.number = kNumber, .kopecks = 1'999};
  const auto read = [&](const std::string& link) {
    return ReadSbpLink(json({{"id", "AS1000A"}, {"payload", link}}).dump(), order);
  };
  const std::string base = "https://qr.nspk.ru/AS1000A?type=02&bank=100000000284";
  EXPECT_TRUE(read(WithSbpCrc(base + "&sum=1999&cur=RUB")).ok());
  EXPECT_TRUE(read(WithSbpCrc(base)).ok());
  EXPECT_FALSE(read(WithSbpCrc(base + "&sum=199900&cur=RUB")).ok());
  EXPECT_FALSE(read(WithSbpCrc(base + "&sum=1999&cur=USD")).ok());
  EXPECT_FALSE(read(base + "&sum=1999&cur=RUB&crc=0000").ok());
  EXPECT_FALSE(read(WithSbpCrc("https://qr.example/AS1000A?type=02")).ok());
  EXPECT_FALSE(ReadSbpLink("{}", order).ok());
}

TEST(BodySignatureTest, OnlyTheWholeSignatureOfThisBody) {
  const std::string body = R"({"order":"a1"})";
  const std::string good = BodySignature(body, "token");
  EXPECT_EQ(BodySignature("what do ya want for nothing?", "Jefe"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
      << "RFC 4231, case 2";
  EXPECT_TRUE(CheckBody(body, good, "token").ok());
  EXPECT_FALSE(CheckBody(body + " ", good, "token").ok());
  EXPECT_FALSE(CheckBody(body, good, "another").ok());
  for (const std::string& cut :
       {std::string(), good.substr(1), good.substr(0, 32), good + "0", std::string(64, '0')}) {
    EXPECT_FALSE(CheckBody(body, cut, "token").ok()) << cut;
  }
}

}  // namespace
}  // namespace ladon::channels
