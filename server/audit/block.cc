#include "server/audit/block.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"

namespace ladon::audit {
namespace {

using ledger::AuditLeaf;
using ledger::AuditOutcome;
using ledger::ByteReader;
using ledger::ByteWriter;

constexpr uint8_t kMagic = 0xab;
constexpr uint8_t kVersion = 1;

constexpr uint8_t kOutcomeMask = 3;
constexpr uint8_t kHasObject = 4;
constexpr uint8_t kHasRequest = 8;
constexpr uint8_t kHasJournalIndex = 16;
constexpr uint8_t kFlagsAll = 31;

template <size_t N>
bool IsNone(const std::array<uint8_t, N>& bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte == 0; });
}

absl::string_view Absl(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}

void PutCaller(const AuditLeaf& leaf, ByteWriter* out) {
  out->U8(leaf.role);
  out->Raw(leaf.actor);
  out->Raw(leaf.school);
  out->Raw(leaf.certificate_serial);
  out->U8(static_cast<uint8_t>(leaf.peer.size()));
  out->Raw(leaf.peer);
  out->U32(leaf.process_id);
  out->U8(static_cast<uint8_t>(leaf.software_version.size()));
  out->Raw(leaf.software_version);
}

void TakeCaller(ByteReader* in, AuditLeaf* leaf) {
  leaf->role = in->U8();
  in->Raw(&leaf->actor);
  in->Raw(&leaf->school);
  in->Raw(&leaf->certificate_serial);
  leaf->peer = in->Raw(in->U8());
  leaf->process_id = in->U32();
  leaf->software_version = in->Raw(in->U8());
}

// False: no record has such flags.
bool TakeRest(ByteReader* in, AuditLeaf* leaf) {
  const uint8_t flags = in->U8();
  const uint8_t outcome = flags & kOutcomeMask;
  if (flags > kFlagsAll || outcome > static_cast<uint8_t>(AuditOutcome::kFailed)) return false;
  leaf->outcome = static_cast<AuditOutcome>(outcome);
  leaf->at_ns = in->U64();
  leaf->event = in->U16();
  leaf->reason_code = in->U16();
  if ((flags & kHasObject) != 0) in->Raw(&leaf->object);
  if ((flags & kHasRequest) != 0) in->Raw(&leaf->request);
  if ((flags & kHasJournalIndex) != 0) leaf->journal_index = in->U64();
  return in->ok();
}

absl::Status Damaged(uint64_t record) {
  return absl::DataLossError(absl::StrCat("security log: record ", record, " is damaged"));
}

}  // namespace

void BlockEncoder::Begin(uint64_t first, ByteWriter* out) {
  callers_.clear();
  out->U8(kMagic);
  out->U8(kVersion);
  out->U64(first);
}

void BlockEncoder::Add(const AuditLeaf& leaf, ByteWriter* out) {
  caller_.Clear();
  PutCaller(leaf, &caller_);
  const auto found = callers_.find(Absl(caller_.view()));
  if (found != callers_.end()) {
    out->U16(found->second);
  } else {
    out->U16(0);
    out->Raw(caller_.view());
    // There are at most as many as records.
    callers_.emplace(std::string(caller_.view()), static_cast<uint16_t>(callers_.size() + 1));
  }
  const bool object = !IsNone(leaf.object);
  const bool request = !IsNone(leaf.request);
  const bool journal = leaf.journal_index != ledger::kNoJournalIndex;
  out->U8(static_cast<uint8_t>(static_cast<uint8_t>(leaf.outcome) | (object ? kHasObject : 0) |
                               (request ? kHasRequest : 0) | (journal ? kHasJournalIndex : 0)));
  out->U64(leaf.at_ns);
  out->U16(leaf.event);
  out->U16(leaf.reason_code);
  if (object) out->Raw(leaf.object);
  if (request) out->Raw(leaf.request);
  if (journal) out->U64(leaf.journal_index);
}

absl::StatusOr<std::vector<AuditLeaf>> DecodeBlock(uint64_t first, std::string_view value) {
  static_assert(kBlockRecordsMax < std::numeric_limits<uint16_t>::max());
  std::vector<AuditLeaf> leaves;
  ByteReader in(value);
  if (in.U8() != kMagic) {  // One leaf, of a store of before.
    absl::StatusOr<AuditLeaf> leaf = ledger::DecodeAuditLeaf(value);
    if (!leaf.ok() || leaf->index != first) return Damaged(first);
    leaves.push_back(*std::move(leaf));
    return leaves;
  }
  const bool known = in.U8() == kVersion && in.U64() == first;
  if (!known || in.remaining() == 0) return Damaged(first);
  std::vector<AuditLeaf> callers;  // Their own fields only.
  while (!in.AtEnd()) {
    const uint64_t index = first + leaves.size();
    if (leaves.size() == kBlockRecordsMax) return Damaged(index);
    const size_t caller = in.U16();
    if (caller > callers.size()) return Damaged(index);
    if (caller == 0) TakeCaller(&in, &callers.emplace_back());
    AuditLeaf& leaf = leaves.emplace_back(caller == 0 ? callers.back() : callers[caller - 1]);
    leaf.index = index;
    if (!TakeRest(&in, &leaf) || !ledger::EncodeAuditLeaf(leaf).ok()) return Damaged(index);
  }
  return leaves;
}

}  // namespace ladon::audit
