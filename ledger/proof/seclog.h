// Records of the security log to take away, proved in one piece: NAME.seclog.
//
//   "LSL1", first u64, end u64, checkpoint length u32, checkpoint (a signed note),
//   records:  first .. end - 1, in this order: length u16, audit leaf (audit_leaf.h)
//   tree:     the log's tree of the checkpoint's size, folded (fold.h); item by item
//             0x00..0x3f, hash (32)   a complete subtree of 2^n records, not shown
//             0x40, leaf hash (32)    a record that is shown above
//
// Canonical, and nothing follows. The tree is bound to the checkpoint's signature, each record to
// its leaf hash: so whoever changes one is told which. What is folded before the first record also
// gives the root of the log as it was then.
// Integers are big endian. Threading: pure functions.
#ifndef LADON_LEDGER_PROOF_SECLOG_H_
#define LADON_LEDGER_PROOF_SECLOG_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "ledger/proof/bytes.h"
#include "ledger/proof/fold.h"
#include "ledger/proof/ids.h"

namespace ladon::ledger {

inline constexpr std::string_view kSeclogMagic = "LSL1";

struct SeclogHead {
  uint64_t first = 0;
  uint64_t end = 0;        // One behind the last.
  std::string checkpoint;  // A signed note; at most kNoteBytesMax.

  friend bool operator==(const SeclogHead&, const SeclogHead&) = default;
};

void AppendSeclogHead(const SeclogHead& head, ByteWriter* out);
// InvalidArgument, saying what is wrong.
[[nodiscard]] absl::Status ReadSeclogHead(ByteReader* in, SeclogHead* head);

// `record` is an audit leaf.
void AppendSeclogRecord(std::string_view record, ByteWriter* out);

// Items of the tree are written with AppendFolded() and AppendShown() of extract.h.
// The next one into `tree`; the leaf hash when it is that of a record that is shown.
// InvalidArgument: cut off, an unknown item, or not the fewest subtrees.
[[nodiscard]] absl::Status ReadSeclogItem(ByteReader* in, FoldedTree* tree,
                                          std::optional<Digest>* shown);

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_PROOF_SECLOG_H_
