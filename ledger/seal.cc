#include "ledger/seal.h"

#include <openssl/crypto.h>

#include <cassert>
#include <string_view>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "ledger/proof/opened_entry.h"

namespace ladon::ledger {
namespace {

absl::Status ShapeError(std::string_view what) {
  return absl::DataLossError(
      absl::StrCat("openings: ", absl::string_view(what.data(), what.size())));
}

using Salts = absl::InlinedVector<Salt, 8>;

void Wipe(Salts* salts) {
  // Who learns a salt can try sums against the digest.
  OPENSSL_cleanse(salts->data(), salts->size() * sizeof(Salt));
}

// Walks the openings of an entry in the order in which they stand.
class TransferReader {
 public:
  explicit TransferReader(const Entry& entry)
      : openings_(entry.openings), kind_(entry.leaf.kind), reversal_(IsReversal(entry.leaf)) {
    // An expiry has no context: nobody asked for it.
    end_ = openings_.size();
    if (kind_ != EntryKind::kExpiry) {
      has_context_ = end_ > 0 && std::holds_alternative<Context>(openings_.back());
      if (has_context_) --end_;
    }
  }

  absl::StatusOr<std::vector<BookedTransfer>> Read() {
    if (!has_context_ && kind_ != EntryKind::kExpiry) {
      return ShapeError("the context is not the last");
    }
    std::vector<BookedTransfer> transfers;
    transfers.reserve(end_ / 2);
    while (at_ < end_) {
      BookedTransfer& transfer = transfers.emplace_back();
      if (absl::Status read = ReadOne(&transfer); !read.ok()) return read;
      if (absl::Status numbered = Number(&transfer, transfers.size() - 1); !numbered.ok()) {
        return numbered;
      }
    }
    if (transfers.empty()) return ShapeError("a transaction without a transfer");
    return transfers;
  }

 private:
  static bool IsReversal(const Leaf& leaf) {
    return leaf.kind == EntryKind::kTransaction && !leaf.related.IsZero();
  }

  // The next opening if it is of this type; null otherwise.
  template <class T>
  const T* Take() {
    const T* const taken = at_ < end_ ? std::get_if<T>(&openings_[at_]) : nullptr;
    if (taken != nullptr) ++at_;
    return taken;
  }

  absl::Status ReadOne(BookedTransfer* transfer) {
    if (kind_ != EntryKind::kTransaction) {
      const auto* const debit = Take<Reservation>();
      const auto* const credit = Take<Reservation>();
      if (debit == nullptr || credit == nullptr || debit->credit || !credit->credit ||
          debit->amount_kopecks != credit->amount_kopecks ||
          (debit->amount_kopecks > 0) != (kind_ == EntryKind::kHold)) {
        return ShapeError("a hold's transfer does not reserve or release the same on both sides");
      }
      transfer->debit_reserved = *debit;
      transfer->credit_reserved = *credit;
    }
    const auto* const debit = Take<Posting>();
    if (debit != nullptr) {
      const auto* const credit = Take<Posting>();
      int64_t sum = 0;
      if (credit == nullptr) return ShapeError("postings do not come in pairs");
      if (debit->amount_kopecks >= 0 ||
          __builtin_add_overflow(debit->amount_kopecks, credit->amount_kopecks, &sum) || sum != 0) {
        return ShapeError("a transfer does not sum to zero");
      }
      transfer->debit = *debit;
      transfer->credit = *credit;
    }
    const bool may_post = kind_ == EntryKind::kTransaction || kind_ == EntryKind::kCapture;
    if ((debit == nullptr && kind_ == EntryKind::kTransaction) || (debit != nullptr && !may_post)) {
      return ShapeError(debit == nullptr ? "postings do not come in pairs"
                                         : "money moved where none may");
    }
    if (const auto* const line = Take<LineDetail>(); line != nullptr) transfer->line = *line;
    if (const auto* const use = Take<EntitlementUse>(); use != nullptr) transfer->use = *use;
    return absl::OkStatus();
  }

  // A transfer's ordinal: told by its line; without a line it is the next one of the request.
  absl::Status Number(BookedTransfer* transfer, size_t position) {
    if (reversal_) {
      if (!transfer->line.has_value()) {
        return ShapeError("a reversal does not name the transfer it takes back");
      }
      transfer->ordinal = transfer->line->ordinal;
      return absl::OkStatus();
    }
    if (kind_ != EntryKind::kTransaction) {
      transfer->ordinal = static_cast<uint16_t>(position);
    } else {
      const bool part = transfer->use.has_value() && next_ordinal_ > 0 && transfer->line &&
                        transfer->line->ordinal + 1U == next_ordinal_;
      transfer->ordinal = static_cast<uint16_t>(part ? next_ordinal_ - 1 : next_ordinal_++);
    }
    if (transfer->line && transfer->line->ordinal != transfer->ordinal) {
      return ShapeError("a line has the wrong ordinal");
    }
    return absl::OkStatus();
  }

  const std::vector<Opening>& openings_;
  const EntryKind kind_;
  const bool reversal_;
  bool has_context_ = false;
  size_t end_ = 0;
  size_t at_ = 0;
  unsigned next_ordinal_ = 0;
};

}  // namespace

void SealEntry(const SaltSource& salts, Entry* entry, ByteWriter* bytes) {
  const size_t count = entry->openings.size();
  assert(count <= kCommitmentsMax);
  Salts drawn(count);
  salts.Derive(entry->leaf.version, entry->leaf.index, {drawn.data(), drawn.size()});
  entry->leaf.commitments.resize(count);
  for (size_t i = 0; i < count; ++i) {
    const size_t begin = bytes->size();
    AppendOpening(entry->openings[i], bytes);
    entry->leaf.commitments[i] = {.kind = OpeningKind(entry->openings[i]),
                                  .digest = Commit(drawn[i], bytes->view().substr(begin))};
  }
  Wipe(&drawn);
}

absl::Status CheckSeal(const SaltSource& salts, const Entry& entry) {
  if (entry.openings.size() != entry.leaf.commitments.size()) {
    return ShapeError("not as many as commitments");
  }
  Salts drawn(entry.openings.size());
  salts.Derive(entry.leaf.version, entry.leaf.index, {drawn.data(), drawn.size()});
  ByteWriter bytes;
  absl::Status status;
  for (size_t i = 0; i < entry.openings.size() && status.ok(); ++i) {
    const Commitment& commitment = entry.leaf.commitments[i];
    bytes.Clear();
    AppendOpening(entry.openings[i], &bytes);
    if (commitment.kind != OpeningKind(entry.openings[i]) ||
        commitment.digest != Commit(drawn[i], bytes.view())) {
      status = ShapeError(absl::StrCat("number ", i, " does not open its commitment"));
    }
  }
  Wipe(&drawn);
  return status;
}

absl::StatusOr<std::vector<BookedTransfer>> BookedTransfers(const Entry& entry) {
  return TransferReader(entry).Read();
}

AccountId PayerOf(const BookedTransfer& transfer) {
  if (transfer.use) return transfer.use->account;
  return transfer.debit_reserved ? transfer.debit_reserved->account : transfer.debit.account;
}

std::vector<uint16_t> OwnOpenings(const Entry& entry, const AccountId& account) {
  std::vector<uint8_t> kinds;
  std::vector<bool> own;
  for (const Opening& opening : entry.openings) {
    kinds.push_back(OpeningKind(opening));
    own.push_back(SequenceOf(opening).first == account);
  }
  return VisibleOpenings(kinds, own);
}

}  // namespace ladon::ledger
