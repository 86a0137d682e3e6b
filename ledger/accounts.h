// All accounts in memory, in pages that can be written behind one by one.
//
// An account gets a slot when it is opened, in order, and keeps it; a page is kPageAccounts slots.
// Memory of an account is bounded by kAccountBytesMax but for its typed limits and entitlements.
// Threading: const functions beside each other; the rest alone.
#ifndef LADON_LEDGER_ACCOUNTS_H_
#define LADON_LEDGER_ACCOUNTS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "ledger/command.h"
#include "ledger/place_table.h"
#include "ledger/prefetch.h"

namespace ladon::ledger {

inline constexpr uint32_t kPageAccounts = 64;
inline constexpr size_t kAccountBytesMax = 300;

// What postings and reservations change.
struct Standing {
  int64_t balance_kopecks = 0;
  int64_t debits_pending_kopecks = 0;
  int64_t credits_pending_kopecks = 0;
  uint64_t sequence = 0;                         // The last one used.
  uint64_t last_index = kNoEntry;                // The entry that used it.
  int64_t spent_kopecks = 0;                     // By the account itself to caterers, on `day`.
  Date day = 0;                                  // The last service day it bought something on.
  std::array<uint8_t, kEntitlementsMax> uses{};  // Of its entitlements, on `day`.
  // The repeat guard: what this account paid for last, and when. Zero = nothing to compare with.
  Digest last_document;
  uint64_t last_paid_at_ns = 0;

  friend bool operator==(const Standing&, const Standing&) = default;
};

struct AccountState {
  AccountTerms terms;
  std::vector<Entitlement> entitlements;
  Standing now;

  friend bool operator==(const AccountState&, const AccountState&) = default;
};

class Accounts {
 public:
  using Slot = PlaceTable::Place;
  static constexpr Slot kNoSlot = PlaceTable::kNone;

  [[nodiscard]] Slot FindSlot(const AccountId& account) const;
  [[nodiscard]] const AccountState* Find(const AccountId& account) const;  // nullptr: unknown.
  [[nodiscard]] const AccountState& at(Slot slot) const {
    return pages_[slot / kPageAccounts]->accounts[slot % kPageAccounts];
  }
  // Brings what a transfer of the account will need nearer. First the way to it, a little later the
  // account itself.
  void PrefetchSlot(const AccountId& account) const { table_.Prefetch(IdHash()(account)); }
  void PrefetchAccount(const AccountId& account) const {
    // The first of that hash is all but surely it, and looking would be what this is to spare.
    const Slot slot = table_.Find(IdHash()(account), [](Slot) { return true; });
    if (slot == kNoSlot) return;
    PrefetchLines(&at(slot), sizeof(AccountState));
  }
  // For a change: the page counts as changed from here on.
  [[nodiscard]] AccountState& Change(Slot slot);
  // A slot for an account that has none. Its id is set; the rest is for whoever opens it.
  Slot Open(const AccountId& account);

  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] size_t page_count() const { return pages_.size(); }
  [[nodiscard]] bool changed(size_t page) const { return pages_[page]->changed; }
  void ClearChanged(size_t page) { pages_[page]->changed = false; }

  // A page as the store keeps it: count u8, then of each account its terms and entitlements as
  // they are committed to (entry.h) and its standing; the SHA-256 of all that.
  [[nodiscard]] std::string EncodePage(size_t page) const;
  // Appends the next page. DataLoss: damaged, or an account that is there already.
  [[nodiscard]] absl::Status RestorePage(std::string_view bytes);

 private:
  struct Page {
    std::array<AccountState, kPageAccounts> accounts;
    bool changed = false;
  };

  std::vector<std::unique_ptr<Page>> pages_;
  size_t size_ = 0;
  PlaceTable table_;  // Of slots.
};

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_ACCOUNTS_H_
