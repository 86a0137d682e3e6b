#include "ledger/proof/audit_leaf.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ledger/proof/bytes.h"

namespace ladon::ledger {
namespace {

absl::Status FieldError(std::string_view field) {
  return absl::InvalidArgumentError(absl::StrCat("audit leaf: ", std::string(field)));
}

bool IsPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

absl::Status CheckLeaf(const AuditLeaf& leaf) {
  if (static_cast<uint16_t>(leaf.outcome) > static_cast<uint16_t>(AuditOutcome::kFailed)) {
    return FieldError("unknown outcome");
  }
  if (leaf.peer.size() > kAuditPeerBytesMax || !IsPrintable(leaf.peer)) {
    return FieldError("peer too long or not printable");
  }
  if (leaf.software_version.size() > kAuditSoftwareBytesMax ||
      !IsPrintable(leaf.software_version)) {
    return FieldError("software version too long or not printable");
  }
  return absl::OkStatus();
}

void PutText(std::string_view text, ByteWriter* out) {
  out->U8(static_cast<uint8_t>(text.size()));
  out->Raw(text);
}

std::string TakeText(ByteReader* in) {
  const uint8_t size = in->U8();
  return std::string(in->Raw(size));
}

}  // namespace

absl::StatusOr<std::string> EncodeAuditLeaf(const AuditLeaf& leaf) {
  if (absl::Status good = CheckLeaf(leaf); !good.ok()) {
    return good;
  }
  constexpr size_t kBytesWithoutTexts = 139;
  ByteWriter out;
  out.Reserve(kBytesWithoutTexts + leaf.peer.size() + leaf.software_version.size());
  out.U16(kAuditLeafVersion);
  out.U64(leaf.index);
  out.U64(leaf.at_ns);
  out.U16(leaf.event);
  out.U16(static_cast<uint16_t>(leaf.outcome));
  out.U16(leaf.reason_code);
  out.U8(leaf.role);
  out.Raw(leaf.actor);
  out.Raw(leaf.school);
  out.Raw(leaf.object);
  out.Raw(leaf.request);
  out.Raw(leaf.certificate_serial);
  PutText(leaf.peer, &out);
  out.U32(leaf.process_id);
  out.U64(leaf.journal_index);
  PutText(leaf.software_version, &out);
  return out.Take();
}

absl::StatusOr<AuditLeaf> DecodeAuditLeaf(std::string_view bytes) {
  ByteReader in(bytes);
  if (const uint16_t version = in.U16(); in.ok() && version != kAuditLeafVersion) {
    return FieldError("unknown version");
  }
  AuditLeaf leaf;
  leaf.index = in.U64();
  leaf.at_ns = in.U64();
  leaf.event = in.U16();
  leaf.outcome = static_cast<AuditOutcome>(in.U16());
  leaf.reason_code = in.U16();
  leaf.role = in.U8();
  in.Raw(&leaf.actor);
  in.Raw(&leaf.school);
  in.Raw(&leaf.object);
  in.Raw(&leaf.request);
  in.Raw(&leaf.certificate_serial);
  leaf.peer = TakeText(&in);
  leaf.process_id = in.U32();
  leaf.journal_index = in.U64();
  leaf.software_version = TakeText(&in);
  if (!in.AtEnd()) {
    return FieldError(in.ok() ? "trailing bytes" : "truncated");
  }
  if (absl::Status good = CheckLeaf(leaf); !good.ok()) {
    return good;
  }
  return leaf;
}

}  // namespace ladon::ledger
