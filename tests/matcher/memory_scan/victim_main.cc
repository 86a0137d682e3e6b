// A process with a gallery in it, for somebody else to look into: enrols, searches, says "ready",
// waits for a line and then dies with a core dump. It forgets every plain code it had, unless told
// to keep them ("keep"), which is how the scanner shows that it would find one.
#include <openssl/crypto.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "matcher/gallery.h"
#include "tests/matcher/memory_scan/victim.h"

namespace ladon::matcher {
namespace {

bool EnrolAll(Gallery* gallery) {
  for (size_t row = 0; row < kVictimRows; ++row) {
    VeinCode code = VictimCode(row);
    const bool added = gallery->Add({SubjectOf(row), 0}, code).ok();
    OPENSSL_cleanse(&code, sizeof(code));
    if (!added) return false;
  }
  return true;
}

// Owners, found by the very codes that are enrolled, so that rows are opened and compared in full.
bool SearchSome(const Gallery& gallery) {
  for (size_t row = 0; row < kVictimRows; row += 20) {
    VeinCode code = VictimCode(row);
    const SearchResult found = gallery.Search({&code, 1});
    const SearchResult exhaustively = gallery.SearchExhaustivelyDetailed({&code, 1}).result;
    OPENSSL_cleanse(&code, sizeof(code));
    if (found.subject != SubjectOf(row) || exhaustively.subject != SubjectOf(row)) return false;
  }
  return true;
}

int Run(bool keep) {
  prctl(PR_SET_DUMPABLE, 1);
  const rlimit unlimited{.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
  setrlimit(RLIMIT_CORE, &unlimited);
  const auto key = MemoryKey::Create(SeededBytes(1));
  if (!key.ok()) return 3;
  SearchPool pool(2);
  const auto gallery = Gallery::Open({.memory_key = key->get(),
                                      .school_secret = kVictimSecret,
                                      .random = SeededBytes(2),
                                      .pool = &pool});
  if (!gallery.ok() || !EnrolAll(gallery->get()) || !SearchSome(**gallery)) return 4;
  std::vector<VeinCode> kept;
  if (keep) {
    for (size_t row = 0; row < kVictimRows; ++row) kept.push_back(VictimCode(row));
  }
  std::puts("ready");
  std::fflush(stdout);
  char line[16];
  if (std::fgets(line, sizeof line, stdin) == nullptr) return 0;
  std::abort();
}

}  // namespace
}  // namespace ladon::matcher

int main(int argc, char** argv) {
  return ladon::matcher::Run(argc > 1 && std::strcmp(argv[1], "keep") == 0);
}
