// Goal: the reasons of the flow are those of the wire contract: same numbers, same names.
// Method: walk the enumeration that protoc compiled; look for every number beyond it.
#include <string>

#include "gtest/gtest.h"
#include "ladon/v1/errors.pb.h"
#include "server/base/messages.h"
#include "server/flow/refusal.h"

namespace ladon::flow {
namespace {

constexpr char kPrefix[] = "ERROR_REASON_";

TEST(ContractTest, EveryReasonOfTheContractIsOneOfTheFlow) {
  const auto* const reasons = v1::ErrorReason_descriptor();
  ASSERT_GT(reasons->value_count(), 1);
  for (int i = 0; i < reasons->value_count(); ++i) {
    const auto* const value = reasons->value(i);
    if (value->number() == 0) continue;
    const auto reason = static_cast<Reason>(value->number());
    const std::string name(ReasonName(reason));
    EXPECT_EQ(value->name(), kPrefix + name);
    EXPECT_EQ(DetailOf(Refuse(reason)).reason, reason);
    EXPECT_TRUE(base::HasText(name)) << "nothing to tell a cashier for " << name;
  }
}

// The other way round: every verdict that the flow can draw from the ledger is in the contract.
TEST(ContractTest, EveryVerdictOfTheLedgerIsInTheContract) {
  for (uint16_t code = 0; code < 100; ++code) {
    const Reason reason = DetailOf(FromResult(static_cast<ledger::ResultCode>(code))).reason;
    EXPECT_TRUE(v1::ErrorReason_IsValid(static_cast<int>(reason))) << code;
  }
}

// A row of Reason that the contract does not have would end the program in ReasonName(), so this
// asks with the highest number that both have.
TEST(ContractTest, BothEndWithTheSameReason) {
  EXPECT_EQ(static_cast<int>(Reason::kRefundNotOpen), static_cast<int>(v1::ErrorReason_MAX));
}

}  // namespace
}  // namespace ladon::flow
