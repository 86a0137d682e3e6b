// Goal: one card has one number whatever reader read it, and what is no card has none.
// Method: a table of technologies, lengths and profiles, each with the verdict of the header.
#include "server/vault/card_number.h"

#include <string>

#include "tests/testing/status_testing.h"

namespace ladon::vault {
namespace {

using ::ladon::testing::StatusIs;

constexpr auto kAsSent = ReaderProfile::kTransmissionOrder;
constexpr auto kReversed = ReaderProfile::kReversed;

TEST(CardNumberTest, AcceptsExactlyTheLengthsOfEachTechnology) {
  const struct {
    CardTechnology technology;
    std::string lengths;  // One character a length.
  } table[] = {{CardTechnology::kIso14443A, "\x04\x07\x0a"},
               {CardTechnology::kEm4100, "\x05"},
               {CardTechnology::kWiegand26, "\x03"}};
  for (const auto& row : table) {
    for (size_t size = 0; size <= 12; ++size) {
      const bool fits = row.lengths.find(static_cast<char>(size)) != std::string::npos;
      const auto number = CanonicalCard(row.technology, std::string(size, '\x11'), kAsSent);
      EXPECT_THAT(number,
                  StatusIs(fits ? absl::StatusCode::kOk : absl::StatusCode::kInvalidArgument))
          << size;
    }
  }
  EXPECT_THAT(CanonicalCard(static_cast<CardTechnology>(9), "1234", kAsSent),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(CardNumberTest, ReadersOfBothOrdersAgree) {
  ASSERT_OK_AND_ASSIGN(const CardNumber sent,
                       CanonicalCard(CardTechnology::kIso14443A, "\x04\x01\x02\x03", kAsSent));
  ASSERT_OK_AND_ASSIGN(const CardNumber turned,
                       CanonicalCard(CardTechnology::kIso14443A, "\x03\x02\x01\x04", kReversed));
  EXPECT_EQ(sent.canonical, turned.canonical);
  EXPECT_EQ(sent.canonical, "\x01\x04\x04\x01\x02\x03");
}

TEST(CardNumberTest, TechnologiesAndLengthsNeverCollide) {
  ASSERT_OK_AND_ASSIGN(const CardNumber em,
                       CanonicalCard(CardTechnology::kEm4100, "12345", kAsSent));
  ASSERT_OK_AND_ASSIGN(const CardNumber iso,
                       CanonicalCard(CardTechnology::kIso14443A, "1234567", kAsSent));
  ASSERT_OK_AND_ASSIGN(const CardNumber wiegand,
                       CanonicalCard(CardTechnology::kWiegand26, "123", kAsSent));
  EXPECT_NE(em.canonical.substr(0, 2), iso.canonical.substr(0, 2));
  EXPECT_NE(em.canonical.substr(0, 2), wiegand.canonical.substr(0, 2));
}

TEST(CardNumberTest, RefusesRandomUids) {
  const std::string random("\x08\x01\x02\x03", 4);
  const std::string turned("\x03\x02\x01\x08", 4);
  EXPECT_THAT(CanonicalCard(CardTechnology::kIso14443A, random, kAsSent),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(CanonicalCard(CardTechnology::kIso14443A, turned, kReversed),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  // The byte only means that at the front of a UID of four.
  EXPECT_TRUE(CanonicalCard(CardTechnology::kIso14443A, turned, kAsSent).ok());
  EXPECT_TRUE(CanonicalCard(CardTechnology::kIso14443A,
                            "\x08"
                            "123456",
                            kAsSent)
                  .ok());
  EXPECT_TRUE(CanonicalCard(CardTechnology::kEm4100,
                            "\x08"
                            "1234",
                            kAsSent)
                  .ok());
}

}  // namespace
}  // namespace ladon::vault
