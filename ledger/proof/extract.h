// An extract: entries of the journal as their reader may see them, proved in one piece.
//
//   "LEX1", scope u8, subject (16 bytes), first u64, last u64, checkpoint length u32, checkpoint,
//   tree:  the journal's tree of the checkpoint's size, folded (fold.h); item by item
//          0x00..0x3f, hash (32)   a complete subtree of 2^n entries, not shown
//          0x40, leaf hash (32)    an entry that is shown below
//   body:  item by item: type u8, length u32, then
//          1  an entry (opened_entry.h): the shown ones, in their order
//          2  a closing whose rows are all known to the reader: tree size u64, closing key (32)
//          3  a closing of which some rows are shown: tree size u64, account count u64, then its
//             rows, folded:
//               0x00..0x3f, hash (32)   2^n rows, not shown
//               0x40, school salt (32), account salt (32), row (closing.h)
//               0x41, school salt (32), school (16), account commitment (32): a neighbour
//
// Scope 1, journal: entries first .. last - 1, wholly opened. An extract that begins at entry 0 has
// an item 2 of every closing, before the entry numbered with its tree size. Scope 2, account, and
// 3, school: all that concerned the subject from the closing over `first` entries on (0: from the
// beginning) to the closing over `last` entries, whose closing leaf is the last entry shown. An
// item 3 of the former (if any), with the rows of the subject, is the first of the body; one of the
// latter stands before its closing leaf. Of a school it has all rows, which stand side by side,
// and a neighbour on each side that has one.
//
// Canonical, and nothing follows. Everything in it is bound to the checkpoint's signature.
// Integers are big endian. Threading: pure functions.
#ifndef LADON_LEDGER_PROOF_EXTRACT_H_
#define LADON_LEDGER_PROOF_EXTRACT_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "ledger/proof/bytes.h"
#include "ledger/proof/closing.h"
#include "ledger/proof/fold.h"
#include "ledger/proof/ids.h"
#include "ledger/proof/salt.h"

namespace ladon::ledger {

inline constexpr std::string_view kExtractMagic = "LEX1";

enum class ExtractScope : uint8_t { kJournal = 1, kAccount = 2, kSchool = 3 };

struct ExtractHead {
  ExtractScope scope = ExtractScope::kJournal;
  std::array<uint8_t, 16> subject{};  // An account or a school; zero in a journal's.
  uint64_t first = 0;
  uint64_t last = 0;
  std::string checkpoint;  // A signed note; at most kNoteBytesMax.

  friend bool operator==(const ExtractHead&, const ExtractHead&) = default;
};

void AppendExtractHead(const ExtractHead& head, ByteWriter* out);
// InvalidArgument, naming the field.
[[nodiscard]] absl::Status ReadExtractHead(ByteReader* in, ExtractHead* head);

inline constexpr uint8_t kShownItem = 0x40;
inline constexpr uint8_t kBorderItem = 0x41;  // Rows only.
void AppendFolded(unsigned height, const Digest& root, ByteWriter* out);
void AppendShown(const Digest& leaf_hash, ByteWriter* out);
// The next item of a tree into `tree`; `shown`: it was a leaf, with this hash. InvalidArgument.
[[nodiscard]] absl::Status ReadTreeItem(ByteReader* in, FoldedTree* tree, bool* shown,
                                        Digest* hash);

enum class ExtractItem : uint8_t { kEntry = 1, kClosingKey = 2, kClosingRows = 3 };

void AppendItem(ExtractItem type, std::string_view content, ByteWriter* out);
// InvalidArgument: cut off, or an unknown type.
[[nodiscard]] absl::Status ReadItem(ByteReader* in, ExtractItem* type, std::string_view* content);

// One row of an item 3 that is shown, or a neighbour of which only the school is.
struct ShownRow {
  bool border = false;
  Salt school_salt{};
  Salt account_salt{};        // Not of a neighbour.
  ClosingRow row;             // Of a neighbour the school alone.
  Digest account_commitment;  // Of a neighbour.
};

void AppendShownRow(const ShownRow& row, ByteWriter* out);
// The next item of the rows into `tree`; `shown`: it was a row. InvalidArgument.
[[nodiscard]] absl::Status ReadRowItem(ByteReader* in, FoldedTree* tree, bool* shown,
                                       ShownRow* row);

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_PROOF_EXTRACT_H_
