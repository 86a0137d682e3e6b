// Verifies an extract (extract.h) with a verifier key alone: that it is what the signed checkpoint
// stands for, and that nothing is missing.
//
// What is shown, in order: the checkpoint's signatures; that the folded tree has its root; of every
// entry that it is the one the tree holds, that its openings are those it commits to, and that it
// opens what this reader is due and nothing else; of every account that its numbers have no gap and
// its balances are sums; of every closing that the accounts as derived, in their order, have its
// root (all of them, or the rows of the subject). What is not shown is named with entry and account
// as far as these are known; the walk goes on, so that one look tells all defects.
// Threading: one thread. Memory: the accounts; the extract's bytes are not copied.
#ifndef LADON_LEDGER_PROOF_EXTRACT_VERIFIER_H_
#define LADON_LEDGER_PROOF_EXTRACT_VERIFIER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "ledger/proof/checkpoint.h"
#include "ledger/proof/extract.h"
#include "ledger/proof/extract_accounts.h"

namespace ladon::ledger {

struct ExtractDefect {
  std::optional<uint64_t> entry;  // nullopt: the extract as a whole.
  AccountId account;              // Zero: none in particular.
  std::string what;
};

struct ExtractOptions {
  std::span<const VerifierKey> keys;
  size_t defects_max = 20;  // More are counted only.
  // Every entry that is shown and true to its leaf, in order; with its leaf hash. May be empty.
  std::function<void(const OpenedEntry& entry, const Digest& leaf_hash)> on_entry;
  // Bytes of the extract done. May be empty.
  std::function<void(size_t done)> on_progress;
};

struct VerifiedExtract {
  ExtractHead head;
  Checkpoint checkpoint;
  uint64_t entries = 0;               // Shown.
  std::vector<ClosingHead> closings;  // That were shown and proved.
  ExtractAccounts accounts{true};
  std::vector<ExtractDefect> defects;  // In the order in which they were met.
  uint64_t defect_count = 0;

  [[nodiscard]] bool good() const { return defect_count == 0; }
};

[[nodiscard]] VerifiedExtract VerifyExtract(std::string_view bytes, const ExtractOptions& options);

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_PROOF_EXTRACT_VERIFIER_H_
