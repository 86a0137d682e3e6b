// The ledger's derived families: their keys and values, and how an entry enters them.
//
//   kOperations    'o', operation key (32 bytes)          -> journal index (u64)
//                  'n', nonce of a used token (16 bytes)  -> journal index (u64)
//   kAccountIndex  account (16 bytes), sequence (u64)     -> journal index (u64)
//   kReversals     transaction (16 bytes)                 -> ordinals taken back, ascending (u16
//   ...) kMeta          "ledger/head"                          -> number of entries (u64), root (32
//   bytes)
//
// They are written in the batch of the block they reflect, so they are never behind it. The head
// is kept beside the journal so that a block missing at the end is noticed too.
// Integers are big endian. Threading: pure functions over a Reader.
#ifndef LADON_LEDGER_INDEX_H_
#define LADON_LEDGER_INDEX_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/command.h"
#include "storage/overlay.h"

namespace ladon::ledger {

[[nodiscard]] std::string OperationIndexKey(const OperationKey& operation);
[[nodiscard]] std::string NonceKey(const Nonce& nonce);
[[nodiscard]] std::string AccountIndexKey(const AccountId& account, uint64_t sequence);

// Adds what `entry` contributes to all families but kReversals and kMeta.
void IndexEntry(const Entry& entry, storage::Overlay* overlay);
void PutReversed(const TransactionId& transaction, const std::vector<uint16_t>& ordinals,
                 storage::Overlay* overlay);
void PutHead(uint64_t size, const Digest& root, storage::Overlay* overlay);

// A u64 value. DataLoss: something else is stored. Others: as the store says.
[[nodiscard]] absl::StatusOr<std::optional<uint64_t>> GetIndex(const storage::Reader& reader,
                                                               storage::Family family,
                                                               const std::string& key);
[[nodiscard]] absl::StatusOr<uint64_t> DecodeIndex(std::string_view value);  // DataLoss.
[[nodiscard]] absl::StatusOr<std::vector<uint16_t>> GetReversed(const storage::Reader& reader,
                                                                const TransactionId& transaction);
[[nodiscard]] absl::StatusOr<std::optional<std::pair<uint64_t, Digest>>> GetHead(
    const storage::Reader& reader);

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_INDEX_H_
