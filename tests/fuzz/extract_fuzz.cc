// An extract may be anything: whatever was changed in a true one is found, and named. Nobody but
// the fuzzer's key has signed, so only the true one verifies.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "ledger/proof/extract_verifier.h"
#include "ledger/proof/note.h"
#include "tests/fuzz/fuzz_target.h"

namespace {

using namespace ladon::ledger;  // NOLINT(google-build-using-namespace): the parsers of one folder.

constexpr uint64_t kEntries = 9;
constexpr uint64_t kClosingSize = 7;

SigningKey ExampleKey() {
  std::array<uint8_t, kEd25519Bytes> seed;
  seed.fill(5);
  return *SigningKey::FromSeed("ladon.example/fuzz", seed);
}

// A journal of nine entries: an account opened, paid into six times, a closing, and one more.
class Example {
 public:
  Example() {
    for (uint64_t i = 0; i < kEntries; ++i) Book(i);
  }

  std::string Extract(ExtractScope scope) const {
    const SigningKey key = ExampleKey();
    const SigningKey* const keys[] = {&key};
    ExtractHead head{.scope = scope};
    if (scope == ExtractScope::kAccount) head.subject = kAccount.bytes;
    if (scope == ExtractScope::kSchool) head.subject = kSchool.bytes;
    const bool journal = scope == ExtractScope::kJournal;
    head.last = journal ? kEntries : kClosingSize;
    head.checkpoint = *SignNote(
        FormatCheckpoint({.origin = key.verifier().name, .size = kEntries, .root = tree_.Root()}),
        keys);
    ByteWriter out;
    AppendExtractHead(head, &out);
    // Entry 7 is the closing; 0 and 8 are of nobody, unless everything is shown.
    for (uint64_t i = 0; i < kEntries; ++i) {
      const bool shown = journal || (i >= 1 && i <= kClosingSize);
      const Digest hash = HashLeaf(leaves_[i]);
      shown ? AppendShown(hash, &out) : AppendFolded(0, hash, &out);
    }
    for (uint64_t i = 0; i < kEntries; ++i) {
      if (i == kClosingSize) out.Raw(journal ? Key() : Rows());
      if (!journal && (i < 1 || i > kClosingSize)) continue;
      ByteWriter content;
      AppendOpenedEntry(leaves_[i], opened_[i], &content);
      AppendItem(ExtractItem::kEntry, content.view(), &out);
    }
    return out.Take();
  }

 private:
  static constexpr AccountId kAccount{{1}};
  static constexpr SchoolId kSchool{{9}};

  ClosingRow Row() const {
    return {.school = kSchool, .account = kAccount, .sequence = 6, .balance_kopecks = 0};
  }

  void Book(uint64_t index) {
    Leaf leaf;
    leaf.index = index;
    leaf.booked_at_ns = 1'000 + index;
    std::vector<Opening> openings;
    if (index == 0) {
      leaf.kind = EntryKind::kOrigin;
    } else if (index == kClosingSize) {
      leaf.kind = EntryKind::kClosing;
      openings.push_back(
          HeadOf(salts_.KeyOfClosing(kClosingSize), std::vector{Row()}, 2026'09'01, kClosingSize));
    } else if (index == 1) {
      leaf.kind = EntryKind::kAccounts;
      openings.push_back(
          AccountTerms{.account = kAccount, .sequence = 1, .school = kSchool, .limits = {}});
    } else if (index < kClosingSize) {
      // Freezes and thaws: an entry of one account alone, as a journal's sums ask for.
      leaf.kind = EntryKind::kAccounts;
      openings.push_back(AccountTerms{.account = kAccount,
                                      .sequence = index,
                                      .flags = static_cast<uint16_t>(index % 2 == 0 ? 2 : 0),
                                      .school = kSchool,
                                      .limits = {}});
    } else {
      leaf.kind = EntryKind::kOperation;
    }
    std::vector<OpenedCommitment> opened;
    for (uint16_t i = 0; i < openings.size(); ++i) {
      const Salt salt = salts_.Derive(kEntryVersion, index, i);
      leaf.commitments.push_back(
          {.kind = OpeningKind(openings[i]), .digest = Commit(salt, EncodeOpening(openings[i]))});
      opened.push_back({.ordinal = i, .salt = salt, .opening = openings[i]});
    }
    leaves_.push_back(*EncodeLeaf(leaf));
    opened_.push_back(std::move(opened));
    tree_.Append(leaves_.back());
  }

  std::string Key() const {
    ByteWriter content;
    content.U64(kClosingSize);
    content.Raw(salts_.KeyOfClosing(kClosingSize));
    ByteWriter item;
    AppendItem(ExtractItem::kClosingKey, content.view(), &item);
    return item.Take();
  }

  std::string Rows() const {
    std::array<Salt, 2> salts{};
    DeriveRowSalts(salts_.KeyOfClosing(kClosingSize), 0, salts);
    ByteWriter content;
    content.U64(kClosingSize);
    content.U64(1);
    AppendShownRow({.school_salt = salts[0], .account_salt = salts[1], .row = Row()}, &content);
    ByteWriter item;
    AppendItem(ExtractItem::kClosingRows, content.view(), &item);
    return item.Take();
  }

  const SaltSource salts_{std::array<uint8_t, 32>{7}};
  MerkleTree tree_;
  std::vector<std::string> leaves_;
  std::vector<std::vector<OpenedCommitment>> opened_;
};

const std::vector<std::string>& TrueOnes() {
  static const std::vector<std::string> made = [] {
    const Example example;
    return std::vector{example.Extract(ExtractScope::kJournal),
                       example.Extract(ExtractScope::kAccount),
                       example.Extract(ExtractScope::kSchool)};
  }();
  return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const std::vector<VerifierKey> keys = {ExampleKey().verifier()};
  const VerifiedExtract verified = VerifyExtract(text, {.keys = keys});
  const bool is_true = std::find(TrueOnes().begin(), TrueOnes().end(), text) != TrueOnes().end();
  if (verified.good() != is_true) std::abort();
  for (const ExtractDefect& defect : verified.defects) {
    if (defect.what.empty()) std::abort();
  }
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
