#include "server/flow/epochs.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "server/flow/refusal.h"

namespace ladon::flow {
namespace {

constexpr uint64_t kSecondNs = 1'000'000'000;
constexpr uint64_t kDayNs = uint64_t{24} * 3600 * kSecondNs;
constexpr uint64_t kRetryNs = 60 * kSecondNs;
// How often the standby's copy is looked at.
constexpr std::chrono::seconds kTick{5};

}  // namespace

void Epochs::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void Epochs::Stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Epochs::AskFor(bool urgent) {
  {
    const std::scoped_lock lock(mutex_);
    const uint64_t at = options_.now_ns() + (urgent ? 0 : kErasureGatherNs);
    asked_for_ns_ = asked_for_ns_ == 0 ? at : std::min(asked_for_ns_, at);
  }
  wake_.notify_all();
}

uint64_t Epochs::DueNs() const {
  const vault::KeyTableState keys = options_.keys->state();
  uint64_t due = keys.begun_at_ns + options_.days * kDayNs;
  if (keys.rotation_begun) due = 0;
  if (asked_for_ns_ != 0) due = std::min(due, asked_for_ns_);
  return std::max(due, retry_after_ns_);
}

void Epochs::Loop() {
  while (true) {
    bool rotate = false;
    {
      std::unique_lock lock(mutex_);
      if (!stopping_) rotate = DueNs() <= options_.now_ns();
      if (!rotate && !stopping_) {
        // A timed wait on a condition: by the wall clock of `now_ns`, which tests set.
        wake_.wait_for(lock, kTick);
        rotate = !stopping_ && DueNs() <= options_.now_ns();
      }
      if (stopping_) return;
    }
    if (rotate) Rotate();
    Copy();
  }
}

void Epochs::Rest(std::chrono::nanoseconds worked) {
  // A queue of children is served by the same processors and the same disk.
  constexpr int kRestsPerWork = 7;
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, kRestsPerWork * worked, [this] { return stopping_.load(); });
}

void Epochs::Rotate() {
  under_way_ = true;
  rotated_keys_ = 0;
  uint64_t asked = 0;
  {
    const std::scoped_lock lock(mutex_);
    asked = std::exchange(asked_for_ns_, 0);
  }
  auto resumed = std::chrono::steady_clock::now();
  const absl::Status s = options_.keys->Rotate(options_.now_ns(), [&](size_t done, size_t) {
    rotated_keys_ = done;
    Rest(std::chrono::steady_clock::now() - resumed);
    resumed = std::chrono::steady_clock::now();
    return !stopping_.load();
  });
  under_way_ = false;
  {
    const std::scoped_lock lock(mutex_);
    failure_ = s.ok() ? std::string() : std::string(s.message());
    if (!s.ok() && asked_for_ns_ == 0) asked_for_ns_ = asked;
    retry_after_ns_ = s.ok() ? 0 : options_.now_ns() + kRetryNs;
  }
  if (absl::IsCancelled(s)) return;
  if (!s.ok()) {
    if (options_.on_trouble) options_.on_trouble(EpochTrouble::kNotBegun, s);
  } else if (options_.on_begun) {
    options_.on_begun(options_.keys->state().epoch);
  }
}

void Epochs::Copy() {
  if (options_.standby.empty()) return;
  {
    const std::scoped_lock lock(mutex_);
    if (options_.keys->state().version == copied_version_) return;
  }
  const uint32_t epoch = options_.keys->state().epoch;  // The copy is of this one, or a later.
  const absl::StatusOr<uint64_t> copied = options_.keys->CopyTo(options_.standby);
  if (copied.ok()) {
    {
      const std::scoped_lock lock(mutex_);
      copied_version_ = *copied;
      copied_epoch_ = epoch;
      copied_at_ns_ = options_.now_ns();
      standby_failure_.clear();
    }
    if (options_.on_copied) options_.on_copied();
    return;
  }
  const std::scoped_lock lock(mutex_);
  const std::string why(copied.status().message());
  if (why != standby_failure_ && options_.on_trouble) {  // Told once, not at every tick.
    options_.on_trouble(EpochTrouble::kNotCopied, copied.status());
  }
  standby_failure_ = why;
}

uint32_t Epochs::EpochEverywhere() const {
  const uint32_t epoch = options_.keys->state().epoch;
  if (options_.standby.empty()) return epoch;
  const std::scoped_lock lock(mutex_);
  return std::min(epoch, copied_epoch_);
}

EpochsState Epochs::state() const {
  EpochsState state{.keys = options_.keys->state(),
                    .under_way = under_way_,
                    .rotated_keys = rotated_keys_,
                    .standby = !options_.standby.empty()};
  const std::scoped_lock lock(mutex_);
  state.due_at_ns = DueNs();
  state.failure = failure_;
  state.standby_current = state.standby && copied_version_ == state.keys.version;
  state.copied_at_ns = copied_at_ns_;
  state.standby_failure = standby_failure_;
  return state;
}

void GetKeys(const House& house, const access::Caller& caller, Done<EpochsState> done) {
  Reply<EpochsState>(house, caller, {}, house.epochs->state(), std::move(done));
}

void RotateEpoch(const House& house, const access::Caller& caller, Done<bool> done) {
  const bool busy = house.epochs->state().under_way;
  if (!busy) house.epochs->AskFor(true);
  Reply<bool>(house, caller, {},
              busy ? absl::StatusOr<bool>(Refuse(Reason::kRotationUnderWay)) : true,
              std::move(done));
}

}  // namespace ladon::flow
