// ParseTemplate takes anything: what it accepts is canonical and comes back the same.
#include <algorithm>
#include <cstdlib>
#include <random>

#include "matcher/vein_code.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/matcher/random_codes.h"

using ladon::matcher::ParseTemplate;
using ladon::matcher::SerializeTemplate;
using ladon::matcher::VeinCode;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto code = ParseTemplate({data, size});
  if (!code.ok()) {
    if (code.status().message().empty()) std::abort();  // A refusal names its reason.
    return 0;
  }
  const std::vector<uint8_t> bytes = SerializeTemplate(*code);
  if (!std::equal(bytes.begin(), bytes.end(), data, data + size)) std::abort();
  if (ladon::matcher::ReliableCells(*code) < ladon::matcher::kReliableCellsMin) std::abort();
  return 0;
}

namespace ladon::fuzz {

std::vector<std::vector<uint8_t>> Seeds() {
  std::mt19937_64 rng(1);
  std::vector<std::vector<uint8_t>> seeds;
  for (const double masked : {0.0, 0.1, 0.45}) {
    seeds.push_back(SerializeTemplate(matcher::RandomCode(rng, masked)));
  }
  return seeds;
}

size_t ReplayMutations() {
  return 20'000;
}

}  // namespace ladon::fuzz
