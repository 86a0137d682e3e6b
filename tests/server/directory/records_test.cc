// Goal: directory records come back as they were; what Encode() does not make is refused.
// Method: full records round trip; every shorter and longer string and other version fails.
#include "server/directory/records.h"

#include <functional>
#include <string>

#include "tests/testing/status_testing.h"

namespace ladon::directory {
namespace {

using ::ladon::testing::StatusIs;

template <class Id>
Id Filled(uint8_t value) {
  Id id;
  id.bytes.fill(value);
  return id;
}

School FullSchool() {
  return {.id = Filled<base::SchoolId>(1),
          .settings = {.name = "Школа",
                       .time_zone = "Asia/Tomsk",
                       .biometrics = true,
                       .biometrics_document_id = "order-1",
                       .show_balance_at_till = true,
                       .low_money_kopecks = 1,
                       .free_amount_max_kopecks = 2,
                       .unknown_liveness_max_kopecks = 3,
                       .cancel_window_seconds = 4},
          .cash_desk_account = Filled<base::AccountId>(2)};
}

PriceList FullList(size_t items = 2) {
  PriceList list{.caterer = Filled<base::CatererId>(3), .valid_from = 2026'09'01};
  for (size_t i = 0; i < items; ++i) {
    list.items.push_back({.id = Filled<base::ItemId>(static_cast<uint8_t>(i)),
                          .category = static_cast<uint16_t>(i),
                          .name = "Суп",
                          .unit_price_kopecks = static_cast<int64_t>(i) + 1});
  }
  return list;
}

Terminal FullTerminal() {
  return {.id = Filled<base::TerminalId>(4),
          .school = Filled<base::SchoolId>(1),
          .label = "Касса",
          .state = TerminalState::kBlocked};
}

Caterer FullCaterer() {
  return {.id = Filled<base::CatererId>(3),
          .school = Filled<base::SchoolId>(1),
          .name = "Столовая",
          .payable_account = Filled<base::AccountId>(5)};
}

TEST(DirectoryRecordsTest, SchoolsRoundTrip) {
  const School want = FullSchool();
  ASSERT_OK_AND_ASSIGN(const School got, DecodeSchool(Encode(want)));
  EXPECT_EQ(got.id, want.id);
  EXPECT_EQ(got.cash_desk_account, want.cash_desk_account);
  EXPECT_EQ(got.settings.name, want.settings.name);
  EXPECT_EQ(got.settings.time_zone, want.settings.time_zone);
  EXPECT_TRUE(got.settings.biometrics);
  EXPECT_EQ(got.settings.biometrics_document_id, want.settings.biometrics_document_id);
  EXPECT_TRUE(got.settings.show_balance_at_till);
  EXPECT_EQ(got.settings.low_money_kopecks, 1);
  EXPECT_EQ(got.settings.free_amount_max_kopecks, 2);
  EXPECT_EQ(got.settings.unknown_liveness_max_kopecks, 3);
  EXPECT_EQ(got.settings.cancel_window_seconds, 4);
}

TEST(DirectoryRecordsTest, TheOthersRoundTrip) {
  ASSERT_OK_AND_ASSIGN(const Terminal till, DecodeTerminal(Encode(FullTerminal())));
  EXPECT_EQ(till.id, FullTerminal().id);
  EXPECT_EQ(till.school, FullTerminal().school);
  EXPECT_EQ(till.label, "Касса");
  EXPECT_EQ(till.state, TerminalState::kBlocked);
  ASSERT_OK_AND_ASSIGN(const Caterer caterer, DecodeCaterer(Encode(FullCaterer())));
  EXPECT_EQ(caterer.id, FullCaterer().id);
  EXPECT_EQ(caterer.school, FullCaterer().school);
  EXPECT_EQ(caterer.name, "Столовая");
  EXPECT_EQ(caterer.payable_account, FullCaterer().payable_account);
  ASSERT_OK_AND_ASSIGN(const PriceList list, DecodePriceList(Encode(FullList())));
  EXPECT_EQ(list.caterer, FullList().caterer);
  EXPECT_EQ(list.valid_from, 2026'09'01);
  ASSERT_EQ(list.items.size(), 2);
  EXPECT_EQ(list.items[1].id, FullList().items[1].id);
  EXPECT_EQ(list.items[1].category, 1);
  EXPECT_EQ(list.items[1].name, "Суп");
  EXPECT_EQ(list.items[1].unit_price_kopecks, 2);
}

TEST(DirectoryRecordsTest, EveryOtherStringIsDataLoss) {
  const struct {
    std::string bytes;
    std::function<absl::Status(std::string_view)> decode;
  } table[] = {
      {Encode(FullSchool()), [](auto b) { return DecodeSchool(b).status(); }},
      {Encode(FullTerminal()), [](auto b) { return DecodeTerminal(b).status(); }},
      {Encode(FullCaterer()), [](auto b) { return DecodeCaterer(b).status(); }},
      {Encode(FullList()), [](auto b) { return DecodePriceList(b).status(); }},
  };
  for (const auto& row : table) {
    ASSERT_TRUE(row.decode(row.bytes).ok());
    for (size_t size = 0; size < row.bytes.size(); ++size) {
      EXPECT_THAT(row.decode(row.bytes.substr(0, size)), StatusIs(absl::StatusCode::kDataLoss))
          << size;
    }
    EXPECT_THAT(row.decode(row.bytes + "x"), StatusIs(absl::StatusCode::kDataLoss));
    std::string newer = row.bytes;
    newer[0] = kRecordVersion + 1;
    EXPECT_THAT(row.decode(newer), StatusIs(absl::StatusCode::kDataLoss));
  }
  std::string state = Encode(FullTerminal());
  for (const char value : {'\0', '\x03', '\xFF'}) {
    state.back() = value;
    EXPECT_THAT(DecodeTerminal(state), StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST(DirectoryRecordsTest, APriceListHasALimit) {
  EXPECT_TRUE(DecodePriceList(Encode(FullList(kPriceListItemsMax))).ok());
  EXPECT_THAT(DecodePriceList(Encode(FullList(kPriceListItemsMax + 1))),
              StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace ladon::directory
