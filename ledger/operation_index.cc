#include "ledger/operation_index.h"

#include <endian.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "ledger/index.h"
#include "ledger/prefetch.h"

namespace ladon::ledger {
namespace {

using storage::Family;

constexpr int kIndexNice = 10;

SeenFilter::Id FilterId(const OperationKey& operation) {
  SeenFilter::Id id;
  std::memcpy(id.data(), operation.digest.bytes.data(), id.size());
  return id;
}

// The items of a map in the order of their keys.
template <class Key>
class Sorted {
 public:
  explicit Sorted(const std::vector<std::pair<Key, uint64_t>>& items) : items_(items) {
    order_.reserve(items.size());
    for (size_t i = 0; i < items.size(); ++i) {
      order_.emplace_back(FirstBytes(items[i].first), static_cast<uint32_t>(i));
    }
    // By their first bytes as a number, which decide all but always.
    std::sort(order_.begin(), order_.end(), [&items](const Place& a, const Place& b) {
      return a.first != b.first ? a.first < b.first : items[a.second] < items[b.second];
    });
  }

  // nullptr: that were all.
  const std::pair<Key, uint64_t>* Next() {
    if (at_ == order_.size()) return nullptr;
    constexpr size_t kAhead = 8;  // They lie all over the list.
    if (at_ + kAhead < order_.size()) PrefetchLine(&items_[order_[at_ + kAhead].second]);
    return &items_[order_[at_++].second];
  }

 private:
  using Place = std::pair<uint64_t, uint32_t>;

  static uint64_t FirstBytes(const Key& key) {
    uint64_t bytes = 0;
    std::memcpy(&bytes, &key, sizeof(bytes));
    return be64toh(bytes);
  }

  const std::vector<std::pair<Key, uint64_t>>& items_;
  std::vector<Place> order_;
  size_t at_ = 0;
};

// Tells the pairs of a run, tokens first: 'n' stands before 'o'.
class SortedPairs {
 public:
  SortedPairs(const ArrivalMap<OperationKey>& operations, const ArrivalMap<Nonce>& nonces)
      : operations_(operations.items()), nonces_(nonces.items()) {}

  bool Next(std::string_view* key, std::string_view* value) {
    if (const auto* nonce = nonces_.Next(); nonce != nullptr) {
      key_ = NonceKey(nonce->first);
      value_ = EncodeIndex(nonce->second);
    } else if (const auto* operation = operations_.Next(); operation != nullptr) {
      key_ = OperationIndexKey(operation->first);
      value_ = EncodeIndex(operation->second);
    } else {
      return false;
    }
    *key = key_;
    *value = value_;
    return true;
  }

 private:
  Sorted<OperationKey> operations_;
  Sorted<Nonce> nonces_;
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
  writer_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "ledger-index");
    // Debits go before it: it has seconds, and they have milliseconds. Linux has this by thread; an
    // error leaves it as it was.
    (void)setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kIndexNice);
    WriteBehind();
  });
}

void OperationIndex::Add(const OperationKey& operation, const Nonce& nonce, uint64_t index) {
  const bool has_operation = !operation.IsZero();
  const bool has_nonce = !nonce.IsZero();
  if (has_operation) filter_.Add(FilterId(operation));
  if (has_nonce) filter_.Add(nonce.bytes);
  if (!has_operation && !has_nonce) return;
  const std::lock_guard lock(mutex_);
  if (has_operation) current_->operations.InsertOrAssign(operation, index);
  if (has_nonce) current_->nonces.InsertOrAssign(nonce, index);
}

void OperationIndex::CloseGroup(uint64_t next_index) {
  std::unique_lock lock(mutex_);
  if (current_->size() < kRunOperations) return;
  if (current_->size() >= kWaitingOperationsMax) {
    changed_.wait(lock, [this] { return spare_ != nullptr || failed_ || stopping_; });
  }
  if (spare_ == nullptr || failed_) return;
  current_->end = next_index;
  closed_ = std::move(current_);
  current_ = std::move(spare_);
  changed_.notify_all();
}

std::unique_ptr<OperationIndex::Run> OperationIndex::NewRun() {
  auto run = std::make_unique<Run>();
  run->operations.Reserve(kRunRoom);
  return run;
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
  current_->operations.Prefetch(operation);  // Only the committer changes it: no lock to read.
}

bool OperationIndex::MayKnow(const OperationKey& operation) const {
  return filter_.MayContain(FilterId(operation));
}

bool OperationIndex::MayKnow(const Nonce& nonce) const {
  return filter_.MayContain(nonce.bytes);
}

std::optional<uint64_t> OperationIndex::FindNew(const OperationKey& operation) const {
  const std::lock_guard lock(mutex_);
  for (const Run* run : {current_.get(), closed_.get()}) {
    if (run == nullptr) continue;
    if (const uint64_t* found = run->operations.Find(operation)) return *found;
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
    for (const Run* run : {current_.get(), closed_.get()}) {
      if (run == nullptr) continue;
      if (const uint64_t* found = run->nonces.Find(nonce)) return std::optional<uint64_t>(*found);
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
    // Its memory is kept: giving tens of MiB back, and asking for them again, holds up every thread
    // that touches a page meanwhile. Emptied while nobody waits for the lock.
    std::unique_ptr<Run> written_run = std::move(closed_);
    lock.unlock();
    if (written_run->size() > 2 * kRunRoom) {
      written_run = NewRun();  // One that a replay has made huge does not stay so.
    } else {
      written_run->Clear();
    }
    lock.lock();
    spare_ = std::move(written_run);
    changed_.notify_all();
  }
}

}  // namespace ladon::ledger
