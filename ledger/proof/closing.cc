#include "ledger/proof/closing.h"

#include <array>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "ledger/proof/merkle.h"

namespace ladon::ledger {
namespace {

// What the account's commitment holds: everything but the school.
void AppendAccount(const ClosingRow& row, ByteWriter* out) {
  out->Raw(row.account.bytes);
  out->U16(static_cast<uint16_t>(row.code));
  out->U64(row.sequence);
  out->I64(row.balance_kopecks);
  out->I64(row.debits_pending_kopecks);
  out->I64(row.credits_pending_kopecks);
}

}  // namespace

bool RowBefore(const ClosingRow& a, const ClosingRow& b) {
  return std::tie(a.school, a.account) < std::tie(b.school, b.account);
}

void AppendRow(const ClosingRow& row, ByteWriter* out) {
  out->Raw(row.school.bytes);
  AppendAccount(row, out);
}

absl::Status ReadRow(ByteReader* in, ClosingRow* row) {
  in->Raw(&row->school.bytes);
  in->Raw(&row->account.bytes);
  const uint16_t code = in->U16();
  row->sequence = in->U64();
  row->balance_kopecks = in->I64();
  row->debits_pending_kopecks = in->I64();
  row->credits_pending_kopecks = in->I64();
  if (!in->ok()) return absl::InvalidArgumentError("closing row: cut off");
  if (!IsAccountCode(code)) {
    return absl::InvalidArgumentError(absl::StrCat("closing row: unknown account code ", code));
  }
  if (row->sequence == 0) return absl::InvalidArgumentError("closing row: no sequence number");
  row->code = static_cast<AccountCode>(code);
  return absl::OkStatus();
}

Digest CommitSchool(const Salt& salt, const SchoolId& school) {
  ByteWriter bytes;
  bytes.Raw(school.bytes);
  return Commit(salt, bytes.view());
}

Digest CommitAccount(const Salt& salt, const ClosingRow& row) {
  ByteWriter bytes;
  AppendAccount(row, &bytes);
  return Commit(salt, bytes.view());
}

Digest HashRow(const Digest& school_commitment, const Digest& account_commitment) {
  ByteWriter bytes;
  bytes.Raw(school_commitment.bytes);
  bytes.Raw(account_commitment.bytes);
  return HashLeaf(bytes.view());
}

Digest HashRow(const ClosingKey& key, uint64_t position, const ClosingRow& row) {
  std::array<Salt, 2> salts{};
  DeriveRowSalts(key, position, salts);
  return HashRow(CommitSchool(salts[0], row.school), CommitAccount(salts[1], row));
}

ClosingHead HeadOf(const ClosingKey& key, std::span<const ClosingRow> rows, Date service_date,
                   uint64_t tree_size) {
  MerkleTree tree;
  for (size_t i = 0; i < rows.size(); ++i) tree.AppendHash(HashRow(key, i, rows[i]));
  return {.service_date = service_date,
          .tree_size = tree_size,
          .account_count = rows.size(),
          .root = tree.Root()};
}

}  // namespace ladon::ledger
