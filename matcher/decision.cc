#include "matcher/decision.h"

namespace ladon::matcher {

SearchResult Decide(const TwoBest& two, const DecisionRule& rule) {
  using Decision = SearchResult::Decision;
  const SearchResult nobody = {.decision = Decision::kNobody, .subject = {}};
  if (!two.best().has_value()) return nobody;
  const Candidate& best = *two.best();
  const bool within = best.distance_q16 <= rule.distance_max_q16;
  if (!within && best.distance_q16 > rule.alone_distance_max_q16) return nobody;
  if (!within && !two.best_other().has_value()) return nobody;  // Nobody to be ahead of.
  const int32_t margin_min_q16 = within ? rule.margin_min_q16 : rule.alone_margin_min_q16;
  if (two.best_other().has_value() &&
      two.best_other()->distance_q16 - best.distance_q16 < margin_min_q16) {
    return within ? SearchResult{.decision = Decision::kAmbiguous, .subject = {}} : nobody;
  }
  return {.decision = Decision::kMatch, .subject = best.subject};
}

}  // namespace ladon::matcher
