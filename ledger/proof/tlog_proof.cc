#include "ledger/proof/tlog_proof.h"

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ledger/proof/base64.h"
#include "ledger/proof/merkle.h"
#include "ledger/proof/merkle_proof.h"

namespace ladon::ledger {
namespace {

constexpr std::string_view kMagic = "c2sp.org/tlog-proof@v1\n";
constexpr std::string_view kExtra = "extra ";
constexpr std::string_view kIndex = "index ";

absl::Status Malformed(const char* why) {
  return absl::InvalidArgumentError(absl::StrCat("tlog-proof: ", why));
}

}  // namespace

std::string FormatTlogProof(const TlogProof& proof) {
  std::string text = std::string(kMagic) + std::string(kIndex) + std::to_string(proof.index) + "\n";
  for (const Digest& hash : proof.path) text += EncodeBase64(hash) + "\n";
  return text + "\n" + proof.checkpoint;
}

absl::StatusOr<TlogProof> ParseTlogProof(std::string_view text) {
  if (text.size() > kNoteBytesMax) return Malformed("larger than a proof may be");
  if (!text.starts_with(kMagic)) return Malformed("the first line is not c2sp.org/tlog-proof@v1");
  text.remove_prefix(kMagic.size());
  if (text.starts_with(kExtra)) return Malformed("a line \"extra\", which nothing authenticates");
  TlogProof proof;
  for (bool first = true;; first = false) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return Malformed("no checkpoint");
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (first) {
      const std::optional<uint64_t> index =
          line.starts_with(kIndex) ? ParseDecimal(line.substr(kIndex.size())) : std::nullopt;
      if (!index.has_value()) return Malformed("no line with the index");
      proof.index = *index;
      continue;
    }
    if (line.empty()) break;
    const std::optional<Digest> hash = DecodeBase64Digest(line);
    if (!hash.has_value()) return Malformed("a line of the path is no hash");
    if (proof.path.size() == kProofHashesMax) return Malformed("a path longer than any tree");
    proof.path.push_back(*hash);
  }
  proof.checkpoint = std::string(text);
  return proof;
}

absl::StatusOr<ProvedEntry> VerifyTlogProof(std::string_view text, std::string_view leaf,
                                            std::span<const VerifierKey> keys) {
  const absl::StatusOr<TlogProof> proof = ParseTlogProof(text);
  if (!proof.ok()) return proof.status();
  absl::StatusOr<OpenedCheckpoint> opened = OpenCheckpoint(proof->checkpoint, keys);
  if (!opened.ok()) return opened.status();
  Checkpoint& checkpoint = opened->checkpoint;
  if (absl::Status s = VerifyInclusion(proof->index, checkpoint.size, HashLeaf(leaf), proof->path,
                                       checkpoint.root);
      !s.ok()) {
    return s;
  }
  return ProvedEntry{.index = proof->index, .checkpoint = std::move(checkpoint)};
}

}  // namespace ladon::ledger
