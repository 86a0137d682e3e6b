// Work that would hold up the network thread goes to the searchers' threads: a palm search, a look
// at a whole school, a key that must be on disk before it is used.
// Threading: any thread; `job` and the refusals on a searcher's or the applier thread.
#ifndef LADON_SERVER_FLOW_ON_WORKER_H_
#define LADON_SERVER_FLOW_ON_WORKER_H_

#include <functional>
#include <utility>

#include "server/flow/commit.h"
#include "server/flow/refusal.h"

namespace ladon::flow {

// Runs `job` with `done`, or refuses in its place: kOverloaded when too much work waits,
// kDeadlinePassed when the caller has given up before its turn came. Either is recorded like any
// other answer.
template <class T>
void OnWorker(const House& house, const access::Caller& caller, Done<T> done,
              std::function<void(Done<T>)> job) {
  const auto in_turn = [&house, caller, done, job = std::move(job)] {
    if (house.now_ns() >= caller.deadline_ns) {
      return Reply<T>(house, caller, {}, Refuse(Reason::kDeadlinePassed), done);
    }
    job(done);
  };
  if (!house.searchers->Run(in_turn)) {
    Reply<T>(house, caller, {}, Refuse(Reason::kOverloaded), std::move(done));
  }
}

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_ON_WORKER_H_
