// Goal: every verdict has a name of its own, and only a reused id and a possible repeat do not
// burn. Method: all numbers up to beyond the last.
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
  EXPECT_EQ(named, 37);
  EXPECT_EQ(names.size(), 37u);
  EXPECT_EQ(ResultName(ResultCode::kInsufficientFunds), "INSUFFICIENT_FUNDS");
}

TEST(ResultTest, OnlyReuseAndPossibleRepeatDoNotBurn) {
  for (uint16_t number = 0; number < 100; ++number) {
    const auto code = static_cast<ResultCode>(number);
    const bool reuse = number == 1 || (number >= 4 && number <= 8);
    EXPECT_EQ(IsReuse(code), reuse);
    EXPECT_EQ(BurnsRequestId(code), !reuse && code != ResultCode::kPossibleRepeat);
  }
}

}  // namespace
}  // namespace ladon::ledger
