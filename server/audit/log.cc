#include "server/audit/log.h"

#include <algorithm>
#include <cassert>
#include <string>
#include <string_view>

namespace ladon::audit {
namespace {

constexpr char kAdvice[] = ": the store is damaged; restore it from the last backup";

std::string KeyOf(uint64_t index) {
  std::string key(8, '\0');
  for (size_t i = 0; i < key.size(); ++i) key[i] = static_cast<char>(index >> (56 - 8 * i));
  return key;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Log>> Log::Open(const storage::Store& store) {
  std::unique_ptr<Log> log(new Log());
  const std::unique_ptr<storage::Scan> scan = store.NewScan(storage::Family::kAuditLog);
  for (scan->Seek(""); scan->Valid(); scan->Next()) {
    const uint64_t index = log->tree_.size();
    const std::string name = "security log: record " + std::to_string(index);
    if (scan->key() != KeyOf(index)) return absl::DataLossError(name + " is missing" + kAdvice);
    const absl::StatusOr<ledger::AuditLeaf> leaf = ledger::DecodeAuditLeaf(scan->value());
    if (!leaf.ok() || leaf->index != index || leaf->at_ns < log->last_at_ns_) {
      return absl::DataLossError(name + " is damaged" + kAdvice);
    }
    log->last_at_ns_ = leaf->at_ns;
    log->tree_.Append(scan->value());
  }
  if (absl::Status s = scan->status(); !s.ok()) return s;
  log->durable_size_ = log->tree_.size();
  return log;
}

uint64_t Log::Append(ledger::AuditLeaf leaf, storage::Overlay* overlay) {
  const std::scoped_lock lock(mutex_);
  leaf.index = tree_.size();
  leaf.at_ns = std::max(leaf.at_ns, last_at_ns_);
  const absl::StatusOr<std::string> bytes = ledger::EncodeAuditLeaf(leaf);
  assert(bytes.ok());  // Every text in it was bounded when the caller was identified.
  overlay->Put(storage::Family::kAuditLog, KeyOf(leaf.index), *bytes);
  tree_.Append(*bytes);
  last_at_ns_ = leaf.at_ns;
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
