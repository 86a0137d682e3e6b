#include "matcher/decision.h"

namespace ladon::matcher {

SearchResult Decide(const TwoBest& two, const DecisionRule& rule) {
  using Decision = SearchResult::Decision;
  if (!two.best().has_value() || two.best()->distance_q16 > rule.distance_max_q16) {
    return {.decision = Decision::kNobody, .subject = {}};
  }
  if (two.best_other().has_value() &&
      two.best_other()->distance_q16 - two.best()->distance_q16 < rule.margin_min_q16) {
    return {.decision = Decision::kAmbiguous, .subject = {}};
  }
  return {.decision = Decision::kMatch, .subject = two.best()->subject};
}

}  // namespace ladon::matcher
