// A file of the security log may be anything: whatever was changed in a true one is found, and
// named. Nobody but the fuzzer's key has signed, so only the true ones verify.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "ledger/proof/extract.h"
#include "ledger/proof/note.h"
#include "ledger/proof/seclog_verifier.h"
#include "tests/fuzz/fuzz_target.h"

namespace {

using namespace ladon::ledger;  // NOLINT(google-build-using-namespace): the parsers of one folder.

constexpr uint64_t kRecords = 9;

SigningKey ExampleKey() {
  std::array<uint8_t, kEd25519Bytes> seed;
  seed.fill(6);
  return *SigningKey::FromSeed("ladon.example/fuzz/security", seed);
}

// A log of nine records.
class Example {
 public:
  Example() {
    for (uint64_t i = 0; i < kRecords; ++i) {
      AuditLeaf leaf;
      leaf.index = i;
      leaf.at_ns = 1'000 + i;
      leaf.event = static_cast<uint16_t>(101 + i % 3);
      leaf.outcome = i % 4 == 0 ? AuditOutcome::kRefused : AuditOutcome::kSuccess;
      leaf.peer = "ipv4:192.0.2.7:4711";
      leaf.software_version = "0.1.0";
      records_.push_back(*EncodeAuditLeaf(leaf));
    }
  }

  Checkpoint At(uint64_t size) const {
    return {.origin = ExampleKey().verifier().name, .size = size, .root = RootOf(0, size)};
  }

  std::string File(uint64_t first, uint64_t end) const {
    const SigningKey key = ExampleKey();
    const SigningKey* const keys[] = {&key};
    ByteWriter out;
    AppendSeclogHead(
        {.first = first, .end = end, .checkpoint = *SignNote(FormatCheckpoint(At(kRecords)), keys)},
        &out);
    for (uint64_t i = first; i < end; ++i) AppendSeclogRecord(records_[i], &out);
    for (uint64_t at = 0; at < kRecords;) {
      const bool shown = at >= first && at < end;
      const unsigned height = shown ? 0 : FoldHeight(at, at < first ? first : kRecords);
      const uint64_t next = at + (uint64_t{1} << height);
      shown ? AppendShown(RootOf(at, next), &out) : AppendFolded(height, RootOf(at, next), &out);
      at = next;
    }
    return out.Take();
  }

 private:
  Digest RootOf(uint64_t begin, uint64_t end) const {
    MerkleTree tree;
    for (uint64_t i = begin; i < end; ++i) tree.Append(records_[i]);
    return tree.Root();
  }

  std::vector<std::string> records_;
};

const std::vector<std::string>& TrueOnes() {
  static const std::vector<std::string> made = [] {
    const Example example;
    return std::vector{example.File(0, kRecords), example.File(3, 7),
                       example.File(kRecords, kRecords)};
  }();
  return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const std::vector<VerifierKey> keys = {ExampleKey().verifier()};
  const VerifiedSeclog verified = VerifySeclog(text, {.keys = keys});
  const bool is_true = std::find(TrueOnes().begin(), TrueOnes().end(), text) != TrueOnes().end();
  if (verified.good() != is_true) std::abort();
  for (const SeclogDefect& defect : verified.defects) {
    if (defect.what.empty()) std::abort();
  }
  // What continues an earlier checkpoint is true too.
  static const Checkpoint since = Example().At(5);
  if (VerifySeclog(text, {.keys = keys, .since = since}).good() && !is_true) std::abort();
  ForEachRecord(text, [](const AuditLeaf& leaf) {
    if (!EncodeAuditLeaf(leaf).ok()) std::abort();
  });
  return 0;
}

namespace ladon::fuzz {

std::vector<std::vector<uint8_t>> Seeds() {
  std::vector<std::vector<uint8_t>> seeds;
  for (const std::string& text : TrueOnes()) seeds.emplace_back(text.begin(), text.end());
  return seeds;
}

size_t ReplayMutations() {
  return 10'000;
}

}  // namespace ladon::fuzz
