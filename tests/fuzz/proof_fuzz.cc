// What an auditor is handed may be anything: every parser of proofs refuses it with a reason, or it
// comes back the same, byte for byte.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>

#include "ledger/proof/checkpoint.h"
#include "ledger/proof/cosignature.h"
#include "ledger/proof/receipt.h"
#include "ledger/proof/tile.h"
#include "ledger/proof/tlog_proof.h"
#include "tests/fuzz/fuzz_target.h"

namespace {

using namespace ladon::ledger;  // NOLINT(google-build-using-namespace): the parsers of one folder.

void ExpectReason(const absl::Status& refusal) {
  if (refusal.message().empty()) std::abort();
}

// `write` puts together again what `parsed` has taken apart.
template <class T, class Write>
void ExpectSame(std::string_view text, const absl::StatusOr<T>& parsed, Write write) {
  if (!parsed.ok()) return ExpectReason(parsed.status());
  if (write(*parsed) != text) std::abort();
}

std::string WriteNote(const Note& note) {
  std::string text = note.text + "\n";
  for (const NoteSignature& signature : note.unverified) {
    text += SignatureLine(signature.name, signature.key_id, signature.signature);
  }
  return text;
}

std::string WriteBundle(const std::vector<std::string_view>& entries) {
  std::string bundle;
  for (const std::string_view entry : entries) AppendToBundle(entry, &bundle);
  return bundle;
}

SigningKey ExampleKey() {
  std::array<uint8_t, kEd25519Bytes> seed;
  seed.fill(5);
  return *SigningKey::FromSeed("ladon.example/fuzz", seed);
}

std::string ExampleNote() {
  const SigningKey key = ExampleKey();
  const SigningKey* const keys[] = {&key};
  return *SignNote(FormatCheckpoint({.origin = key.verifier().name, .size = 5, .root = {}}), keys);
}

OpenedEntry ExampleEntry() {
  const Salt salt = {1};
  const Opening opening =
      Posting{.account = {{1}}, .amount_kopecks = -5, .sequence = 1, .balance_kopecks = 7};
  OpenedEntry file;
  file.leaf.kind = EntryKind::kTransaction;
  file.leaf.transaction = {{2}};
  file.leaf.operation = {.digest = {{3}}};
  file.leaf.commitments = {{.kind = 1, .digest = Commit(salt, EncodeOpening(opening))}};
  file.leaf_bytes = *EncodeLeaf(file.leaf);
  file.openings = {{.ordinal = 0, .salt = salt, .opening = opening}};
  return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  ExpectSame(text, ParseNote(text), WriteNote);
  ExpectSame(text, ParseVerifierKey(text), FormatVerifierKey);
  ExpectSame(text, ParseTlogProof(text), FormatTlogProof);
  ExpectSame(text, ParseGrowth(text), FormatGrowth);
  ExpectSame(text, ParseEntryFile(text), [](const OpenedEntry& file) {
    return EncodeEntryFile(file.leaf_bytes, file.openings);
  });
  ExpectSame(text, DecodeTile(text), EncodeTile);
  ExpectSame(text, DecodeBundle(text), WriteBundle);
  ExpectSame(text, DecodeLeaf(text), [](const Leaf& leaf) { return *EncodeLeaf(leaf); });
  const absl::StatusOr<Checkpoint> checkpoint = ParseCheckpoint(text);
  if (!checkpoint.ok()) {
    ExpectReason(checkpoint.status());
  } else if (!text.starts_with(FormatCheckpoint(*checkpoint))) {  // Extensions may follow.
    std::abort();
  }
  return 0;
}

namespace ladon::fuzz {

std::vector<std::vector<uint8_t>> Seeds() {
  const OpenedEntry entry = ExampleEntry();
  const std::vector<Digest> path(3);
  std::string bundle;
  for (const char* line : {"one", "two", ""}) AppendToBundle(line, &bundle);
  std::vector<std::vector<uint8_t>> seeds;
  for (const std::string& text :
       {ExampleNote(), FormatVerifierKey(ExampleKey().verifier()),
        FormatTlogProof({.index = 4, .path = path, .checkpoint = ExampleNote()}),
        FormatGrowth({.old_size = 3, .proof = path, .checkpoint = ExampleNote()}),
        EncodeEntryFile(entry.leaf_bytes, entry.openings), entry.leaf_bytes, EncodeTile(path),
        bundle, FormatCheckpoint({.origin = "a", .size = 1, .root = {}})}) {
    seeds.emplace_back(text.begin(), text.end());
  }
  return seeds;
}

size_t ReplayMutations() {
  return 10'000;
}

}  // namespace ladon::fuzz
