// From the two nearest subjects to an answer: one of them, nobody, or ambiguous.
// Pure.
#ifndef LADON_MATCHER_DECISION_H_
#define LADON_MATCHER_DECISION_H_

#include <cstdint>

#include "matcher/scan.h"
#include "matcher/thresholds.h"

namespace ladon::matcher {

struct SearchResult {
  enum class Decision : uint8_t {
    kNobody,     // No subject within the threshold.
    kMatch,      // `subject` it is.
    kAmbiguous,  // Two subjects are too close to each other: ask for a card or another try.
  };
  Decision decision = Decision::kNobody;
  SubjectRef subject;  // All zero unless kMatch.

  friend bool operator==(const SearchResult&, const SearchResult&) = default;
};

// A match needs a candidate within the rule's distance, and every other subject at least the
// rule's margin farther away; or one within the larger distance whom some other subject, and so
// every other, is behind by the larger margin. Never ambiguous beyond the first distance.
[[nodiscard]] SearchResult Decide(const TwoBest& two, const DecisionRule& rule);

}  // namespace ladon::matcher

#endif  // LADON_MATCHER_DECISION_H_
