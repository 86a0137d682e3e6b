// What lies in the store may be damaged in any way: a journal block, a page of accounts, a row of
// an index is refused with a reason, or comes back the same, byte for byte.
#include <cstdlib>
#include <string>
#include <vector>

#include "ledger/accounts.h"
#include "ledger/index.h"
#include "ledger/journal.h"
#include "ledger/proof/closing.h"
#include "ledger/seal.h"
#include "tests/fuzz/fuzz_target.h"

namespace {

using namespace ladon::ledger;  // NOLINT(google-build-using-namespace): the codecs of one folder.

constexpr uint64_t kFirstIndex = 5;

void ExpectReason(const absl::Status& refusal) {
  if (refusal.message().empty()) std::abort();
}

Entry ExampleEntry(uint64_t index) {
  Entry entry;
  entry.leaf.kind = EntryKind::kTransaction;
  entry.leaf.index = index;
  entry.leaf.booked_at_ns = 7 + index;
  entry.leaf.operation.digest.bytes[0] = 1;
  entry.leaf.transaction.bytes[0] = 2;
  entry.openings = {
      Posting{.account = {{1}}, .amount_kopecks = -5, .sequence = 1, .balance_kopecks = -5},
      Posting{.account = {{2}}, .amount_kopecks = 5, .sequence = 1, .balance_kopecks = 5},
      LineDetail{.item = {{3}}, .category = 3, .quantity = 1, .unit_price_kopecks = 5},
      Context{.school = {{4}}, .actor = {{5}}, .means = 1}};
  entry.previous = {kNoEntry, 3};
  return entry;
}

std::string ExampleBlock() {
  const SaltSource salts(std::array<uint8_t, 32>{1});
  BlockWriter writer(kFirstIndex);
  for (uint64_t i = kFirstIndex; i < kFirstIndex + 3; ++i) {
    Entry entry = ExampleEntry(i);
    ByteWriter openings;
    SealEntry(salts, &entry, &openings);
    writer.Add(*EncodeLeaf(entry.leaf), openings.view(), entry.previous);
  }
  return writer.Finish(Digest{}, 10);
}

std::string ExamplePage() {
  Accounts accounts;
  for (uint8_t i = 1; i < 4; ++i) {
    AccountState& state = accounts.Change(accounts.Open({{i}}));
    state.terms.account = {{i}};
    state.terms.limits = {{kLimitPerPurchase, 100}};
    state.now.sequence = i;
    state.entitlements.push_back({.budget = {{9}},
                                  .category = 3,
                                  .cap_kopecks = 1,
                                  .uses_per_day = 1,
                                  .valid_from = 2026'09'01,
                                  .valid_to = 2027'05'31,
                                  .document = {}});
  }
  return accounts.EncodePage(0);
}

// Every entry is read or refused; nothing is read beyond the block.
void ReadBlock(std::string_view value) {
  absl::StatusOr<BlockReader> block = BlockReader::Open(JournalKey(kFirstIndex), value);
  if (!block.ok()) return ExpectReason(block.status());
  BlockReader skipping = *block;
  for (uint32_t i = 0; i < block->count(); ++i) {
    std::string_view leaf;
    const absl::StatusOr<Entry> entry = block->Next(&leaf);
    if (!entry.ok()) return ExpectReason(entry.status());
    if (*EncodeLeaf(entry->leaf) != leaf) std::abort();
    if (entry->openings.size() != entry->leaf.commitments.size()) std::abort();
    if (!skipping.Skip().ok()) std::abort();
  }
  if (absl::Status finished = block->Finish(); !finished.ok()) ExpectReason(finished);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  ReadBlock(text);
  Accounts accounts;
  if (const absl::Status page = accounts.RestorePage(text); !page.ok()) {
    ExpectReason(page);
  } else if (accounts.EncodePage(0) != text) {
    std::abort();
  }
  if (const auto hold = DecodeHold(text); !hold.ok()) ExpectReason(hold.status());
  if (const auto index = DecodeIndex(text); !index.ok()) ExpectReason(index.status());
  ByteReader in(text);
  ClosingRow row;
  if (const absl::Status read = ReadRow(&in, &row); !read.ok()) {
    ExpectReason(read);
  } else {
    ByteWriter out;
    AppendRow(row, &out);
    if (!text.starts_with(out.view())) std::abort();
  }
  for (uint8_t kind = 0; kind < 12; ++kind) {
    const absl::StatusOr<Opening> opening = DecodeOpening(kind, text);
    if (!opening.ok()) {
      ExpectReason(opening.status());
    } else if (EncodeOpening(*opening) != text || OpeningKind(*opening) != kind) {
      std::abort();
    }
  }
  return 0;
}

namespace ladon::fuzz {

std::vector<std::vector<uint8_t>> Seeds() {
  std::vector<std::vector<uint8_t>> seeds;
  std::vector<std::string> texts = {ExampleBlock(), ExamplePage()};
  for (const Opening& opening : ExampleEntry(1).openings) texts.push_back(EncodeOpening(opening));
  texts.push_back(EncodeOpening(ClosingHead{.service_date = 2026'09'01, .tree_size = 1}));
  texts.push_back(EncodeOpening(Reservation{.account = {{1}}, .amount_kopecks = 1, .sequence = 1}));
  for (const std::string& text : texts) seeds.emplace_back(text.begin(), text.end());
  return seeds;
}

size_t ReplayMutations() {
  return 10'000;
}

}  // namespace ladon::fuzz
