// Goal: the page takes any text for what it is and shows none as markup; news is believed by its
// signature and no further. Method: endpoints over a core and a bank in memory, without a network.
#include "server/channels/order_endpoints.h"

#include <nlohmann/json.hpp>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/channels/body_signature.h"
#include "server/channels/callback_signature.h"
#include "server/channels/html_text.h"
#include "tests/server/channels/order_testing.h"

namespace ladon::channels {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kToken[] = "yourSecretToken";

HttpRequest Posted(QueryParameters parameters) {
  return {.posted = true, .parameters = std::move(parameters)};
}
HttpRequest Wish(const std::string& account, const std::string& sum, const std::string& pay = "") {
  QueryParameters parameters = {{"account", account}, {"sum", sum}};
  if (!pay.empty()) parameters.emplace("pay", pay);
  return Posted(std::move(parameters));
}

std::string HeaderOf(const HttpAnswer& answer, const std::string& name) {
  for (const auto& [key, value] : answer.headers) {
    if (key == name) return value;
  }
  return {};
}

struct PageWorld : OrderWorld {
  std::unique_ptr<Endpoint> card = MakeOrderPage({{OrderMeans::kCard, orders}});
  std::unique_ptr<Endpoint> sbp = MakeOrderPage({{OrderMeans::kSbp, orders}});
};

TEST(OrderPageTest, TheFormHasNoScriptAndForbidsAny) {
  PageWorld world;
  const HttpAnswer answer = world.card->Serve({});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.content_type, "text/html; charset=utf-8");
  EXPECT_THAT(answer.body, HasSubstr("name=\"account\""));
  EXPECT_THAT(answer.body, HasSubstr("name=\"sum\""));
  EXPECT_THAT(answer.body, Not(HasSubstr("<script")));
  const std::string policy = HeaderOf(answer, "Content-Security-Policy");
  EXPECT_THAT(policy, HasSubstr("default-src 'none'"));
  EXPECT_THAT(policy, HasSubstr("form-action 'self' https:"));
  EXPECT_EQ(world.core->calls, 0);
}

TEST(OrderPageTest, WhoseAccountItIsAndWhatItCostsIsShown) {
  PageWorld world;
  world.core->child.set_fee_kopecks(30);
  const HttpAnswer answer = world.card->Serve(Wish(" 4052 1793-8861 ", "19,99"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr("И*** П***"));
  EXPECT_THAT(answer.body, HasSubstr("МБОУ СОШ № 34"));
  EXPECT_THAT(answer.body, HasSubstr("19,99 ₽"));
  EXPECT_THAT(answer.body, HasSubstr("0,30 ₽"));
  EXPECT_THAT(answer.body, HasSubstr("19,69 ₽"));
  EXPECT_THAT(answer.body, HasSubstr("Картой"));
  EXPECT_THAT(answer.body, Not(HasSubstr("СБП")));
  EXPECT_THAT(world.sbp->Serve(Wish(kChild, "19.99")).body, HasSubstr("value=\"sbp\">СБП"));
  EXPECT_EQ(world.core->calls, 0) << "looking opens nothing";
}

TEST(OrderPageTest, OnePageOffersEveryWayThatTakesThePaymentWithWhatItCosts) {
  OrderWorld cards;
  OrderWorld sbp;
  cards.core->child.set_fee_kopecks(30);
  sbp.core->child.set_fee_kopecks(10);
  sbp.bank->link = std::string("https://qr.nspk.ru/A?type=02&sum=1999&crc=0000");
  const std::unique_ptr<Endpoint> page =
      MakeOrderPage({{OrderMeans::kCard, cards.orders}, {OrderMeans::kSbp, sbp.orders}});
  const HttpAnswer shown = page->Serve(Wish(kChild, "19.99"));
  for (const char* text : {"value=\"card\">Картой", "value=\"sbp\">СБП", "Комиссия, картой",
                           "0,30 ₽", "Комиссия, СБП", "0,10 ₽", "19,69 ₽", "19,89 ₽"}) {
    EXPECT_THAT(shown.body, HasSubstr(text));
  }
  EXPECT_EQ(page->Serve(Wish(kChild, "19.99", "sbp")).status, 200);
  EXPECT_TRUE(cards.core->orders.empty());
  EXPECT_EQ(sbp.core->orders.size(), 1u);
  EXPECT_EQ(page->Serve(Wish(kChild, "19.99", "card")).status, 303);
  EXPECT_EQ(cards.core->orders.size(), 1u);
  // A way that does not take it is not offered.
  sbp.core->check = RefusalOf(v1::ERROR_REASON_PAYMENT_TOO_LARGE, grpc::StatusCode::OUT_OF_RANGE);
  const HttpAnswer one = page->Serve(Wish(kChild, "19.99"));
  EXPECT_EQ(one.status, 200);
  EXPECT_THAT(one.body, Not(HasSubstr("value=\"sbp\"")));
  EXPECT_EQ(page->Serve(Wish(kChild, "19.99", "sbp")).status, 400);
}

TEST(OrderPageTest, NineteenNinetyNineIs1999KopecksAllTheWay) {
  PageWorld world;
  const HttpAnswer shown = world.card->Serve(Wish(kChild, "19.99"));
  EXPECT_THAT(shown.body, HasSubstr("name=\"sum\" value=\"19.99\""));
  const HttpAnswer answer = world.card->Serve(Wish(kChild, "19.99", "card"));
  EXPECT_EQ(answer.status, 303);
  EXPECT_EQ(HeaderOf(answer, "Location"), "https://bank.example/pay?order=1");
  EXPECT_EQ(world.order().paid_kopecks(), 1'999);
  EXPECT_EQ(world.bank->registered.at(0).kopecks, 1'999);
  world.bank->Pay(1'999);
  EXPECT_EQ(world.Settle().progress, Progress::kBooked);
  EXPECT_EQ(world.core->booked_kopecks(), 1'999);
}

TEST(OrderPageTest, SbpShowsTheLink) {
  PageWorld world;
  world.bank->link = std::string("https://qr.nspk.ru/A?type=02&sum=1999&crc=0000");
  const HttpAnswer answer = world.sbp->Serve(Wish(kChild, "19.99", "sbp"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body,
              HasSubstr("href=\"https://qr.nspk.ru/A?type=02&amp;sum=1999&amp;crc=0000\""));
}

TEST(OrderPageTest, HostileAccountsAndSumsAreToldBesideTheirFieldAndOpenNothing) {
  PageWorld world;
  const std::string million(1'000'000, '7');
  for (const std::string& account :
       {std::string(), std::string("405217938862"), std::string("Иванов"), std::string("\0 1", 3),
        std::string("\xCF\xE5"), std::string("<script>alert(1)</script>"), million,
        std::string("' OR 1=1 --"), std::string("٤٠٥٢١٧٩٣٨٨٦١")}) {
    for (const char* pay : {"", "card"}) {
      const HttpAnswer answer = world.card->Serve(Wish(account, "100", pay));
      EXPECT_EQ(answer.status, 400) << account.substr(0, 40);
      EXPECT_THAT(answer.body, HasSubstr("id=\"account-error\""));
      EXPECT_THAT(answer.body, Not(HasSubstr("<script")));
      EXPECT_LT(answer.body.size(), 10'000u);
    }
  }
  for (const std::string& sum :
       {std::string(), std::string("0"), std::string("0.00"), std::string("-1"), std::string("1e2"),
        std::string("NaN"), std::string("1.234"), std::string("19.99.1"), std::string("0x10"),
        std::string("100000000.01"), std::string("1 000"), std::string("١٢"), million,
        std::string("\"><img src=x onerror=alert(1)>")}) {
    for (const char* pay : {"", "card"}) {
      const HttpAnswer answer = world.card->Serve(Wish(kChild, sum, pay));
      EXPECT_EQ(answer.status, 400) << sum.substr(0, 40);
      EXPECT_THAT(answer.body, HasSubstr("id=\"sum-error\""));
      EXPECT_THAT(answer.body, Not(HasSubstr("<img")));
    }
  }
  EXPECT_EQ(world.core->calls, 0);
  EXPECT_TRUE(world.bank->registered.empty());
}

TEST(OrderPageTest, ARequestThatIsNotThePagesOwnIsRefused) {
  PageWorld world;
  EXPECT_EQ(world.card->Serve(Wish(kChild, "100", "sbp")).status, 400) << "not of this contract";
  EXPECT_EQ(world.card->Serve(Wish(kChild, "100", "<b>")).status, 400);
  EXPECT_EQ(
      world.card->Serve(Posted({{"account", kChild}, {"account", kChild}, {"sum", "1"}})).status,
      400);
  HttpRequest twice = Wish(kChild, "100", "card");
  twice.parameters_whole = false;
  EXPECT_EQ(world.card->Serve(twice).status, 400);
  EXPECT_EQ(world.card->Serve(Posted({})).status, 400);
  EXPECT_EQ(world.card->Refuse(413).status, 413);
  EXPECT_EQ(world.core->calls, 0);
}

TEST(OrderPageTest, WhatTheCoreRefusesIsToldBesideItsField) {
  struct Case {
    v1::ErrorReason reason;
    const char* text;
    int status;
  };
  for (const Case& one : {Case{v1::ERROR_REASON_PAYMENT_ACCOUNT_UNKNOWN, "account-error", 400},
                          Case{v1::ERROR_REASON_PAYMENT_ACCOUNT_INACTIVE, "account-error", 400},
                          Case{v1::ERROR_REASON_PAYMENT_TOO_SMALL, "sum-error", 400},
                          Case{v1::ERROR_REASON_PAYMENT_TOO_LARGE, "sum-error", 400},
                          Case{v1::ERROR_REASON_TOO_MANY_ATTEMPTS, "role=\"alert\"", 503}}) {
    PageWorld world;
    world.core->check = RefusalOf(one.reason, grpc::StatusCode::FAILED_PRECONDITION);
    for (const char* pay : {"", "card"}) {
      const HttpAnswer answer = world.card->Serve(Wish(kChild, "100", pay));
      EXPECT_EQ(answer.status, one.status) << one.reason;
      EXPECT_THAT(answer.body, HasSubstr(one.text));
      EXPECT_THAT(answer.body, HasSubstr(kChild)) << "nobody types it twice";
    }
    EXPECT_EQ(world.core->calls, 0);
  }
  PageWorld world;
  world.core->check = grpc::Status(grpc::StatusCode::UNAVAILABLE, "away");
  EXPECT_EQ(world.card->Serve(Wish(kChild, "100", "card")).status, 503);
}

TEST(OrderPageTest, ABankThatDoesNotAnswerIsToldAndTheOrderStaysOpen) {
  PageWorld world;
  for (const absl::Status& status :
       {absl::UnavailableError("lost"), absl::FailedPreconditionError("no"),
        absl::DataLossError("nonsense")}) {
    world.core->orders.clear();
    world.bank->link = status;
    const HttpAnswer answer = world.card->Serve(Wish(kChild, "100", "card"));
    EXPECT_EQ(answer.status, 502);
    EXPECT_EQ(HeaderOf(answer, "Location"), "");
    EXPECT_EQ(answer.fault, status.message());
    EXPECT_EQ(world.order().state(), v1::ORDER_STATE_OPEN);
  }
}

TEST(OrderPageTest, NoValueBecomesMarkup) {
  PageWorld world;
  const std::string evil = "<script>alert('x')</script>\"&";
  world.core->child.set_masked_name(evil);
  world.core->child.set_school_name(evil + "\xE2\x80\xAE\xFF");
  world.bank->link = std::string("https://qr.nspk.ru/\"onclick='x'><script>");
  for (const HttpAnswer& answer :
       {world.card->Serve(Wish(kChild, "100")), world.sbp->Serve(Wish(kChild, "100", "sbp")),
        world.card->Serve(Wish(evil, evil))}) {
    EXPECT_THAT(answer.body, Not(HasSubstr("<script")));
    EXPECT_THAT(answer.body, Not(HasSubstr("\"onclick")));
  }
  EXPECT_EQ(HtmlOf("<a href=\"x\">'&"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
  EXPECT_EQ(HtmlOf("Ж\xE2\x80\xAE\xFF\n₽😀"), "Ж\uFFFD\uFFFD\uFFFD₽😀");
  EXPECT_EQ(HtmlOf("\xC0\xBC"), "\uFFFD\uFFFD") << "an overlong <";
  EXPECT_EQ(HtmlOf("\xE2\x82"), "\uFFFD\uFFFD") << "cut off";
}

// --- news ----------------------------------------------------------------------------------------

struct NewsWorld : OrderWorld {
  std::unique_ptr<Endpoint> callback = MakeOrderCallback(orders, {.token = kToken});
  std::unique_ptr<Endpoint> webhook = MakeOrderWebhook(orders, kToken);

  static HttpRequest CallbackOf(const std::string& number) {
    Parameters parameters = {{"mdOrder", kBankId},
                             {"orderNumber", number},
                             {"operation", "deposited"},
                             {"status", "1"},
                             {"amount", "999999"}};
    parameters["checksum"] = HmacChecksum(parameters, kToken);
    return {.parameters = {parameters.begin(), parameters.end()}};
  }
  static HttpRequest WebhookOf(const std::string& body) {
    return {.posted = true, .body = body, .signature = BodySignature(body, kToken)};
  }
  static HttpRequest WebhookFor(const std::string& number) {
    return WebhookOf(nlohmann::json({{"order", number}, {"status", "PAID"}}).dump());
  }
};

TEST(OrderNewsTest, NewsIsAskedOfTheBankAndItsOwnSumIsNotBelieved) {
  for (const bool card : {true, false}) {
    NewsWorld world;
    ASSERT_EQ(world.Place().verdict, Verdict::kOk);
    const std::string number = world.order().order_number();
    const HttpRequest news = card ? NewsWorld::CallbackOf(number) : NewsWorld::WebhookFor(number);
    const Endpoint& endpoint = card ? *world.callback : *world.webhook;
    EXPECT_EQ(endpoint.Serve(news).status, 200);
    EXPECT_TRUE(world.core->payments.empty()) << "the bank says that it is open";
    world.bank->Pay(1'999);
    EXPECT_EQ(endpoint.Serve(news).status, 200);
    EXPECT_EQ(world.core->booked_kopecks(), 1'999);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(endpoint.Serve(news).status, 200);
    EXPECT_EQ(world.core->booked_kopecks(), 1'999);
    EXPECT_EQ(world.bank->asked.size(), 2u) << "a repeat is nothing to ask about";
  }
}

TEST(OrderNewsTest, AWrongOrTruncatedChecksumIs403AndChangesNothing) {
  NewsWorld world;
  ASSERT_EQ(world.Place().verdict, Verdict::kOk);
  world.bank->Pay(1'999);
  const HttpRequest good = NewsWorld::CallbackOf(world.order().order_number());
  const std::string checksum = good.parameters.find("checksum")->second;
  std::string wrong = checksum;
  wrong[0] = wrong[0] == '0' ? '1' : '0';
  for (const std::string& bad : {std::string(), std::string("0"), wrong,
                                 checksum.substr(0, checksum.size() / 2), checksum + "00"}) {
    HttpRequest request = good;
    request.parameters.find("checksum")->second = bad;
    EXPECT_EQ(world.callback->Serve(request).status, 403) << bad;
  }
  HttpRequest more = good;
  more.parameters.emplace("orderNumber", "another");
  EXPECT_EQ(world.callback->Serve(more).status, 403) << "a name twice";
  HttpRequest alike = good;
  alike.parameters_whole = false;
  EXPECT_EQ(world.callback->Serve(alike).status, 403);
  EXPECT_EQ(world.callback->Serve({}).status, 403);

  HttpRequest hook = NewsWorld::WebhookFor(world.order().order_number());
  for (const std::string& bad :
       {std::string(), hook.signature.substr(1), hook.signature + "0", std::string(64, 'f')}) {
    HttpRequest request = hook;
    request.signature = bad;
    EXPECT_EQ(world.webhook->Serve(request).status, 403) << bad;
  }
  hook.body += " ";
  EXPECT_EQ(world.webhook->Serve(hook).status, 403);
  EXPECT_TRUE(world.bank->asked.empty());
  EXPECT_TRUE(world.core->payments.empty());
}

TEST(OrderNewsTest, AnUnknownOrderIs200AndNonsenseIsNot) {
  NewsWorld world;
  for (const std::string& number :
       {std::string("unknown"), std::string("a/../b"), std::string(100, '1'), std::string()}) {
    EXPECT_EQ(world.callback->Serve(NewsWorld::CallbackOf(number)).status, 200) << number;
  }
  EXPECT_EQ(world.webhook->Serve(NewsWorld::WebhookFor("unknown")).status, 200);
  for (const char* body : {"", "[]", "{}", R"({"order":7})", R"({"order":)"}) {
    EXPECT_EQ(world.webhook->Serve(NewsWorld::WebhookOf(body)).status, 400) << body;
  }
  EXPECT_TRUE(world.bank->asked.empty());
}

TEST(OrderNewsTest, WhenNothingIsDecidedTheBankIsToSayItAgain) {
  NewsWorld world;
  ASSERT_EQ(world.Place().verdict, Verdict::kOk);
  world.bank->status = absl::UnavailableError("silent");
  const HttpRequest news = NewsWorld::CallbackOf(world.order().order_number());
  EXPECT_EQ(world.callback->Serve(news).status, 503);
  world.bank->Pay(1'999);
  EXPECT_EQ(world.callback->Serve(news).status, 200);
  EXPECT_EQ(world.core->booked_kopecks(), 1'999);
}

}  // namespace
}  // namespace ladon::channels
