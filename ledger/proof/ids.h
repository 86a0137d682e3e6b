// Identifiers and digests of the ledger: opaque bytes, never numbers, never personal data.
#ifndef LADON_LEDGER_PROOF_IDS_H_
#define LADON_LEDGER_PROOF_IDS_H_

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace ladon::ledger {

// 128 random bits. The tag keeps an account from being passed where a school is meant.
template <class Tag>
struct Id128 {
  std::array<uint8_t, 16> bytes{};

  friend auto operator<=>(const Id128&, const Id128&) = default;
  // By words: std::array would call memcmp, and the committer compares little else.
  friend bool operator==(const Id128& a, const Id128& b) {
    uint64_t left[2];
    uint64_t right[2];
    std::memcpy(left, a.bytes.data(), sizeof(left));
    std::memcpy(right, b.bytes.data(), sizeof(right));
    return left[0] == right[0] && left[1] == right[1];
  }
  [[nodiscard]] bool IsZero() const { return *this == Id128{}; }
};

using AccountId = Id128<struct AccountTag>;
using TransactionId = Id128<struct TransactionTag>;
using SchoolId = Id128<struct SchoolTag>;
using ActorId = Id128<struct ActorTag>;  // The terminal or desk that acted.
using ItemId = Id128<struct ItemTag>;    // A line of a price list.
using Nonce = Id128<struct NonceTag>;    // Of an identification token; good for one transaction.

// A SHA-256 value.
struct Digest {
  std::array<uint8_t, 32> bytes{};

  friend auto operator<=>(const Digest&, const Digest&) = default;
  friend bool operator==(const Digest& a, const Digest& b) {
    uint64_t left[4];
    uint64_t right[4];
    std::memcpy(left, a.bytes.data(), sizeof(left));
    std::memcpy(right, b.bytes.data(), sizeof(right));
    return left[0] == right[0] && left[1] == right[1] && left[2] == right[2] && left[3] == right[3];
  }
  [[nodiscard]] bool IsZero() const { return *this == Digest{}; }
};

// SHA-256(principal length (u32, big endian) || principal || request id): whose call, and which.
struct OperationKey {
  Digest digest;

  friend auto operator<=>(const OperationKey&, const OperationKey&) = default;
  [[nodiscard]] bool IsZero() const { return digest.IsZero(); }
};

// Random ids hash by their own first bytes.
struct IdHash {
  template <class T>
  size_t operator()(const T& id) const {
    size_t hash = 0;
    std::memcpy(&hash, &id, sizeof(hash));
    return hash;
  }
};

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_PROOF_IDS_H_
