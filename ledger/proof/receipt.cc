#include "ledger/proof/receipt.h"

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

}  // namespace

std::string EncodeEntryFile(std::string_view leaf, std::span<const OpenedCommitment> openings) {
  ByteWriter out;
  out.Raw(kMagic);
  AppendOpenedEntry(leaf, openings, &out);
  return out.Take();
}

absl::StatusOr<OpenedEntry> ParseEntryFile(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.Raw(kMagic.size()) != kMagic) return Malformed("it does not begin with LEN1");
  OpenedEntry entry;
  if (absl::Status read = ReadOpenedEntry(&in, &entry); !read.ok()) return read;
  if (!in.AtEnd()) return Malformed("bytes are left over");
  return entry;
}

absl::StatusOr<Receipt> VerifyReceipt(std::string_view tlog_proof, std::string_view entry_file,
                                      std::span<const VerifierKey> keys) {
  absl::StatusOr<OpenedEntry> entry = ParseEntryFile(entry_file);
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
