// Goal: each bound of a registry holds, and no file makes its reader big or slow. Method: every
// bound at its limit and one beyond.
#include <string>

#include "server/client/registry/registry_file.h"
#include "server/client/registry/row_reader.h"
#include "tests/server/client/registry/encoded.h"
#include "tests/testing/status_testing.h"

namespace ladon::registry {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::testing::HasSubstr;

Profile Layout(const std::string& charset = "utf-8") {
  const absl::StatusOr<Profile> profile =
      ParseProfile("name = \"plain\"\ncharset = \"" + charset +
                       "\"\ndelimiter = \";\"\ndecimal_mark = \".\"\nmay_be_empty = true\n"
                       "[fields]\npayment_id = 1\naccount = 2\nsum = 3\n"
                       "[paid_at]\ndate = 4\ndate_format = \"DD.MM.YYYY\"\n"
                       "[footer]\nprefix = \"=\"\ncount = 1\nsum = 2\n",
                   "plain.toml");
  EXPECT_TRUE(profile.ok()) << profile.status();
  return profile.ok() ? *profile : Profile{};
}

std::string Refusal(const std::string& bytes, const Profile& profile = Layout()) {
  const absl::StatusOr<RegistryFile> file = ReadRegistry(bytes, profile);
  EXPECT_THAT(file, StatusIs(absl::StatusCode::kInvalidArgument));
  return std::string(file.status().message());
}

std::string One(const std::string& id, const std::string& account) {
  return id + ";" + account + ";5;01.09.2026\n=1;5\n";
}

TEST(RegistryBoundsTest, PaymentIdsAndAccounts) {
  EXPECT_THAT(ReadRegistry(One(std::string(kPaymentIdBytesMax, 'a'), "1"), Layout()), IsOk());
  EXPECT_THAT(Refusal(One(std::string(kPaymentIdBytesMax + 1, 'a'), "1")),
              HasSubstr("line 1: the payment id is not"));
  EXPECT_THAT(ReadRegistry(One("1", std::string(kAccountBytesMax, '7')), Layout()), IsOk());
  EXPECT_THAT(Refusal(One("1", std::string(kAccountBytesMax + 1, '7'))),
              HasSubstr("line 1: the account is longer than 200 bytes"));
  // Of UTF-8, whatever the file is in.
  std::string letters;
  for (size_t i = 0; i < kAccountBytesMax / 2; ++i) letters += "ж";
  EXPECT_THAT(ReadRegistry(Cp1251(One("1", letters)), Layout("windows-1251")), IsOk());
  EXPECT_THAT(Refusal(Cp1251(One("1", letters + "ж")), Layout("windows-1251")),
              HasSubstr("line 1: the account"));
}

TEST(RegistryBoundsTest, Lines) {
  const std::string line = "1;1;5;01.09.2026;";
  const std::string most = line + std::string(kLineBytesMax - line.size(), 'x');
  EXPECT_THAT(ReadRegistry(most + "\r\n=1;5\n", Layout()), IsOk());
  EXPECT_EQ(Refusal("=0;0\n" + most + "x\n"), "line 2: longer than 4096 bytes");
  EXPECT_EQ(Refusal(std::string(8'000'000, 'x')), "line 1: longer than 4096 bytes");
}

TEST(RegistryBoundsTest, Fields) {
  const std::string line = "1;1;5;01.09.2026";
  EXPECT_THAT(ReadRegistry(line + std::string(kColumnsMax - 4, ';') + "\n=1;5\n", Layout()),
              IsOk());
  EXPECT_EQ(Refusal(line + std::string(kColumnsMax - 3, ';') + "\n=1;5\n"),
            "line 1: more than 64 fields");
}

TEST(RegistryBoundsTest, Payments) {
  std::string bytes;
  for (size_t i = 0; i < kRegistryLinesMax; ++i) {
    bytes += std::to_string(i) + ";1;100000000;01.09.2026\n";
  }
  ASSERT_OK_AND_ASSIGN(const RegistryFile file,
                       ReadRegistry(bytes + "=500000;50000000000000.00\n", Layout()));
  EXPECT_EQ(file.count, kRegistryLinesMax);
  EXPECT_EQ(file.total_kopecks, int64_t{500'000} * kPaidKopecksMax);
  EXPECT_EQ(Refusal(bytes + "=500000;50000000000000.01\n"),
            "line 500001: the footer's sum «50000000000000.01» is not an amount");
  EXPECT_EQ(Refusal(bytes + "more;1;0.01;01.09.2026\n"), "line 500001: more than 500000 payments");
}

TEST(RegistryBoundsTest, Files) {
  const std::string payment = "1;1;5;01.09.2026\n=1;5\n";
  std::string bytes = payment + std::string(kFileBytesMax - payment.size(), '\n');
  EXPECT_THAT(ReadRegistry(bytes, Layout()), IsOk());
  EXPECT_EQ(Refusal(bytes + "\n"), "the file is larger than 64 MiB");
}

TEST(RegistryBoundsTest, TotalsAreReadBeyondNineDigits) {
  constexpr int64_t kMost = 100'000'000'000'000'000;
  const std::pair<const char*, int64_t> sums[] = {{"0", 0},
                                                  {"680.00", 68'000},
                                                  {"999999999.99", 99'999'999'999},
                                                  {"1000000000", 100'000'000'000},
                                                  {"1000000000.01", 100'000'000'001},
                                                  {"12345678901.5", 1'234'567'890'150},
                                                  {"999999999999999.99", kMost - 1}};
  for (const auto& [text, kopecks] : sums) EXPECT_EQ(TotalKopecksOf(text, ".", kMost), kopecks);
  EXPECT_EQ(TotalKopecksOf("680,00", ",", 68'000), 68'000);
  EXPECT_EQ(TotalKopecksOf("680,00", ",", 67'999), std::nullopt);
  for (const char* text :
       {"", ".", "1.", ".5", "-1", "1e2", "1000000000000000", "1.234", "1000000000,01",
        "x000000000000", "0000000000x00", "1000000000.", "999999999999999999"}) {
    EXPECT_EQ(TotalKopecksOf(text, ".", kMost), std::nullopt) << text;
  }
}

TEST(RegistryBoundsTest, RefusalsAreShortAndPlain) {
  std::string letters;
  for (int i = 0; i < 500; ++i) letters += "ж";
  EXPECT_EQ(Quoted(letters), "«жжжжжжжжжжжжжжжжжжжж…»");
  EXPECT_EQ(Quoted("a\tb\nc"), "«a?b?c»");
  EXPECT_EQ(Quoted(""), "«»");
  EXPECT_LT(Refusal("1;1;" + letters + ";01.09.2026\n").size(), 100u);
  EXPECT_EQ(RoublesOf(-5), "-0.05");
  EXPECT_EQ(RoublesOf(68'000), "680.00");
}

}  // namespace
}  // namespace ladon::registry
