// Goal: only what is on the list of the day, at its price, is sold; free amounts where allowed.
// Method: a good basket, then each thing wrong alone, with the reason and the path of the field.
#include "server/flow/basket.h"

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "server/flow/refusal.h"
#include "storage/rocks_store.h"
#include "tests/testing/status_testing.h"
#include "tests/testing/temp_dir.h"

namespace ladon::flow {
namespace {

using ::ladon::testing::IsOk;

constexpr uint32_t kToday = 2026'09'01;

template <class Id>
Id Filled(uint8_t value) {
  Id id;
  id.bytes.fill(value);
  return id;
}

class BasketTest : public ::testing::Test {
 protected:
  void SetUp() override {
    storage::RocksStoreOptions options;
    options.path = dir_.Sub("store");
    options.create_if_missing = true;
    options.new_store_id.fill(0x61);
    auto store = storage::OpenRocksStore(options);
    ASSERT_THAT(store, IsOk());
    store_ = *std::move(store);
    auto directory = directory::Directory::Open(*store_);
    ASSERT_THAT(directory, IsOk());
    directory_ = *std::move(directory);
    school_ = {.id = Filled<base::SchoolId>(1), .settings = {.free_amount_max_kopecks = 5'000}};
    storage::Batch batch;
    storage::Overlay overlay(store_.get(), &batch);
    directory_->PutCaterer({.id = Filled<base::CatererId>(2), .school = school_.id}, &overlay);
    directory_->PutCaterer({.id = Filled<base::CatererId>(3), .school = Filled<base::SchoolId>(9)},
                           &overlay);
    directory_->PutPriceList({.caterer = Filled<base::CatererId>(2),
                              .valid_from = kToday,
                              .items = {{.id = Filled<base::ItemId>(4),
                                         .category = 7,
                                         .name = "Суп",
                                         .unit_price_kopecks = 12'000}}},
                             &overlay);
  }

  static Basket Good() {
    Basket basket{.caterer = Filled<base::CatererId>(2),
                  .lines = {{.item = Filled<base::ItemId>(4),
                             .category = 7,
                             .quantity = 2,
                             .unit_price_kopecks = 12'000,
                             .purse = 1},
                            {.quantity = 1, .unit_price_kopecks = 5'000, .purse = 1}}};
    basket.total_kopecks = 29'000;
    return basket;
  }
  // The refusal after `change`, the total made to fit.
  RefusalDetail After(const std::function<void(Basket*)>& change, uint32_t day = kToday) const {
    Basket basket = Good();
    change(&basket);
    basket.total_kopecks = 0;
    for (const BasketLine& line : basket.lines) basket.total_kopecks += line.amount_kopecks();
    return DetailOf(CheckBasket(*directory_, school_, basket, day));
  }

  const testing::TempDir dir_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<directory::Directory> directory_;
  directory::School school_;
};

TEST_F(BasketTest, AGoodBasketPasses) {
  EXPECT_THAT(CheckBasket(*directory_, school_, Good(), kToday), IsOk());
}

TEST_F(BasketTest, TheTotalMustBeWhatTheChildWasShown) {
  for (const int64_t error : {-1, 1}) {
    Basket basket = Good();
    basket.total_kopecks += error;
    const RefusalDetail refused = DetailOf(CheckBasket(*directory_, school_, basket, kToday));
    EXPECT_EQ(refused.reason, Reason::kTotalMismatch);
    EXPECT_EQ(refused.field, "basket.total_kopecks");
  }
}

TEST_F(BasketTest, RefusesEachThingThatIsNotOnTheList) {
  const struct {
    std::function<void(Basket*)> change;
    Reason reason;
    std::string field;
  } table[] = {
      {[](Basket* b) { b->caterer = Filled<base::CatererId>(8); }, Reason::kCatererUnknown,
       "basket.caterer_id"},
      {[](Basket* b) { b->caterer = Filled<base::CatererId>(3); }, Reason::kCatererUnknown,
       "basket.caterer_id"},  // Of another school.
      {[](Basket* b) { b->lines[0].item = Filled<base::ItemId>(5); }, Reason::kPriceNotOnList,
       "basket.lines[0].item_id"},
      {[](Basket* b) { b->lines[0].category = 8; }, Reason::kPriceNotOnList,
       "basket.lines[0].category"},
      {[](Basket* b) { --b->lines[0].unit_price_kopecks; }, Reason::kPriceNotOnList,
       "basket.lines[0].unit_price_kopecks"},
      {[](Basket* b) { ++b->lines[0].unit_price_kopecks; }, Reason::kPriceNotOnList,
       "basket.lines[0].unit_price_kopecks"},
      {[](Basket* b) { ++b->lines[1].unit_price_kopecks; }, Reason::kFreeAmountNotAllowed,
       "basket.lines[1].unit_price_kopecks"},
      {[](Basket* b) { b->lines[1].quantity = 2; }, Reason::kFieldInvalid,
       "basket.lines[1].quantity"},
      {[](Basket* b) { b->lines[1].category = 7; }, Reason::kFieldInvalid,
       "basket.lines[1].category"},
  };
  for (const auto& row : table) {
    const RefusalDetail refused = After(row.change);
    EXPECT_EQ(refused.reason, row.reason) << row.field;
    EXPECT_EQ(refused.field, row.field);
  }
}

TEST_F(BasketTest, BeforeItsFirstDayThereIsNoList) {
  EXPECT_EQ(After([](Basket*) {}, kToday - 1).reason, Reason::kPriceListMissing);
  const RefusalDetail free = After([](Basket* b) { b->lines.erase(b->lines.begin()); }, kToday - 1);
  EXPECT_EQ(free.reason, Reason::kNone) << "a free amount needs no list";
}

TEST_F(BasketTest, WhereFreeAmountsAreOffNoneIsTaken) {
  school_.settings.free_amount_max_kopecks = 0;
  EXPECT_EQ(After([](Basket* b) { b->lines[1].unit_price_kopecks = 1; }).reason,
            Reason::kFreeAmountNotAllowed);
}

TEST_F(BasketTest, TheLargestBasketCannotOverflow) {
  const BasketLine largest{.quantity = kQuantityMax, .unit_price_kopecks = kUnitPriceKopecksMax};
  EXPECT_EQ(largest.amount_kopecks(), int64_t{990'000'000});
  EXPECT_LT(largest.amount_kopecks() * static_cast<int64_t>(kBasketLinesMax), int64_t{1} << 40);
}

TEST_F(BasketTest, TheDigestSeesEveryFieldOfEveryLine) {
  std::set<ledger::Digest> seen = {BasketDigest(Good())};
  const std::function<void(Basket*)> changes[] = {
      [](Basket* b) { b->caterer = Filled<base::CatererId>(8); },
      [](Basket* b) { b->lines[0].item = Filled<base::ItemId>(5); },
      [](Basket* b) { ++b->lines[0].category; },
      [](Basket* b) { ++b->lines[0].quantity; },
      [](Basket* b) { ++b->lines[0].unit_price_kopecks; },
      [](Basket* b) { ++b->lines[0].purse; },
      [](Basket* b) { b->lines.pop_back(); },
      [](Basket* b) { std::swap(b->lines[0], b->lines[1]); },
  };
  for (const auto& change : changes) {
    Basket basket = Good();
    change(&basket);
    EXPECT_TRUE(seen.insert(BasketDigest(basket)).second);
  }
  EXPECT_EQ(BasketDigest(Good()), BasketDigest(Good()));
}

}  // namespace
}  // namespace ladon::flow
