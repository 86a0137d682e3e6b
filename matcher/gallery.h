// The gallery: every palm template of one school, in memory, searched as a whole.
//
// Invariants: a row belongs to one (subject, sample); a subject may own many (both palms, several
// samples). Rows lie under the school transform (transform.h) and, on top, under their own
// keystream (memory_key.h); they are opened block by block into scratch that is wiped. Snapshots
// are immutable and swapped while searches run: a search sees a row wholly or not at all.
//
// Threading: all methods may be called from any thread at once. Searches never wait for enrolment;
// EraseSubject waits for the searches that began before it.
//
// Search goes in stages (search.h) from kStagedRowsMin rows on; below, and where the decision needs
// to know who else is near (DecisionRule::alone_distance_max_q16), it is exhaustive. Decision: the
// nearest subject, if its distance is within the threshold for this many looks (thresholds.h) and
// the nearest *other* subject is at least the margin farther. Ties: lowest distance, then lowest
// SubjectRef; row order, CPU and number of threads never matter.
#ifndef LADON_MATCHER_GALLERY_H_
#define LADON_MATCHER_GALLERY_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "matcher/decision.h"
#include "matcher/gallery_table.h"
#include "matcher/memory_key.h"
#include "matcher/row_arena.h"
#include "matcher/scan.h"
#include "matcher/search.h"
#include "matcher/transform.h"
#include "matcher/vein_code.h"

namespace ladon::matcher {

// What rows_max may be at most, and what it is unless told: a school of 2 000 children with two
// palms and three samples has 12 000 rows.
inline constexpr size_t kGalleryRowsLimit = size_t{1} << 20;
inline constexpr size_t kGalleryRowsDefault = size_t{1} << 16;
// Fewer rows are compared exhaustively: that takes a few milliseconds.
inline constexpr size_t kStagedRowsMin = 256;

struct RowKey {
  SubjectRef subject;
  uint16_t sample = 0;

  friend bool operator==(const RowKey&, const RowKey&) = default;
  friend auto operator<=>(const RowKey&, const RowKey&) = default;
};

// For evaluation and tests only: raw distances invite hill climbing, they never leave a process.
struct DetailedResult {
  SearchResult result;
  DecisionRule rule;
  size_t rows = 0;
  std::optional<Candidate> best;
  std::optional<Candidate> best_other;  // Nearest of the other subjects.
};

struct GalleryOptions {
  const MemoryKey* memory_key = nullptr;  // Outlives the gallery.
  std::span<const uint8_t, kSchoolSecretBytes> school_secret;
  RandomSource random;  // Salts; called under the writer lock.
  Thresholds thresholds = kDefaultThresholds;
  KernelLevel kernel_level = BestKernelLevel();
  size_t rows_max = kGalleryRowsDefault;  // 1 .. kGalleryRowsLimit.
  SearchPool* pool = nullptr;             // Outlives the gallery; nullptr: the caller's thread.
};

class Gallery {
 public:
  // An empty gallery. The secret is read here and not kept.
  // InvalidArgument: no memory key, no random source, or rows_max out of range.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Gallery>> Open(GalleryOptions options);

  ~Gallery();
  Gallery(const Gallery&) = delete;
  Gallery& operator=(const Gallery&) = delete;

  // Adds one sample; OK means that every search that begins later sees it.
  // AlreadyExists: the key has a row; erase first. ResourceExhausted: rows_max rows, or no memory.
  // InvalidArgument: fewer than kReliableCellsMin reliable cells.
  [[nodiscard]] absl::Status Add(const RowKey& key, const VeinCode& plain_code);

  // Removes all rows of `subject` and returns how many there were (0: unknown subject). On return
  // no search sees them and their bytes are overwritten.
  size_t EraseSubject(const SubjectRef& subject);

  // Puts all rows under another school secret, each with a fresh salt, while searches run: the same
  // distances as before, without re-enrolment. On return nothing is left under the old secret.
  // Enrolment and erasure wait for it; for its time every row has two places in memory.
  // ResourceExhausted: there is no memory for that; everything is as it was.
  [[nodiscard]] absl::Status Rekey(std::span<const uint8_t, kSchoolSecretBytes> school_secret);

  // `probe_codes` are plain codes of one image, 1 .. kProbeCodesMax (asserted: the wire layer
  // refuses other counts).
  SearchResult Search(std::span<const VeinCode> probe_codes) const;
  DetailedResult SearchDetailed(std::span<const VeinCode> probe_codes) const;
  // For evaluation and tests: every row compared in full, whatever the size.
  DetailedResult SearchExhaustivelyDetailed(std::span<const VeinCode> probe_codes) const;

  size_t rows() const;

  // Whether all rows could be locked in memory. False: raise RLIMIT_MEMLOCK and say so in the log.
  bool memory_locked() const;

 private:
  // The first `entries` of `table`, holes among them; later ones may be being written.
  struct Snapshot {
    std::shared_ptr<GalleryTable> table;
    std::shared_ptr<const SchoolTransform> transform;  // That its rows are under.
    size_t entries = 0;
    size_t rows = 0;  // Without the holes.

    [[nodiscard]] GalleryView view() const { return {.table = table.get(), .count = entries}; }
    void swap(Snapshot& other) noexcept {
      table.swap(other.table);
      transform.swap(other.transform);
      std::swap(entries, other.entries);
      std::swap(rows, other.rows);
    }
  };
  class SearchTicket;

  explicit Gallery(GalleryOptions options);

  Snapshot Current() const;
  Snapshot BeginSearch(uint64_t* generation) const;
  void EndSearch(uint64_t generation) const;
  void Publish(Snapshot snapshot);
  // Returns the generation in which what `snapshot` leaves out can no longer be seen.
  uint64_t PublishErasure(Snapshot snapshot);
  void WaitForSearchesBefore(uint64_t generation) const;
  // Under the writer lock. Transforms and seals `plain_code` into a slot of its own.
  absl::StatusOr<GalleryRow> SealRow(const SchoolTransform& transform, const SubjectRef& subject,
                                     const VeinCode& plain_code);
  // Under the writer lock. All rows of `before`, without holes, under `transform`.
  absl::StatusOr<Snapshot> Rekeyed(const Snapshot& before,
                                   std::shared_ptr<const SchoolTransform> transform);
  // Under the writer lock. Writes and seals the sketches of a complete block, if there is memory.
  void WriteSketches(GalleryTable* table, size_t block);
  Snapshot WithoutSubject(const Snapshot& before, const SubjectRef& subject,
                          std::vector<uint8_t*>* rows, std::vector<uint8_t*>* sketches);
  DetailedResult Detailed(const Snapshot& snapshot, const ProbeVariants& probe,
                          const TwoBest& two) const;

  const MemoryKey& memory_key_;
  const RandomSource random_;
  const Thresholds thresholds_;
  const size_t rows_max_;
  const SearchContext context_;

  // Writers take this first, for as long as they change rows.
  // std::mutex and not absl's: the thread sanitizer cannot see into Debian's build of the latter.
  mutable std::mutex writer_mutex_;  // Before snapshot_mutex_, when both. Guards the next four.
  RowArena row_arena_;
  RowArena sketch_arena_;
  std::set<RowKey> keys_;
  size_t slots_used_ = 0;  // With rows waiting to be overwritten.

  // Held for a few instructions at the start and the end of a search.
  mutable std::mutex snapshot_mutex_;  // Guards the next three.
  mutable std::condition_variable search_ended_;
  Snapshot current_;
  uint64_t generation_ = 0;  // Grows with every erasure.
  // Running searches by the generation they began in; no entry is zero.
  mutable std::map<uint64_t, size_t> running_;
};

}  // namespace ladon::matcher

#endif  // LADON_MATCHER_GALLERY_H_
