// Goal: fields go out big endian and come back, and a short read fails for good. Method: extremes.
#include "ledger/proof/bytes.h"

#include <limits>

#include "gtest/gtest.h"

namespace ladon::ledger {
namespace {

TEST(BytesTest, BigEndianAndBack) {
  ByteWriter out;
  out.U8(0x01);
  out.U16(0x0203);
  out.U32(0x04050607);
  out.U64(0x08090a0b0c0d0e0f);
  out.I64(std::numeric_limits<int64_t>::min());
  out.I64(-2);
  out.Raw(std::array<uint8_t, 2>{0xfe, 0xff});
  const std::string bytes = out.Take();
  EXPECT_EQ(bytes.substr(0, 15), "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f");
  EXPECT_EQ(bytes.substr(15, 8), std::string("\x80\0\0\0\0\0\0\0", 8));
  ByteReader in(bytes);
  EXPECT_EQ(in.U8(), 0x01);
  EXPECT_EQ(in.U16(), 0x0203);
  EXPECT_EQ(in.U32(), 0x04050607u);
  EXPECT_EQ(in.U64(), 0x08090a0b0c0d0e0fu);
  EXPECT_EQ(in.I64(), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(in.I64(), -2);
  std::array<uint8_t, 2> last{};
  in.Raw(&last);
  EXPECT_EQ(last[0], 0xfe);
  EXPECT_TRUE(in.AtEnd());
}

TEST(BytesTest, AShortReadFailsForGood) {
  ByteReader in("abc");
  EXPECT_EQ(in.U32(), 0u);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.U8(), 0u);
  EXPECT_EQ(in.Raw(1), "");
  EXPECT_FALSE(in.AtEnd());
}

}  // namespace
}  // namespace ladon::ledger
