#include "server/audit/log.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/proof/bytes.h"

namespace ladon::audit {
namespace {

using storage::Family;

constexpr std::string_view kMarkKey = "audit/mark";
constexpr char kAdvice[] = ": the store is damaged; restore it from the last backup";

std::string KeyOf(uint64_t index) {
  std::string key(8, '\0');
  for (size_t i = 0; i < key.size(); ++i) key[i] = static_cast<char>(index >> (56 - 8 * i));
  return key;
}

// What the log is after some record.
struct Mark {
  ledger::MerkleTree tree;
  uint64_t last_at_ns = 0;
};

std::string EncodeMark(const Mark& mark) {
  ledger::ByteWriter out;
  out.U64(mark.tree.size());
  out.U64(mark.last_at_ns);
  out.U8(static_cast<uint8_t>(mark.tree.peaks().size()));
  for (const ledger::Digest& peak : mark.tree.peaks()) out.Raw(peak.bytes);
  out.Raw(ledger::Sha256(out.view()).bytes);
  return out.Take();
}

absl::StatusOr<Mark> ReadMark(const storage::Store& store) {
  const auto value = store.Get(Family::kMeta, kMarkKey);
  if (!value.ok()) return value.status();
  Mark mark;
  if (!value->has_value()) return mark;
  ledger::ByteReader in(**value);
  const uint64_t size = in.U64();
  mark.last_at_ns = in.U64();
  std::vector<ledger::Digest> peaks(in.U8());
  for (ledger::Digest& peak : peaks) in.Raw(&peak.bytes);
  ledger::Digest digest;
  const std::string_view body(value->value().data(), value->value().size() - in.remaining());
  in.Raw(&digest.bytes);
  if (!in.AtEnd() || ledger::Sha256(body) != digest ||
      peaks.size() != static_cast<size_t>(std::popcount(size))) {
    return absl::DataLossError(std::string("security log: its mark is damaged") + kAdvice);
  }
  mark.tree = ledger::MerkleTree(size, std::move(peaks));
  return mark;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Log>> Log::Open(const storage::Store& store, bool verify_all) {
  std::unique_ptr<Log> log(new Log());
  const absl::StatusOr<Mark> mark = ReadMark(store);
  if (!mark.ok()) return mark.status();
  if (!verify_all) {
    log->tree_ = mark->tree;
    log->last_at_ns_ = mark->last_at_ns;
  }
  const std::unique_ptr<storage::Scan> scan = store.NewScan(Family::kAuditLog);
  // From the last record before the mark, which must be there, onwards.
  uint64_t index = log->tree_.size() == 0 ? 0 : log->tree_.size() - 1;
  for (scan->Seek(KeyOf(index)); scan->Valid(); scan->Next(), ++index) {
    const std::string name = "security log: record " + std::to_string(index);
    if (scan->key() != KeyOf(index)) return absl::DataLossError(name + " is missing" + kAdvice);
    const absl::StatusOr<ledger::AuditLeaf> leaf = ledger::DecodeAuditLeaf(scan->value());
    const bool counted = index < log->tree_.size();  // In the mark.
    if (!leaf.ok() || leaf->index != index ||
        (counted ? leaf->at_ns != log->last_at_ns_ : leaf->at_ns < log->last_at_ns_)) {
      return absl::DataLossError(name + " is damaged" + kAdvice);
    }
    if (counted) continue;
    log->last_at_ns_ = leaf->at_ns;
    log->tree_.Append(scan->value());
    if (log->tree_.size() == mark->tree.size() && log->tree_.Root() != mark->tree.Root()) {
      return absl::DataLossError("security log: the first " + std::to_string(index + 1) +
                                 " records are not those that were marked" + kAdvice);
    }
  }
  if (absl::Status s = scan->status(); !s.ok()) return s;
  if (index < mark->tree.size()) {
    return absl::DataLossError("security log: record " + std::to_string(index) + " is missing" +
                               kAdvice);
  }
  log->durable_size_ = log->tree_.size();
  return log;
}

uint64_t Log::Append(ledger::AuditLeaf leaf, storage::Overlay* overlay) {
  const std::scoped_lock lock(mutex_);
  leaf.index = tree_.size();
  leaf.at_ns = std::max(leaf.at_ns, last_at_ns_);
  const absl::StatusOr<std::string> bytes = ledger::EncodeAuditLeaf(leaf);
  assert(bytes.ok());  // Every text in it was bounded when the caller was identified.
  overlay->Put(Family::kAuditLog, KeyOf(leaf.index), *bytes);
  tree_.Append(*bytes);
  last_at_ns_ = leaf.at_ns;
  if (tree_.size() % kMarkEvery == 0) {
    overlay->Put(Family::kMeta, kMarkKey, EncodeMark({.tree = tree_, .last_at_ns = last_at_ns_}));
  }
  return leaf.index;
}

void Log::MarkDurable(uint64_t index) {
  if (index >= durable_size_.load()) durable_size_.store(index + 1);
}

std::pair<uint64_t, ledger::Digest> Log::Head() const {
  const std::scoped_lock lock(mutex_);
  return {tree_.size(), tree_.Root()};
}

}  // namespace ladon::audit
