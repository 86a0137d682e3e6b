// The accounts of an extract, derived again from its entries: no number missing, no balance that is
// not the sum.
//
// Threading: one thread an object.
#ifndef LADON_LEDGER_PROOF_EXTRACT_ACCOUNTS_H_
#define LADON_LEDGER_PROOF_EXTRACT_ACCOUNTS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "ledger/proof/closing.h"
#include "ledger/proof/opened_entry.h"

namespace ladon::ledger {

struct ExtractAccount {
  ClosingRow now;                // School and code only when `terms_known`.
  uint64_t sequence_before = 0;  // The last number used before the extract,
  int64_t opening_kopecks = 0;   // and the balance then.
  int64_t debited_kopecks = 0;   // Since; 0 or more. Saturating.
  int64_t credited_kopecks = 0;  // As above.
  int64_t budgets_kopecks = 0;   // Paid by budgets for this account, given back deducted.
  uint64_t entries = 0;
  uint64_t last_entry = 0;  // That concerned it.
  // What was told so far, by terms, an entry or a closing.
  bool terms_known = false;
  bool balance_known = false;
  bool debits_known = false;
  bool credits_known = false;
};

class ExtractAccounts {
 public:
  using OnDefect = std::function<void(const AccountId& account, std::string what)>;

  // With `complete` every account is known from its first number on, or from an opening row.
  explicit ExtractAccounts(bool complete) : complete_(complete) {}

  // An account as a closing tells it, before any entry.
  void Open(const ClosingRow& row);
  // Takes what an entry did. Whatever does not follow is told, and then taken as it stands.
  void Take(const OpenedEntry& entry, const OnDefect& on_defect);

  [[nodiscard]] const ExtractAccount* Find(const AccountId& account) const;
  [[nodiscard]] size_t size() const { return accounts_.size(); }
  // All accounts whose terms are known, sorted as a closing has them.
  [[nodiscard]] std::vector<ClosingRow> SortedRows() const;
  // All accounts, by id.
  [[nodiscard]] std::vector<ExtractAccount> Sorted() const;

 private:
  void TakeOpening(const Opening& opening, const OnDefect& on_defect);
  ExtractAccount* Advance(const AccountId& account, uint64_t sequence, const OnDefect& on_defect,
                          bool opens = false);

  bool complete_;
  absl::flat_hash_map<AccountId, ExtractAccount, IdHash> accounts_;
};

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_PROOF_EXTRACT_ACCOUNTS_H_
