// What a new list of pupils changes, decided before anything is touched.
//
// A row and a pupil are one child when, in this order:
//   1. their register ids are equal;
//   2. one of them has no register id, and name and class are equal and unique on both sides, and
//      namesakes in other classes, if any, all stand on both sides too;
//   3. as 2, but the class is one grade on, and most of that class moves so (1 September).
// Case, ё/е and the spelling of a class («5-а», "5А") make no difference. A guess here would hand
// one child's money to another, so whatever stays doubtful is held for a person: same name, other
// class, and no id; or the same id under quite another name.
// Nobody is ever removed: who is not in the file is only named. Blocked pupils who are not in the
// file are expected to be gone and are not counted as missing. Threading: pure function.
#ifndef LADON_SERVER_CLIENT_CTL_ROSTER_DIFF_H_
#define LADON_SERVER_CLIENT_CTL_ROSTER_DIFF_H_

#include <cstddef>
#include <string>
#include <vector>

#include "server/client/ctl/roster.h"

namespace ladon::ctl {

// A file that would drop more is the wrong file or half of one.
inline constexpr size_t kMissingPercentMax = 10;
// A class is renamed when more than half of it, and at least so many, move alike.
inline constexpr size_t kClassRenamePupilsMin = 2;

struct Pupil {
  std::string subject_id;  // 16 bytes
  std::string family_name;
  std::string given_name;
  std::string class_name;
  std::string external_id;
  bool blocked = false;
  bool birth_date_known = false;
};

struct Change {
  RosterRow row;
  Pupil before;
  bool moved = false;    // another class
  bool renamed = false;  // another name
  bool born = false;     // a date of birth where none was known
};

struct ClassRename {
  std::string from;  // as the core has it
  std::string to;    // as the file has it
  size_t pupils = 0;
};

enum class HeldReason { kSameNameOtherClass, kIdOfAnotherName, kTwins };

struct Held {
  RosterRow row;
  HeldReason reason = HeldReason::kTwins;
};

struct RosterDiff {
  std::vector<RosterRow> added;
  std::vector<Change> changes;  // all, those of class renames included
  std::vector<ClassRename> class_renames;
  std::vector<Pupil> missing;  // active and not in the file
  std::vector<Held> held;
  std::vector<std::string> homonyms;  // "Family Given" that more than one child bears
  size_t unchanged = 0;
  size_t active_before = 0;

  // True when more than kMissingPercentMax of the active pupils are missing.
  [[nodiscard]] bool DropsTooMany() const {
    return 100 * missing.size() > kMissingPercentMax * active_before;
  }
};

[[nodiscard]] RosterDiff CompareRoster(const std::vector<RosterRow>& rows,
                                       const std::vector<Pupil>& pupils);

}  // namespace ladon::ctl

#endif  // LADON_SERVER_CLIENT_CTL_ROSTER_DIFF_H_
