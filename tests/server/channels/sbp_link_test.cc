// Goal: a link with a wrong sum or bank in it is not shown to a parent. Method: links whose crc
// others computed; every byte of one changed.
#include "server/channels/sbp_link.h"

#include "gtest/gtest.h"

namespace ladon::channels {
namespace {

constexpr std::string_view kLink =
    "https://qr.nspk.ru/AS10003P3RH0LJ2A9ROO038L6NT5RU1M?type=01&bank=000000000001&sum=10000&cur="
    "RUB&crc=F3D0";

TEST(SbpLinkTest, TheCrcOfThePublishedLink) {
  const std::string_view text = kLink.substr(0, kLink.size() - 9);
  EXPECT_EQ(SbpCrc(text), 0xF3D0);
  EXPECT_EQ(WithSbpCrc(text), kLink);
  EXPECT_EQ(SbpCrc("123456789"), 0x29B1) << "the check value of CRC-16/CCITT-FALSE";
  EXPECT_TRUE(CheckSbpLink(kLink).ok());
}

TEST(SbpLinkTest, EveryChangedByteIsFound) {
  for (size_t at = 0; at < kLink.size(); ++at) {
    for (const char other : {'0', 'A', 'z', ' ', '\0', '\x7f'}) {
      std::string changed(kLink);
      if (changed[at] == other) continue;
      changed[at] = other;
      EXPECT_FALSE(CheckSbpLink(changed).ok()) << at;
    }
  }
}

TEST(SbpLinkTest, WhatIsNoSuchLinkIsRefused) {
  for (const std::string& link :
       {std::string(), std::string("https://qr.nspk.ru/"), std::string("https://qr.nspk.ru/x"),
        WithSbpCrc("https://qr.example/A?type=01"), WithSbpCrc("http://qr.nspk.ru/A?type=01"),
        std::string(kLink) + "&x=1", std::string(kLink.substr(0, kLink.size() - 1)),
        WithSbpCrc("https://qr.nspk.ru/" + std::string(kSbpLinkBytesMax, 'A'))}) {
    EXPECT_FALSE(CheckSbpLink(link).ok()) << link.substr(0, 60);
  }
}

}  // namespace
}  // namespace ladon::channels
