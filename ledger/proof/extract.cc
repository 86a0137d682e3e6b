#include "ledger/proof/extract.h"

#include <algorithm>
#include <cassert>

#include "absl/strings/str_cat.h"
#include "ledger/proof/note.h"

namespace ladon::ledger {
namespace {

absl::Status Malformed(const char* why) {
  return absl::InvalidArgumentError(absl::StrCat("extract: ", why));
}

// An item that is a folded subtree, or kShownItem and beyond.
absl::Status ReadFold(ByteReader* in, FoldedTree* tree, uint8_t* kind) {
  *kind = in->U8();
  if (!in->ok()) return Malformed("a tree is cut off");
  if (*kind >= kShownItem) return absl::OkStatus();
  Digest root;
  in->Raw(&root.bytes);
  if (!in->ok()) return Malformed("a tree is cut off");
  return tree->Fold(*kind, root);
}

}  // namespace

void AppendExtractHead(const ExtractHead& head, ByteWriter* out) {
  assert(head.checkpoint.size() <= kNoteBytesMax);
  out->Raw(kExtractMagic);
  out->U8(static_cast<uint8_t>(head.scope));
  out->Raw(head.subject);
  out->U64(head.first);
  out->U64(head.last);
  out->U32(static_cast<uint32_t>(head.checkpoint.size()));
  out->Raw(head.checkpoint);
}

absl::Status ReadExtractHead(ByteReader* in, ExtractHead* head) {
  if (in->Raw(kExtractMagic.size()) != kExtractMagic) {
    return Malformed("it does not begin with LEX1");
  }
  const uint8_t scope = in->U8();
  in->Raw(&head->subject);
  head->first = in->U64();
  head->last = in->U64();
  const size_t length = in->U32();
  if (!in->ok()) return Malformed("the head is cut off");
  if (scope < 1 || scope > static_cast<uint8_t>(ExtractScope::kSchool)) {
    return Malformed("an unknown scope");
  }
  head->scope = static_cast<ExtractScope>(scope);
  const bool named = std::any_of(head->subject.begin(), head->subject.end(),
                                 [](uint8_t byte) { return byte != 0; });
  if (head->scope == ExtractScope::kAccount && !named) return Malformed("of no account");
  if (head->scope == ExtractScope::kJournal && named) return Malformed("a journal with a subject");
  if (head->first > head->last) return Malformed("it ends before it begins");
  if (length > kNoteBytesMax) return Malformed("a checkpoint larger than one may be");
  head->checkpoint.assign(in->Raw(length));
  return in->ok() ? absl::OkStatus() : Malformed("the checkpoint is cut off");
}

void AppendFolded(unsigned height, const Digest& root, ByteWriter* out) {
  out->U8(static_cast<uint8_t>(height));
  out->Raw(root.bytes);
}

void AppendShown(const Digest& leaf_hash, ByteWriter* out) {
  out->U8(kShownItem);
  out->Raw(leaf_hash.bytes);
}

absl::Status ReadTreeItem(ByteReader* in, FoldedTree* tree, bool* shown, Digest* hash) {
  uint8_t kind = 0;
  if (absl::Status read = ReadFold(in, tree, &kind); !read.ok()) return read;
  *shown = kind >= kShownItem;
  if (!*shown) return absl::OkStatus();
  if (kind != kShownItem) return Malformed("an unknown item in the tree");
  in->Raw(&hash->bytes);
  return in->ok() ? tree->Show(*hash) : Malformed("the tree is cut off");
}

void AppendItem(ExtractItem type, std::string_view content, ByteWriter* out) {
  out->U8(static_cast<uint8_t>(type));
  out->U32(static_cast<uint32_t>(content.size()));
  out->Raw(content);
}

absl::Status ReadItem(ByteReader* in, ExtractItem* type, std::string_view* content) {
  const uint8_t kind = in->U8();
  const size_t length = in->U32();
  *content = in->Raw(length);
  if (!in->ok()) return Malformed("the body is cut off");
  if (kind < 1 || kind > static_cast<uint8_t>(ExtractItem::kClosingRows)) {
    return Malformed("an unknown item in the body");
  }
  *type = static_cast<ExtractItem>(kind);
  return absl::OkStatus();
}

void AppendShownRow(const ShownRow& row, ByteWriter* out) {
  out->U8(row.border ? kBorderItem : kShownItem);
  out->Raw(row.school_salt);
  if (row.border) {
    out->Raw(row.row.school.bytes);
    out->Raw(row.account_commitment.bytes);
    return;
  }
  out->Raw(row.account_salt);
  AppendRow(row.row, out);
}

absl::Status ReadRowItem(ByteReader* in, FoldedTree* tree, bool* shown, ShownRow* row) {
  uint8_t kind = 0;
  if (absl::Status read = ReadFold(in, tree, &kind); !read.ok()) return read;
  *shown = kind >= kShownItem;
  if (!*shown) return absl::OkStatus();
  if (kind > kBorderItem) return Malformed("an unknown item in the rows of a closing");
  *row = ShownRow{.border = kind == kBorderItem};
  in->Raw(&row->school_salt);
  if (row->border) {
    in->Raw(&row->row.school.bytes);
    in->Raw(&row->account_commitment.bytes);
    if (!in->ok()) return Malformed("the rows of a closing are cut off");
  } else {
    in->Raw(&row->account_salt);
    if (absl::Status read = ReadRow(in, &row->row); !read.ok()) return read;
    row->account_commitment = CommitAccount(row->account_salt, row->row);
  }
  return tree->Show(
      HashRow(CommitSchool(row->school_salt, row->row.school), row->account_commitment));
}

}  // namespace ladon::ledger
