// Goal: an id survives its text form, and nothing else is taken for one.
// Method: round trips over all byte values; every wrong length and a wrong digit at each place.
#include "server/base/id.h"

#include <optional>
#include <string>

#include "gtest/gtest.h"

namespace ladon::base {
namespace {

TEST(IdTest, HexRoundTripsEveryByte) {
  std::string bytes;
  for (int b = 0; b < 256; ++b) bytes.push_back(static_cast<char>(b));
  const std::string hex = HexOf(bytes);
  EXPECT_EQ(hex.substr(0, 8), "00010203");
  EXPECT_EQ(hex.substr(hex.size() - 4), "feff");
  EXPECT_EQ(BytesOfHex(hex), bytes);
  EXPECT_EQ(BytesOfHex("FeFF"), std::string("\xFE\xFF"));
  EXPECT_EQ(BytesOfHex(""), std::string());
}

TEST(IdTest, RefusesWrongLengthsAndDigits) {
  const std::string good(32, 'a');
  ASSERT_TRUE(IdOfHex<SchoolId>(good).has_value());
  for (size_t size = 0; size < 40; ++size) {
    EXPECT_EQ(IdOfHex<SchoolId>(std::string(size, 'a')).has_value(), size == 32) << size;
    EXPECT_EQ(SchoolId::FromBytes(std::string(size, 'a')).has_value(), size == 16) << size;
  }
  for (size_t place = 0; place < good.size(); ++place) {
    for (const char wrong : {'g', '/', ':', '@', '`', ' ', '\0'}) {
      std::string bad = good;
      bad[place] = wrong;
      EXPECT_FALSE(IdOfHex<SchoolId>(bad).has_value()) << bad;
    }
  }
  EXPECT_FALSE(BytesOfHex("abc").has_value());
}

TEST(IdTest, ZeroIsTheAbsentId) {
  EXPECT_TRUE(SchoolId{}.IsZero());
  const std::optional<SchoolId> id = IdOfHex<SchoolId>("00000000000000000000000000000001");
  ASSERT_TRUE(id.has_value());
  EXPECT_FALSE(id->IsZero());
  EXPECT_EQ(HexOf(*id), "00000000000000000000000000000001");
}

}  // namespace
}  // namespace ladon::base
