#include "ledger/proof/receipt.h"

#include <cassert>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ledger/proof/bytes.h"
#include "ledger/proof/tlog_proof.h"

namespace ladon::ledger {
namespace {

constexpr std::string_view kMagic = "LEN1";

absl::Status Malformed(std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("entry file: ", absl::string_view(why.data(), why.size())));
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
    return absl::UnauthenticatedError(absl::StrCat("entry file: entry ", leaf.index, ": opening ",
                                                   out->ordinal,
                                                   " is not what the leaf commits to"));
  }
  out->opening = *std::move(opening);
  return absl::OkStatus();
}

}  // namespace

std::string EncodeEntryFile(std::string_view leaf, std::span<const OpenedCommitment> openings) {
  assert(leaf.size() <= kLeafBytesMax && openings.size() <= kCommitmentsMax);
  ByteWriter out;
  out.Raw(kMagic);
  out.U16(static_cast<uint16_t>(leaf.size()));
  out.Raw(leaf);
  out.U16(static_cast<uint16_t>(openings.size()));
  for (const OpenedCommitment& opened : openings) {
    const std::string bytes = EncodeOpening(opened.opening);
    out.U16(opened.ordinal);
    out.Raw(opened.salt);
    out.U16(static_cast<uint16_t>(bytes.size()));
    out.Raw(bytes);
  }
  return out.Take();
}

absl::StatusOr<EntryFile> ParseEntryFile(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.Raw(kMagic.size()) != kMagic) return Malformed("it does not begin with LEN1");
  const size_t leaf_length = in.U16();
  EntryFile file;
  file.leaf_bytes = std::string(in.Raw(leaf_length));
  const size_t count = in.U16();
  if (!in.ok()) return Malformed("it is cut off");
  absl::StatusOr<Leaf> leaf = DecodeLeaf(file.leaf_bytes);
  if (!leaf.ok()) return leaf.status();
  file.leaf = *std::move(leaf);
  if (count > file.leaf.commitments.size()) return Malformed("more openings than commitments");
  file.openings.resize(count);
  for (size_t i = 0; i < count; ++i) {
    OpenedCommitment& opened = file.openings[i];
    if (absl::Status read = ReadOpened(file.leaf, &in, &opened); !read.ok()) return read;
    if (i > 0 && opened.ordinal <= file.openings[i - 1].ordinal) {
      return Malformed("openings are not in order");
    }
  }
  if (!in.AtEnd()) return Malformed("bytes are left over");
  return file;
}

absl::StatusOr<Receipt> VerifyReceipt(std::string_view tlog_proof, std::string_view entry_file,
                                      std::span<const VerifierKey> keys) {
  absl::StatusOr<EntryFile> entry = ParseEntryFile(entry_file);
  if (!entry.ok()) return entry.status();
  absl::StatusOr<ProvedEntry> proved = VerifyTlogProof(tlog_proof, entry->leaf_bytes, keys);
  if (!proved.ok()) return proved.status();
  // The leaf tells its own place; a tree that has it elsewhere is not one of ours.
  if (proved->index != entry->leaf.index) {
    return absl::UnauthenticatedError(absl::StrCat("receipt: the entry calls itself ",
                                                   entry->leaf.index, ", the proof is of entry ",
                                                   proved->index));
  }
  return Receipt{.checkpoint = std::move(proved->checkpoint), .entry = *std::move(entry)};
}

}  // namespace ladon::ledger
