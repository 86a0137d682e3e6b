// The ledger's derived families: their keys and values.
//
//   kOperations    'o', operation key (32 bytes)          -> journal index (u64)
//                  'n', nonce of a used token (16 bytes)  -> journal index (u64)
//                  Written behind (operation_index.h); kMeta says how far.
//   kAccountIndex  account (16 bytes), sequence (u64)     -> journal index (u64)
//                  Every kIndexedSequences-th sequence number; from there the entries' own
//                  indexes of the entry before lead back. (Older stores: every number.)
//   kReversals     'a', transaction (16 bytes)            -> what of it was taken back, by
//   position:
//                                                            (position u16, amount i64) ...
//                  (Older stores: transaction -> positions taken back in whole, u16 ...)
//   kAccounts      'p', page (u32)                        -> a page of accounts (accounts.h),
//                  written behind; kMeta says how far
//                  's', school (16 bytes)                 -> its limits, as committed to (entry.h)
//                  'h', transaction of a hold (16 bytes)  -> state u8, index of its entry (u64)
//   kMeta          "ledger/head"                          -> number of entries (u64), root (32)
//                  "ledger/accounts"                      -> every account is on its page as of
//                                                            this index (u64), or later
//                  "ledger/operations"                    -> every operation below is in the index
//
// What is not written behind stands in the batch of the block that it reflects. The head is kept
// beside the journal so that a block missing at the end is noticed too.
// Integers are big endian. Threading: pure functions over a Reader.
#ifndef LADON_LEDGER_INDEX_H_
#define LADON_LEDGER_INDEX_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/state_machine.h"
#include "storage/overlay.h"

namespace ladon::ledger {

[[nodiscard]] std::string OperationIndexKey(const OperationKey& operation);
[[nodiscard]] std::string NonceKey(const Nonce& nonce);
[[nodiscard]] std::string AccountIndexKey(const AccountId& account, uint64_t sequence);

[[nodiscard]] std::string PageKey(uint32_t page);
[[nodiscard]] std::string SchoolKey(const SchoolId& school);
[[nodiscard]] std::string HoldKey(const TransactionId& hold);
inline constexpr std::string_view kAccountsDoneKey = "ledger/accounts";
inline constexpr std::string_view kOperationsDoneKey = "ledger/operations";
inline constexpr uint64_t kIndexedSequences = 32;

[[nodiscard]] std::string EncodeIndex(uint64_t index);
// The rows of kAccountIndex that `entry` brings.
void IndexAccounts(const Entry& entry, storage::Overlay* overlay);
void PutReversed(const TransactionId& transaction, const std::vector<Taken>& reversed,
                 storage::Overlay* overlay);
void PutHold(const TransactionId& hold, HoldState state, uint64_t index, storage::Overlay* overlay);
// Under "ledger/origins" in kMeta: the first entry (u64) of every log that was begun anew.
void PutOrigins(const std::vector<uint64_t>& origins, storage::Overlay* overlay);
[[nodiscard]] absl::StatusOr<std::vector<uint64_t>> GetOrigins(const storage::Reader& reader);
void PutHead(uint64_t size, const Digest& root, storage::Batch* batch);

// A u64 value. DataLoss: something else is stored. Others: as the store says.
[[nodiscard]] absl::StatusOr<std::optional<uint64_t>> GetIndex(const storage::Reader& reader,
                                                               storage::Family family,
                                                               const std::string& key);
[[nodiscard]] absl::StatusOr<uint64_t> DecodeIndex(std::string_view value);  // DataLoss.
// What of the transaction of `original` was taken back by now, by ascending position.
[[nodiscard]] absl::StatusOr<std::vector<Taken>> GetReversed(const storage::Reader& reader,
                                                             const Entry& original);
struct HoldRow {
  HoldState state = HoldState::kOpen;
  uint64_t index = 0;
};
[[nodiscard]] absl::StatusOr<std::optional<HoldRow>> GetHold(const storage::Reader& reader,
                                                             const TransactionId& hold);
[[nodiscard]] absl::StatusOr<HoldRow> DecodeHold(std::string_view value);  // DataLoss.
[[nodiscard]] absl::StatusOr<std::optional<std::pair<uint64_t, Digest>>> GetHead(
    const storage::Reader& reader);

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_INDEX_H_
