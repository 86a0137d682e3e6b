#include "ledger/proof/entry.h"

#include <chrono>
#include <cstring>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "ledger/proof/bytes.h"

namespace ladon::ledger {
namespace {

constexpr uint16_t kKindFirst = static_cast<uint16_t>(EntryKind::kOrigin);
constexpr uint16_t kKindLast = static_cast<uint16_t>(EntryKind::kClosing);
constexpr uint16_t kKindLastV1 = static_cast<uint16_t>(EntryKind::kBurnt);
constexpr uint8_t kCommitmentKindLast = std::variant_size_v<Opening>;
constexpr uint8_t kCommitmentKindLastV1 = 4;

// Which optional fields a leaf of version 2 has; they stand in this order. A field that is there is
// not zero, so that one leaf has one encoding.
enum FieldBit : uint16_t {
  kHasServiceDate = 1 << 0,
  kHasEffectiveDate = 1 << 1,
  kHasTransaction = 1 << 2,
  kHasRelated = 1 << 3,
  kHasOperation = 1 << 4,
  kHasContent = 1 << 5,
  kHasResult = 1 << 6,
  kHasReason = 1 << 7,
  kHasNonce = 1 << 8,
  kHasDocument = 1 << 9,
  kHasExpiry = 1 << 10,
};
constexpr uint16_t kFieldBitsAll = (1 << 11) - 1;

absl::Status FieldError(std::string_view field) {
  return absl::InvalidArgumentError(absl::StrCat("leaf: ", std::string(field)));
}

// What EncodeLeaf refuses to write DecodeLeaf refuses to read.
absl::Status CheckLeaf(const Leaf& leaf) {
  const auto kind = static_cast<uint16_t>(leaf.kind);
  const bool first_version = leaf.version == 1;
  if (leaf.version == 0 || leaf.version > kEntryVersion) {
    return FieldError("unknown version");
  }
  if (kind < kKindFirst || kind > (first_version ? kKindLastV1 : kKindLast)) {
    return FieldError("unknown kind");
  }
  if (first_version && leaf.expires_at_ns != 0) {
    return FieldError("a hold before there were holds");
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
    if (commitment.kind == 0 ||
        commitment.kind > (first_version ? kCommitmentKindLastV1 : kCommitmentKindLast)) {
      return FieldError("unknown commitment kind");
    }
  }
  return absl::OkStatus();
}

void AppendFieldsV1(const Leaf& leaf, ByteWriter* out) {
  out->U64(leaf.index);
  out->U64(leaf.booked_at_ns);
  out->U32(leaf.service_date);
  out->U32(leaf.effective_date);
  out->Raw(leaf.transaction.bytes);
  out->Raw(leaf.related.bytes);
  out->Raw(leaf.operation.digest.bytes);
  out->Raw(leaf.content.bytes);
  out->U16(leaf.result);
  out->U16(leaf.reason);
  out->Raw(leaf.nonce.bytes);
  out->Raw(leaf.document.bytes);
}

void ReadFieldsV1(ByteReader* in, Leaf* leaf) {
  leaf->index = in->U64();
  leaf->booked_at_ns = in->U64();
  leaf->service_date = in->U32();
  leaf->effective_date = in->U32();
  in->Raw(&leaf->transaction.bytes);
  in->Raw(&leaf->related.bytes);
  in->Raw(&leaf->operation.digest.bytes);
  in->Raw(&leaf->content.bytes);
  leaf->result = in->U16();
  leaf->reason = in->U16();
  in->Raw(&leaf->nonce.bytes);
  in->Raw(&leaf->document.bytes);
}

// Calls `visit(bit, field)` of all optional fields in their order; a field is an integer or an
// array of bytes.
template <class L, class Visit>
void VisitFields(L& leaf, Visit&& visit) {
  visit(kHasServiceDate, leaf.service_date);
  visit(kHasEffectiveDate, leaf.effective_date);
  visit(kHasTransaction, leaf.transaction.bytes);
  visit(kHasRelated, leaf.related.bytes);
  visit(kHasOperation, leaf.operation.digest.bytes);
  visit(kHasContent, leaf.content.bytes);
  visit(kHasResult, leaf.result);
  visit(kHasReason, leaf.reason);
  visit(kHasNonce, leaf.nonce.bytes);
  visit(kHasDocument, leaf.document.bytes);
  visit(kHasExpiry, leaf.expires_at_ns);
}

template <class Field>
bool IsZero(const Field& field) {
  // By words: comparing arrays would call memcmp for each field of each entry.
  constexpr size_t kWordBytes = 8;
  if constexpr (sizeof(Field) % kWordBytes == 0) {
    std::array<uint64_t, sizeof(Field) / kWordBytes> words;
    std::memcpy(words.data(), &field, sizeof(field));
    uint64_t any = 0;
    for (const uint64_t word : words) any |= word;
    return any == 0;
  } else {
    return field == std::remove_cvref_t<Field>{};
  }
}

void AppendField(uint16_t field, ByteWriter* out) {
  out->U16(field);
}
void AppendField(uint32_t field, ByteWriter* out) {
  out->U32(field);
}
void AppendField(uint64_t field, ByteWriter* out) {
  out->U64(field);
}
template <size_t N>
void AppendField(const std::array<uint8_t, N>& field, ByteWriter* out) {
  out->Raw(field);
}

void ReadField(ByteReader* in, uint16_t* field) {
  *field = in->U16();
}
void ReadField(ByteReader* in, uint32_t* field) {
  *field = in->U32();
}
void ReadField(ByteReader* in, uint64_t* field) {
  *field = in->U64();
}
template <size_t N>
void ReadField(ByteReader* in, std::array<uint8_t, N>* field) {
  in->Raw(field);
}

void AppendFields(const Leaf& leaf, ByteWriter* out) {
  uint16_t bits = 0;
  VisitFields(leaf, [&](FieldBit bit, const auto& field) {
    if (!IsZero(field)) bits = static_cast<uint16_t>(bits | bit);
  });
  out->U16(bits);
  out->U64(leaf.index);
  out->U64(leaf.booked_at_ns);
  VisitFields(leaf, [&](FieldBit bit, const auto& field) {
    if ((bits & bit) != 0) AppendField(field, out);
  });
}

// False: truncated, an unknown field, or one that is there and zero.
bool ReadFields(ByteReader* in, Leaf* leaf) {
  const uint16_t bits = in->U16();
  leaf->index = in->U64();
  leaf->booked_at_ns = in->U64();
  bool good = (bits & ~kFieldBitsAll) == 0;
  VisitFields(*leaf, [&](FieldBit bit, auto& field) {
    if ((bits & bit) == 0) return;
    ReadField(in, &field);
    good = good && !IsZero(field);
  });
  return good && in->ok();
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
  ByteWriter out;
  if (absl::Status added = AppendLeaf(leaf, &out); !added.ok()) {
    return added;
  }
  return out.Take();
}

absl::Status AppendLeaf(const Leaf& leaf, ByteWriter* out) {
  if (absl::Status good = CheckLeaf(leaf); !good.ok()) {
    return good;
  }
  out->U16(leaf.version);
  out->U16(static_cast<uint16_t>(leaf.kind));
  leaf.version == 1 ? AppendFieldsV1(leaf, out) : AppendFields(leaf, out);
  out->U16(static_cast<uint16_t>(leaf.commitments.size()));
  for (const Commitment& commitment : leaf.commitments) {
    out->U8(commitment.kind);
    out->Raw(commitment.digest.bytes);
  }
  return absl::OkStatus();
}

absl::StatusOr<Leaf> DecodeLeaf(std::string_view bytes) {
  ByteReader in(bytes);
  Leaf leaf;
  leaf.version = in.U16();
  if (in.ok() && (leaf.version == 0 || leaf.version > kEntryVersion)) {
    return FieldError("unknown version");
  }
  leaf.kind = static_cast<EntryKind>(in.U16());
  if (leaf.version == 1) {
    ReadFieldsV1(&in, &leaf);
  } else if (!ReadFields(&in, &leaf)) {
    return FieldError(in.ok() ? "a field that is not as its form demands" : "truncated");
  }
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
