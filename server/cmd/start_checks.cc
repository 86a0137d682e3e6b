#include "server/cmd/start_checks.h"

#include <sys/mman.h>
#include <sys/resource.h>

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <memory>
#include <span>
#include <string>

#include "matcher/memory_key.h"
#include "matcher/secret_memory.h"

namespace ladon {
namespace {

using rpc::LogLevel;

std::string MemoryKeystream(const base::Primitives::Stream& in) {
  assert(in.key.size() == matcher::kMemoryKeyBytes && in.start.size() == matcher::kRowSaltBytes);
  const auto key = matcher::MemoryKey::Create([&in](std::span<uint8_t> drawn) {
    assert(drawn.size() == in.key.size());
    std::copy(in.key.begin(), in.key.end(), drawn.begin());
  });
  if (!key.ok()) return {};  // CheckStart() has seen that there is memory for it.
  matcher::RowSalt salt{};
  std::copy(in.start.begin(), in.start.end(), salt.begin());
  std::string out(in.text.size(), '\0');
  (*key)->Xor(salt, {reinterpret_cast<const uint8_t*>(in.text.data()), in.text.size()},
              {reinterpret_cast<uint8_t*>(out.data()), out.size()});
  return out;
}

// Every page of the process, those that come later too, as soon as it is touched. Only where there
// is no limit: with one, a later allocation would fail in its place.
bool LockMemory() {
  rlimit limit{};
  if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0 || limit.rlim_cur != RLIM_INFINITY) return false;
  return mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;
}

// A /proc without it (ProcSubset=pid) cannot tell, and is taken for one with a swap.
bool MayBeSwapped() {
  std::ifstream file("/proc/swaps");
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return text.empty() || ListsSwap(text);
}

}  // namespace

base::Primitives ServerPrimitives() {
  base::Primitives primitives = base::LibraryPrimitives();
  primitives.memory_keystream = MemoryKeystream;
  return primitives;
}

absl::Status CheckEnvironment(const Environment& environment) {
  if (!environment("SSLKEYLOGFILE").empty()) {
    return absl::FailedPreconditionError(
        "SSLKEYLOGFILE is set: the keys of every connection would be written into that file; unset "
        "it, then start");
  }
  // Any tracer: several print headers or contents of calls, and the names change between versions.
  if (!environment("GRPC_TRACE").empty()) {
    return absl::FailedPreconditionError(
        "GRPC_TRACE is set: what passes through calls, names and palm codes too, would be written "
        "into the log; unset it, then start");
  }
  return absl::OkStatus();
}

bool ListsSwap(std::string_view proc_swaps) {
  // A head line, then one line a swap.
  const size_t head = proc_swaps.find('\n');
  return head != std::string_view::npos && proc_swaps.find('/', head) != std::string_view::npos;
}

absl::Status CheckStart(rpc::Monitor* monitor, const Environment& environment) {
  const auto memory = matcher::SecretMemory::Allocate(matcher::kMemoryKeyBytes);
  if (!memory.ok()) return memory.status();
  if (absl::Status s = base::RunSelfTests(ServerPrimitives()); !s.ok()) return s;
  if (absl::Status s = CheckEnvironment(environment); !s.ok()) return s;
  if (!LockMemory() && MayBeSwapped()) {
    monitor->Log(
        LogLevel::kWarning, "memory_may_be_swapped",
        {{"advice",
          "names and keys may reach the swap: lift the limit of locked memory "
          "(LimitMEMLOCK=infinity) and set MemorySwapMax=0, as deploy/ladond.service does"}});
  }
  return absl::OkStatus();
}

}  // namespace ladon
