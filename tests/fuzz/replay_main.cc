// Runs a fuzz target without libFuzzer: over its seeds, seeded mutations of them, and the files of
// tests/fuzz/corpus/<target>, which have broken something once. `--write DIR` writes the seeds for
// libFuzzer to begin with.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include "tests/fuzz/fuzz_target.h"

namespace {

using Bytes = std::vector<uint8_t>;

// One of the ways in which files go wrong.
Bytes Mutated(const Bytes& seed, std::mt19937_64* random) {
  Bytes bytes = seed;
  const auto below = [random](size_t bound) {
    return static_cast<ptrdiff_t>((*random)() % (bound + 1));
  };
  for (size_t changes = 1 + (*random)() % 4; changes > 0 && !bytes.empty(); --changes) {
    const auto last = bytes.size() - 1;
    // The beginning of a file, where its format is told, is hit as often as all the rest.
    const ptrdiff_t at = (*random)() % 2 == 0 ? below(std::min<size_t>(last, 64)) : below(last);
    switch ((*random)() % 5) {
      case 0:
        bytes[static_cast<size_t>(at)] ^= static_cast<uint8_t>(1U << (*random)() % 8);
        break;
      case 1:
        bytes[static_cast<size_t>(at)] = static_cast<uint8_t>((*random)());
        break;
      case 2:
        bytes.resize(static_cast<size_t>(at));
        break;
      case 3:
        bytes.insert(bytes.begin() + at, static_cast<uint8_t>((*random)()));
        break;
      default:
        bytes.erase(bytes.begin() + at);
    }
  }
  return bytes;
}

void Run(const Bytes& bytes) {
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

int WriteSeeds(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  size_t number = 0;
  for (const Bytes& seed : ladon::fuzz::Seeds()) {
    std::ofstream out(folder / ("seed" + std::to_string(number++)), std::ios::binary);
    out.write(reinterpret_cast<const char*>(seed.data()),
              static_cast<std::streamsize>(seed.size()));
    if (!out.flush()) return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::strcmp(argv[1], "--write") == 0) return WriteSeeds(argv[2]);
  size_t inputs = 0;
  std::mt19937_64 random(1);
  Run({});
  for (const Bytes& seed : ladon::fuzz::Seeds()) {
    Run(seed);
    for (size_t i = 0; i < ladon::fuzz::ReplayMutations(); ++i, ++inputs) {
      Run(Mutated(seed, &random));
    }
  }
  for (int a = 1; a < argc; ++a) {
    if (!std::filesystem::is_directory(argv[a])) continue;
    for (const auto& file : std::filesystem::directory_iterator(argv[a])) {
      std::ifstream in(file.path(), std::ios::binary);
      Run(Bytes{std::istreambuf_iterator<char>(in), {}});
      ++inputs;
    }
  }
  std::printf("%zu inputs\n", inputs);
  return EXIT_SUCCESS;
}
