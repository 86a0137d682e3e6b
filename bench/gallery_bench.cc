// One palm against a school's gallery: every row under every translation, rows encrypted. Read
// rows/s; the budget is a school of 2 000 children x 2 palms x 3 samples (12 000 rows) in 0.5 ms
// median.
#include <benchmark/benchmark.h>

#include <array>
#include <cassert>
#include <memory>
#include <random>
#include <vector>

#include "matcher/gallery.h"
#include "matcher/memory_key.h"
#include "matcher/vein_code.h"

namespace ladon::matcher {
namespace {

constexpr uint64_t kSeed = 42;
constexpr size_t kProbeCodes = 1;

VeinCode RandomCode(std::mt19937_64& rng) {
  VeinCode code;
  std::uniform_int_distribution<int> orientation(0, kOrientations - 1);
  for (size_t y = 0; y < kGridSide; ++y) {
    for (size_t x = 0; x < kGridSide; ++x) {
      const int fine = orientation(rng);
      SetCell(code, x, y, {.fine = fine, .coarse = orientation(rng)});
    }
  }
  return code;
}

SubjectRef SubjectOf(uint64_t number) {
  SubjectRef subject;
  for (size_t i = 0; i < 8; ++i) subject.bytes[15 - i] = static_cast<uint8_t>(number >> (8 * i));
  return subject;
}

struct School {
  std::unique_ptr<MemoryKey> key;
  std::unique_ptr<Gallery> gallery;
  std::vector<VeinCode> enrolled;
};

School MakeSchool(size_t rows) {
  const auto rng = std::make_shared<std::mt19937_64>(kSeed);
  const RandomSource random = [rng](std::span<uint8_t> out) {
    for (uint8_t& byte : out) byte = static_cast<uint8_t>((*rng)());
  };
  School school;
  auto key = MemoryKey::Create(random);
  assert(key.ok());
  school.key = *std::move(key);
  constexpr std::array<uint8_t, kSchoolSecretBytes> kSecret{7};
  auto gallery =
      Gallery::Open({.memory_key = school.key.get(), .school_secret = kSecret, .random = random});
  assert(gallery.ok());
  school.gallery = *std::move(gallery);
  for (size_t i = 0; i < rows; ++i) {
    school.enrolled.push_back(RandomCode(*rng));
    const absl::Status added =
        school.gallery->Add({.subject = SubjectOf(i + 1)}, school.enrolled.back());
    assert(added.ok());
  }
  return school;
}

void BM_SearchFindsNobody(benchmark::State& state) {
  const School school = MakeSchool(static_cast<size_t>(state.range(0)));
  std::mt19937_64 rng(kSeed + 1);
  const std::vector<VeinCode> probe(kProbeCodes, RandomCode(rng));
  // We time the right answer.
  assert(school.gallery->Search(probe).decision == SearchResult::Decision::kNobody);
  for (auto _ : state) benchmark::DoNotOptimize(school.gallery->Search(probe));
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(state.iterations() * state.range(0) * int64_t{kCodeBytes});
}
BENCHMARK(BM_SearchFindsNobody)->ArgName("rows")->Arg(1'000)->Arg(12'000)->UseRealTime();

void BM_SearchFindsTheOne(benchmark::State& state) {
  const School school = MakeSchool(static_cast<size_t>(state.range(0)));
  const size_t who = school.enrolled.size() / 2;
  const std::vector<VeinCode> probe(kProbeCodes, school.enrolled[who]);
  assert(school.gallery->Search(probe).subject == SubjectOf(who + 1));
  for (auto _ : state) benchmark::DoNotOptimize(school.gallery->Search(probe));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_SearchFindsTheOne)->ArgName("rows")->Arg(1'000)->Arg(12'000)->UseRealTime();

}  // namespace
}  // namespace ladon::matcher
