#include "matcher/gallery.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace ladon::matcher {

struct Gallery::Row {
  SubjectRef subject;
  RowSalt salt;
  uint8_t* bytes;
};

// Append-only up to its capacity: entries below a published count never change, so snapshots of
// different lengths share one table.
struct Gallery::Table {
  explicit Table(size_t capacity_rows)
      : capacity(capacity_rows), rows(std::make_unique<Row[]>(capacity_rows)) {}
  const size_t capacity;
  const std::unique_ptr<Row[]> rows;
};

namespace {

constexpr size_t kFirstCapacityRows = 64;

// Scratch for open rows; plain templates lie here for the length of one block.
class OpenRows {
 public:
  OpenRows() = default;
  ~OpenRows() { OPENSSL_cleanse(rows_.data(), sizeof(rows_)); }
  OpenRows(const OpenRows&) = delete;
  OpenRows& operator=(const OpenRows&) = delete;
  std::span<VeinCode> rows() { return rows_; }

 private:
  std::array<VeinCode, kOpenRowsMax> rows_;
};

}  // namespace

// Counts a search in while it lives, so that an erasure can wait for it.
class Gallery::SearchTicket {
 public:
  explicit SearchTicket(const Gallery& gallery)
      : gallery_(gallery), snapshot_(gallery.BeginSearch(&generation_)) {}
  ~SearchTicket() {
    snapshot_.table.reset();
    gallery_.EndSearch(generation_);
  }
  SearchTicket(const SearchTicket&) = delete;
  SearchTicket& operator=(const SearchTicket&) = delete;
  const Snapshot& snapshot() const { return snapshot_; }

 private:
  const Gallery& gallery_;
  uint64_t generation_ = 0;
  Snapshot snapshot_;
};

absl::StatusOr<std::unique_ptr<Gallery>> Gallery::Open(GalleryOptions options) {
  if (options.memory_key == nullptr) {
    return absl::InvalidArgumentError("gallery: no memory key");
  }
  if (!options.random) return absl::InvalidArgumentError("gallery: no random source");
  if (options.rows_max == 0 || options.rows_max > kGalleryRowsLimit) {
    return absl::InvalidArgumentError(
        absl::StrCat("gallery: rows_max ", options.rows_max, ", allowed 1 .. ", kGalleryRowsLimit));
  }
  SchoolTransform transform = SchoolTransform::Derive(options.school_secret);
  return std::unique_ptr<Gallery>(new Gallery(std::move(options), std::move(transform)));
}

Gallery::Gallery(GalleryOptions options, SchoolTransform transform)
    : memory_key_(*options.memory_key),
      random_(std::move(options.random)),
      thresholds_(options.thresholds),
      rows_max_(options.rows_max),
      transform_(std::move(transform)),
      kernels_(kernels::MatchKernelsFor(options.kernel_level)) {
  Publish({.table = std::make_shared<Table>(kFirstCapacityRows), .rows = 0});
}

Gallery::~Gallery() {
  const std::scoped_lock lock(snapshot_mutex_);
  assert(running_.empty());  // A search must not outlive its gallery.
}

absl::Status Gallery::Add(const RowKey& key, const VeinCode& plain_code) {
  if (ReliableCells(plain_code) < kReliableCellsMin) {
    return absl::InvalidArgumentError("gallery: too few reliable cells");
  }
  const std::scoped_lock lock(writer_mutex_);
  if (keys_.contains(key)) {
    return absl::AlreadyExistsError("gallery: this subject already has this sample");
  }
  if (slots_used_ >= rows_max_) {
    return absl::ResourceExhaustedError(absl::StrCat("gallery: full, ", rows_max_, " rows"));
  }
  absl::StatusOr<uint8_t*> slot = arena_.Take();
  if (!slot.ok()) return slot.status();
  Row row = {.subject = key.subject, .salt = {}, .bytes = *slot};
  random_(row.salt);
  VeinCode transformed = transform_.Apply(plain_code);
  memory_key_.Seal(transformed, row.salt, std::span<uint8_t, kCodeBytes>(*slot, kCodeBytes));
  OPENSSL_cleanse(&transformed, sizeof(transformed));

  Snapshot next = Current();
  if (next.rows == next.table->capacity) {
    auto larger = std::make_shared<Table>(2 * next.table->capacity);
    std::copy_n(next.table->rows.get(), next.rows, larger->rows.get());
    next.table = std::move(larger);
  }
  next.table->rows[next.rows++] = row;
  keys_.insert(key);
  ++slots_used_;
  Publish(std::move(next));
  return absl::OkStatus();
}

size_t Gallery::EraseSubject(const SubjectRef& subject) {
  std::vector<uint8_t*> erased;
  uint64_t generation = 0;
  {
    const std::scoped_lock lock(writer_mutex_);
    const auto first = keys_.lower_bound({.subject = subject, .sample = 0});
    auto last = first;
    while (last != keys_.end() && last->subject == subject) ++last;
    if (first == last) return 0;
    keys_.erase(first, last);

    const Snapshot before = Current();
    Snapshot after = {.table = std::make_shared<Table>(before.table->capacity), .rows = 0};
    for (size_t r = 0; r < before.rows; ++r) {
      const Row& row = before.table->rows[r];
      if (row.subject == subject) {
        erased.push_back(row.bytes);
      } else {
        after.table->rows[after.rows++] = row;
      }
    }
    generation = PublishErasure(std::move(after));
  }
  // Not under the writer lock: enrolment goes on while the last searches finish.
  WaitForSearchesBefore(generation);
  const std::scoped_lock lock(writer_mutex_);
  for (uint8_t* slot : erased) arena_.Give(slot);
  slots_used_ -= erased.size();
  return erased.size();
}

SearchResult Gallery::Search(std::span<const VeinCode> probe_codes) const {
  return SearchDetailed(probe_codes).result;
}

DetailedResult Gallery::SearchDetailed(std::span<const VeinCode> probe_codes) const {
  const ProbeVariants probe(transform_, probe_codes);
  const SearchTicket ticket(*this);
  const TwoBest two = Scan(ticket.snapshot(), probe);
  DetailedResult detailed;
  detailed.rows = ticket.snapshot().rows;
  detailed.rule = RuleFor(thresholds_, detailed.rows, probe_codes.size());
  detailed.result = Decide(two, detailed.rule);
  detailed.best = two.best();
  detailed.best_other = two.best_other();
  return detailed;
}

TwoBest Gallery::Scan(const Snapshot& snapshot, const ProbeVariants& probe) const {
  TwoBest two;
  OpenRows scratch;
  std::array<SealedRow, kOpenRowsMax> sealed;
  std::array<int32_t, kOpenRowsMax> distances_q16;
  for (size_t first = 0; first < snapshot.rows; first += kOpenRowsMax) {
    const size_t count = std::min(kOpenRowsMax, snapshot.rows - first);
    const Row* const rows = snapshot.table->rows.get() + first;
    for (size_t i = 0; i < count; ++i) sealed[i] = {.bytes = rows[i].bytes, .salt = rows[i].salt};
    memory_key_.Open({sealed.data(), count}, scratch.rows());
    ScanRows(scratch.rows().first(count), probe, kernels_, {distances_q16.data(), count});
    for (size_t i = 0; i < count; ++i) {
      two.Offer({.distance_q16 = distances_q16[i], .subject = rows[i].subject});
    }
  }
  return two;
}

size_t Gallery::rows() const {
  return Current().rows;
}

bool Gallery::memory_locked() const {
  const std::scoped_lock lock(writer_mutex_);
  return arena_.locked();
}

Gallery::Snapshot Gallery::Current() const {
  const std::scoped_lock lock(snapshot_mutex_);
  return current_;
}

Gallery::Snapshot Gallery::BeginSearch(uint64_t* generation) const {
  const std::scoped_lock lock(snapshot_mutex_);
  *generation = generation_;
  ++running_[generation_];
  return current_;
}

void Gallery::EndSearch(uint64_t generation) const {
  const std::scoped_lock lock(snapshot_mutex_);
  const auto it = running_.find(generation);
  assert(it != running_.end());
  if (--it->second == 0) {
    running_.erase(it);
    search_ended_.notify_all();
  }
}

void Gallery::Publish(Snapshot snapshot) {
  const std::scoped_lock lock(snapshot_mutex_);
  current_.swap(snapshot);  // The old table, if this was its last owner, goes after the lock.
}

uint64_t Gallery::PublishErasure(Snapshot snapshot) {
  const std::scoped_lock lock(snapshot_mutex_);
  current_.swap(snapshot);
  return ++generation_;
}

void Gallery::WaitForSearchesBefore(uint64_t generation) const {
  std::unique_lock lock(snapshot_mutex_);
  search_ended_.wait(lock, [this, generation] {
    return running_.empty() || running_.begin()->first >= generation;
  });
}

}  // namespace ladon::matcher
