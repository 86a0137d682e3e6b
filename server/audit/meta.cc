#include "server/audit/meta.h"

#include <bit>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ledger/proof/bytes.h"

namespace ladon::audit {
namespace {

using storage::Family;

constexpr std::string_view kMarkKey = "audit/mark";
constexpr std::string_view kFirstKey = "audit/first";
constexpr std::string_view kOriginsKey = "audit/origins";

absl::Status Damaged(const char* what) {
  return absl::DataLossError(
      absl::StrCat("security log: ", what, " is damaged", std::string(kAdvice)));
}

// Everything written so far, and its digest behind it.
std::string Sealed(ledger::ByteWriter* out) {
  out->Raw(ledger::Sha256(out->view()).bytes);
  return out->Take();
}

// What stands before the digest; nullopt: there is nothing under `key`. DataLoss: another digest.
absl::StatusOr<std::optional<std::string>> ReadSealed(const storage::Store& store,
                                                      std::string_view key, const char* what) {
  auto value = store.Get(Family::kMeta, key);
  if (!value.ok() || !value->has_value()) return value;
  std::string bytes = **std::move(value);
  ledger::Digest digest;
  if (bytes.size() < digest.bytes.size()) return Damaged(what);
  const size_t size = bytes.size() - digest.bytes.size();
  ledger::ByteReader(std::string_view(bytes).substr(size)).Raw(&digest.bytes);
  bytes.resize(size);
  if (ledger::Sha256(bytes) != digest) return Damaged(what);
  return std::optional(std::move(bytes));
}

}  // namespace

void PutMark(const Mark& mark, storage::Overlay* overlay) {
  ledger::ByteWriter out;
  out.U64(mark.tree.size());
  out.U64(mark.last_at_ns);
  out.U8(static_cast<uint8_t>(mark.tree.peaks().size()));
  for (const ledger::Digest& peak : mark.tree.peaks()) out.Raw(peak.bytes);
  overlay->Put(Family::kMeta, kMarkKey, Sealed(&out));
}

void PutFirst(uint64_t first, storage::Overlay* overlay) {
  ledger::ByteWriter out;
  out.U64(first);
  overlay->Put(Family::kMeta, kFirstKey, Sealed(&out));
}

void PutOrigins(const std::vector<Log::Origin>& origins, storage::Overlay* overlay) {
  ledger::ByteWriter out;
  for (const Log::Origin& origin : origins) {
    out.U64(origin.index);
    out.Raw(origin.old_note.bytes);
  }
  overlay->Put(Family::kMeta, kOriginsKey, Sealed(&out));
}

absl::StatusOr<Mark> ReadMark(const storage::Store& store) {
  const auto body = ReadSealed(store, kMarkKey, "its mark");
  if (!body.ok()) return body.status();
  Mark mark;
  if (!body->has_value()) return mark;
  ledger::ByteReader in(**body);
  const uint64_t size = in.U64();
  mark.last_at_ns = in.U64();
  std::vector<ledger::Digest> peaks(in.U8());
  for (ledger::Digest& peak : peaks) in.Raw(&peak.bytes);
  if (!in.AtEnd() || peaks.size() != static_cast<size_t>(std::popcount(size))) {
    return Damaged("its mark");
  }
  mark.tree = ledger::MerkleTree(size, std::move(peaks));
  return mark;
}

absl::StatusOr<uint64_t> ReadFirst(const storage::Store& store) {
  const auto body = ReadSealed(store, kFirstKey, "what it says of its first record");
  if (!body.ok()) return body.status();
  if (!body->has_value()) return 0;
  ledger::ByteReader in(**body);
  const uint64_t first = in.U64();
  return in.AtEnd() ? absl::StatusOr<uint64_t>(first) : Damaged("what it says of its first record");
}

absl::StatusOr<std::vector<Log::Origin>> ReadOrigins(const storage::Store& store) {
  const auto body = ReadSealed(store, kOriginsKey, "its list of new logs");
  if (!body.ok()) return body.status();
  std::vector<Log::Origin> origins;
  if (!body->has_value()) return origins;
  for (ledger::ByteReader in(**body); !in.AtEnd();) {
    Log::Origin& origin = origins.emplace_back();
    origin.index = in.U64();
    in.Raw(&origin.old_note.bytes);
    if (!in.ok()) return Damaged("its list of new logs");
  }
  return origins;
}

}  // namespace ladon::audit
