#include "ledger/proof/cosignature.h"

#include <cassert>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ledger/proof/base64.h"
#include "ledger/proof/bytes.h"
#include "ledger/proof/checkpoint.h"
#include "ledger/proof/tlog_proof.h"

namespace ladon::ledger {
namespace {

constexpr std::string_view kOld = "old ";
constexpr size_t kTimeBytes = 8;
constexpr size_t kEd25519SignatureBytes = 64;

absl::Status Malformed(const char* why) {
  return absl::InvalidArgumentError(absl::StrCat("consistency: ", why));
}

std::string SignedText(std::string_view text, uint64_t unix_seconds) {
  return absl::StrCat("cosignature/v1\ntime ", unix_seconds, "\n") + std::string(text);
}

}  // namespace

std::string FormatGrowth(const Growth& growth) {
  std::string text = absl::StrCat("old ", growth.old_size, "\n");
  for (const Digest& hash : growth.proof) text += EncodeBase64(hash) + "\n";
  return text + "\n" + growth.checkpoint;
}

absl::StatusOr<Growth> ParseGrowth(std::string_view text) {
  if (text.size() > kNoteBytesMax) return Malformed("larger than it may be");
  Growth growth;
  for (bool first = true;; first = false) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return Malformed("no checkpoint");
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (first) {
      const std::optional<uint64_t> size =
          line.starts_with(kOld) ? ParseDecimal(line.substr(kOld.size())) : std::nullopt;
      if (!size.has_value()) return Malformed("the first line is not \"old <size>\"");
      growth.old_size = *size;
      continue;
    }
    if (line.empty()) break;
    const std::optional<Digest> hash = DecodeBase64Digest(line);
    if (!hash.has_value()) return Malformed("a line of the proof is no hash");
    if (growth.proof.size() == kProofHashesMax) return Malformed("a proof longer than any tree's");
    growth.proof.push_back(*hash);
  }
  growth.checkpoint = std::string(text);
  return growth;
}

std::string Cosign(const SigningKey& key, std::string_view text, uint64_t unix_seconds) {
  assert(key.verifier().type == KeyType::kCosignature);
  ByteWriter signature;
  signature.U64(unix_seconds);
  signature.Raw(key.SignBytes(SignedText(text, unix_seconds)));
  return SignatureLine(key.verifier().name, key.verifier().id, signature.Take());
}

absl::StatusOr<uint64_t> VerifyCosignature(const VerifierKey& key, std::string_view text,
                                           std::string_view signature) {
  if (key.type != KeyType::kCosignature ||
      signature.size() != kTimeBytes + kEd25519SignatureBytes) {
    return Malformed("not a cosignature");
  }
  ByteReader in(signature);
  const uint64_t unix_seconds = in.U64();
  if (!VerifyEd25519(key.key, SignedText(text, unix_seconds), signature.substr(kTimeBytes))) {
    return absl::UnauthenticatedError(
        absl::StrCat("note: the cosignature of ", key.name, " is false"));
  }
  return unix_seconds;
}

}  // namespace ladon::ledger
