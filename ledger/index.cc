#include "ledger/index.h"

#include "ledger/proof/bytes.h"

namespace ladon::ledger {
namespace {

using storage::Family;

constexpr uint8_t kOperationPrefix = 'o';
constexpr uint8_t kNoncePrefix = 'n';
constexpr uint8_t kReversalPrefix = 'a';
constexpr uint8_t kPagePrefix = 'p';
constexpr uint8_t kSchoolPrefix = 's';
constexpr uint8_t kHoldPrefix = 'h';
constexpr std::string_view kHeadKey = "ledger/head";
constexpr std::string_view kOriginsKey = "ledger/origins";

template <class Id>
std::string PrefixedKey(uint8_t prefix, const Id& id) {
  ByteWriter key;
  key.U8(prefix);
  key.Raw(id.bytes);
  return key.Take();
}

// The same transaction's key in older stores.
std::string OldReversalKey(const TransactionId& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

absl::Status ReversalError() {
  return absl::DataLossError("ledger index: reversals out of form");
}

}  // namespace

std::string OperationIndexKey(const OperationKey& operation) {
  ByteWriter key;
  key.U8(kOperationPrefix);
  key.Raw(operation.digest.bytes);
  return key.Take();
}

std::string NonceKey(const Nonce& nonce) {
  ByteWriter key;
  key.U8(kNoncePrefix);
  key.Raw(nonce.bytes);
  return key.Take();
}

std::string AccountIndexKey(const AccountId& account, uint64_t sequence) {
  ByteWriter key;
  key.Raw(account.bytes);
  key.U64(sequence);
  return key.Take();
}

std::string PageKey(uint32_t page) {
  ByteWriter key;
  key.U8(kPagePrefix);
  key.U32(page);
  return key.Take();
}

std::string SchoolKey(const SchoolId& school) {
  return PrefixedKey(kSchoolPrefix, school);
}

std::string HoldKey(const TransactionId& hold) {
  return PrefixedKey(kHoldPrefix, hold);
}

std::string EncodeIndex(uint64_t index) {
  ByteWriter value;
  value.U64(index);
  return value.Take();
}

void IndexAccounts(const Entry& entry, storage::Overlay* overlay) {
  for (const Opening& opening : entry.openings) {
    const auto [account, sequence] = SequenceOf(opening);
    if (sequence != 0 && sequence % kIndexedSequences == 0) {
      overlay->Put(Family::kAccountIndex, AccountIndexKey(account, sequence),
                   EncodeIndex(entry.leaf.index));
    }
  }
}

void PutReversed(const TransactionId& transaction, const std::vector<Taken>& reversed,
                 storage::Overlay* overlay) {
  ByteWriter value;
  for (const Taken& taken : reversed) {
    value.U16(taken.position);
    value.I64(taken.amount_kopecks);
  }
  overlay->Put(Family::kReversals, PrefixedKey(kReversalPrefix, transaction), value.Take());
}

void PutHold(const TransactionId& hold, HoldState state, uint64_t index,
             storage::Overlay* overlay) {
  ByteWriter value;
  value.U8(static_cast<uint8_t>(state));
  value.U64(index);
  overlay->Put(Family::kAccounts, HoldKey(hold), value.Take());
}

void PutOrigins(const std::vector<uint64_t>& origins, storage::Overlay* overlay) {
  ByteWriter value;
  for (const uint64_t index : origins) value.U64(index);
  overlay->Put(Family::kMeta, std::string(kOriginsKey), value.Take());
}

absl::StatusOr<std::vector<uint64_t>> GetOrigins(const storage::Reader& reader) {
  const absl::StatusOr<std::optional<std::string>> value = reader.Get(Family::kMeta, kOriginsKey);
  if (!value.ok()) return value.status();
  std::vector<uint64_t> origins;
  if (!value->has_value()) return origins;
  ByteReader in(**value);
  while (in.ok() && !in.AtEnd()) origins.push_back(in.U64());
  if (!in.ok()) return absl::DataLossError("ledger: the list of origins is damaged");
  return origins;
}

void PutHead(uint64_t size, const Digest& root, storage::Batch* batch) {
  ByteWriter value;
  value.U64(size);
  value.Raw(root.bytes);
  batch->Put(Family::kMeta, kHeadKey, value.Take());
}

absl::StatusOr<uint64_t> DecodeIndex(std::string_view value) {
  ByteReader in(value);
  const uint64_t index = in.U64();
  if (!in.AtEnd()) {
    return absl::DataLossError("ledger index: a value that is not an index");
  }
  return index;
}

absl::StatusOr<std::optional<uint64_t>> GetIndex(const storage::Reader& reader, Family family,
                                                 const std::string& key) {
  const absl::StatusOr<std::optional<std::string>> value = reader.Get(family, key);
  if (!value.ok()) {
    return value.status();
  }
  if (!value->has_value()) {
    return std::optional<uint64_t>();
  }
  const absl::StatusOr<uint64_t> index = DecodeIndex(**value);
  if (!index.ok()) {
    return index.status();
  }
  return std::optional<uint64_t>(*index);
}

absl::StatusOr<std::vector<Taken>> GetReversed(const storage::Reader& reader,
                                               const Entry& original) {
  const TransactionId& transaction = original.leaf.transaction;
  std::vector<Taken> reversed;
  absl::StatusOr<std::optional<std::string>> value =
      reader.Get(Family::kReversals, PrefixedKey(kReversalPrefix, transaction));
  if (!value.ok()) {
    return value.status();
  }
  if (value->has_value()) {
    ByteReader in(**value);
    while (in.remaining() > 0) {
      const uint16_t position = in.U16();
      const int64_t amount = in.I64();
      if (!in.ok() || (!reversed.empty() && position <= reversed.back().position)) {
        return ReversalError();
      }
      reversed.push_back({.position = position, .amount_kopecks = amount});
    }
    return reversed;
  }
  value = reader.Get(Family::kReversals, OldReversalKey(transaction));
  if (!value.ok()) {
    return value.status();
  }
  if (!value->has_value()) {
    return reversed;
  }
  const absl::StatusOr<std::vector<BookedTransfer>> booked = BookedTransfers(original);
  if (!booked.ok()) {
    return booked.status();
  }
  ByteReader in(**value);
  while (in.remaining() > 0) {
    const uint16_t position = in.U16();
    if (!in.ok() || position >= booked->size() ||
        (!reversed.empty() && position <= reversed.back().position)) {
      return ReversalError();
    }
    reversed.push_back(
        {.position = position, .amount_kopecks = (*booked)[position].credit.amount_kopecks});
  }
  return reversed;
}

absl::StatusOr<HoldRow> DecodeHold(std::string_view value) {
  ByteReader in(value);
  const uint8_t state = in.U8();
  const HoldRow row = {.state = static_cast<HoldState>(state), .index = in.U64()};
  if (!in.AtEnd() || state > static_cast<uint8_t>(HoldState::kExpired)) {
    return absl::DataLossError("ledger index: a hold out of form");
  }
  return row;
}

absl::StatusOr<std::optional<HoldRow>> GetHold(const storage::Reader& reader,
                                               const TransactionId& hold) {
  const absl::StatusOr<std::optional<std::string>> value =
      reader.Get(Family::kAccounts, HoldKey(hold));
  if (!value.ok()) {
    return value.status();
  }
  if (!value->has_value()) {
    return std::optional<HoldRow>();
  }
  const absl::StatusOr<HoldRow> row = DecodeHold(**value);
  if (!row.ok()) {
    return row.status();
  }
  return std::optional<HoldRow>(*row);
}

absl::StatusOr<std::optional<std::pair<uint64_t, Digest>>> GetHead(const storage::Reader& reader) {
  const absl::StatusOr<std::optional<std::string>> value = reader.Get(Family::kMeta, kHeadKey);
  if (!value.ok()) {
    return value.status();
  }
  if (!value->has_value()) {
    return std::optional<std::pair<uint64_t, Digest>>();
  }
  ByteReader in(**value);
  std::pair<uint64_t, Digest> head;
  head.first = in.U64();
  in.Raw(&head.second.bytes);
  if (!in.AtEnd()) {
    return absl::DataLossError("ledger index: the head is out of form");
  }
  return std::optional<std::pair<uint64_t, Digest>>(head);
}

}  // namespace ladon::ledger
