// Goal: each event is posted, signed and reported; a listener that is away stops the round and is
// no event's fault; nothing is reported that was not attempted. Method: a core in memory, and a
// listener on a loopback port that is spoken to over HTTP by the real client; vectors of the
// specification.
#include "server/channels/courier.h"

#include <httplib.h>

#include <atomic>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "server/channels/event_json.h"
#include "server/channels/webhook_signature.h"
#include "tests/testing/status_testing.h"

namespace ladon::channels {
namespace {

using nlohmann::json;
using testing::StatusIs;

constexpr int64_t kNowSeconds = 1'795'000'000;
const std::string kKey(32, 'k');

class FakeCore final : public EventCore {
 public:
  grpc::Status Pull(const v1::PullEventsRequest& request,
                    v1::PullEventsResponse* response) const override {
    if (!pull.ok()) return pull;
    for (const v1::Event& event : due) {
      if (response->events_size() < request.page_size()) *response->add_events() = event;
    }
    return grpc::Status::OK;
  }
  grpc::Status Report(const v1::ReportEventsRequest& request,
                      v1::ReportEventsResponse* response) const override {
    if (!report.ok()) return report;
    for (const v1::EventReport& one : request.reports()) reports.push_back(one);
    response->set_parked(0);
    return grpc::Status::OK;
  }

  grpc::Status pull;
  grpc::Status report;
  std::vector<v1::Event> due;
  mutable std::vector<v1::EventReport> reports;
};

v1::Event EventOf(int number) {
  v1::Event event;
  event.set_event_id(std::string(15, '\x01') + static_cast<char>(number));
  event.set_kind(v1::EVENT_KIND_MEAL);
  event.mutable_at()->set_seconds(kNowSeconds - 5);
  event.set_payment_account("405217938861");
  event.set_sequence(static_cast<uint64_t>(number));
  event.set_amount_kopecks(-4'500);
  event.set_balance_kopecks(500);
  event.set_advance_kopecks(4'500);
  event.set_ticket("ticket-" + std::to_string(number));
  return event;
}

class Listener {
 public:
  Listener() {
    server_.Post("/events", [this](const httplib::Request& request, httplib::Response& response) {
      const std::lock_guard lock(mutex_);
      requests.push_back(request);
      response.status = StatusOf ? StatusOf(request) : 200;
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~Listener() {
    server_.stop();
    thread_.join();
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  [[nodiscard]] std::shared_ptr<BankHttp> Line() const {
    return std::make_shared<BankHttp>(BankHttpOptions{
        .url = *ParseBankUrl("http://127.0.0.1:" + std::to_string(port_) + "/events")});
  }

  std::function<int(const httplib::Request&)> StatusOf;
  std::vector<httplib::Request> requests;

 private:
  httplib::Server server_;
  std::mutex mutex_;
  int port_ = 0;
  std::thread thread_;
};

struct CourierWorld {
  std::shared_ptr<FakeCore> core = std::make_shared<FakeCore>();
  Listener listener;
  std::vector<RoundNews> news;
  Courier courier{{.stream = v1::EVENT_STREAM_NOTICES,
                   .core = core,
                   .listener = listener.Line(),
                   .key = kKey,
                   .now_seconds = [] { return kNowSeconds; },
                   .log = [this](const RoundNews& one) { news.push_back(one); }}};
};

TEST(WebhookSignatureTest, TheSpecificationsVector) {
  const auto key = ParseWebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(WebhookSignature("msg_p5jXN8AQM9LWM0D4loKWxJek", 1'614'265'330,
                             R"({"test": 2432232314})", *key),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  EXPECT_EQ(*ParseWebhookSecret("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), *key);
}

TEST(WebhookSignatureTest, ASecretIsBase64OfEnoughBytes) {
  for (const char* bad : {"", "whsec_", "whsec_!!!!", "whsec_c2hvcnQ=", "whsec_п"}) {
    EXPECT_THAT(ParseWebhookSecret(bad), StatusIs(absl::StatusCode::kInvalidArgument)) << bad;
  }
  EXPECT_THAT(ParseWebhookSecret("whsec_" + std::string(400, 'A')),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(CourierTest, WhatIsDueIsPostedSignedAndReported) {
  CourierWorld world;
  for (int i = 1; i <= 20; ++i) world.core->due.push_back(EventOf(i));
  EXPECT_EQ(world.courier.RunRound(), Courier::Next::kAtOnce);
  ASSERT_EQ(world.listener.requests.size(), 20u);
  std::set<std::string> ids;
  for (const httplib::Request& request : world.listener.requests) {
    const std::string id = request.get_header_value("webhook-id");
    ids.insert(id);
    EXPECT_EQ(request.get_header_value("webhook-timestamp"), std::to_string(kNowSeconds));
    EXPECT_EQ(request.get_header_value("webhook-signature"),
              WebhookSignature(id, kNowSeconds, request.body, kKey));
    EXPECT_EQ(request.get_header_value("Content-Type"), "application/json");
  }
  EXPECT_EQ(ids.size(), 20u);
  ASSERT_EQ(world.core->reports.size(), 20u);
  for (const v1::EventReport& report : world.core->reports) {
    EXPECT_TRUE(report.told());
    EXPECT_EQ(report.fault(), "");
  }
  ASSERT_EQ(world.news.size(), 1u);
  EXPECT_EQ(world.news[0].told, 20u);
}

TEST(CourierTest, ARefusedEventFailsAloneAndOneOfNobodyEndsTheRound) {
  CourierWorld world;
  for (int i = 1; i <= 3; ++i) world.core->due.push_back(EventOf(i));
  world.listener.StatusOf = [](const httplib::Request& request) {
    return json::parse(request.body)["data"]["sequence"] == 2 ? 422 : 204;
  };
  EXPECT_EQ(world.courier.RunRound(), Courier::Next::kAtOnce);
  ASSERT_EQ(world.core->reports.size(), 3u);
  for (const v1::EventReport& report : world.core->reports) {
    EXPECT_EQ(report.told(), report.ticket() != "ticket-2");
    EXPECT_EQ(report.fault(), report.ticket() == "ticket-2" ? "HTTP 422" : "");
  }
  for (const int away : {408, 429, 500, 503}) {
    CourierWorld busy;
    for (int i = 1; i <= 100; ++i) busy.core->due.push_back(EventOf(i));
    busy.listener.StatusOf = [away](const httplib::Request&) { return away; };
    EXPECT_EQ(busy.courier.RunRound(), Courier::Next::kAway) << away;
    EXPECT_EQ(busy.core->reports.size(), busy.listener.requests.size());
    EXPECT_LE(busy.listener.requests.size(), kPostsAtOnce) << "nobody knocks a hundred times";
  }
}

TEST(CourierTest, ARedirectionIsRefusedAndNotFollowed) {
  CourierWorld world;
  world.core->due = {EventOf(1)};
  world.listener.StatusOf = [](const httplib::Request&) { return 302; };
  EXPECT_EQ(world.courier.RunRound(), Courier::Next::kAtOnce);
  ASSERT_EQ(world.core->reports.size(), 1u);
  EXPECT_EQ(world.core->reports[0].fault(), "HTTP 302");
  EXPECT_EQ(world.listener.requests.size(), 1u);
}

TEST(CourierTest, WhatWasToldIsFollowedAtOnceAndNothingByAPause) {
  CourierWorld world;
  EXPECT_EQ(world.courier.RunRound(), Courier::Next::kIdle);
  EXPECT_TRUE(world.news.empty()) << "nothing is worth no line";
  for (int i = 1; i <= kEventsOfARound + 20; ++i) world.core->due.push_back(EventOf(i));
  EXPECT_EQ(world.courier.RunRound(), Courier::Next::kAtOnce);
  EXPECT_EQ(world.core->reports.size(), static_cast<size_t>(kEventsOfARound));
}

TEST(CourierTest, ACoreThatIsAwayIsAskedAgainAndNothingIsPosted) {
  CourierWorld world;
  world.core->due = {EventOf(1)};
  world.core->pull = grpc::Status(grpc::StatusCode::UNAVAILABLE, "away");
  EXPECT_EQ(world.courier.RunRound(), Courier::Next::kAway);
  EXPECT_TRUE(world.listener.requests.empty());
  world.core->pull = grpc::Status::OK;
  world.core->report = grpc::Status(grpc::StatusCode::UNAVAILABLE, "away");
  EXPECT_EQ(world.courier.RunRound(), Courier::Next::kAway);
  EXPECT_EQ(world.listener.requests.size(), 1u);
  EXPECT_EQ(world.news.size(), 2u);
}

TEST(CourierTest, ItStopsAtOnceWhileItsListenerHangs) {
  std::atomic<bool> asked = false;
  std::atomic<bool> over = false;
  CourierWorld world;
  world.core->due = {EventOf(1)};
  world.listener.StatusOf = [&](const httplib::Request&) {
    asked = true;
    while (!over) std::this_thread::yield();
    return 200;
  };
  world.courier.Start();
  while (!asked) std::this_thread::yield();
  world.courier.Stop();  // Would take kBankTimeout, if it waited.
  EXPECT_TRUE(world.core->reports.empty()) << "what was cut off is nobody's failure";
  over = true;
}

TEST(EventJsonTest, ANoticeTellsWhatWasEaten) {
  v1::Event event = EventOf(3);
  v1::EventLine* const line = event.add_lines();
  line->set_item_name("Суп <дня>");
  line->set_quantity(2);
  line->set_amount_kopecks(-4'500);
  line->set_caterer_id(std::string(16, '\x02'));
  const json notice = json::parse(NoticeJson(event));
  EXPECT_EQ(notice["type"], "meal");
  EXPECT_EQ(notice["timestamp"], "2026-11-18T11:06:35.000Z");
  EXPECT_EQ(notice["data"]["payment_account"], "405217938861");
  EXPECT_EQ(notice["data"]["amount_kopecks"], -4'500);
  EXPECT_EQ(notice["data"]["lines"],
            json::parse(R"([{"name": "Суп <дня>", "quantity": 2, "amount_kopecks": -4500,
                             "caterer_id": "02020202020202020202020202020202"}])"));
  EXPECT_EQ(NoticeJson(event), NoticeJson(event));
  v1::Event blocked;
  blocked.set_kind(v1::EVENT_KIND_CARD_BLOCKED);
  EXPECT_EQ(json::parse(NoticeJson(blocked))["type"], "card-blocked");
  EXPECT_FALSE(json::parse(NoticeJson(blocked))["data"].contains("amount_kopecks"));
}

TEST(EventJsonTest, AReceiptHasTheTagsOfItsKind) {
  struct Case {
    v1::EventKind kind;
    int64_t amount;
    int64_t advance;
    int64_t credit;
    const char* receipt;
  };
  const std::vector<Case> cases = {
      {v1::EVENT_KIND_TOP_UP, 100, 100, 0,
       R"({"1054":1,"items":[{"1023":1,"1043_kopecks":100,"1212":10,"1214":3}],"1081_kopecks":100})"},
      {v1::EVENT_KIND_TOP_UP, 100, 0, 100,
       R"({"1054":1,"items":[{"1023":1,"1043_kopecks":100,"1212":10,"1214":7}],"1081_kopecks":100})"},
      {v1::EVENT_KIND_MEAL, -100, 100, 0,
       R"({"1054":1,"items":[{"1023":1,"1043_kopecks":100,"1212":1,"1214":4}],
           "1215_kopecks":100,"1216_kopecks":0})"},
      {v1::EVENT_KIND_MEAL, -100, 30, 70,
       R"({"1054":1,"items":[{"1023":1,"1043_kopecks":100,"1212":1,"1214":5}],
           "1215_kopecks":30,"1216_kopecks":70})"},
      {v1::EVENT_KIND_CANCEL, 100, 100, 0,
       R"({"1054":2,"items":[{"1023":1,"1043_kopecks":100,"1212":1,"1214":4}],
           "1215_kopecks":100,"1216_kopecks":0})"},
      {v1::EVENT_KIND_CANCEL, -100, 100, 0,
       R"({"1054":2,"items":[{"1023":1,"1043_kopecks":100,"1212":10,"1214":3}],"1081_kopecks":100})"},
      {v1::EVENT_KIND_REFUND, -100, 100, 0,
       R"({"1054":2,"items":[{"1023":1,"1043_kopecks":100,"1212":10,"1214":3}],"1081_kopecks":100})"},
      {v1::EVENT_KIND_REFUND, 100, 100, 0,
       R"({"1054":1,"items":[{"1023":1,"1043_kopecks":100,"1212":10,"1214":3}],"1081_kopecks":100})"}};
  for (const Case& one : cases) {
    v1::Event event = EventOf(1);
    event.set_kind(one.kind);
    event.set_amount_kopecks(one.amount);
    event.set_advance_kopecks(one.advance);
    event.set_credit_kopecks(one.credit);
    EXPECT_EQ(json::parse(ReceiptJson(event))["data"]["receipt"], json::parse(one.receipt))
        << v1::EventKind_Name(one.kind) << " " << one.amount;
  }
}

}  // namespace
}  // namespace ladon::channels
