// The column families of the store: which part of the house owns which keys.
// The numbers are part of the store's format and are never reused.
#ifndef LADON_STORAGE_FAMILY_H_
#define LADON_STORAGE_FAMILY_H_

#include <array>
#include <cstdint>

namespace ladon::storage {

enum class Family : uint8_t {
  kMeta = 0,          // format version, store id, markers
  kJournal = 1,       // first entry index (8 bytes, big endian) -> journal block
  kOperations = 2,    // derived: operation key -> journal index
  kAccountIndex = 3,  // derived: account, some of its sequences -> journal index
  kReversals = 4,     // derived: transaction -> what of it was reversed
  kAuditLog = 5,      // first audit leaf index (8 bytes, big endian) -> block of audit leaves; in
                      // stores of before: an audit leaf
  kDirectory = 6,     // schools, terminals, caterers, price lists (no personal data)
  kVault = 7,         // school, subject, kind, number -> sealed record
  kCardIndex = 8,     // keyed hash of a card -> subject
  kTree = 9,       // derived: level (1 byte, | 0x80: of the security log), number (8 bytes) -> full
                   // tile of the tree
  kAccounts = 10,  // derived: pages of accounts, limits of schools, holds
  kClosings = 11,  // derived: where closings stand in the journal, and their rows
  kRegisters = 12,  // approvals, erasures, requests, incidents, grants (random ids only)
  kPayments = 13,   // payments through channels (random ids, sums, ids of banks)
  kOutbox = 14,     // events that wait to be told to others (random ids, sums)
};

inline constexpr std::array<const char*, 15> kFamilyNames = {
    "meta",      "journal",   "operations", "account_index", "reversals",
    "audit_log", "directory", "vault",      "card_index",    "tree",
    "accounts",  "closings",  "registers",  "payments",      "outbox"};
// The format of the store that brought it: an older store gets it, empty, when it is opened.
inline constexpr std::array<uint32_t, kFamilyNames.size()> kFamilySince = {1, 1, 1, 1, 1, 1, 1, 1,
                                                                           1, 2, 3, 4, 5, 6, 7};

}  // namespace ladon::storage

#endif  // LADON_STORAGE_FAMILY_H_
