#include "ledger/proof/seclog.h"

#include <cassert>
#include <limits>

#include "absl/strings/str_cat.h"
#include "ledger/proof/extract.h"
#include "ledger/proof/note.h"

namespace ladon::ledger {
namespace {

absl::Status Malformed(const char* why) {
  return absl::InvalidArgumentError(absl::StrCat("security log: ", why));
}

}  // namespace

void AppendSeclogHead(const SeclogHead& head, ByteWriter* out) {
  assert(head.checkpoint.size() <= kNoteBytesMax);
  out->Raw(kSeclogMagic);
  out->U64(head.first);
  out->U64(head.end);
  out->U32(static_cast<uint32_t>(head.checkpoint.size()));
  out->Raw(head.checkpoint);
}

absl::Status ReadSeclogHead(ByteReader* in, SeclogHead* head) {
  if (in->Raw(kSeclogMagic.size()) != kSeclogMagic) {
    return Malformed("the file does not begin with LSL1");
  }
  head->first = in->U64();
  head->end = in->U64();
  const size_t length = in->U32();
  if (!in->ok()) return Malformed("the head is cut off");
  if (head->first > head->end) return Malformed("it ends before it begins");
  if (length > kNoteBytesMax) return Malformed("a checkpoint larger than one may be");
  head->checkpoint.assign(in->Raw(length));
  return in->ok() ? absl::OkStatus() : Malformed("the checkpoint is cut off");
}

absl::Status ReadSeclogItem(ByteReader* in, FoldedTree* tree, std::optional<Digest>* shown) {
  const uint8_t kind = in->U8();
  Digest hash;
  in->Raw(&hash.bytes);
  if (!in->ok()) return Malformed("its tree is cut off");
  if (kind > kShownItem) return Malformed("an unknown item in its tree");
  shown->reset();
  if (kind < kShownItem) return tree->Fold(kind, hash);
  *shown = hash;
  return tree->Show(hash);
}

void AppendSeclogRecord(std::string_view record, ByteWriter* out) {
  assert(record.size() <= std::numeric_limits<uint16_t>::max());
  out->U16(static_cast<uint16_t>(record.size()));
  out->Raw(record);
}

}  // namespace ladon::ledger
