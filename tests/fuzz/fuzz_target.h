// What a fuzz target gives to libFuzzer (./dev fuzz) and to the replay in the test suite.
#ifndef LADON_TESTS_FUZZ_FUZZ_TARGET_H_
#define LADON_TESTS_FUZZ_FUZZ_TARGET_H_

#include <cstddef>
#include <cstdint>
#include <vector>

// libFuzzer's own entry point. Aborts when the input breaks what must hold.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace ladon::fuzz {

// Valid inputs to begin with: made, not stored.
std::vector<std::vector<uint8_t>> Seeds();

// Mutations of each seed that the replay tries.
size_t ReplayMutations();

}  // namespace ladon::fuzz

#endif  // LADON_TESTS_FUZZ_FUZZ_TARGET_H_
