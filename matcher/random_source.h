// Where the matcher gets random bytes from: it has no randomness of its own.
//
// Production passes a cryptographic generator, tests a seeded one. The function fills the whole
// span or stops the process; it is called under the caller's lock and need not be thread safe.
#ifndef LADON_MATCHER_RANDOM_SOURCE_H_
#define LADON_MATCHER_RANDOM_SOURCE_H_

#include <cstdint>
#include <functional>
#include <span>

namespace ladon::matcher {

using RandomSource = std::function<void(std::span<uint8_t>)>;

}  // namespace ladon::matcher

#endif  // LADON_MATCHER_RANDOM_SOURCE_H_
