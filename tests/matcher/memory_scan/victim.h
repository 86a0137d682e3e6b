// What the victim enrols and the scanner looks for: the same codes from the same seeds.
#ifndef LADON_TESTS_MATCHER_MEMORY_SCAN_VICTIM_H_
#define LADON_TESTS_MATCHER_MEMORY_SCAN_VICTIM_H_

#include <array>
#include <random>

#include "matcher/transform.h"
#include "tests/matcher/random_codes.h"

namespace ladon::matcher {

inline constexpr size_t kVictimRows = 200;  // Three full blocks of sketches and a part of one.
inline constexpr std::array<uint8_t, kSchoolSecretBytes> kVictimSecret = {7, 7, 7};

inline VeinCode VictimCode(size_t row) {
  std::mt19937_64 rng(1'000 + row);
  return RandomCode(rng);
}

}  // namespace ladon::matcher

#endif  // LADON_TESTS_MATCHER_MEMORY_SCAN_VICTIM_H_
