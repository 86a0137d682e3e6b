// Epochs of the vault's keys: each lasts at most its days, and ends sooner when somebody was
// erased.
//
// One thread begins a new epoch when the old one is over its time (an overdue one at start is
// rotated while the server serves, never refused), when an erasure or an officer asks for it, and
// goes on with one that a crash cut short. Behind every change of the key table it brings the copy
// for the standby up to date.
// Threading: any thread.
#ifndef LADON_SERVER_FLOW_EPOCHS_H_
#define LADON_SERVER_FLOW_EPOCHS_H_

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "server/flow/commit.h"
#include "server/vault/key_table.h"

namespace ladon::flow {

inline constexpr uint32_t kEpochDaysMax = 7;  // DESIGN section 6.
// Erasures of one class come one after another: they share an epoch's end.
inline constexpr uint64_t kErasureGatherNs = 60'000'000'000;

enum class EpochTrouble : uint8_t { kNotBegun, kNotCopied };

struct EpochsState {
  vault::KeyTableState keys;
  uint64_t due_at_ns = 0;
  bool under_way = false;
  size_t rotated_keys = 0;  // Of the one under way.
  std::string failure;      // Why the last rotation came to nothing; empty: it did not.
  bool standby = false;
  bool standby_current = false;
  uint64_t copied_at_ns = 0;
  std::string standby_failure;
};

class Epochs {
 public:
  struct Options {
    vault::KeyTable* keys = nullptr;
    uint32_t days = kEpochDaysMax;
    std::string standby;  // Directory for the copy; empty: none.
    std::function<uint64_t()> now_ns;
    std::function<void(uint32_t epoch)> on_begun;  // A new epoch has begun.
    std::function<void()> on_copied;               // The standby has the table as it is.
    std::function<void(EpochTrouble, const absl::Status&)> on_trouble;
  };
  explicit Epochs(Options options) : options_(std::move(options)) {}
  ~Epochs() { Stop(); }

  void Start();
  void Stop();  // A rotation under way is left, to go on at the next start. Idempotent.

  // A new epoch soon, or (`urgent`) at once.
  void AskFor(bool urgent);
  [[nodiscard]] EpochsState state() const;
  [[nodiscard]] const vault::KeyTable& keys() const { return *options_.keys; }
  // The epoch whose keys are the oldest that anybody of us still has: the table's own, or that of
  // the standby's copy. 0: it has not been copied since the start.
  [[nodiscard]] uint32_t EpochEverywhere() const;

 private:
  void Loop();
  [[nodiscard]] uint64_t DueNs() const;  // Under mutex_.
  void Rotate();
  void Copy();

  const Options options_;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> under_way_ = false;
  std::atomic<size_t> rotated_keys_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  uint64_t asked_for_ns_ = 0;  // When the epoch shall end; 0: nobody asked.
  uint64_t retry_after_ns_ = 0;
  std::string failure_;
  uint64_t copied_version_ = 0;
  uint32_t copied_epoch_ = 0;
  uint64_t copied_at_ns_ = 0;
  std::string standby_failure_;
  std::thread thread_;
};

void GetKeys(const House& house, const access::Caller& caller, Done<EpochsState> done);
// kRotationUnderWay.
void RotateEpoch(const House& house, const access::Caller& caller, Done<bool> done);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_EPOCHS_H_
