#include "ledger/proof/entry.h"

#include <chrono>

#include "absl/strings/str_cat.h"
#include "ledger/proof/bytes.h"

namespace ladon::ledger {
namespace {

constexpr uint16_t kKindFirst = static_cast<uint16_t>(EntryKind::kOrigin);
constexpr uint16_t kKindLast = static_cast<uint16_t>(EntryKind::kBurnt);
constexpr uint8_t kCommitmentKindLast = 4;

absl::Status FieldError(std::string_view field) {
  return absl::InvalidArgumentError(absl::StrCat("leaf: ", std::string(field)));
}

// What EncodeLeaf refuses to write DecodeLeaf refuses to read.
absl::Status CheckLeaf(const Leaf& leaf) {
  const auto kind = static_cast<uint16_t>(leaf.kind);
  if (kind < kKindFirst || kind > kKindLast) {
    return FieldError("unknown kind");
  }
  if (!IsDate(leaf.service_date)) {
    return FieldError("service date out of form");
  }
  if (!IsDate(leaf.effective_date)) {
    return FieldError("effective date out of form");
  }
  if (leaf.commitments.size() > kCommitmentsMax) {
    return FieldError("too many commitments");
  }
  for (const Commitment& commitment : leaf.commitments) {
    if (commitment.kind == 0 || commitment.kind > kCommitmentKindLast) {
      return FieldError("unknown commitment kind");
    }
  }
  return absl::OkStatus();
}

}  // namespace

bool IsDate(Date date) {
  if (date == 0) {
    return true;
  }
  constexpr uint32_t kDateMax = 9999'12'31;
  if (date > kDateMax) {
    return false;
  }
  const std::chrono::year_month_day day(std::chrono::year(static_cast<int>(date / 10'000)),
                                        std::chrono::month(date / 100 % 100),
                                        std::chrono::day(date % 100));
  return date >= 1'01'01 && day.ok();
}

absl::StatusOr<std::string> EncodeLeaf(const Leaf& leaf) {
  if (absl::Status good = CheckLeaf(leaf); !good.ok()) {
    return good;
  }
  ByteWriter out;
  out.U16(kEntryVersion);
  out.U16(static_cast<uint16_t>(leaf.kind));
  out.U64(leaf.index);
  out.U64(leaf.booked_at_ns);
  out.U32(leaf.service_date);
  out.U32(leaf.effective_date);
  out.Raw(leaf.transaction.bytes);
  out.Raw(leaf.related.bytes);
  out.Raw(leaf.operation.digest.bytes);
  out.Raw(leaf.content.bytes);
  out.U16(leaf.result);
  out.U16(leaf.reason);
  out.Raw(leaf.nonce.bytes);
  out.Raw(leaf.document.bytes);
  out.U16(static_cast<uint16_t>(leaf.commitments.size()));
  for (const Commitment& commitment : leaf.commitments) {
    out.U8(commitment.kind);
    out.Raw(commitment.digest.bytes);
  }
  return out.Take();
}

absl::StatusOr<Leaf> DecodeLeaf(std::string_view bytes) {
  ByteReader in(bytes);
  if (const uint16_t version = in.U16(); in.ok() && version != kEntryVersion) {
    return FieldError("unknown version");
  }
  Leaf leaf;
  leaf.kind = static_cast<EntryKind>(in.U16());
  leaf.index = in.U64();
  leaf.booked_at_ns = in.U64();
  leaf.service_date = in.U32();
  leaf.effective_date = in.U32();
  in.Raw(&leaf.transaction.bytes);
  in.Raw(&leaf.related.bytes);
  in.Raw(&leaf.operation.digest.bytes);
  in.Raw(&leaf.content.bytes);
  leaf.result = in.U16();
  leaf.reason = in.U16();
  in.Raw(&leaf.nonce.bytes);
  in.Raw(&leaf.document.bytes);
  const uint16_t count = in.U16();
  if (!in.ok()) {
    return FieldError("truncated");
  }
  if (count > kCommitmentsMax) {
    return FieldError("too many commitments");
  }
  leaf.commitments.resize(count);
  for (Commitment& commitment : leaf.commitments) {
    commitment.kind = in.U8();
    in.Raw(&commitment.digest.bytes);
  }
  if (!in.ok()) {
    return FieldError("truncated commitments");
  }
  if (!in.AtEnd()) {
    return FieldError("trailing bytes");
  }
  if (absl::Status good = CheckLeaf(leaf); !good.ok()) {
    return good;
  }
  return leaf;
}

}  // namespace ladon::ledger
