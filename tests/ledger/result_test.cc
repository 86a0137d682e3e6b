// Goal: every verdict has a name of its own, and only two do not burn the request id.
// Method: all numbers up to beyond the last.
#include "ledger/result.h"

#include <set>
#include <string>

#include "gtest/gtest.h"

namespace ladon::ledger {
namespace {

TEST(ResultTest, NamesAreUniqueAndComplete) {
  std::set<std::string_view> names;
  int named = 0;
  for (uint16_t number = 0; number < 100; ++number) {
    const std::string_view name = ResultName(static_cast<ResultCode>(number));
    if (name != "UNKNOWN") {
      names.insert(name);
      ++named;
    }
  }
  EXPECT_EQ(named, 19);
  EXPECT_EQ(names.size(), 19u);
  EXPECT_EQ(ResultName(ResultCode::kInsufficientFunds), "INSUFFICIENT_FUNDS");
}

TEST(ResultTest, OnlyTwoVerdictsDoNotBurn) {
  for (uint16_t number = 0; number < 100; ++number) {
    const auto code = static_cast<ResultCode>(number);
    EXPECT_EQ(BurnsRequestId(code),
              code != ResultCode::kRequestIdReused && code != ResultCode::kPossibleRepeat);
  }
}

}  // namespace
}  // namespace ladon::ledger
