#include "matcher/gallery.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace ladon::matcher {

namespace {

constexpr size_t kFirstCapacityRows = 64;
static_assert(kFirstCapacityRows % kSketchBlockRows == 0);
// About 256 KiB of each at a time.
constexpr size_t kRowsAChunk = 256;
constexpr size_t kSketchBlocksAChunk = 32;
// More holes than this share of all entries, and a table is written anew without them.
constexpr size_t kHolesShareMax = 4;

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
  return std::unique_ptr<Gallery>(new Gallery(std::move(options)));
}

Gallery::Gallery(GalleryOptions options)
    : memory_key_(*options.memory_key),
      random_(std::move(options.random)),
      thresholds_(options.thresholds),
      rows_max_(options.rows_max),
      context_({.memory_key = options.memory_key,
                .kernels = &kernels::MatchKernelsFor(options.kernel_level),
                .pool = options.pool}),
      row_arena_(kCodeBytes, kRowsAChunk),
      sketch_arena_(kSketchBlockBytes, kSketchBlocksAChunk) {
  Publish({.table = std::make_shared<GalleryTable>(kFirstCapacityRows),
           .transform = std::make_shared<const SchoolTransform>(
               SchoolTransform::Derive(options.school_secret)),
           .entries = 0,
           .rows = 0});
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
  Snapshot next = Current();
  const absl::StatusOr<GalleryRow> row = SealRow(*next.transform, key.subject, plain_code);
  if (!row.ok()) return row.status();
  if (next.entries == next.table->capacity) {
    auto larger = std::make_shared<GalleryTable>(2 * next.table->capacity);
    std::copy_n(next.table->rows.get(), next.entries, larger->rows.get());
    std::copy_n(next.table->sketches.get(), next.entries / kSketchBlockRows,
                larger->sketches.get());
    next.table = std::move(larger);
  }
  next.table->rows[next.entries++] = *row;
  ++next.rows;
  if (next.entries % kSketchBlockRows == 0) {
    WriteSketches(next.table.get(), next.entries / kSketchBlockRows - 1);
  }
  keys_.insert(key);
  ++slots_used_;
  Publish(std::move(next));
  return absl::OkStatus();
}

absl::StatusOr<GalleryRow> Gallery::SealRow(const SchoolTransform& transform,
                                            const SubjectRef& subject, const VeinCode& plain_code) {
  absl::StatusOr<uint8_t*> slot = row_arena_.Take();
  if (!slot.ok()) return slot.status();
  GalleryRow row = {.subject = subject, .salt = {}, .bytes = *slot};
  random_(row.salt);
  VeinCode transformed = transform.Apply(plain_code);
  memory_key_.Seal(transformed, row.salt, std::span<uint8_t, kCodeBytes>(*slot, kCodeBytes));
  OPENSSL_cleanse(&transformed, sizeof(transformed));
  return row;
}

void Gallery::WriteSketches(GalleryTable* table, size_t block) {
  table->sketches[block] = {.bytes = nullptr, .salt = {}};
  absl::StatusOr<uint8_t*> slot = sketch_arena_.Take();
  if (!slot.ok()) return;
  SealedSketches sealed = {.bytes = *slot, .salt = {}};
  random_(sealed.salt);
  std::array<uint8_t, kSketchBlockBytes> plain;
  MakeSketches(memory_key_, GalleryView{table, table->capacity}.Block(block), plain);
  memory_key_.Xor(sealed.salt, plain, {*slot, kSketchBlockBytes});
  OPENSSL_cleanse(plain.data(), plain.size());
  table->sketches[block] = sealed;
}

// A table of its own, in which the rows of `subject` are holes, or, when there are many holes, one
// without any. What `before` alone still uses is listed for the arenas.
Gallery::Snapshot Gallery::WithoutSubject(const Snapshot& before, const SubjectRef& subject,
                                          std::vector<uint8_t*>* rows,
                                          std::vector<uint8_t*>* sketches) {
  const auto is_erased = [&](const GalleryRow& row) {
    return row.bytes != nullptr && row.subject == subject;
  };
  Snapshot after = {.table = std::make_shared<GalleryTable>(before.table->capacity),
                    .transform = before.transform,
                    .entries = before.entries,
                    .rows = before.rows};
  std::copy_n(before.table->rows.get(), before.entries, after.table->rows.get());
  const size_t full_blocks = before.entries / kSketchBlockRows;
  std::copy_n(before.table->sketches.get(), full_blocks, after.table->sketches.get());
  std::set<size_t> changed;
  for (size_t r = 0; r < before.entries; ++r) {
    GalleryRow& row = after.table->rows[r];
    if (!is_erased(row)) continue;
    rows->push_back(row.bytes);
    row = {.subject = {}, .salt = {}, .bytes = nullptr};
    --after.rows;
    if (r / kSketchBlockRows < full_blocks) changed.insert(r / kSketchBlockRows);
  }
  if ((after.entries - after.rows) * kHolesShareMax > after.entries) {
    GalleryRow* const first = after.table->rows.get();
    GalleryRow* const last = std::remove_if(
        first, first + after.entries, [](const GalleryRow& row) { return row.bytes == nullptr; });
    after.entries = static_cast<size_t>(last - first);
    for (size_t block = 0; block < full_blocks; ++block) changed.insert(block);
  }
  for (const size_t block : changed) {
    const SealedSketches& old = before.table->sketches[block];
    if (old.bytes != nullptr) sketches->push_back(old.bytes);
    if (block < after.entries / kSketchBlockRows) WriteSketches(after.table.get(), block);
  }
  return after;
}

size_t Gallery::EraseSubject(const SubjectRef& subject) {
  std::vector<uint8_t*> rows;
  std::vector<uint8_t*> sketches;
  uint64_t generation = 0;
  {
    const std::scoped_lock lock(writer_mutex_);
    const auto first = keys_.lower_bound({.subject = subject, .sample = 0});
    auto last = first;
    while (last != keys_.end() && last->subject == subject) ++last;
    if (first == last) return 0;
    Snapshot after = WithoutSubject(Current(), subject, &rows, &sketches);
    keys_.erase(first, last);
    generation = PublishErasure(std::move(after));
  }
  // Not under the writer lock: enrolment goes on while the last searches finish.
  WaitForSearchesBefore(generation);
  const std::scoped_lock lock(writer_mutex_);
  for (uint8_t* slot : rows) row_arena_.Give(slot);
  for (uint8_t* slot : sketches) sketch_arena_.Give(slot);
  slots_used_ -= rows.size();
  return rows.size();
}

absl::StatusOr<Gallery::Snapshot> Gallery::Rekeyed(
    const Snapshot& before, std::shared_ptr<const SchoolTransform> transform) {
  Snapshot after = {.table = std::make_shared<GalleryTable>(before.table->capacity),
                    .transform = std::move(transform),
                    .entries = 0,
                    .rows = before.rows};
  absl::Status status;
  VeinCode open;
  for (size_t r = 0; r < before.entries && status.ok(); ++r) {
    const GalleryRow& row = before.table->rows[r];
    if (row.bytes == nullptr) continue;
    const SealedRow sealed = {.bytes = row.bytes, .salt = row.salt};
    memory_key_.Open({&sealed, 1}, {&open, 1});
    VeinCode plain = before.transform->Undo(open);
    absl::StatusOr<GalleryRow> rekeyed = SealRow(*after.transform, row.subject, plain);
    OPENSSL_cleanse(&plain, sizeof(plain));
    if (rekeyed.ok()) {
      after.table->rows[after.entries++] = *rekeyed;
    } else {
      status = rekeyed.status();
    }
  }
  OPENSSL_cleanse(&open, sizeof(open));
  if (!status.ok()) {
    for (size_t r = 0; r < after.entries; ++r) row_arena_.Give(after.table->rows[r].bytes);
    return status;
  }
  for (size_t block = 0; block < after.entries / kSketchBlockRows; ++block) {
    WriteSketches(after.table.get(), block);
  }
  return after;
}

absl::Status Gallery::Rekey(std::span<const uint8_t, kSchoolSecretBytes> school_secret) {
  auto transform = std::make_shared<const SchoolTransform>(SchoolTransform::Derive(school_secret));
  const std::scoped_lock lock(writer_mutex_);
  // Its own hold on the old table, until the slots that it names are given back.
  const Snapshot before = Current();
  absl::StatusOr<Snapshot> after = Rekeyed(before, std::move(transform));
  if (!after.ok()) return after.status();
  WaitForSearchesBefore(PublishErasure(*std::move(after)));
  for (size_t r = 0; r < before.entries; ++r) {
    if (uint8_t* slot = before.table->rows[r].bytes; slot != nullptr) row_arena_.Give(slot);
  }
  for (size_t block = 0; block < before.entries / kSketchBlockRows; ++block) {
    if (uint8_t* slot = before.table->sketches[block].bytes; slot != nullptr) {
      sketch_arena_.Give(slot);
    }
  }
  return absl::OkStatus();
}

SearchResult Gallery::Search(std::span<const VeinCode> probe_codes) const {
  return SearchDetailed(probe_codes).result;
}

DetailedResult Gallery::Detailed(const Snapshot& snapshot, const ProbeVariants& probe,
                                 const TwoBest& two) const {
  DetailedResult detailed;
  detailed.rows = snapshot.rows;
  detailed.rule = RuleFor(thresholds_, snapshot.rows, probe.codes());
  detailed.result = Decide(two, detailed.rule);
  detailed.best = two.best();
  detailed.best_other = two.best_other();
  return detailed;
}

DetailedResult Gallery::SearchDetailed(std::span<const VeinCode> probe_codes) const {
  const SearchTicket ticket(*this);
  const Snapshot& snapshot = ticket.snapshot();
  const ProbeVariants probe(*snapshot.transform, probe_codes);
  if (snapshot.rows < kStagedRowsMin) {
    return Detailed(snapshot, probe, SearchExhaustively(snapshot.view(), probe, context_));
  }
  const DecisionRule rule = RuleFor(thresholds_, snapshot.rows, probe.codes());
  DetailedResult staged =
      Detailed(snapshot, probe,
               SearchInStages(snapshot.view(), probe, rule.distance_max_q16, context_, nullptr));
  // Whether a candidate beyond the threshold stands alone only a full comparison can tell.
  const bool alone = staged.result.decision == SearchResult::Decision::kMatch &&
                     staged.best->distance_q16 > staged.rule.distance_max_q16;
  const bool nearly = staged.result.decision == SearchResult::Decision::kNobody &&
                      staged.best.has_value() && !staged.best_other.has_value() &&
                      staged.best->distance_q16 <= staged.rule.alone_distance_max_q16;
  if (!alone && !nearly) return staged;
  return Detailed(snapshot, probe, SearchExhaustively(snapshot.view(), probe, context_));
}

DetailedResult Gallery::SearchExhaustivelyDetailed(std::span<const VeinCode> probe_codes) const {
  const SearchTicket ticket(*this);
  const ProbeVariants probe(*ticket.snapshot().transform, probe_codes);
  return Detailed(ticket.snapshot(), probe,
                  SearchExhaustively(ticket.snapshot().view(), probe, context_));
}

size_t Gallery::rows() const {
  return Current().rows;
}

bool Gallery::memory_locked() const {
  const std::scoped_lock lock(writer_mutex_);
  return row_arena_.locked() && sketch_arena_.locked();
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
