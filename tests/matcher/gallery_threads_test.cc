// Goal: searches, enrolment, erasure and re-keying at the same time never see half a row, never see
// an erased one, and never compare under two secrets.
// Method: one subject that is always there must always be found; subjects that come and go are
// searched for after their erasure has returned. Meant for the thread sanitizer as well.
#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "matcher/gallery.h"
#include "tests/matcher/random_codes.h"
#include "tests/testing/status_testing.h"

namespace ladon::matcher {
namespace {

using ::ladon::testing::IsOk;
using Decision = SearchResult::Decision;

TEST(GalleryThreadsTest, SearchesRunThroughEnrolmentErasureAndRekeying) {
  constexpr std::array<uint8_t, kSchoolSecretBytes> kSecret = {9};
  ASSERT_OK_AND_ASSIGN(const auto memory_key, MemoryKey::Create(SeededBytes(60)));
  ASSERT_OK_AND_ASSIGN(const auto gallery, Gallery::Open({.memory_key = memory_key.get(),
                                                          .school_secret = kSecret,
                                                          .random = SeededBytes(61)}));
  std::mt19937_64 rng(62);
  const VeinCode resident = RandomCode(rng);
  ASSERT_THAT(gallery->Add({SubjectOf(1), 0}, resident), IsOk());

  std::atomic<bool> stop = false;
  std::atomic<int> searches = 0;
  std::atomic<int> misses = 0;
  std::vector<std::thread> searchers;
  for (int t = 0; t < 2; ++t) {
    searchers.emplace_back([&] {
      while (!stop.load()) {
        const SearchResult result = gallery->Search({{resident}});
        const bool found = result.decision == Decision::kMatch && result.subject == SubjectOf(1);
        if (!found) ++misses;
        ++searches;
      }
    });
  }
  std::array<uint8_t, kSchoolSecretBytes> secret = kSecret;
  // Enough rounds for tables to grow and slots to be reused, and until searches have overlapped.
  for (uint64_t round = 0; round < 150 || searches.load() < 20; ++round) {
    const SubjectRef guest = SubjectOf(100 + round);
    const VeinCode code = RandomCode(rng);
    ASSERT_THAT(gallery->Add({guest, 0}, code), IsOk());
    ASSERT_THAT(gallery->Add({guest, 1}, RandomCode(rng)), IsOk());
    ASSERT_EQ(gallery->Search({{code}}).subject, guest);
    if (round % 10 == 0) {
      secret[1] = static_cast<uint8_t>(round);
      ASSERT_THAT(gallery->Rekey(secret), IsOk());
      ASSERT_EQ(gallery->Search({{code}}).subject, guest);
    }
    if (round % 3 == 0) continue;
    ASSERT_EQ(gallery->EraseSubject(guest), 2U);
    ASSERT_EQ(gallery->Search({{code}}).decision, Decision::kNobody);
  }
  stop = true;
  for (std::thread& t : searchers) t.join();
  EXPECT_EQ(misses.load(), 0);
}

}  // namespace
}  // namespace ladon::matcher
