// Goal: what is put of a payment, an order, a registry's file is found, in every list where it
// belongs and in no other; a record that is not ours is refused.
// Method: the real store in a temporary directory, written through batches as the committer does.
#include "server/payments/payments.h"

#include <functional>
#include <memory>

#include "storage/rocks_store.h"
#include "tests/testing/status_testing.h"
#include "tests/testing/temp_dir.h"

namespace ladon::payments {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::ladon::testing::TempDir;
using storage::Family;

constexpr Day kDay = 2026'11'26;

Payment PaymentOf(const std::string& id, State state = State::kCredited, Day day = kDay) {
  Payment payment{.contract = "bank",
                  .id = id,
                  .state = state,
                  .source = Source::kRegistry,
                  .index = 77,
                  .booked_at_ns = 1'795'000'000'000'000'000,
                  .paid_at_ns = 5,
                  .day = day,
                  .paid_kopecks = 10'000,
                  .fee_kopecks = 150,
                  .account_sealed = "sealed",
                  .registry_kopecks = 10'001};
  payment.account.bytes.fill(7);
  payment.registry.fill(9);
  return payment;
}

Order OrderOf(const std::string& number, OrderState state = OrderState::kOpen) {
  return {.contract = "bank",
          .number = number,
          .state = state,
          .payment_account = 405'217'938'861,
          .paid_kopecks = 10'000,
          .opened_at_ns = 3,
          .bank_id = "b-1"};
}

class PaymentsTest : public ::testing::Test {
 protected:
  PaymentsTest() {
    storage::RocksStoreOptions options{.path = dir_.Sub("store"), .create_if_missing = true};
    options.new_store_id.fill(1);
    auto store = storage::OpenRocksStore(options);
    EXPECT_THAT(store, IsOk());
    store_ = *std::move(store);
  }
  void Write(const std::function<void(storage::Overlay*)>& put) const {
    storage::Batch batch;
    storage::Overlay overlay(store_.get(), &batch);
    put(&overlay);
    ASSERT_THAT(store_->Write(batch), IsOk());
  }
  [[nodiscard]] std::vector<std::string> Day(const std::string& contract, payments::Day day,
                                             const std::string& after = "",
                                             size_t limit = 10) const {
    return IdsOf(PaymentsOfDay(*store_, contract, day, after, limit));
  }
  static std::vector<std::string> IdsOf(const absl::StatusOr<std::vector<Payment>>& page) {
    EXPECT_THAT(page, IsOk());
    std::vector<std::string> ids;
    for (const Payment& payment : *page) ids.push_back(payment.id);
    return ids;
  }

  const TempDir dir_;
  std::unique_ptr<storage::Store> store_;
};

using Ids = std::vector<std::string>;

TEST_F(PaymentsTest, WhatWasPutIsFoundAsItWas) {
  Write([](storage::Overlay* overlay) { PutPayment(PaymentOf("1"), overlay); });
  ASSERT_OK_AND_ASSIGN(const auto found, FindPayment(*store_, "bank", "1"));
  ASSERT_TRUE(found);
  EXPECT_EQ(Encode(*found), Encode(PaymentOf("1")));
  EXPECT_EQ(found->credited_kopecks(), 9'850);
  for (const auto& [contract, id] : {std::pair("bank", "2"), std::pair("ban", "1"),
                                     std::pair("bank", ""), std::pair("bank2", "1")}) {
    ASSERT_OK_AND_ASSIGN(const auto none, FindPayment(*store_, contract, id));
    EXPECT_FALSE(none) << contract << " " << id;
  }
}

TEST_F(PaymentsTest, DaysListTheirOwnInOrderAndByPages) {
  Write([](storage::Overlay* overlay) {
    for (const char* id : {"3", "1", "2", "10"}) PutPayment(PaymentOf(id), overlay);
    PutPayment(PaymentOf("4", State::kCredited, kDay + 1), overlay);
    Payment other = PaymentOf("5");
    other.contract = "bank-2";
    PutPayment(other, overlay);
  });
  EXPECT_EQ(Day("bank", kDay), (Ids{"1", "10", "2", "3"}));
  EXPECT_EQ(Day("bank", kDay, "", 2), (Ids{"1", "10"}));
  EXPECT_EQ(Day("bank", kDay, "10"), (Ids{"2", "3"}));
  EXPECT_EQ(Day("bank", kDay, "3"), Ids{});
  EXPECT_EQ(Day("bank", kDay + 1), Ids{"4"});
  EXPECT_EQ(Day("bank-2", kDay), Ids{"5"});
  EXPECT_EQ(Day("bank", kDay - 1), Ids{});
}

TEST_F(PaymentsTest, SuspenseListsWhatIsInItAndForgetsWhatIsNot) {
  Write([](storage::Overlay* overlay) {
    PutPayment(PaymentOf("1", State::kSuspense), overlay);
    PutPayment(PaymentOf("2", State::kCredited), overlay);
    PutPayment(PaymentOf("3", State::kSuspense), overlay);
  });
  EXPECT_EQ(IdsOf(PaymentsInSuspense(*store_, "bank", "", 10)), (Ids{"1", "3"}));
  Write([](storage::Overlay* overlay) { PutPayment(PaymentOf("1", State::kPlaced), overlay); });
  EXPECT_EQ(IdsOf(PaymentsInSuspense(*store_, "bank", "", 10)), Ids{"3"});
  EXPECT_EQ(Day("bank", kDay), (Ids{"1", "2", "3"}));
}

TEST_F(PaymentsTest, OpenOrdersAreListedUntilTheyEnd) {
  Write([](storage::Overlay* overlay) {
    for (const char* number : {"b", "a", "c"}) PutOrder(OrderOf(number), overlay);
  });
  ASSERT_OK_AND_ASSIGN(auto open, OpenOrders(*store_, "bank", "a", 10));
  ASSERT_EQ(open.size(), 2);
  EXPECT_EQ(open[0].number, "b");
  Write([](storage::Overlay* overlay) { PutOrder(OrderOf("b", OrderState::kPaid), overlay); });
  ASSERT_OK_AND_ASSIGN(open, OpenOrders(*store_, "bank", "", 10));
  EXPECT_EQ(open.size(), 2);
  ASSERT_OK_AND_ASSIGN(const auto paid, FindOrder(*store_, "bank", "b"));
  ASSERT_TRUE(paid);
  EXPECT_EQ(Encode(*paid), Encode(OrderOf("b", OrderState::kPaid)));
}

TEST_F(PaymentsTest, RegistriesAreCountedByContractAndDay) {
  constexpr uint32_t kBookedOn = 20260903;
  ASSERT_OK_AND_ASSIGN(auto known, FindRegistryDay(*store_, "bank", kBookedOn));
  EXPECT_EQ(known.kopecks, 0);
  known.kopecks = 500;
  Write([&](storage::Overlay* overlay) { PutRegistryDay(known, overlay); });
  ASSERT_OK_AND_ASSIGN(const auto again, FindRegistryDay(*store_, "bank", kBookedOn));
  EXPECT_EQ(Encode(again), Encode(known));
  for (const auto& [contract, day] : {std::pair("bank", kBookedOn + 1), std::pair("bank2", kDay)}) {
    ASSERT_OK_AND_ASSIGN(const auto other, FindRegistryDay(*store_, contract, day));
    EXPECT_EQ(other.kopecks, 0) << contract << day;
  }
}

TEST_F(PaymentsTest, EveryOtherRecordIsDataLoss) {
  const auto each_cut_and_flip = [](const std::string& good, const auto& decode) {
    for (size_t bytes = 0; bytes < good.size(); ++bytes) {
      EXPECT_THAT(decode(good.substr(0, bytes)), StatusIs(absl::StatusCode::kDataLoss)) << bytes;
    }
    EXPECT_THAT(decode(good + "x"), StatusIs(absl::StatusCode::kDataLoss));
    EXPECT_THAT(decode("\x07" + good.substr(1)), StatusIs(absl::StatusCode::kDataLoss));
  };
  each_cut_and_flip(Encode(PaymentOf("1")),
                    [](const std::string& bytes) { return DecodePayment(bytes).status(); });
  each_cut_and_flip(Encode(OrderOf("1")),
                    [](const std::string& bytes) { return DecodeOrder(bytes).status(); });
  each_cut_and_flip(Encode(RegistryDay{.contract = "bank"}),
                    [](const std::string& bytes) { return DecodeRegistryDay(bytes).status(); });
  // Under another's key, or of a state that there is not.
  Payment payment = PaymentOf("1");
  payment.state = static_cast<State>(6);
  EXPECT_THAT(DecodePayment(Encode(payment)), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(PaymentIdTest, AreOfPlainLetters) {
  for (const char* good : {"1", "20260903-abc_DEF", "99999999999999999999"}) {
    EXPECT_TRUE(IsPaymentId(good)) << good;
  }
  EXPECT_TRUE(IsPaymentId(std::string(64, '1')));
  for (const std::string& bad : {std::string(), std::string(65, '1'), std::string("1 2"),
                                 std::string("1/2"), std::string("п"), std::string("1\0", 2)}) {
    EXPECT_FALSE(IsPaymentId(bad)) << bad;
  }
}

}  // namespace
}  // namespace ladon::payments
