#include "ledger/index.h"

#include "ledger/proof/bytes.h"

namespace ladon::ledger {
namespace {

using storage::Family;

constexpr uint8_t kOperationPrefix = 'o';
constexpr uint8_t kNoncePrefix = 'n';
constexpr std::string_view kHeadKey = "ledger/head";

std::string EncodeIndex(uint64_t index) {
  ByteWriter value;
  value.U64(index);
  return value.Take();
}

std::string_view IdKey(const TransactionId& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
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

void IndexEntry(const Entry& entry, storage::Overlay* overlay) {
  const std::string index = EncodeIndex(entry.leaf.index);
  if (!entry.leaf.operation.IsZero()) {
    overlay->Put(Family::kOperations, OperationIndexKey(entry.leaf.operation), index);
  }
  if (!entry.leaf.nonce.IsZero()) {
    overlay->Put(Family::kOperations, NonceKey(entry.leaf.nonce), index);
  }
  for (const Opening& opening : entry.openings) {
    if (const auto* posting = std::get_if<Posting>(&opening); posting != nullptr) {
      overlay->Put(Family::kAccountIndex, AccountIndexKey(posting->account, posting->sequence),
                   index);
    } else if (const auto* terms = std::get_if<AccountTerms>(&opening); terms != nullptr) {
      overlay->Put(Family::kAccountIndex, AccountIndexKey(terms->account, terms->sequence), index);
    }
  }
}

void PutReversed(const TransactionId& transaction, const std::vector<uint16_t>& ordinals,
                 storage::Overlay* overlay) {
  ByteWriter value;
  for (const uint16_t ordinal : ordinals) {
    value.U16(ordinal);
  }
  overlay->Put(Family::kReversals, IdKey(transaction), value.Take());
}

void PutHead(uint64_t size, const Digest& root, storage::Overlay* overlay) {
  ByteWriter value;
  value.U64(size);
  value.Raw(root.bytes);
  overlay->Put(Family::kMeta, kHeadKey, value.Take());
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

absl::StatusOr<std::vector<uint16_t>> GetReversed(const storage::Reader& reader,
                                                  const TransactionId& transaction) {
  const absl::StatusOr<std::optional<std::string>> value =
      reader.Get(Family::kReversals, IdKey(transaction));
  if (!value.ok()) {
    return value.status();
  }
  std::vector<uint16_t> ordinals;
  if (!value->has_value()) {
    return ordinals;
  }
  ByteReader in(**value);
  while (in.remaining() > 0) {
    const uint16_t ordinal = in.U16();
    if (!in.ok() || (!ordinals.empty() && ordinal <= ordinals.back())) {
      return absl::DataLossError("ledger index: reversed ordinals out of form");
    }
    ordinals.push_back(ordinal);
  }
  return ordinals;
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
