// Goal: a new list never hands one child's money to another, never loses a child, and says what
// changes. Method: small schools by hand, one situation each; a whole school on 1 September.
#include "server/client/ctl/roster_diff.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ladon::ctl {
namespace {

using ::testing::ElementsAre;

RosterRow Row(const std::string& family, const std::string& given, const std::string& class_name,
              const std::string& id = "") {
  return {.line = 2,
          .family_name = family,
          .given_name = given,
          .class_name = class_name,
          .external_id = id};
}

Pupil Child(const std::string& family, const std::string& given, const std::string& class_name,
            const std::string& id = "", bool blocked = false) {
  return {.subject_id = family + given + class_name,
          .family_name = family,
          .given_name = given,
          .class_name = class_name,
          .external_id = id,
          .blocked = blocked};
}

TEST(RosterDiffTest, SpellingIsNoChange) {
  const RosterDiff diff =
      CompareRoster({Row("СЕМЁНОВ", "Алеша", "5-а", "1"), Row("Попова", "Анна", "5 Б")},
                    {Child("Семенов", "Алёша", "5А", "1"), Child("Попова", "Анна", "5Б", "2")});
  EXPECT_EQ(diff.unchanged, 2u);
  EXPECT_TRUE(diff.added.empty() && diff.changes.empty() && diff.missing.empty());
}

TEST(RosterDiffTest, FollowsTheIdThroughNameAndClass) {
  const RosterDiff diff =
      CompareRoster({Row("Иванова", "Анна", "6Б", "1"), Row("Котова", "Ольга", "5А", "2"),
                     Row("Новый", "Олег", "1А", "9")},
                    {Child("Иванова", "Анна", "5А", "1"), Child("Петрова", "Ольга", "5А", "2")});
  ASSERT_EQ(diff.changes.size(), 2u);
  EXPECT_TRUE(diff.changes[0].moved);
  EXPECT_FALSE(diff.changes[0].renamed);
  EXPECT_FALSE(diff.changes[1].moved);
  EXPECT_TRUE(diff.changes[1].renamed);
  ASSERT_EQ(diff.added.size(), 1u);
  EXPECT_EQ(diff.added[0].family_name, "Новый");
  EXPECT_TRUE(diff.missing.empty());
}

TEST(RosterDiffTest, ADateOfBirthIsAChangeWhereNoneIsKnown) {
  std::vector<RosterRow> rows = {Row("Иванова", "Анна", "5А", "1"),
                                 Row("Котова", "Ольга", "5А", "2"),
                                 Row("Петров", "Олег", "5А", "3")};
  rows[0].birth_date = rows[1].birth_date = "2015-02-28";
  std::vector<Pupil> pupils = {Child("Иванова", "Анна", "5А", "1"),
                               Child("Котова", "Ольга", "5А", "2"),
                               Child("Петров", "Олег", "5А", "3")};
  pupils[1].birth_date_known = true;
  const RosterDiff diff = CompareRoster(rows, pupils);
  ASSERT_EQ(diff.changes.size(), 1u);
  EXPECT_EQ(diff.changes[0].before.family_name, "Иванова");
  EXPECT_TRUE(diff.changes[0].born);
  EXPECT_FALSE(diff.changes[0].moved || diff.changes[0].renamed);
  EXPECT_EQ(diff.unchanged, 2u);
}

TEST(RosterDiffTest, AnIdUnderQuiteAnotherNameIsHeld) {
  const RosterDiff diff =
      CompareRoster({Row("Сидоров", "Олег", "5А", "1")}, {Child("Иванова", "Анна", "5А", "1")});
  ASSERT_EQ(diff.held.size(), 1u);
  EXPECT_EQ(diff.held[0].reason, HeldReason::kIdOfAnotherName);
  EXPECT_TRUE(diff.changes.empty() && diff.added.empty() && diff.missing.empty());
}

TEST(RosterDiffTest, DifferentIdsAreDifferentChildren) {
  const RosterDiff diff =
      CompareRoster({Row("Иванов", "Иван", "5А", "1"), Row("Иванов", "Иван", "5А", "2")},
                    {Child("Иванов", "Иван", "5А", "1")});
  EXPECT_EQ(diff.unchanged, 1u);
  ASSERT_EQ(diff.added.size(), 1u);
  EXPECT_EQ(diff.added[0].external_id, "2");
  EXPECT_THAT(diff.homonyms, ElementsAre("Иванов Иван"));
}

TEST(RosterDiffTest, TwinsWithoutIdsAreHeld) {
  const RosterDiff diff =
      CompareRoster({Row("Иванов", "Иван", "5А"), Row("Иванов", "Иван", "5А")}, {});
  EXPECT_TRUE(diff.added.empty());
  ASSERT_EQ(diff.held.size(), 2u);
  EXPECT_EQ(diff.held[0].reason, HeldReason::kTwins);
}

TEST(RosterDiffTest, WithoutIdsAnotherClassIsNotTheSameChild) {
  const RosterDiff diff =
      CompareRoster({Row("Иванов", "Иван", "9Б")}, {Child("Иванов", "Иван", "5А")});
  EXPECT_TRUE(diff.changes.empty());
  EXPECT_TRUE(diff.added.empty());
  ASSERT_EQ(diff.held.size(), 1u);
  EXPECT_EQ(diff.held[0].reason, HeldReason::kSameNameOtherClass);
  EXPECT_TRUE(diff.missing.empty());  // In the file after all, if doubtfully.
}

TEST(RosterDiffTest, NamesakesInNeighbouringGradesAreNotConfused) {
  // The elder left, the younger was promoted into the elder's old class.
  const RosterDiff left =
      CompareRoster({Row("Иванов", "Иван", "6А")},
                    {Child("Иванов", "Иван", "5А"), Child("Иванов", "Иван", "6А")});
  EXPECT_EQ(left.unchanged, 0u);
  EXPECT_TRUE(left.changes.empty());
  EXPECT_EQ(left.held.size(), 1u);

  // Both stayed where they were.
  const RosterDiff same =
      CompareRoster({Row("Иванов", "Иван", "5А"), Row("Иванов", "Иван", "6А")},
                    {Child("Иванов", "Иван", "5А"), Child("Иванов", "Иван", "6А")});
  EXPECT_EQ(same.unchanged, 2u);
  EXPECT_TRUE(same.held.empty());
}

std::vector<Pupil> School(bool ids) {
  std::vector<Pupil> pupils;
  for (int grade = 1; grade <= 11; ++grade) {
    for (int i = 0; i < 20; ++i) {
      const std::string number = std::to_string(grade * 100 + i);
      pupils.push_back(
          Child("Семья" + number, "Имя", std::to_string(grade) + "А", ids ? number : ""));
    }
  }
  return pupils;
}

// The same school a year later: the last grade gone (blocked before), one pupil held back.
TEST(RosterDiffTest, FirstOfSeptemberIsOneLinePerClass) {
  for (const bool ids : {true, false}) {
    std::vector<Pupil> pupils = School(ids);
    std::vector<RosterRow> rows;
    for (Pupil& pupil : pupils) {
      const int grade = std::stoi(pupil.class_name);
      if (grade == 11) {
        pupil.blocked = true;
        continue;
      }
      const bool held_back = pupil.family_name == "Семья507";
      rows.push_back(Row(pupil.family_name, "Имя",
                         held_back ? pupil.class_name : std::to_string(grade + 1) + "А",
                         pupil.external_id));
    }
    const RosterDiff diff = CompareRoster(rows, pupils);
    ASSERT_EQ(diff.class_renames.size(), 10u) << ids;
    size_t moved = 0;
    for (const ClassRename& rename : diff.class_renames) {
      EXPECT_EQ(std::stoi(rename.to), std::stoi(rename.from) + 1);
      moved += rename.pupils;
    }
    EXPECT_EQ(moved, 199u);
    EXPECT_EQ(diff.changes.size(), 199u);
    EXPECT_EQ(diff.unchanged, 1u);
    EXPECT_TRUE(diff.added.empty() && diff.missing.empty() && diff.held.empty());
    EXPECT_FALSE(diff.DropsTooMany());
  }
}

TEST(RosterDiffTest, AFewPromotedByNameAloneAreHeld) {
  // Without ids, 3 of 20 names in the next grade are no promotion of the class.
  std::vector<Pupil> pupils;
  std::vector<RosterRow> rows;
  for (int i = 0; i < 20; ++i) {
    const std::string family = "Семья" + std::to_string(i);
    pupils.push_back(Child(family, "Имя", "5А"));
    rows.push_back(Row(family, "Имя", i < 3 ? "6А" : "5А"));
  }
  const RosterDiff diff = CompareRoster(rows, pupils);
  EXPECT_EQ(diff.held.size(), 3u);
  EXPECT_EQ(diff.unchanged, 17u);
  EXPECT_TRUE(diff.changes.empty() && diff.class_renames.empty());
}

TEST(RosterDiffTest, OverTenPercentMissingIsTooMany) {
  const std::vector<Pupil> pupils = School(true);  // 220
  for (const size_t gone : {0, 21, 22, 23, 220}) {
    std::vector<RosterRow> rows;
    for (size_t i = gone; i < pupils.size(); ++i) {
      rows.push_back(
          Row(pupils[i].family_name, "Имя", pupils[i].class_name, pupils[i].external_id));
    }
    const RosterDiff diff = CompareRoster(rows, pupils);
    EXPECT_EQ(diff.missing.size(), gone);
    EXPECT_EQ(diff.active_before, 220u);
    EXPECT_EQ(diff.DropsTooMany(), gone > 22) << gone;
  }
}

TEST(RosterDiffTest, BlockedPupilsAreNotMissed) {
  const RosterDiff diff = CompareRoster(
      {Row("A", "B", "5А", "1")}, {Child("A", "B", "5А", "1"), Child("C", "D", "5А", "2", true)});
  EXPECT_TRUE(diff.missing.empty());
  EXPECT_EQ(diff.active_before, 1u);
}

TEST(RosterDiffTest, ApplyingItLeavesNothingToDo) {
  std::vector<Pupil> pupils = School(true);
  std::vector<RosterRow> rows;
  for (size_t i = 10; i < pupils.size(); ++i) {
    const std::string class_name = i % 3 == 0 ? "7Б" : pupils[i].class_name;
    const std::string given = i % 5 == 0 ? "Другое" : "Имя";
    rows.push_back(Row(pupils[i].family_name, given, class_name, pupils[i].external_id));
  }
  for (int i = 0; i < 30; ++i)
    rows.push_back(Row("Новый", "Имя", "1А", std::to_string(10'000 + i)));
  const RosterDiff first = CompareRoster(rows, pupils);
  ASSERT_FALSE(first.DropsTooMany());
  // Interrupted after half of the changes, then run again: only the other half is left.
  for (size_t i = 0; i < first.changes.size() / 2; ++i) {
    for (Pupil& pupil : pupils) {
      if (pupil.subject_id != first.changes[i].before.subject_id) continue;
      pupil.given_name = first.changes[i].row.given_name;
      pupil.class_name = first.changes[i].row.class_name;
    }
  }
  const RosterDiff second = CompareRoster(rows, pupils);
  EXPECT_EQ(second.changes.size(), first.changes.size() - first.changes.size() / 2);
  EXPECT_EQ(second.added.size(), 30u);
}

}  // namespace
}  // namespace ladon::ctl
