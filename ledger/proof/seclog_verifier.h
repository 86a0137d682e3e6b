// Verifies records of the security log (seclog.h) with a verifier key alone: that they are what the
// signed checkpoint stands for, none missing, none changed, none in another's place; and that the
// log only grew since an earlier checkpoint.
//
// What is not so is named with its record as far as that is known; the walk goes on, so that one
// look tells all defects. Threading: one thread. Memory: 32 bytes a record.
#ifndef LADON_LEDGER_PROOF_SECLOG_VERIFIER_H_
#define LADON_LEDGER_PROOF_SECLOG_VERIFIER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/proof/audit_leaf.h"
#include "ledger/proof/checkpoint.h"
#include "ledger/proof/seclog.h"

namespace ladon::ledger {

struct SeclogDefect {
  std::optional<uint64_t> record;  // nullopt: the file as a whole.
  std::string what;
};

struct SeclogOptions {
  std::span<const VerifierKey> keys;
  std::optional<Checkpoint> since;  // The log must begin as this one says.
  size_t defects_max = 20;          // More are counted only.
};

struct VerifiedSeclog {
  SeclogHead head;
  Checkpoint checkpoint;
  uint64_t from_ns = 0;               // When the first record was,
  uint64_t until_ns = 0;              // and the last.
  std::vector<SeclogDefect> defects;  // In the order in which they were met.
  uint64_t defect_count = 0;

  [[nodiscard]] bool good() const { return defect_count == 0; }
};

[[nodiscard]] VerifiedSeclog VerifySeclog(std::string_view bytes, const SeclogOptions& options);

// All records of a file that has been verified, in order.
void ForEachRecord(std::string_view bytes, const std::function<void(const AuditLeaf&)>& on_record);

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_PROOF_SECLOG_VERIFIER_H_
