// Goal: a pool takes as much as it says, does everything it took, and nothing after it stopped.
// Method: one job holds the only thread while the queue is filled to the limit and beyond.
#include "server/flow/worker_pool.h"

#include <atomic>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"

namespace ladon::flow {
namespace {

// A pool whose only thread waits until Release().
class HeldPool {
 public:
  HeldPool() {
    EXPECT_TRUE(pool_.Run([this] {
      held_.Notify();
      release_.WaitForNotification();
    }));
    held_.WaitForNotification();
  }
  void Release() { release_.Notify(); }
  WorkerPool& pool() { return pool_; }

 private:
  absl::Notification held_;
  absl::Notification release_;
  WorkerPool pool_{1};
};

TEST(WorkerPoolTest, RefusesOneMoreThanTheLimitAndDoesTheRest) {
  HeldPool held;
  std::atomic<size_t> done = 0;
  for (size_t i = 0; i < kWorkQueueMax; ++i) {
    ASSERT_TRUE(held.pool().Run([&done] { ++done; })) << i;
  }
  EXPECT_FALSE(held.pool().Run([&done] { done += 1'000'000; }));
  EXPECT_TRUE(held.pool().RunAlways([&done] { ++done; })) << "bounded elsewhere";
  EXPECT_EQ(done, 0);
  held.Release();
  held.pool().Stop();
  EXPECT_EQ(done, kWorkQueueMax + 1);
}

TEST(WorkerPoolTest, OneThreadKeepsTheOrder) {
  HeldPool held;
  std::vector<int> order;
  for (int i = 0; i < 100; ++i)
    ASSERT_TRUE(held.pool().RunAlways([&order, i] { order.push_back(i); }));
  held.Release();
  held.pool().Stop();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<size_t>(i)], i);
}

TEST(WorkerPoolTest, AfterStopNothingRuns) {
  WorkerPool pool(2);
  pool.Stop();
  std::atomic<int> ran = 0;
  EXPECT_FALSE(pool.Run([&ran] { ++ran; }));
  EXPECT_FALSE(pool.RunAlways([&ran] { ++ran; }));
  pool.Stop();
  EXPECT_EQ(ran, 0);
}

TEST(WorkerPoolTest, ThreadsWorkBesideEachOther) {
  WorkerPool pool(2);
  absl::Notification first;
  absl::Notification second;
  // Each waits for the other: one thread alone would never finish.
  ASSERT_TRUE(pool.Run([&] { first.Notify(), second.WaitForNotification(); }));
  ASSERT_TRUE(pool.Run([&] { second.Notify(), first.WaitForNotification(); }));
  pool.Stop();
  EXPECT_TRUE(first.HasBeenNotified() && second.HasBeenNotified());
}

}  // namespace
}  // namespace ladon::flow
