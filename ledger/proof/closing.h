// A closing: all accounts after the first entries of the journal, under one root.
//
// Rows are sorted by (school, account). Row i is the leaf
//   SHA-256(school salt || school) || SHA-256(account salt || account || what is told of it)
// of an RFC 6962 tree (64 bytes a leaf), salts by DeriveRowSalts(). So a row can be opened wholly,
// to prove what an account had, or with its school only: that a school's rows end there, without a
// word about the neighbour's account. The root is in the ClosingHead of a closing leaf (opening.h).
//
// Whoever is given the closing's key and all accounts makes the same root again: that the rows are
// sorted and complete. Whoever is given some rows relies on that somebody did.
// Threading: pure functions.
#ifndef LADON_LEDGER_PROOF_CLOSING_H_
#define LADON_LEDGER_PROOF_CLOSING_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "ledger/proof/bytes.h"
#include "ledger/proof/opening.h"
#include "ledger/proof/salt.h"

namespace ladon::ledger {

struct ClosingRow {
  SchoolId school;
  AccountId account;
  AccountCode code = AccountCode::kWallet;
  uint64_t sequence = 0;  // The last one used; at least 1.
  int64_t balance_kopecks = 0;
  int64_t debits_pending_kopecks = 0;
  int64_t credits_pending_kopecks = 0;

  friend bool operator==(const ClosingRow&, const ClosingRow&) = default;
};

inline constexpr size_t kClosingRowBytes = 16 + 16 + 2 + 4 * 8;

// By (school, account): the order of rows.
[[nodiscard]] bool RowBefore(const ClosingRow& a, const ClosingRow& b);

void AppendRow(const ClosingRow& row, ByteWriter* out);  // kClosingRowBytes.
// InvalidArgument: cut off, an unknown account code, no sequence number.
[[nodiscard]] absl::Status ReadRow(ByteReader* in, ClosingRow* row);

[[nodiscard]] Digest CommitSchool(const Salt& salt, const SchoolId& school);
[[nodiscard]] Digest CommitAccount(const Salt& salt, const ClosingRow& row);
// The leaf hash of a row.
[[nodiscard]] Digest HashRow(const Digest& school_commitment, const Digest& account_commitment);
[[nodiscard]] Digest HashRow(const ClosingKey& key, uint64_t position, const ClosingRow& row);

// The head over `rows`, which are sorted.
[[nodiscard]] ClosingHead HeadOf(const ClosingKey& key, std::span<const ClosingRow> rows,
                                 Date service_date, uint64_t tree_size);

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_PROOF_CLOSING_H_
