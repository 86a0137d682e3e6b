// Goal: whatever the network or the power does, what the till believes and what the server booked
// agree in the end, and no child pays twice for one meal.
// Method: a model of the server behind a scripted network; every script up to a length; and the
// world frozen at every step of a call (log file and server state), thawed as after kill -9.
#include "server/client/terminal/till.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "tests/server/client/terminal/model_server.h"
#include "tests/testing/status_testing.h"

namespace ladon::terminal {
namespace {

using ::ladon::testing::IsOk;

constexpr int64_t kPriceKopecks = 8'500;
constexpr int64_t kTokenLifeMs = 10'000;

class TillTest : public ::testing::Test {
 protected:
  TillTest() {
    std::string name = (std::filesystem::temp_directory_path() / "ladon-till-XXXXXX").string();
    root_ = mkdtemp(name.data());
    path_ = root_ + "/till.log";
  }
  ~TillTest() override { std::filesystem::remove_all(root_); }

  TillPorts Ports() {
    return {.now_ms = [this] { return now_ms_; },
            .new_id =
                [this] {
                  base::RequestId id;
                  const uint64_t n = ++ids_;
                  std::memcpy(id.bytes.data(), &n, sizeof n);
                  return id;
                },
            .pause = [this](int64_t ms) { now_ms_ += ms; }};
  }
  Till::Sale MealSale() const {
    Till::Sale sale;
    sale.basket.set_caterer_id(std::string(16, 'c'));
    auto* line = sale.basket.add_lines();
    line->set_item_id(std::string(16, 'i'));
    line->set_quantity(1);
    line->set_unit_price_kopecks(kPriceKopecks);
    sale.basket.set_total_kopecks(kPriceKopecks);
    sale.lines = {{"Обед", 1, kPriceKopecks}};
    sale.token = "token";
    sale.token_expires_at_ms = now_ms_ + kTokenLifeMs;
    sale.payer = "Анна К., 2Б";
    return sale;
  }
  std::string Content() const {
    std::ifstream in(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  // Net sum of the log: debits that went through less returns.
  static int64_t BelievedKopecks(const AttemptLog& log) {
    int64_t sum = 0;
    for (const AttemptEntry& entry : log.entries()) {
      if (!entry.outcome || entry.outcome->kind != OutcomeKind::kDone) continue;
      sum += entry.attempt.kind == AttemptKind::kDebit    ? entry.outcome->amount_kopecks
             : entry.attempt.kind == AttemptKind::kCancel ? -entry.outcome->amount_kopecks
                                                          : 0;
    }
    return sum;
  }
  // Restarts the till until nothing is pending; the network is whole again.
  void SettleAll(ModelTransport* world) {
    ASSERT_OK_AND_ASSIGN(const auto log, AttemptLog::Open(path_));
    Till till(log.get(), world, Ports());
    std::vector<Settlement> told;
    const size_t pending = log->Pending().size();
    ASSERT_THAT(till.SettlePending(&told), IsOk());
    EXPECT_EQ(told.size(), pending);  // Every one of them is told to the cashier.
    EXPECT_TRUE(log->Pending().empty());
    EXPECT_EQ(BelievedKopecks(*log), world->server.taken_kopecks);
  }

  std::string root_;
  std::string path_;
  int64_t now_ms_ = 1'788'245'100'000;
  uint64_t ids_ = 0;
};

TEST_F(TillTest, DeliveredDebitIsDoneAndNoted) {
  ModelTransport world;
  ASSERT_OK_AND_ASSIGN(const auto log, AttemptLog::Open(path_));
  Till till(log.get(), &world, Ports());
  const Verdict verdict = till.Pay(MealSale());
  EXPECT_EQ(verdict.fate, Fate::kDone);
  EXPECT_EQ(verdict.outcome->amount_kopecks, kPriceKopecks);
  EXPECT_EQ(verdict.outcome->service_date, "2026-09-01");
  EXPECT_EQ(verdict.payer.display_name(), "Анна К., 2Б");
  EXPECT_EQ(log->entries().back().outcome, verdict.outcome);
}

TEST_F(TillTest, AttemptIsOnDiskBeforeTheRequestLeaves) {
  ModelTransport world;
  ASSERT_OK_AND_ASSIGN(const auto log, AttemptLog::Open(path_));
  size_t at_first_step = 0;
  world.at_every_step = [&] {
    if (at_first_step == 0) at_first_step = Content().size();
  };
  Till till(log.get(), &world, Ports());
  ASSERT_EQ(till.Pay(MealSale()).fate, Fate::kDone);
  EXPECT_GT(at_first_step, 0U);
  EXPECT_LT(at_first_step, Content().size());
}

TEST_F(TillTest, RefusedDebitIsNotRepeatedAndTheNextTakesANewId) {
  ModelTransport world;
  world.server.limit_kopecks = 0;
  ASSERT_OK_AND_ASSIGN(const auto log, AttemptLog::Open(path_));
  Till till(log.get(), &world, Ports());
  const Verdict first = till.Pay(MealSale());
  EXPECT_EQ(first.fate, Fate::kRefused);
  EXPECT_EQ(first.outcome->reason, "INSUFFICIENT_FUNDS");
  EXPECT_EQ(world.debits_sent.size(), 1U);
  const Verdict second = till.Pay(MealSale());
  EXPECT_NE(second.request_id, first.request_id);
}

TEST_F(TillTest, RepeatHasTheSameBytes) {
  ModelTransport world;
  world.script = {Net::kLoseAnswer, Net::kLoseRequest, Net::kDeliver};
  ASSERT_OK_AND_ASSIGN(const auto log, AttemptLog::Open(path_));
  Till till(log.get(), &world, Ports());
  EXPECT_EQ(till.Pay(MealSale()).fate, Fate::kDone);
  ASSERT_EQ(world.debits_sent.size(), 3U);
  EXPECT_EQ(world.debits_sent[0], world.debits_sent[1]);
  EXPECT_EQ(world.debits_sent[0], world.debits_sent[2]);
  EXPECT_EQ(world.server.debits, 1);
}

TEST_F(TillTest, SendsAreLimitedAndTheAttemptIsKept) {
  ModelTransport world;
  world.script.assign(kSendsMax + 1, Net::kLoseRequest);
  ASSERT_OK_AND_ASSIGN(const auto log, AttemptLog::Open(path_));
  Till till(log.get(), &world, Ports());
  EXPECT_EQ(till.Pay(MealSale()).fate, Fate::kUnknown);
  EXPECT_EQ(world.debits_sent.size(), static_cast<size_t>(kSendsMax));
  EXPECT_EQ(log->Pending().size(), 1U);
}

// The first copy is under way while the repeat is refused for a reason that leaves no trace.
TEST_F(TillTest, RefusalOfARepeatIsNotBelievedAlone) {
  for (const bool token_dies : {false, true}) {
    std::filesystem::remove(path_);
    ModelTransport world;
    world.server.guard_repeats = true;
    world.script = {Net::kLoseAnswer};
    world.at_every_step = [&world, token_dies] {
      // From the moment the first copy is booked, repeats of it would not pass on their own.
      if (token_dies && world.server.debits > 0) world.server.token_alive = false;
    };
    ASSERT_OK_AND_ASSIGN(const auto log, AttemptLog::Open(path_));
    Till till(log.get(), &world, Ports());
    const Verdict verdict = till.Pay(MealSale());
    EXPECT_EQ(verdict.fate, Fate::kDone);
    EXPECT_EQ(world.server.taken_kopecks, kPriceKopecks);
  }
}

TEST_F(TillTest, LostRequestWithADeadTokenIsBurntSoThatItCannotArriveLater) {
  ModelTransport world;
  world.script = {Net::kLoseRequest};
  world.server.token_alive = false;
  ASSERT_OK_AND_ASSIGN(const auto log, AttemptLog::Open(path_));
  Till till(log.get(), &world, Ports());
  const Verdict verdict = till.Pay(MealSale());
  EXPECT_EQ(verdict.fate, Fate::kRefused);
  ASSERT_TRUE(verdict.after.has_value());
  EXPECT_EQ(verdict.after->how, Settled::kNeverHappened);
  EXPECT_EQ(world.cancels_sent, 1);
  // The straggler comes after all, with a live token even: it must not be booked.
  world.server.token_alive = true;
  v1::DebitRequest straggler;
  ASSERT_TRUE(straggler.ParseFromString(world.debits_sent[0]));
  v1::DebitResponse answer;
  EXPECT_FALSE(world.server.Debit(straggler, &answer).ok());
  EXPECT_EQ(world.server.taken_kopecks, 0);
}

TEST_F(TillTest, APinIsSentAndRepeatedAndNeverOnDisk) {
  ModelTransport world;
  world.script = {Net::kLoseRequest, Net::kDeliver};
  ASSERT_OK_AND_ASSIGN(const auto log, AttemptLog::Open(path_));
  Till till(log.get(), &world, Ports());
  Till::Sale sale = MealSale();
  sale.pin = "48215930";
  EXPECT_EQ(till.Pay(sale).fate, Fate::kDone);
  ASSERT_EQ(world.debits_sent.size(), 2U);
  EXPECT_EQ(world.debits_sent[0], world.debits_sent[1]);
  v1::DebitRequest sent;
  ASSERT_TRUE(sent.ParseFromString(world.debits_sent[0]));
  EXPECT_EQ(sent.pin(), sale.pin);
  EXPECT_EQ(Content().find(sale.pin), std::string::npos);
  v1::DebitRequest kept;
  ASSERT_TRUE(kept.ParseFromString(log->entries().back().attempt.request));
  EXPECT_EQ(kept.pin(), "");
  EXPECT_EQ(kept.identification_token(), sale.token);
}

// What is on disk lacks the PIN: as a repeat it would be another request under the same id.
TEST_F(TillTest, AnAttemptWithAPinIsBurntNotRepeatedByTheNextCommand) {
  ModelTransport world;
  world.script.assign(kSendsMax, Net::kLoseRequest);
  {
    ASSERT_OK_AND_ASSIGN(const auto log, AttemptLog::Open(path_));
    Till till(log.get(), &world, Ports());
    Till::Sale sale = MealSale();
    sale.pin = "4821";
    ASSERT_EQ(till.Pay(sale).fate, Fate::kUnknown);
  }
  SettleAll(&world);
  EXPECT_EQ(world.debits_sent.size(), static_cast<size_t>(kSendsMax));
  EXPECT_EQ(world.cancels_sent, 1);
  EXPECT_EQ(world.server.taken_kopecks, 0);
}

TEST_F(TillTest, StaleAttemptIsBurntNotRepeated) {
  ModelTransport world;
  world.script.assign(kSendsMax, Net::kLoseRequest);
  {
    ASSERT_OK_AND_ASSIGN(const auto log, AttemptLog::Open(path_));
    Till till(log.get(), &world, Ports());
    ASSERT_EQ(till.Pay(MealSale()).fate, Fate::kUnknown);
  }
  now_ms_ += kTokenLifeMs;
  SettleAll(&world);
  EXPECT_EQ(world.debits_sent.size(), static_cast<size_t>(kSendsMax));
  EXPECT_EQ(world.cancels_sent, 1);
  EXPECT_EQ(world.server.debits, 0);
}

TEST_F(TillTest, FreshAttemptIsRepeatedAfterARestart) {
  ModelTransport world;
  world.script.assign(kSendsMax, Net::kLoseRequest);
  {
    ASSERT_OK_AND_ASSIGN(const auto log, AttemptLog::Open(path_));
    Till till(log.get(), &world, Ports());
    ASSERT_EQ(till.Pay(MealSale()).fate, Fate::kUnknown);
  }
  SettleAll(&world);
  EXPECT_EQ(world.debits_sent.size(), static_cast<size_t>(kSendsMax) + 1);
  EXPECT_EQ(world.debits_sent.back(), world.debits_sent.front());
  EXPECT_EQ(world.cancels_sent, 0);
  EXPECT_EQ(world.server.debits, 1);
}

TEST_F(TillTest, UnknownStaysPendingAndIsTold) {
  ModelTransport world;
  world.script.assign(kSendsMax + 1, Net::kLoseRequest);
  ASSERT_OK_AND_ASSIGN(const auto log, AttemptLog::Open(path_));
  Till till(log.get(), &world, Ports());
  ASSERT_EQ(till.Pay(MealSale()).fate, Fate::kUnknown);
  std::vector<Settlement> told;
  ASSERT_THAT(till.SettlePending(&told), IsOk());
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].how, Settled::kStillUnknown);
  EXPECT_EQ(told[0].status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(log->Pending().size(), 1U);
}

// Every way a sale, a settlement and a cancel can meet the network, then a whole network.
TEST_F(TillTest, EveryNetworkScriptEndsInAgreement) {
  constexpr std::array<Net, 4> kNets = {Net::kDeliver, Net::kLoseRequest, Net::kLoseAnswer,
                                        Net::kDelay};
  constexpr size_t kLength = 5;
  size_t scripts = 1;
  for (size_t i = 0; i < kLength; ++i) scripts *= kNets.size();
  for (size_t script = 0; script < scripts; ++script) {
    for (const bool stale : {false, true}) {
      std::filesystem::remove(path_);
      ModelTransport world;
      world.server.guard_repeats = true;
      for (size_t i = 0, rest = script; i < kLength; ++i, rest /= kNets.size()) {
        world.script.push_back(kNets[rest % kNets.size()]);
      }
      {
        ASSERT_OK_AND_ASSIGN(const auto log, AttemptLog::Open(path_));
        Till till(log.get(), &world, Ports());
        const Verdict sale = till.Pay(MealSale());
        if (sale.fate == Fate::kDone) {
          ASSERT_EQ(world.server.debits, 1);
        }
        if (stale) {
          now_ms_ += kTokenLifeMs;
          world.server.token_alive = false;
        }
        std::vector<Settlement> told;
        ASSERT_THAT(till.SettlePending(&told), IsOk());
        if (log->Pending().empty()) {
          (void)till.Cancel({.debit = sale.request_id,
                             .lines = {},
                             .reason = v1::CANCEL_REASON_WRONG_BASKET,
                             .payer = ""});
        }
      }
      world.script.clear();
      SettleAll(&world);
      ASSERT_LE(world.server.debits, 1) << script;
      for (const std::string& bytes : world.debits_sent) {
        ASSERT_EQ(bytes, world.debits_sent.front()) << script;
      }
      ASSERT_FALSE(HasFailure()) << "script " << script << " stale " << stale;
    }
  }
}

// kill -9 at every step of a sale and of a cancel: before the send, after the send, before and
// after each answer is noted.
TEST_F(TillTest, KilledAtEveryStepNothingIsLostOrDoubled) {
  struct Frozen {
    std::string log;
    ModelServer server;
    bool stale;
  };
  std::vector<Frozen> moments;
  {
    ModelTransport world;
    ASSERT_OK_AND_ASSIGN(const auto log, AttemptLog::Open(path_));
    Till till(log.get(), &world, Ports());
    world.script = {Net::kLoseRequest, Net::kDeliver};
    world.at_every_step = [&] {
      for (const bool stale : {false, true}) moments.push_back({Content(), world.server, stale});
    };
    const Verdict sale = till.Pay(MealSale());
    ASSERT_EQ(sale.fate, Fate::kDone);
    ASSERT_EQ(till.Cancel({.debit = sale.request_id,
                           .lines = {},
                           .reason = v1::CANCEL_REASON_TEST,
                           .payer = ""})
                  .fate,
              Fate::kDone);
  }
  ASSERT_GE(moments.size(), 8U);
  for (const Frozen& moment : moments) {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << moment.log;
    ModelTransport world;
    world.server = moment.server;
    world.server.token_alive = !moment.stale;
    if (moment.stale) now_ms_ += kTokenLifeMs;
    SettleAll(&world);
    EXPECT_LE(world.server.debits, 1);
    if (moment.stale) now_ms_ -= kTokenLifeMs;
    // Killed in the middle of settling: settle again from the same state changes nothing.
    SettleAll(&world);
  }
}

TEST_F(TillTest, EnrolmentKeepsNoTemplateOnDiskAndIsTakenAgainWhenItDidNotArrive) {
  ModelTransport world;
  world.script.assign(kSendsMax, Net::kLoseRequest);
  ASSERT_OK_AND_ASSIGN(const auto log, AttemptLog::Open(path_));
  Till till(log.get(), &world, Ports());
  v1::EnrolPalmRequest request;
  request.add_templates(std::string(900, 'V'));
  uint32_t samples = 0;
  EXPECT_EQ(till.Enrol(request, &samples).fate, Fate::kUnknown);
  EXPECT_EQ(log->Pending()[0].request, "");
  EXPECT_LT(Content().size(), 900U);
  std::vector<Settlement> told;
  ASSERT_THAT(till.SettlePending(&told), IsOk());
  EXPECT_EQ(told[0].how, Settled::kTakeAgain);
  EXPECT_EQ(till.Enrol(request, &samples).fate, Fate::kDone);
  EXPECT_EQ(samples, 1U);
}

TEST_F(TillTest, DiskThatFailsBeforeTheSendMeansNothingIsSent) {
  ModelTransport world;
  ASSERT_OK_AND_ASSIGN(const auto log, AttemptLog::Open(path_));
  Till till(log.get(), &world, Ports());
  Till::Sale sale = MealSale();
  sale.payer = std::string(kAttemptRecordBytesMax, 'x');
  EXPECT_EQ(till.Pay(sale).fate, Fate::kLocal);
  EXPECT_TRUE(world.debits_sent.empty());
}

TEST(ReasonNameTest, NamesTheReasonOrTheGrpcCode) {
  EXPECT_EQ(ReasonName(RefusalOf(v1::ERROR_REASON_CARD_LOST)), "CARD_LOST");
  EXPECT_EQ(ReasonName({grpc::StatusCode::UNAVAILABLE, "x"}), "GRPC_14");
}

}  // namespace
}  // namespace ladon::terminal
