#include "ledger/journal.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "absl/strings/str_cat.h"

namespace ladon::ledger {
namespace {

constexpr std::string_view kMagic = "LJB2";
constexpr std::string_view kMagicV1 = "LJB1";
constexpr size_t kHeaderBytes = 4 + 8 + 4;
constexpr size_t kTrailerBytes = 32 + 8;

absl::Status EntryError(uint64_t index, std::string_view what) {
  return absl::DataLossError(absl::StrCat("journal: entry ", index, ": ", std::string(what)));
}

}  // namespace

std::string JournalKey(uint64_t first_index) {
  ByteWriter key;
  key.U64(first_index);
  return key.Take();
}

BlockWriter::BlockWriter(uint64_t first_index) : first_index_(first_index) {
  // At once, for a block that gets full with entries of the usual size.
  block_.Reserve(kBlockBytesTarget + kBlockBytesTarget / 16);
  block_.Raw(kMagic);
  block_.U64(first_index_);
  block_.U32(0);
}

void BlockWriter::Add(std::string_view leaf, std::string_view openings,
                      std::span<const uint64_t> previous) {
  assert(leaf.size() <= kLeafBytesMax);
  block_.U32(static_cast<uint32_t>(2 + leaf.size() + openings.size() + 8 * previous.size()));
  block_.U16(static_cast<uint16_t>(leaf.size()));
  block_.Raw(leaf);
  block_.Raw(openings);
  for (const uint64_t index : previous) {
    block_.U64(index);
  }
  ++count_;
}

std::string BlockWriter::Finish(const Digest& root, uint64_t last_booked_at_ns) {
  assert(count_ > 0);
  block_.SetU32(kHeaderBytes - sizeof(uint32_t), count_);
  block_.Raw(root.bytes);
  block_.U64(last_booked_at_ns);
  assert(block_.size() <= kBlockBytesMax);
  return block_.Take();
}

absl::StatusOr<BlockReader> BlockReader::Open(std::string_view key, std::string_view value) {
  ByteReader at(key);
  const uint64_t index = at.U64();
  if (!at.AtEnd()) {
    return absl::DataLossError("journal: a key that is not an index");
  }
  if (value.size() < kHeaderBytes + kTrailerBytes) {
    return EntryError(index, "a truncated block");
  }
  ByteReader header(value.substr(0, kHeaderBytes));
  const std::string_view magic = header.Raw(kMagic.size());
  if (magic != kMagic && magic != kMagicV1) {
    return EntryError(index, "not a block that this program knows");
  }
  const uint64_t first_index = header.U64();
  const uint32_t count = header.U32();
  if (first_index != index || count == 0) {
    return EntryError(index, "a block with a wrong header");
  }
  BlockReader reader(magic == kMagic ? 2 : 1, first_index, count,
                     value.substr(kHeaderBytes, value.size() - kHeaderBytes - kTrailerBytes));
  ByteReader trailer(value.substr(value.size() - kTrailerBytes));
  trailer.Raw(&reader.root_.bytes);
  reader.last_booked_at_ns_ = trailer.U64();
  return reader;
}

absl::Status BlockReader::ReadOpenings(Entry* entry) {
  size_t numbered = 0;
  for (const Commitment& commitment : entry->leaf.commitments) {
    absl::StatusOr<Opening> opening = ReadOpening(commitment.kind, &body_);
    if (!opening.ok()) {
      return EntryError(entry->leaf.index, std::string(opening.status().message()));
    }
    numbered += SequenceOf(*opening).second != 0 ? 1 : 0;
    entry->openings.push_back(*std::move(opening));
  }
  for (size_t i = 0; i < numbered; ++i) {
    entry->previous.push_back(body_.U64());
  }
  return absl::OkStatus();
}

absl::Status BlockReader::ReadOpeningsV1(Entry* entry) {
  const uint16_t count = body_.U16();
  if (count > kCommitmentsMax) {
    return EntryError(entry->leaf.index, "too many openings");
  }
  for (uint16_t i = 0; i < count; ++i) {
    const uint8_t kind = body_.U8();
    const std::string_view bytes = body_.Raw(body_.U32());
    if (!body_.ok()) {
      return EntryError(entry->leaf.index, "truncated openings");
    }
    absl::StatusOr<Opening> opening = DecodeOpening(kind, bytes);
    if (!opening.ok()) {
      return EntryError(entry->leaf.index, std::string(opening.status().message()));
    }
    entry->openings.push_back(*std::move(opening));
  }
  return absl::OkStatus();
}

absl::StatusOr<Entry> BlockReader::Next(std::string_view* leaf) {
  const uint64_t index = next_index_++;
  const bool sized = version_ > 1;
  const size_t length = sized ? body_.U32() : 0;
  if (length > body_.remaining()) {
    return EntryError(index, "truncated");
  }
  const size_t end = body_.remaining() - length;  // What is left behind this entry.
  const std::string_view leaf_bytes = body_.Raw(sized ? body_.U16() : body_.U32());
  if (!body_.ok()) {
    return EntryError(index, "truncated");
  }
  absl::StatusOr<Leaf> decoded = DecodeLeaf(leaf_bytes);
  if (!decoded.ok()) {
    return EntryError(index, std::string(decoded.status().message()));
  }
  if (decoded->index != index) {
    return EntryError(index, absl::StrCat("the leaf says ", decoded->index));
  }
  Entry entry;
  entry.leaf = *std::move(decoded);
  entry.openings.reserve(entry.leaf.commitments.size());
  if (absl::Status read = sized ? ReadOpenings(&entry) : ReadOpeningsV1(&entry); !read.ok()) {
    return read;
  }
  if (!body_.ok() || (sized && body_.remaining() != end)) {
    return EntryError(index, "its parts are not as long as it says");
  }
  if (leaf != nullptr) {
    *leaf = leaf_bytes;
  }
  return entry;
}

absl::Status BlockReader::Skip() {
  const uint64_t index = next_index_++;
  (void)body_.Raw(body_.U32());
  if (version_ == 1) {
    const uint16_t count = body_.U16();
    for (uint16_t i = 0; i < count && body_.ok(); ++i) {
      (void)body_.U8();
      (void)body_.Raw(body_.U32());
    }
  }
  return body_.ok() ? absl::OkStatus() : EntryError(index, "truncated");
}

absl::Status BlockReader::Finish() const {
  return body_.AtEnd() ? absl::OkStatus()
                       : EntryError(next_index_ - 1, "bytes after the block's last entry");
}

absl::StatusOr<Entry> ReadJournalEntry(const storage::Store& store, const SaltSource& salts,
                                       uint64_t index) {
  const std::unique_ptr<storage::Scan> scan = store.NewScan(storage::Family::kJournal);
  scan->SeekForPrev(JournalKey(index));
  if (!scan->Valid()) {
    return scan->status().ok() ? absl::NotFoundError(absl::StrCat("journal: no entry ", index))
                               : scan->status();
  }
  absl::StatusOr<BlockReader> block = BlockReader::Open(scan->key(), scan->value());
  if (!block.ok()) {
    return block.status();
  }
  if (index - block->first_index() >= block->count()) {
    return absl::NotFoundError(absl::StrCat("journal: no entry ", index));
  }
  for (uint64_t i = block->first_index(); i < index; ++i) {
    if (absl::Status skipped = block->Skip(); !skipped.ok()) {
      return skipped;
    }
  }
  absl::StatusOr<Entry> entry = block->Next();
  if (!entry.ok()) {
    return entry.status();
  }
  if (absl::Status sealed = CheckSeal(salts, *entry); !sealed.ok()) {
    return EntryError(index, std::string(sealed.message()));
  }
  return entry;
}

absl::StatusOr<std::vector<std::string>> ReadLeaves(const storage::Store& store, uint64_t first,
                                                    size_t count) {
  std::vector<std::string> leaves;
  leaves.reserve(count);
  const std::unique_ptr<storage::Scan> scan = store.NewScan(storage::Family::kJournal);
  for (scan->SeekForPrev(JournalKey(first)); scan->Valid() && leaves.size() < count; scan->Next()) {
    absl::StatusOr<BlockReader> block = BlockReader::Open(scan->key(), scan->value());
    if (!block.ok()) {
      return block.status();
    }
    for (uint64_t index = block->first_index();
         index < block->first_index() + block->count() && leaves.size() < count; ++index) {
      std::string_view leaf;
      const absl::Status read = index < first ? block->Skip() : block->Next(&leaf).status();
      if (!read.ok()) {
        return read;
      }
      if (index >= first) {
        leaves.emplace_back(leaf);
      }
    }
  }
  if (!scan->status().ok()) {
    return scan->status();
  }
  if (leaves.size() < count) {
    return absl::NotFoundError(absl::StrCat("journal: no entry ", first + leaves.size()));
  }
  return leaves;
}

}  // namespace ladon::ledger
