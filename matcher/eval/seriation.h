// The correlation (seriation) attack on the templates of one school: neighbouring cells of a palm
// often see the same line, so who has many rows under one permutation can find cells that vary
// together and lay the grid out again. The attack needs no key; the pad does not stop it.
//
// Measured as the share of cells whose most correlated other cell is a true neighbour. Pure.
#ifndef LADON_MATCHER_EVAL_SERIATION_H_
#define LADON_MATCHER_EVAL_SERIATION_H_

#include <cstdint>
#include <span>

#include "matcher/transform.h"
#include "matcher/vein_code.h"

namespace ladon::matcher::eval {

// What guessing gives: 8 of 1 023 others are neighbours, fewer at the edge.
inline constexpr double kSeriationChance = 7812.0 / (1024 * 1023.0);

// `images` are rows as an attacker finds them, whatever covers them; `transform` is used only to
// score the guesses. At least 2 images (asserted); 100 and more make the attack succeed.
[[nodiscard]] double SeriationSuccess(std::span<const VeinCode> images,
                                      const SchoolTransform& transform);

}  // namespace ladon::matcher::eval

#endif  // LADON_MATCHER_EVAL_SERIATION_H_
