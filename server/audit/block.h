// Records of the security log as the store has them: those that became durable together, in one
// value under the index of the first.
//
//   0xab, version u8 = 1, index of the first u64, then records one after the other:
//   caller u16   0: a new one follows; n: the n-th that followed in this block
//     new caller   role u8, actor (16), school (16), certificate serial (20), peer length u8, peer,
//                  process id u32, software version length u8, software version
//   flags u8     outcome | 4 object | 8 request | 16 journal index: what follows is not none
//   at u64 (ns), event u16, reason u16, [object (16)], [request (32)], [journal index u64]
//
// A fifth of what the leaves themselves would take: tills call with the same certificate all day.
// The leaves (ledger/proof/audit_leaf.h) are made again from it, byte for byte. A store of before
// has values that are one leaf each; they begin with its version, 0x0001.
// Integers are big endian. Threading: plain values.
#ifndef LADON_SERVER_AUDIT_BLOCK_H_
#define LADON_SERVER_AUDIT_BLOCK_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "ledger/proof/audit_leaf.h"
#include "ledger/proof/bytes.h"

namespace ladon::audit {

inline constexpr size_t kBlockRecordsMax = 4'096;

// One block after the other, record by record.
class BlockEncoder {
 public:
  // What a new block begins with.
  void Begin(uint64_t first, ledger::ByteWriter* out);
  // The next record of the block; its index follows from its place.
  void Add(const ledger::AuditLeaf& leaf, ledger::ByteWriter* out);

 private:
  absl::flat_hash_map<std::string, uint16_t> callers_;
  ledger::ByteWriter caller_;
};

// The leaves of the value under `first`. DataLoss, naming the record: damaged.
[[nodiscard]] absl::StatusOr<std::vector<ledger::AuditLeaf>> DecodeBlock(uint64_t first,
                                                                         std::string_view value);

}  // namespace ladon::audit

#endif  // LADON_SERVER_AUDIT_BLOCK_H_
