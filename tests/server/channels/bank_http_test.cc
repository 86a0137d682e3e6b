// Goal: a bank that loses answers, answers at great length, redirects or hangs is silence and no
// more; money is given back once. Method: a bank on a loopback port of the kernel's choice, spoken
// to over HTTP by the real clients.
#include "server/channels/bank_http.h"

#include <httplib.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "server/channels/acquiring_bank.h"
#include "server/channels/bank_json.h"
#include "server/channels/order_contract.h"
#include "server/channels/sbp_bank.h"
#include "server/channels/sbp_link.h"
#include "tests/testing/status_testing.h"

namespace ladon::channels {
namespace {

using nlohmann::json;
using testing::StatusIs;

class TestBank {
 public:
  using Handler = std::function<void(const httplib::Request&, httplib::Response&)>;
  explicit TestBank(const Handler& handler) {
    server_.Get("/.*", handler);
    server_.Post("/.*", handler);
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~TestBank() {
    server_.stop();
    thread_.join();
  }
  TestBank(const TestBank&) = delete;
  TestBank& operator=(const TestBank&) = delete;

  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(port_) + "/api";
  }
  [[nodiscard]] std::unique_ptr<BankHttp> Line() const {
    return std::make_unique<BankHttp>(BankHttpOptions{.url = *ParseBankUrl(url())});
  }
  [[nodiscard]] std::unique_ptr<OrderBank> Cards() const {
    return MakeAcquiringBank(
        Line(), {.user = "shop", .password = "пароль&=+", .return_url = "https://school.example/"});
  }

 private:
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

TEST(BankHttpTest, RegisterAsksWhatTheInterfaceWants) {
  httplib::Params asked;
  std::string path;
  const TestBank bank([&](const httplib::Request& request, httplib::Response& response) {
    path = request.path;
    asked = request.params;
    response.set_content(R"({"orderId":"id-1","formUrl":"https://bank.example/pay?mdOrder=id-1"})",
                         "application/json");
  });
  const auto link = bank.Cards()->Register({.number = "n1", .kopecks = 1'999});
  ASSERT_TRUE(link.ok()) << link.status();
  EXPECT_EQ(*link, "https://bank.example/pay?mdOrder=id-1");
  EXPECT_EQ(path, "/api/register.do");
  const auto value = [&](const char* name) { return asked.find(name)->second; };
  EXPECT_EQ(value("userName"), "shop");
  EXPECT_EQ(value("password"), "пароль&=+");
  EXPECT_EQ(value("orderNumber"), "n1");
  EXPECT_EQ(value("amount"), "1999");
  EXPECT_EQ(value("currency"), "643");
  EXPECT_EQ(value("returnUrl"), "https://school.example/");
  EXPECT_EQ(value("failUrl"), "https://school.example/");
  EXPECT_EQ(value("sessionTimeoutSecs"), "1200");
}

TEST(BankHttpTest, WhatIsNoAnswerIsSilence) {
  const std::string huge(kBankAnswerBytesMax + 1, ' ');
  const std::vector<std::pair<int, std::string>> answers = {
      {500, "{}"}, {404, "{}"}, {302, "{}"}, {200, huge}, {200, std::string(5'000'000, '{')}};
  for (const auto& [status, body] : answers) {
    const TestBank bank([&](const httplib::Request&, httplib::Response& response) {
      response.status = status;
      response.set_header("Location", "https://bank.example/");
      response.set_content(body, "application/json");
    });
    EXPECT_THAT(bank.Cards()->Status("n1"), StatusIs(absl::StatusCode::kUnavailable)) << status;
    EXPECT_THAT(bank.Cards()->Register({.number = "n1", .kopecks = 1}),
                StatusIs(absl::StatusCode::kUnavailable));
  }
  auto closed = std::make_unique<TestBank>([](const auto&, auto&) {});
  const auto cards = closed->Cards();
  closed.reset();
  EXPECT_THAT(cards->Status("n1"), StatusIs(absl::StatusCode::kUnavailable));
}

TEST(BankHttpTest, AnAnswerOfTheBoundIsTaken) {
  const TestBank bank([](const httplib::Request&, httplib::Response& response) {
    response.set_content(std::string(kBankAnswerBytesMax, 'x'), "text/plain");
  });
  const auto answer = bank.Line()->Get("/x");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->body.size(), kBankAnswerBytesMax);
}

TEST(BankHttpTest, WhoeverWaitsForAHangingBankIsLetGoAtOnce) {
  std::atomic<bool> asked = false;
  std::atomic<bool> over = false;
  const TestBank bank([&](const httplib::Request&, httplib::Response&) {
    asked = true;
    asked.notify_all();
    over.wait(false);
  });
  const auto cards = bank.Cards();
  std::thread other([&] {
    asked.wait(false);
    cards->Interrupt();
  });
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(cards->Status("n1"), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(cards->Status("n1"), StatusIs(absl::StatusCode::kUnavailable)) << "and later ones";
  EXPECT_LT(std::chrono::steady_clock::now() - begin, kBankTimeout) << "it was not let go";
  over = true;
  over.notify_all();
  other.join();
}

// --- giving back ---------------------------------------------------------------------------------

// What a bank's books say of one order, and its answers to refund.do.
struct Books {
  int order_status = 2;
  int64_t refunded = 0;
  int refunds = 0;
  bool loses_answer = false;
  std::string error_code = "0";

  void Answer(const httplib::Request& request, httplib::Response& response) {
    if (request.path == "/api/getOrderStatusExtended.do") {
      const json status = {
          {"errorCode", "0"},
          {"orderNumber", "n1"},
          {"orderStatus", order_status},
          {"amount", 10'000},
          {"currency", "643"},
          {"paymentAmountInfo", {{"depositedAmount", 10'000}, {"refundedAmount", refunded}}},
          {"attributes", {{{"name", "mdOrder"}, {"value", "id-1"}}}}};
      return response.set_content(status.dump(), "application/json");
    }
    ++refunds;
    EXPECT_EQ(request.path, "/api/refund.do");
    EXPECT_EQ(request.get_param_value("orderId"), "id-1");
    if (error_code == "0") {
      refunded += std::stoll(request.get_param_value("amount"));
      order_status = 4;
    }
    if (loses_answer) {
      response.status = 502;
      return;
    }
    response.set_content(json({{"errorCode", error_code}}).dump(), "application/json");
  }
};

TEST(RefundTest, TheSameAgainGivesNothingMore) {
  Books books;
  const TestBank bank(
      [&](const auto& request, auto& response) { books.Answer(request, response); });
  const auto cards = bank.Cards();
  EXPECT_TRUE(cards->GiveBack({.number = "n1", .total_kopecks = 3'000}).ok());
  EXPECT_TRUE(cards->GiveBack({.number = "n1", .total_kopecks = 3'000}).ok());
  EXPECT_EQ(books.refunds, 1);
  EXPECT_EQ(books.refunded, 3'000);
  EXPECT_TRUE(cards->GiveBack({.number = "n1", .total_kopecks = 10'000}).ok()) << "the rest";
  EXPECT_EQ(books.refunded, 10'000);
  EXPECT_THAT(cards->GiveBack({.number = "n1", .total_kopecks = 3'000}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(RefundTest, ALostAnswerIsRepeatedWithoutASecondRefund) {
  Books books;
  books.loses_answer = true;
  const TestBank bank(
      [&](const auto& request, auto& response) { books.Answer(request, response); });
  const auto cards = bank.Cards();
  EXPECT_THAT(cards->GiveBack({.number = "n1", .total_kopecks = 3'000}),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_TRUE(cards->GiveBack({.number = "n1", .total_kopecks = 3'000}).ok());
  EXPECT_EQ(books.refunded, 3'000);
}

TEST(RefundTest, WhatCannotBeGivenBackIsNotAskedFor) {
  Books books;
  const TestBank bank(
      [&](const auto& request, auto& response) { books.Answer(request, response); });
  const auto cards = bank.Cards();
  for (const int64_t total : {int64_t{0}, int64_t{-1}, int64_t{10'001}}) {
    EXPECT_THAT(cards->GiveBack({.number = "n1", .total_kopecks = total}),
                StatusIs(absl::StatusCode::kFailedPrecondition));
  }
  books.order_status = 0;
  EXPECT_THAT(cards->GiveBack({.number = "n1", .total_kopecks = 1}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(books.refunds, 0);
  books.order_status = 2;
  books.error_code = "7";
  EXPECT_THAT(cards->GiveBack({.number = "n1", .total_kopecks = 1}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

// --- SBP, and the whole contract -----------------------------------------------------------------

TEST(SbpHttpTest, OrderAndStatusByTheirPaths) {
  json asked;
  const std::string link =
      WithSbpCrc("https://qr.nspk.ru/AS1?type=02&bank=100000000284&sum=1999&cur=RUB");
  const TestBank bank([&](const httplib::Request& request, httplib::Response& response) {
    if (request.path == "/api/qr") {
      asked = json::parse(request.body);
      return response.set_content(json({{"id", "AS1"}, {"payload", link}}).dump(),
                                  "application/json");
    }
    if (request.path == "/api/qr/n1") {
      return response.set_content(R"({"status":"PAID","amount":1999,"id":"AS1"})",
                                  "application/json");
    }
    response.status = 404;
  });
  const auto sbp = MakeSbpBank(bank.Line());
  const auto got = sbp->Register({.number = "n1", .kopecks = 1'999});
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(*got, link);
  EXPECT_EQ(asked, json({{"order", "n1"}, {"amount", 1'999}, {"currency", "RUB"}}));
  EXPECT_EQ(sbp->Status("n1")->state, BankState::kPaid);
  EXPECT_EQ(sbp->Status("n2")->state, BankState::kUnknown);
  EXPECT_THAT(sbp->GiveBack({}), StatusIs(absl::StatusCode::kUnimplemented));
}

TEST(OrderContractTest, EveryKeyIsLookedAt) {
  const OrderContractConfig good = {.name = "cards",
                                    .protocol = "acquiring",
                                    .path = "/pay",
                                    .bank_url = "https://bank.example/api",
                                    .bank_user = "shop",
                                    .bank_password = "secret",
                                    .token = "token",
                                    .return_url = "https://school.example/"};
  const auto made = MakeOrderContract(good, nullptr, {});
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_NE(made->way.orders, nullptr) << "for the page";
  EXPECT_TRUE(made->endpoints.contains("/pay/callback"));
  using Key = std::string OrderContractConfig::*;
  for (const Key key : {&OrderContractConfig::protocol, &OrderContractConfig::bank_url,
                        &OrderContractConfig::bank_user, &OrderContractConfig::bank_password,
                        &OrderContractConfig::token, &OrderContractConfig::return_url}) {
    OrderContractConfig without = good;
    without.*key = "";
    EXPECT_FALSE(MakeOrderContract(without, nullptr, {}).ok());
  }
  OrderContractConfig bad = good;
  bad.bank_url = "http://bank.example/api";
  EXPECT_FALSE(MakeOrderContract(bad, nullptr, {}).ok());
  bad = good;
  bad.bank_certificate = "no certificate";
  EXPECT_FALSE(MakeOrderContract(bad, nullptr, {}).ok()) << "both of them";
  bad.token = "";
  EXPECT_FALSE(MakeOrderContract(bad, nullptr, {}).ok());

  OrderContractConfig sbp = good;
  sbp.protocol = "sbp";
  const auto with_link = MakeOrderContract(sbp, nullptr, {});
  ASSERT_TRUE(with_link.ok()) << with_link.status();
  EXPECT_TRUE(with_link->endpoints.contains("/pay/webhook"));
  sbp.token = "";
  EXPECT_FALSE(MakeOrderContract(sbp, nullptr, {}).ok());
}

}  // namespace
}  // namespace ladon::channels
