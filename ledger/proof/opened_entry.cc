#include "ledger/proof/opened_entry.h"

#include <cassert>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

namespace ladon::ledger {
namespace {

absl::Status Malformed(const char* why) {
  return absl::InvalidArgumentError(absl::StrCat("opened entry: ", why));
}

absl::Status ReadOpened(const Leaf& leaf, ByteReader* in, OpenedCommitment* out) {
  out->ordinal = in->U16();
  in->Raw(&out->salt);
  const size_t length = in->U16();
  const std::string_view bytes = in->Raw(length);
  if (!in->ok()) return Malformed("it is cut off");
  if (out->ordinal >= leaf.commitments.size()) {
    return Malformed("an opening of a commitment that the leaf does not have");
  }
  const Commitment& commitment = leaf.commitments[out->ordinal];
  absl::StatusOr<Opening> opening = DecodeOpening(commitment.kind, bytes);
  if (!opening.ok()) return opening.status();
  if (Commit(out->salt, bytes) != commitment.digest) {
    return absl::UnauthenticatedError(absl::StrCat("entry ", leaf.index, ": opening ", out->ordinal,
                                                   " is not what the leaf commits to"));
  }
  out->opening = *std::move(opening);
  return absl::OkStatus();
}

bool IsKind(std::span<const uint8_t> kinds, size_t at, uint8_t kind) {
  return at < kinds.size() && kinds[at] == kind;
}

}  // namespace

void AppendOpenedEntry(std::string_view leaf, std::span<const OpenedCommitment> openings,
                       ByteWriter* out) {
  assert(leaf.size() <= kLeafBytesMax && openings.size() <= kCommitmentsMax);
  out->U16(static_cast<uint16_t>(leaf.size()));
  out->Raw(leaf);
  out->U16(static_cast<uint16_t>(openings.size()));
  ByteWriter bytes;
  for (const OpenedCommitment& opened : openings) {
    bytes.Clear();
    AppendOpening(opened.opening, &bytes);
    out->U16(opened.ordinal);
    out->Raw(opened.salt);
    out->U16(static_cast<uint16_t>(bytes.size()));
    out->Raw(bytes.view());
  }
}

absl::Status ReadOpenedEntry(ByteReader* in, OpenedEntry* entry) {
  const size_t leaf_length = in->U16();
  entry->leaf_bytes.assign(in->Raw(leaf_length));
  const size_t count = in->U16();
  if (!in->ok()) return Malformed("it is cut off");
  absl::StatusOr<Leaf> leaf = DecodeLeaf(entry->leaf_bytes);
  if (!leaf.ok()) return leaf.status();
  entry->leaf = *std::move(leaf);
  if (count > entry->leaf.commitments.size()) return Malformed("more openings than commitments");
  entry->openings.resize(count);
  for (size_t i = 0; i < count; ++i) {
    OpenedCommitment& opened = entry->openings[i];
    if (absl::Status read = ReadOpened(entry->leaf, in, &opened); !read.ok()) return read;
    if (i > 0 && opened.ordinal <= entry->openings[i - 1].ordinal) {
      return Malformed("openings are not in order");
    }
  }
  return absl::OkStatus();
}

size_t EndOfTransfer(std::span<const uint8_t> kinds, size_t at) {
  size_t end = at;
  if (IsKind(kinds, end, kReservationKind)) end += 2;
  if (IsKind(kinds, end, kPostingKind)) end += 2;
  if (end == at) return at + 1;
  if (IsKind(kinds, end, kLineKind)) ++end;
  if (IsKind(kinds, end, kUseKind)) ++end;
  return end < kinds.size() ? end : kinds.size();
}

std::vector<uint16_t> VisibleOpenings(std::span<const uint8_t> kinds,
                                      const std::vector<bool>& own) {
  assert(own.size() == kinds.size());
  std::vector<uint16_t> visible;
  for (size_t begin = 0; begin < kinds.size();) {
    const size_t end = EndOfTransfer(kinds, begin);
    bool concerned = false;
    for (size_t i = begin; i < end; ++i) concerned = concerned || own[i];
    for (size_t i = begin; i < end; ++i) {
      const bool context = kinds[i] == kContextKind && !visible.empty();
      if (own[i] || context || (concerned && kinds[i] == kLineKind)) {
        visible.push_back(static_cast<uint16_t>(i));
      }
    }
    begin = end;
  }
  return visible;
}

}  // namespace ladon::ledger
