#include "ledger/operation_index.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "ledger/index.h"

namespace ladon::ledger {
namespace {

using storage::Family;

SeenFilter::Id FilterId(const OperationKey& operation) {
  SeenFilter::Id id;
  std::memcpy(id.data(), operation.digest.bytes.data(), id.size());
  return id;
}

// Tells the pairs of a run, tokens first: 'n' stands before 'o'.
class SortedPairs {
 public:
  template <class Operations, class Nonces>
  SortedPairs(const Operations& operations, const Nonces& nonces)
      : operations_(operations.begin(), operations.end()), nonces_(nonces.begin(), nonces.end()) {
    std::sort(operations_.begin(), operations_.end());
    std::sort(nonces_.begin(), nonces_.end());
  }

  bool Next(std::string_view* key, std::string_view* value) {
    if (at_ < nonces_.size()) {
      key_ = NonceKey(nonces_[at_].first);
      value_ = EncodeIndex(nonces_[at_].second);
    } else if (at_ < nonces_.size() + operations_.size()) {
      const auto& [operation, index] = operations_[at_ - nonces_.size()];
      key_ = OperationIndexKey(operation);
      value_ = EncodeIndex(index);
    } else {
      return false;
    }
    ++at_;
    *key = key_;
    *value = value_;
    return true;
  }

 private:
  std::vector<std::pair<OperationKey, uint64_t>> operations_;
  std::vector<std::pair<Nonce, uint64_t>> nonces_;
  size_t at_ = 0;
  std::string key_;
  std::string value_;
};

}  // namespace

OperationIndex::OperationIndex(storage::Store* store,
                               std::function<void(const absl::Status&)> on_error)
    : store_(store), on_error_(std::move(on_error)) {}

OperationIndex::~OperationIndex() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  if (writer_.joinable()) writer_.join();
}

absl::Status OperationIndex::Load(uint64_t done) {
  const std::unique_ptr<storage::Scan> scan = store_->NewScan(Family::kOperations);
  for (scan->Seek(""); scan->Valid(); scan->Next()) {
    const std::string_view key = scan->key();
    SeenFilter::Id id;
    if (key.size() < 1 + id.size()) {
      return absl::DataLossError("ledger index: an operation with a short key");
    }
    std::memcpy(id.data(), key.data() + 1, id.size());
    filter_.Add(id);
  }
  const std::lock_guard lock(mutex_);
  done_ = done;
  return scan->status();
}

void OperationIndex::Start() {
  writer_ = std::thread([this] { WriteBehind(); });
}

void OperationIndex::Add(const OperationKey& operation, const Nonce& nonce, uint64_t index) {
  const bool has_operation = !operation.IsZero();
  const bool has_nonce = !nonce.IsZero();
  if (has_operation) filter_.Add(FilterId(operation));
  if (has_nonce) filter_.Add(nonce.bytes);
  if (!has_operation && !has_nonce) return;
  const std::lock_guard lock(mutex_);
  if (has_operation) current_->operations.insert_or_assign(operation, index);
  if (has_nonce) current_->nonces.insert_or_assign(nonce, index);
}

void OperationIndex::CloseGroup(uint64_t next_index) {
  std::unique_lock lock(mutex_);
  if (current_->size() < kRunOperations) return;
  if (current_->size() >= kWaitingOperationsMax) {
    changed_.wait(lock, [this] { return closed_ == nullptr || failed_ || stopping_; });
  }
  if (closed_ != nullptr || failed_) return;
  current_->end = next_index;
  closed_ = std::move(current_);
  current_ = std::make_unique<Run>();
  changed_.notify_all();
  lock.unlock();
  // At once: growing step by step would hold up the debit that makes it grow. (Nobody adds but us.)
  auto roomy = std::make_unique<Run>();
  roomy->operations.reserve(kRunOperations + kRunOperations / 4);
  lock.lock();
  current_ = std::move(roomy);
}

void OperationIndex::SetDurable(uint64_t size) {
  const std::lock_guard lock(mutex_);
  durable_ = size;
  if (closed_ != nullptr) changed_.notify_all();
}

uint64_t OperationIndex::done() const {
  const std::lock_guard lock(mutex_);
  return done_;
}

void OperationIndex::Prefetch(const OperationKey& operation) const {
  filter_.Prefetch(FilterId(operation));
  current_->operations.prefetch(operation);  // Only the committer changes it: no lock to read.
}

bool OperationIndex::MayKnow(const OperationKey& operation) const {
  return filter_.MayContain(FilterId(operation));
}

bool OperationIndex::MayKnow(const Nonce& nonce) const {
  return filter_.MayContain(nonce.bytes);
}

std::optional<uint64_t> OperationIndex::FindNew(const OperationKey& operation) const {
  const std::lock_guard lock(mutex_);
  for (const Run* run : {static_cast<const Run*>(current_.get()), closed_.get()}) {
    if (run == nullptr) continue;
    const auto found = run->operations.find(operation);
    if (found != run->operations.end()) return found->second;
  }
  return std::nullopt;
}

absl::StatusOr<std::optional<uint64_t>> OperationIndex::Find(const OperationKey& operation) const {
  if (const std::optional<uint64_t> index = FindNew(operation)) return index;
  return GetIndex(*store_, Family::kOperations, OperationIndexKey(operation));
}

absl::StatusOr<std::optional<uint64_t>> OperationIndex::Find(const Nonce& nonce) const {
  {
    const std::lock_guard lock(mutex_);
    for (const Run* run : {static_cast<const Run*>(current_.get()), closed_.get()}) {
      if (run == nullptr) continue;
      const auto found = run->nonces.find(nonce);
      if (found != run->nonces.end()) return std::optional<uint64_t>(found->second);
    }
  }
  return GetIndex(*store_, Family::kOperations, NonceKey(nonce));
}

absl::Status OperationIndex::WriteRun(const Run& run) {
  SortedPairs pairs(run.operations, run.nonces);
  return store_->Load(
      Family::kOperations,
      [&pairs](std::string_view* key, std::string_view* value) { return pairs.Next(key, value); });
}

void OperationIndex::WriteBehind() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock,
                  [this] { return stopping_ || (closed_ != nullptr && durable_ >= closed_->end); });
    if (stopping_) return;
    const Run& run = *closed_;  // Nobody changes it, and only we take it away.
    lock.unlock();
    absl::Status written = WriteRun(run);
    lock.lock();
    if (!written.ok()) {
      failed_ = true;
      changed_.notify_all();
      lock.unlock();
      on_error_(written);
      return;
    }
    done_ = closed_->end;
    // Large: it is taken apart while nobody waits for the lock.
    std::unique_ptr<const Run> gone = std::move(closed_);
    changed_.notify_all();
    lock.unlock();
    gone.reset();
    lock.lock();
  }
}

}  // namespace ladon::ledger
