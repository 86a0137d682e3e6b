#include "ledger/journal.h"

#include <cassert>
#include <utility>

#include "absl/strings/str_cat.h"

namespace ladon::ledger {
namespace {

constexpr std::string_view kMagic = "LJB1";
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

void BlockWriter::Add(std::string_view leaf, const std::vector<Opening>& openings) {
  assert(leaf.size() <= kLeafBytesMax && openings.size() <= kCommitmentsMax);
  body_.U32(static_cast<uint32_t>(leaf.size()));
  body_.Raw(leaf);
  body_.U16(static_cast<uint16_t>(openings.size()));
  for (const Opening& opening : openings) {
    const std::string bytes = EncodeOpening(opening);
    assert(bytes.size() <= kOpeningBytesMax);
    body_.U8(OpeningKind(opening));
    body_.U32(static_cast<uint32_t>(bytes.size()));
    body_.Raw(bytes);
  }
  ++count_;
}

std::string BlockWriter::Finish(const Digest& root, uint64_t last_booked_at_ns) {
  assert(count_ > 0);
  ByteWriter block;
  block.Raw(kMagic);
  block.U64(first_index_);
  block.U32(count_);
  block.Raw(body_.Take());
  block.Raw(root.bytes);
  block.U64(last_booked_at_ns);
  assert(block.size() <= kBlockBytesMax);
  return block.Take();
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
  if (header.Raw(kMagic.size()) != kMagic) {
    return EntryError(index, "not a block of version 1");
  }
  const uint64_t first_index = header.U64();
  const uint32_t count = header.U32();
  if (first_index != index || count == 0) {
    return EntryError(index, "a block with a wrong header");
  }
  BlockReader reader(first_index, count,
                     value.substr(kHeaderBytes, value.size() - kHeaderBytes - kTrailerBytes));
  ByteReader trailer(value.substr(value.size() - kTrailerBytes));
  trailer.Raw(&reader.root_.bytes);
  reader.last_booked_at_ns_ = trailer.U64();
  return reader;
}

absl::StatusOr<Entry> BlockReader::Next(std::string_view* leaf) {
  const uint64_t index = next_index_++;
  const std::string_view leaf_bytes = body_.Raw(body_.U32());
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
  Entry entry = {.leaf = *std::move(decoded), .openings = {}};
  const uint16_t count = body_.U16();
  if (count > kCommitmentsMax) {
    return EntryError(index, "too many openings");
  }
  entry.openings.reserve(count);
  for (uint16_t i = 0; i < count; ++i) {
    const uint8_t kind = body_.U8();
    const std::string_view bytes = body_.Raw(body_.U32());
    if (!body_.ok()) {
      return EntryError(index, "truncated openings");
    }
    absl::StatusOr<Opening> opening = DecodeOpening(kind, bytes);
    if (!opening.ok()) {
      return EntryError(index, std::string(opening.status().message()));
    }
    entry.openings.push_back(*std::move(opening));
  }
  if (!body_.ok()) {
    return EntryError(index, "truncated openings");
  }
  if (leaf != nullptr) {
    *leaf = leaf_bytes;
  }
  return entry;
}

absl::Status BlockReader::Skip() {
  const uint64_t index = next_index_++;
  (void)body_.Raw(body_.U32());
  const uint16_t count = body_.U16();
  for (uint16_t i = 0; i < count && body_.ok(); ++i) {
    (void)body_.U8();
    (void)body_.Raw(body_.U32());
  }
  return body_.ok() ? absl::OkStatus() : EntryError(index, "truncated");
}

absl::Status BlockReader::Finish() const {
  return body_.AtEnd() ? absl::OkStatus()
                       : EntryError(next_index_ - 1, "bytes after the block's last entry");
}

absl::StatusOr<Entry> ReadJournalEntry(const storage::Store& store, LedgerSecret secret,
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
  if (absl::Status sealed = CheckSeal(secret, *entry); !sealed.ok()) {
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
