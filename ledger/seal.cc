#include "ledger/seal.h"

#include <cassert>
#include <utility>

#include "absl/strings/str_cat.h"

namespace ladon::ledger {
namespace {

absl::Status ShapeError(std::string_view what) {
  return absl::DataLossError(absl::StrCat("openings: ", std::string(what)));
}

Digest CommitTo(LedgerSecret secret, const Entry& entry, size_t ordinal) {
  return Commit(DeriveSalt(secret, entry.leaf.index, static_cast<uint16_t>(ordinal)),
                EncodeOpening(entry.openings[ordinal]));
}

}  // namespace

void SealEntry(LedgerSecret secret, Entry* entry) {
  assert(entry->openings.size() <= kCommitmentsMax);
  entry->leaf.commitments.clear();
  entry->leaf.commitments.reserve(entry->openings.size());
  for (size_t i = 0; i < entry->openings.size(); ++i) {
    entry->leaf.commitments.push_back(
        {.kind = OpeningKind(entry->openings[i]), .digest = CommitTo(secret, *entry, i)});
  }
}

absl::Status CheckSeal(LedgerSecret secret, const Entry& entry) {
  if (entry.openings.size() != entry.leaf.commitments.size()) {
    return ShapeError("not as many as commitments");
  }
  for (size_t i = 0; i < entry.openings.size(); ++i) {
    const Commitment& commitment = entry.leaf.commitments[i];
    if (commitment.kind != OpeningKind(entry.openings[i]) ||
        commitment.digest != CommitTo(secret, entry, i)) {
      return ShapeError(absl::StrCat("number ", i, " does not open its commitment"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<BookedTransfer>> BookedTransfers(const Entry& entry) {
  const std::vector<Opening>& openings = entry.openings;
  if (openings.empty() || !std::holds_alternative<Context>(openings.back())) {
    return ShapeError("the context is not the last");
  }
  const bool reversal = !entry.leaf.related.IsZero();
  std::vector<BookedTransfer> transfers;
  size_t at = 0;
  while (at + 1 < openings.size()) {
    const auto* debit = std::get_if<Posting>(&openings[at]);
    const auto* credit = std::get_if<Posting>(&openings[at + 1]);
    if (debit == nullptr || credit == nullptr) {
      return ShapeError("postings do not come in pairs");
    }
    int64_t sum = 0;
    if (debit->amount_kopecks >= 0 ||
        __builtin_add_overflow(debit->amount_kopecks, credit->amount_kopecks, &sum) || sum != 0) {
      return ShapeError("a transfer does not sum to zero");
    }
    BookedTransfer transfer = {.debit = *debit, .credit = *credit, .line = std::nullopt};
    at += 2;
    if (const auto* line = std::get_if<LineDetail>(&openings[at]); line != nullptr) {
      transfer.line = *line;
      ++at;
    }
    if (reversal && !transfer.line.has_value()) {
      return ShapeError("a reversal does not name the transfer it takes back");
    }
    if (!reversal && transfer.line.has_value() && transfer.line->ordinal != transfers.size()) {
      return ShapeError("a line has the wrong ordinal");
    }
    transfers.push_back(transfer);
  }
  if (transfers.empty()) {
    return ShapeError("a transaction without a transfer");
  }
  return transfers;
}

}  // namespace ladon::ledger
