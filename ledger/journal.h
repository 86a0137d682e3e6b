// The journal's blocks: how entries lie in the store, and how they are read back.
//
// Family kJournal, key = index of the block's first entry (u64, big endian), value =
//   "LJB2", first index u64, count u32,
//   count times { length u32 of what follows of this entry, leaf length u16, leaf, the openings one
//                 behind the other (their kinds are those of the leaf's commitments), for each
//                 opening with a sequence number the index of the entry before (u64) },
//   RFC 6962 root of the journal up to and with this block (32 bytes), booked_at_ns of the last
//   entry (u64).
// "LJB1", of older stores, is read: { leaf length u32, leaf, opening count u16,
//   { kind u8, length u32, opening } ... } an entry, without the indexes of entries before.
// Invariants: a block has at least one entry; blocks follow each other without a gap; a block is at
// most kBlockBytesMax. Integers are big endian.
// Threading: pure functions; a reader may run beside the committer (it sees whole blocks only).
#ifndef LADON_LEDGER_JOURNAL_H_
#define LADON_LEDGER_JOURNAL_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/command.h"
#include "ledger/proof/bytes.h"
#include "ledger/seal.h"
#include "storage/store.h"

namespace ladon::ledger {

// A block that reaches this size is closed: who reads an entry reads its block. One entry more
// still fits below the value limit.
inline constexpr size_t kBlockBytesTarget = size_t{32} << 10;
inline constexpr size_t kBlockBytesMax = storage::kValueBytesMax;

// Collects encoded entries until the block is closed.
class BlockWriter {
 public:
  explicit BlockWriter(uint64_t first_index);

  // `leaf` and `openings` are the encoded parts of one entry, `previous` its Entry::previous.
  void Add(std::string_view leaf, std::string_view openings, std::span<const uint64_t> previous);
  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] bool full() const { return block_.size() >= kBlockBytesTarget; }
  [[nodiscard]] uint64_t first_index() const { return first_index_; }
  // The value to store. Ends the writer's life.
  [[nodiscard]] std::string Finish(const Digest& root, uint64_t last_booked_at_ns);

 private:
  const uint64_t first_index_;
  uint32_t count_ = 0;
  ByteWriter block_;  // As it will be stored; the count is not filled in.
};

// Walks one block's entries in order. The block's bytes must outlive it.
class BlockReader {
 public:
  // DataLoss: not a block, or one that does not begin at `key`.
  [[nodiscard]] static absl::StatusOr<BlockReader> Open(std::string_view key,
                                                        std::string_view value);

  [[nodiscard]] uint64_t first_index() const { return first_index_; }
  [[nodiscard]] uint32_t count() const { return count_; }
  [[nodiscard]] const Digest& root() const { return root_; }
  [[nodiscard]] uint64_t last_booked_at_ns() const { return last_booked_at_ns_; }

  // The next entry and, when `leaf` is given, its leaf's bytes. DataLoss: truncated, out of form,
  // or a leaf of another index. Call it count() times at most.
  [[nodiscard]] absl::StatusOr<Entry> Next(std::string_view* leaf = nullptr);
  // Passes over an entry without looking into it.
  [[nodiscard]] absl::Status Skip();
  // DataLoss: bytes are left over.
  [[nodiscard]] absl::Status Finish() const;

 private:
  BlockReader(int version, uint64_t first_index, uint32_t count, std::string_view body)
      : version_(version),
        first_index_(first_index),
        count_(count),
        next_index_(first_index),
        body_(body) {}

  absl::Status ReadOpenings(Entry* entry);
  absl::Status ReadOpeningsV1(Entry* entry);

  int version_;
  uint64_t first_index_;
  uint32_t count_;
  uint64_t next_index_;
  Digest root_;
  uint64_t last_booked_at_ns_ = 0;
  ByteReader body_;
};

[[nodiscard]] std::string JournalKey(uint64_t first_index);

// One durable entry, its openings checked against its leaf. NotFound: not there (yet).
// DataLoss: damaged. Unavailable, Internal: as the store says.
[[nodiscard]] absl::StatusOr<Entry> ReadJournalEntry(const storage::Store& store,
                                                     const SaltSource& salts, uint64_t index);

// The leaves of entries `first` .. `first` + count - 1 as the tree has them, unopened. NotFound:
// they are not all there. DataLoss: damaged. Others: as the store says.
[[nodiscard]] absl::StatusOr<std::vector<std::string>> ReadLeaves(const storage::Store& store,
                                                                  uint64_t first, size_t count);

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_JOURNAL_H_
