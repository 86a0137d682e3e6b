#include "server/client/ctl/roster_diff.h"

#include <map>
#include <set>
#include <utility>

#include "server/client/ctl/unicode.h"

namespace ladon::ctl {
namespace {

constexpr size_t kNone = static_cast<size_t>(-1);

// One side of the comparison, folded once.
struct Key {
  std::string family;
  std::string given;
  std::string class_name;
  bool has_id = false;

  [[nodiscard]] std::string Name() const { return family + '\n' + given; }
  [[nodiscard]] std::string NameIn(const std::string& class_key) const {
    return Name() + '\n' + class_key;
  }
};

template <class T>
Key KeyOf(const T& person) {
  return {.family = FoldName(person.family_name),
          .given = FoldName(person.given_name),
          .class_name = FoldClass(person.class_name),
          .has_id = !person.external_id.empty()};
}

class Comparison {
 public:
  Comparison(const std::vector<RosterRow>& rows, const std::vector<Pupil>& pupils)
      : rows_(rows), pupils_(pupils), pupil_of_(rows.size(), kNone), row_of_(pupils.size(), kNone) {
    for (const RosterRow& row : rows) row_keys_.push_back(KeyOf(row));
    for (const Pupil& pupil : pupils) pupil_keys_.push_back(KeyOf(pupil));
  }

  RosterDiff Run() {
    MatchById();
    MatchByName([](const Key& key) { return key.class_name; });
    MatchPromotions();
    HoldDoubtful();
    Classify();
    FindClassRenames();
    FindHomonyms();
    return std::move(diff_);
  }

 private:
  // Name and class, where `class_of` says which class of today a pupil is looked up under.
  template <class ClassOf>
  std::vector<std::pair<size_t, size_t>> UniquePairs(ClassOf class_of) const {
    std::map<std::string, std::vector<size_t>> rows;
    std::map<std::string, std::vector<size_t>> pupils;
    // Namesakes stay apart only while all their classes agree: with one of two gone from the
    // school, or moved, the other's class may be the first one's of last year.
    std::map<std::string, std::multiset<std::string>> row_classes;
    std::map<std::string, std::multiset<std::string>> pupil_classes;
    for (size_t r = 0; r < rows_.size(); ++r) {
      if (pupil_of_[r] != kNone) continue;
      const Key& key = row_keys_[r];
      rows[key.NameIn(key.class_name)].push_back(r);
      row_classes[key.Name()].insert(key.class_name);
    }
    for (size_t p = 0; p < pupils_.size(); ++p) {
      if (row_of_[p] != kNone) continue;
      const std::string class_key = class_of(pupil_keys_[p]);
      pupils[pupil_keys_[p].NameIn(class_key)].push_back(p);
      pupil_classes[pupil_keys_[p].Name()].insert(class_key);
    }
    std::vector<std::pair<size_t, size_t>> pairs;
    for (const auto& [name, found] : rows) {
      const auto twins = pupils.find(name);
      if (found.size() != 1 || twins == pupils.end() || twins->second.size() != 1) continue;
      const size_t r = found.front();
      const size_t p = twins->second.front();
      const std::string whole_name = row_keys_[r].Name();
      if (row_classes[whole_name] != pupil_classes[whole_name]) continue;
      // Two ids that differ are two children, however alike their names.
      if (row_keys_[r].has_id && pupil_keys_[p].has_id) continue;
      pairs.emplace_back(r, p);
    }
    return pairs;
  }

  void Join(size_t r, size_t p) {
    pupil_of_[r] = p;
    row_of_[p] = r;
  }

  void MatchById() {
    std::map<std::string, size_t> pupil_of_id;
    for (size_t p = 0; p < pupils_.size(); ++p) {
      if (pupil_keys_[p].has_id) pupil_of_id.emplace(pupils_[p].external_id, p);
    }
    for (size_t r = 0; r < rows_.size(); ++r) {
      if (!row_keys_[r].has_id) continue;
      const auto found = pupil_of_id.find(rows_[r].external_id);
      if (found != pupil_of_id.end()) Join(r, found->second);
    }
  }

  template <class ClassOf>
  void MatchByName(ClassOf class_of) {
    for (const auto& [r, p] : UniquePairs(class_of)) Join(r, p);
  }

  // A name in the next grade is the same child only where the whole class went there.
  void MatchPromotions() {
    std::map<std::string, size_t> size_of_class;
    for (size_t p = 0; p < pupils_.size(); ++p) {
      if (!pupils_[p].blocked) ++size_of_class[pupil_keys_[p].class_name];
    }
    std::map<std::string, size_t> promoted;
    for (size_t p = 0; p < pupils_.size(); ++p) {
      const Key& key = pupil_keys_[p];
      if (row_of_[p] == kNone || pupils_[p].blocked) continue;
      if (row_keys_[row_of_[p]].class_name == NextClass(key.class_name)) ++promoted[key.class_name];
    }
    const auto pairs = UniquePairs([](const Key& key) { return NextClass(key.class_name); });
    for (const auto& [r, p] : pairs) {
      if (!pupils_[p].blocked) ++promoted[pupil_keys_[p].class_name];
    }
    for (const auto& [r, p] : pairs) {
      const std::string& from = pupil_keys_[p].class_name;
      const size_t count = promoted[from];
      if (count >= kClassRenamePupilsMin && 2 * count > size_of_class[from]) Join(r, p);
    }
  }

  void Hold(size_t r, HeldReason reason) {
    held_.insert(r);
    diff_.held.push_back({.row = rows_[r], .reason = reason});
  }

  void HoldDoubtful() {
    std::map<std::string, std::vector<size_t>> left_by_name;
    for (size_t p = 0; p < pupils_.size(); ++p) {
      if (row_of_[p] == kNone) left_by_name[pupil_keys_[p].Name()].push_back(p);
    }
    std::map<std::string, size_t> rows_like;
    for (size_t r = 0; r < rows_.size(); ++r) {
      if (pupil_of_[r] == kNone && !row_keys_[r].has_id) {
        ++rows_like[row_keys_[r].NameIn(row_keys_[r].class_name)];
      }
    }
    for (size_t r = 0; r < rows_.size(); ++r) {
      const Key& key = row_keys_[r];
      if (pupil_of_[r] != kNone) {
        const Key& before = pupil_keys_[pupil_of_[r]];
        if (key.family != before.family && key.given != before.given) {
          Hold(r, HeldReason::kIdOfAnotherName);
        }
        continue;
      }
      bool doubtful = false;
      if (const auto like = left_by_name.find(key.Name()); like != left_by_name.end()) {
        for (const size_t p : like->second) {
          if (key.has_id && pupil_keys_[p].has_id) continue;
          doubtful = true;
          named_in_held_.insert(p);
        }
      }
      if (doubtful) {
        Hold(r, HeldReason::kSameNameOtherClass);
      } else if (!key.has_id && rows_like[key.NameIn(key.class_name)] > 1) {
        Hold(r, HeldReason::kTwins);
      }
    }
  }

  void Classify() {
    for (size_t r = 0; r < rows_.size(); ++r) {
      if (held_.count(r) != 0) continue;
      if (pupil_of_[r] == kNone) {
        diff_.added.push_back(rows_[r]);
        continue;
      }
      const Key& key = row_keys_[r];
      const Key& before = pupil_keys_[pupil_of_[r]];
      const Change change{
          .row = rows_[r],
          .before = pupils_[pupil_of_[r]],
          .moved = key.class_name != before.class_name,
          .renamed = key.Name() != before.Name(),
          .born = !rows_[r].birth_date.empty() && !pupils_[pupil_of_[r]].birth_date_known};
      if (change.moved || change.renamed || change.born) {
        diff_.changes.push_back(change);
      } else {
        ++diff_.unchanged;
      }
    }
    for (size_t p = 0; p < pupils_.size(); ++p) {
      if (pupils_[p].blocked) continue;
      ++diff_.active_before;
      if (row_of_[p] == kNone && named_in_held_.count(p) == 0) diff_.missing.push_back(pupils_[p]);
    }
  }

  void FindClassRenames() {
    std::map<std::string, size_t> size_of_class;
    for (size_t p = 0; p < pupils_.size(); ++p) {
      if (!pupils_[p].blocked) ++size_of_class[pupil_keys_[p].class_name];
    }
    std::map<std::pair<std::string, std::string>, ClassRename> moves;
    for (const Change& change : diff_.changes) {
      if (!change.moved || change.before.blocked) continue;
      ClassRename& rename =
          moves[{FoldClass(change.before.class_name), FoldClass(change.row.class_name)}];
      rename.from = change.before.class_name;
      rename.to = change.row.class_name;
      ++rename.pupils;
    }
    for (const auto& [classes, rename] : moves) {
      if (rename.pupils >= kClassRenamePupilsMin &&
          2 * rename.pupils > size_of_class[classes.first]) {
        diff_.class_renames.push_back(rename);
      }
    }
  }

  void FindHomonyms() {
    std::map<std::string, size_t> bearers;
    for (const Key& key : row_keys_) ++bearers[key.Name()];
    std::set<std::string> told;
    for (size_t r = 0; r < rows_.size(); ++r) {
      const std::string name = row_keys_[r].Name();
      if (bearers[name] > 1 && told.insert(name).second) {
        diff_.homonyms.push_back(rows_[r].family_name + " " + rows_[r].given_name);
      }
    }
  }

  const std::vector<RosterRow>& rows_;
  const std::vector<Pupil>& pupils_;
  std::vector<Key> row_keys_;
  std::vector<Key> pupil_keys_;
  std::vector<size_t> pupil_of_;  // row -> pupil
  std::vector<size_t> row_of_;    // pupil -> row
  std::set<size_t> held_;
  std::set<size_t> named_in_held_;  // pupils who are in the file after all, if doubtfully
  RosterDiff diff_;
};

}  // namespace

RosterDiff CompareRoster(const std::vector<RosterRow>& rows, const std::vector<Pupil>& pupils) {
  return Comparison(rows, pupils).Run();
}

}  // namespace ladon::ctl
