// Goal: nothing that fewer than five purses did is told, nor can it be found by subtracting.
// Method: rows of cells by hand; cells at the bound of each measure; sums with and without a cell.
#include "server/flow/small_cells.h"

#include "gmock/gmock.h"

namespace ladon::flow {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ledger::AccountId PurseOf(uint8_t number) {
  ledger::AccountId purse;
  purse.bytes[0] = number;
  return purse;
}

constexpr ledger::LineDetail kSoup{.category = 1, .quantity = 2, .unit_price_kopecks = 50};

Movement Meal(uint8_t purse, int64_t kopecks, bool by_budget = false) {
  return {.place = {.school = {}, .kind = PlaceKind::kCaterer},
          .purse = PurseOf(purse),
          .kopecks = kopecks,
          .by_budget = by_budget,
          .line = &kSoup};
}

Movement TopUp(uint8_t purse, int64_t kopecks) {
  return {.place = {.school = {}, .kind = PlaceKind::kCashDesk},
          .purse = PurseOf(purse),
          .kopecks = kopecks};
}

MealFigures FiguresOf(const DayCell& cell) {
  FiguresSum sum;
  sum.Add(cell, false);
  return sum.Figures();
}

TEST(SmallCellsTest, WhatIsLeftOutIsNeverAloneAndNeverSmall) {
  EXPECT_THAT(LeaveOut({}), IsEmpty());
  EXPECT_THAT(LeaveOut({5, 100}), ElementsAre(false, false));
  EXPECT_THAT(LeaveOut({0, 9}), ElementsAre(false, false)) << "nobody is no cell";
  EXPECT_THAT(LeaveOut({4}), ElementsAre(true)) << "there is nothing else";
  EXPECT_THAT(LeaveOut({4, 0}), ElementsAre(true, false));
  EXPECT_THAT(LeaveOut({7, 4, 6, 6}), ElementsAre(false, true, true, false));
  EXPECT_THAT(LeaveOut({1, 1, 9, 8}), ElementsAre(true, true, false, true)) << "two are small too";
  EXPECT_THAT(LeaveOut({3, 2, 9}), ElementsAre(true, true, false));
  EXPECT_THAT(LeaveOut({4, 5}), ElementsAre(true, true));
}

TEST(SmallCellsTest, FromFivePursesOnACellIsNoLongerSmall) {
  for (size_t payers = 0; payers < 8; ++payers) {
    DayCell cell;
    for (size_t i = 0; i < payers; ++i) cell.Add(Meal(static_cast<uint8_t>(i + 1), 100));
    EXPECT_EQ(cell.payers(), payers);
    EXPECT_EQ(LeaveOut({cell.payers()}).front(), payers > 0 && payers < kSmallCellChildren);
  }
}

TEST(SmallCellsTest, PursesOfOneChildAreOneChild) {
  DayCell cell;
  for (uint8_t child = 0; child < 3; ++child) {
    for (uint8_t number = 0; number < 4; ++number) {
      Movement meal = Meal(static_cast<uint8_t>(10 * child + number + 1), 100);
      meal.purse_number = number;
      cell.Add(meal);
    }
  }
  EXPECT_EQ(cell.payers(), 3) << "of twelve purses";
  Movement other = Meal(99, 100);
  other.purse_number = 3;
  cell.Add(other);
  EXPECT_EQ(cell.payers(), 4);
}

TEST(SmallCellsTest, ADayOnWhichEverythingWasTakenBackIsADayOfSomebody) {
  DayCell cell;
  EXPECT_EQ(cell.weight(), 0);
  cell.Add(Meal(1, 100));
  cell.CountDebit();
  Movement back = Meal(1, 100);
  back.taken_back = true;
  cell.Add(back);
  EXPECT_EQ(cell.payers(), 0);
  EXPECT_EQ(cell.weight(), 1);
  EXPECT_TRUE(LeaveOut({cell.weight()}).front());
}

TEST(SmallCellsTest, WhoGotEverythingBackIsNoPayer) {
  DayCell cell;
  for (uint8_t i = 1; i <= 5; ++i) cell.Add(Meal(i, 100));
  Movement back = Meal(5, 100);
  back.taken_back = true;
  cell.Add(back);
  EXPECT_EQ(cell.payers(), 4);
}

TEST(SmallCellsTest, APartOfMealsIsToldWhenNeitherItNorTheRestIsSmall) {
  struct Case {
    uint8_t own;
    uint8_t subsidised;
    bool told;
  };
  for (const Case& one : {Case{5, 0, true}, Case{5, 4, false}, Case{5, 5, true}, Case{4, 5, false},
                          Case{0, 5, true}}) {
    DayCell cell;
    for (uint8_t i = 0; i < one.own; ++i) cell.Add(Meal(1 + i, 100));
    for (uint8_t i = 0; i < one.subsidised; ++i) cell.Add(Meal(101 + i, 10, true));
    const MealFigures figures = FiguresOf(cell);
    EXPECT_EQ(figures.meals_kopecks, 100 * one.own + 10 * one.subsidised);
    EXPECT_EQ(figures.purses, one.own + one.subsidised);
    EXPECT_EQ(figures.portions, 2 * (one.own + one.subsidised));
    EXPECT_EQ(figures.subsidised_kopecks, one.told ? 10 * one.subsidised : 0);
    EXPECT_EQ(figures.subsidy_days_left_out, one.told ? 0 : 1);
  }
}

TEST(SmallCellsTest, TopUpsOfFewAreNotTold) {
  DayCell cell;
  for (uint8_t i = 1; i <= 6; ++i) cell.Add(Meal(i, 100));
  for (uint8_t i = 1; i <= 4; ++i) cell.Add(TopUp(i, 1'000));
  EXPECT_EQ(FiguresOf(cell).topped_up_kopecks, 0);
  EXPECT_EQ(FiguresOf(cell).top_up_days_left_out, 1);
  cell.Add(TopUp(9, 1'000));
  EXPECT_EQ(FiguresOf(cell).topped_up_kopecks, 5'000);
  EXPECT_EQ(FiguresOf(cell).top_up_days_left_out, 0);
  EXPECT_EQ(FiguresOf(cell).purses, 6) << "who topped up did not pay";
}

TEST(SmallCellsTest, ASumHasNothingOfWhatIsLeftOut) {
  DayCell small;
  small.Add(Meal(1, 100));
  small.Add(TopUp(1, 100));
  small.CountDebit();
  FiguresSum sum;
  sum.Add(small, true);
  const MealFigures left_out{.suppressed = true,
                             .days_left_out = 1,
                             .subsidy_days_left_out = 1,
                             .top_up_days_left_out = 1};
  EXPECT_EQ(sum.Figures(), left_out);
  DayCell cell;
  for (uint8_t i = 1; i <= 5; ++i) cell.Add(Meal(i, 100));
  cell.CountDebit();
  sum.Add(cell, false);
  sum.Add(cell, false);
  const MealFigures told{.days_left_out = 1,
                         .purses = 5,
                         .debits = 2,
                         .portions = 20,
                         .meals_kopecks = 1'000,
                         .subsidy_days_left_out = 1,
                         .top_up_days_left_out = 1};
  EXPECT_EQ(sum.Figures(), told);
}

}  // namespace
}  // namespace ladon::flow
