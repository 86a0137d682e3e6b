// Goal: the generator charges a stalling server for everybody who waits, hides no error and sends
// what it says. Method: a real gRPC server in this process whose answers the test holds back.
// Lower bounds only are asserted on time, so a slow machine cannot fail the test.
#include "server/client/load/engine.h"

#include <mutex>
#include <set>

#include "ladon/v1/errors.pb.h"
#include "ladon/v1/terminal_service.grpc.pb.h"
#include "tests/testing/status_testing.h"

namespace ladon::load {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;

class HeldService final : public v1::TerminalService::CallbackService {
 public:
  grpc::ServerUnaryReactor* IdentifyAndDebit(grpc::CallbackServerContext* context,
                                             const v1::IdentifyAndDebitRequest* request,
                                             v1::IdentifyAndDebitResponse* response) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    const std::lock_guard<std::mutex> lock(mutex_);
    ++calls_;
    ids_.insert(request->request_id());
    if (answer_whole_) response->set_transaction_id(std::string(16, 't'));
    if (hold_) {
      held_.push_back(reactor);
    } else {
      reactor->Finish(answer_);
    }
    return reactor;
  }
  void Release() {
    std::vector<grpc::ServerUnaryReactor*> held;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      hold_ = false;
      held.swap(held_);
    }
    for (grpc::ServerUnaryReactor* reactor : held) reactor->Finish(grpc::Status::OK);
  }
  void Hold() { hold_ = true; }
  void Answer(const grpc::Status& status) { answer_ = status; }
  void AnswerEmpty() { answer_whole_ = false; }
  int64_t calls() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return calls_;
  }
  size_t ids() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return ids_.size();
  }

 private:
  mutable std::mutex mutex_;
  bool hold_ = false;
  bool answer_whole_ = true;
  grpc::Status answer_;
  int64_t calls_ = 0;
  std::set<std::string> ids_;
  std::vector<grpc::ServerUnaryReactor*> held_;
};

class EngineTest : public ::testing::Test {
 protected:
  EngineTest() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    channels_ = {grpc::CreateChannel("127.0.0.1:" + std::to_string(port),
                                     grpc::InsecureChannelCredentials())};
    scenario_.caterer_id = std::string(16, 'c');
    v1::PriceListItem item;
    item.set_item_id(std::string(16, 'i'));
    item.set_unit_price_kopecks(1'000);
    scenario_.items = {item};
    scenario_.cards.resize(1);
  }

  HeldService service_;
  std::unique_ptr<grpc::Server> server_;
  std::vector<std::shared_ptr<grpc::Channel>> channels_;
  Scenario scenario_;
};

TEST_F(EngineTest, SendsEveryCallOnceWithAnIdOfItsOwn) {
  const LoadOptions options = {.what = What::kDebitCard, .rate_per_second = 500, .seconds = 1};
  ASSERT_OK_AND_ASSIGN(const LoadResult result,
                       RunCalls(options, scenario_, channels_, [](int64_t) {}));
  EXPECT_EQ(result.intended, 500);
  EXPECT_EQ(result.succeeded, 500);
  EXPECT_EQ(result.latency.count, 500);
  EXPECT_TRUE(result.errors.empty());
  EXPECT_EQ(service_.calls(), 500);
  EXPECT_EQ(service_.ids(), 500U);
}

TEST_F(EngineTest, LatencyCountsFromTheIntendedStart) {
  service_.Hold();
  const LoadOptions options = {.what = What::kDebitCard, .rate_per_second = 200, .seconds = 1};
  // Answers are held until the call of the half second is due: the first call waits at least that
  // long, and so must half of the calls on average.
  ASSERT_OK_AND_ASSIGN(const LoadResult result,
                       RunCalls(options, scenario_, channels_, [this](int64_t due) {
                         if (due >= 100) service_.Release();
                       }));
  EXPECT_EQ(result.succeeded, 200);
  EXPECT_GE(result.latency.max_us, 490'000);
  EXPECT_GE(result.outstanding_max, 90);
}

TEST_F(EngineTest, ErrorsAreCountedByReason) {
  v1::ErrorDetail detail;
  detail.set_reason(v1::ERROR_REASON_INSUFFICIENT_FUNDS);
  v1::RpcStatus rich;
  rich.add_details()->PackFrom(detail);
  service_.Answer({grpc::StatusCode::FAILED_PRECONDITION, "", rich.SerializeAsString()});
  const LoadOptions options = {.what = What::kDebitCard, .rate_per_second = 100, .seconds = 1};
  ASSERT_OK_AND_ASSIGN(const LoadResult refused,
                       RunCalls(options, scenario_, channels_, [](int64_t) {}));
  EXPECT_EQ(refused.errors, (std::map<std::string, int64_t>{{"INSUFFICIENT_FUNDS", 100}}));
  EXPECT_EQ(refused.succeeded, 0);

  service_.Answer({grpc::StatusCode::UNAVAILABLE, ""});
  ASSERT_OK_AND_ASSIGN(const LoadResult away,
                       RunCalls(options, scenario_, channels_, [](int64_t) {}));
  EXPECT_EQ(away.errors, (std::map<std::string, int64_t>{{"GRPC_14", 100}}));
}

TEST_F(EngineTest, AnEmptyAnswerIsAnError) {
  service_.AnswerEmpty();
  const LoadOptions options = {.what = What::kDebitCard, .rate_per_second = 100, .seconds = 1};
  ASSERT_OK_AND_ASSIGN(const LoadResult result,
                       RunCalls(options, scenario_, channels_, [](int64_t) {}));
  EXPECT_EQ(result.errors, (std::map<std::string, int64_t>{{"BAD_ANSWER", 100}}));
}

TEST_F(EngineTest, OutstandingCallsAreBoundedAndTheOverflowIsCounted) {
  service_.Hold();
  const LoadOptions options = {.what = What::kDebitCard,
                               .rate_per_second = static_cast<int>(kOutstandingMax) + 2'000,
                               .seconds = 1};
  ASSERT_OK_AND_ASSIGN(const LoadResult result,
                       RunCalls(options, scenario_, channels_, [&](int64_t due) {
                         if (due > kOutstandingMax + 500) service_.Release();
                       }));
  // What was not sent is not gone: sent and unsent add up to what was due.
  EXPECT_EQ(result.outstanding_max, kOutstandingMax);
  const int64_t overflow = result.errors.at("CLIENT_OVERFLOW");
  EXPECT_GT(overflow, 0);
  EXPECT_EQ(service_.calls() + overflow, result.intended);
}

TEST_F(EngineTest, LimitsAndMissingParts) {
  const auto refused = [&](LoadOptions options, const Scenario& scenario) {
    return RunCalls(options, scenario, channels_, [](int64_t) {});
  };
  for (const int rate : {0, -1, kRateMax + 1}) {
    EXPECT_THAT(refused({.rate_per_second = rate}, scenario_),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  for (const int seconds : {0, kSecondsMax + 1}) {
    EXPECT_THAT(refused({.seconds = seconds}, scenario_),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_THAT(refused({.rate_per_second = kRateMax, .seconds = kSecondsMax}, scenario_),
              StatusIs(absl::StatusCode::kInvalidArgument));
  for (const What what :
       {What::kIdentifyPalm, What::kIdentifyAndDebitPalm, What::kBookByList, What::kTopUp}) {
    EXPECT_THAT(refused({.what = what}, scenario_), StatusIs(absl::StatusCode::kInvalidArgument));
  }
  Scenario no_cards = scenario_;
  no_cards.cards.clear();
  EXPECT_THAT(refused({}, no_cards), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(RunCalls({}, scenario_, {}, [](int64_t) {}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace ladon::load
