// Goal: fees are exact, taken once and never all of it; a contract that cannot be is refused.
// Method: sums whose share lies at, above and below half a kopeck.
#include "server/payments/contract.h"

#include "tests/testing/status_testing.h"

namespace ladon::payments {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::testing::HasSubstr;

Contract ContractWith(uint32_t hundredths, int64_t fee_min) {
  return {.name = "bank",
          .time_zone = "Europe/Moscow",
          .fee_hundredths = hundredths,
          .fee_kopecks_min = fee_min,
          .paid_kopecks_min = 100};
}

TEST(ContractTest, FeesRoundHalfUpOnce) {
  const Contract contract = ContractWith(150, 0);  // 1.5 %
  EXPECT_EQ(contract.FeeOf(100), 2);               // 1.50
  EXPECT_EQ(contract.FeeOf(33), 0);                // 0.495
  EXPECT_EQ(contract.FeeOf(34), 1);                // 0.51
  EXPECT_EQ(contract.FeeOf(99), 1);                // 1.485
  EXPECT_EQ(contract.FeeOf(1'999), 30);            // 29.985
  EXPECT_EQ(contract.FeeOf(10'000), 150);
  EXPECT_EQ(ContractWith(1, 0).FeeOf(5'000), 1);  // 0.5
  EXPECT_EQ(ContractWith(1, 0).FeeOf(4'999), 0);  // 0.4999
  EXPECT_EQ(ContractWith(0, 0).FeeOf(kPaidKopecksMax), 0);
  EXPECT_EQ(ContractWith(10'000, 0).FeeOf(kPaidKopecksMax), kPaidKopecksMax);
}

TEST(ContractTest, TheMinimumHoldsAndNobodyPaysMoreThanThereIs) {
  const Contract contract = ContractWith(150, 30);
  EXPECT_EQ(contract.FeeOf(100), 30);
  EXPECT_EQ(contract.FeeOf(2'000), 30);
  EXPECT_EQ(contract.FeeOf(2'001), 30);
  EXPECT_EQ(contract.FeeOf(2'100), 32);  // 31.5
  EXPECT_EQ(contract.FeeOf(10), 10);
}

TEST(ContractTest, WhatCannotBeIsRefusedByItsKey) {
  EXPECT_THAT(CheckContract(ContractWith(150, 30)), IsOk());
  const auto refused = [](Contract contract, const char* key) {
    const absl::Status status = CheckContract(contract);
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument)) << key;
    EXPECT_THAT(std::string(status.message()), HasSubstr(key));
  };
  for (const char* name : {"", "Bank", "bank desk", "банк", "a/b"}) {
    Contract contract = ContractWith(0, 0);
    contract.name = name;
    refused(contract, "name");
  }
  refused(ContractWith(10'001, 0), "fee_percent");
  refused(ContractWith(10'000, 0), "paid_min");  // All of it: nothing would be credited.
  refused(ContractWith(0, 100), "paid_min");
  Contract contract = ContractWith(0, 0);
  contract.paid_kopecks_max = 99;
  refused(contract, "paid_min");
  contract = ContractWith(0, 0);
  contract.registry_hour = 24;
  refused(contract, "registry_hour");
}

TEST(ContractTest, AreFoundByName) {
  const Contracts contracts({{"bank", ContractWith(1, 0)}});
  ASSERT_NE(contracts.Find("bank"), nullptr);
  EXPECT_EQ(contracts.Find("bank")->fee_hundredths, 1);
  EXPECT_EQ(contracts.Find("ban"), nullptr);
  EXPECT_EQ(Contracts().Find("bank"), nullptr);
}

}  // namespace
}  // namespace ladon::payments
