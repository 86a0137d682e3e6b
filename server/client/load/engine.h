// The load itself: an open loop over asynchronous gRPC, or a closed one.
//
// Call i is due at start + i / rate, whatever the server does; its latency is counted from that
// intended moment, so a server that stalls is charged for every child that had to wait in the
// queue, not only for the one it was serving (no coordinated omission). A call that is due while
// kOutstandingMax others wait for their answers is not sent and counts as an error
// CLIENT_OVERFLOW; it is never dropped in silence.
// With `in_flight` it is a closed loop: as many calls wait at any time, as fast as answers come;
// that tells what a server can do, not how long anybody waits. Threading: RunCalls() uses the
// caller's thread for pacing and one for the completion queue.
#ifndef LADON_SERVER_CLIENT_LOAD_ENGINE_H_
#define LADON_SERVER_CLIENT_LOAD_ENGINE_H_

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/client/load/latency.h"
#include "server/client/load/scenario.h"

namespace ladon::load {

inline constexpr int64_t kOutstandingMax = 10'000;
inline constexpr int kRateMax = 50'000;
inline constexpr int kSecondsMax = 3'600;
inline constexpr int64_t kCallsMax = 20'000'000;

// kPing: an empty call of the sizes of a debit by card, and of its answer.
// kBookByList: a server lets one certificate make 120 a minute.
enum class What {
  kDebitCard,
  kIdentifyPalm,
  kIdentifyAndDebitPalm,
  kBookByList,
  kTopUp,
  kPing,
};

struct LoadOptions {
  What what = What::kDebitCard;
  int rate_per_second = 100;
  int seconds = 10;
  int in_flight = 0;  // 0: an open loop. Otherwise the rate counts for nothing.
};

struct LoadResult {
  int64_t intended = 0;  // Calls that were due.
  int64_t succeeded = 0;
  LatencySummary latency;                 // Of the calls that succeeded, from the intended start.
  std::map<std::string, int64_t> errors;  // By reason; CLIENT_OVERFLOW, BAD_ANSWER are the tool's.
  int64_t outstanding_max = 0;
  double elapsed_seconds = 0;  // From the first intended start to the last answer.
};

// `channels` are used in turn. `tick` hears how many calls were due so far, ten times a second at
// most. InvalidArgument: a limit, no channel, or a scenario without what the load needs.
[[nodiscard]] absl::StatusOr<LoadResult> RunCalls(
    const LoadOptions& options, const Scenario& scenario,
    const std::vector<std::shared_ptr<grpc::Channel>>& channels,
    const std::function<void(int64_t due)>& tick);

}  // namespace ladon::load

#endif  // LADON_SERVER_CLIENT_LOAD_ENGINE_H_
