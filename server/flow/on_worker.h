// Work that would hold up the network thread goes to the searchers' threads: a palm search, a look
// at a whole school, a key that must be on disk before it is used. What would hold up a search goes
// to a pool of its own.
// Threading: any thread; `job` and the refusals on a thread of the pool or the applier thread.
#ifndef LADON_SERVER_FLOW_ON_WORKER_H_
#define LADON_SERVER_FLOW_ON_WORKER_H_

#include <functional>
#include <utility>

#include "server/flow/commit.h"
#include "server/flow/refusal.h"

namespace ladon::flow {

// Runs `job` with `done` in `pool`, or refuses in its place: kOverloaded when too much work waits,
// kDeadlinePassed when the caller has given up before its turn came. Either is recorded like any
// other answer.
template <class T>
void OnPool(WorkerPool* pool, const House& house, const access::Caller& caller, Done<T> done,
            std::function<void(Done<T>)> job) {
  const auto in_turn = [&house, caller, done, job = std::move(job)] {
    if (house.now_ns() >= caller.deadline_ns) {
      return Reply<T>(house, caller, {}, Refuse(Reason::kDeadlinePassed), done);
    }
    job(done);
  };
  if (!pool->Run(in_turn)) {
    Reply<T>(house, caller, {}, Refuse(Reason::kOverloaded), std::move(done));
  }
}

// The same among the searchers.
template <class T>
void OnWorker(const House& house, const access::Caller& caller, Done<T> done,
              std::function<void(Done<T>)> job) {
  OnPool<T>(house.searchers, house, caller, std::move(done), std::move(job));
}

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_ON_WORKER_H_
