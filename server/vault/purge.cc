#include "server/vault/purge.h"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "server/vault/blob.h"
#include "server/vault/record_key.h"
#include "storage/batch.h"

namespace ladon::vault {
namespace {

using storage::Family;

constexpr size_t kDeletesPerBatch = 10'000;

bool Opens(const KeyTable& keys, const RecordPlace& place, std::string_view blob) {
  const KeyName name = KeyNameOf(place);
  const absl::StatusOr<base::SecretKey> key = keys.Find(name);
  return key.ok() && OpenBlob(*key, name, LabelOf(place), blob).ok();
}

// Deletes in synced batches of a bounded size.
class Deleter {
 public:
  explicit Deleter(storage::Store* store) : store_(store) {}

  absl::Status Delete(Family family, std::string_view key) {
    batch_.Delete(family, key);
    ++waiting_;
    return waiting_ == kDeletesPerBatch ? Write() : absl::OkStatus();
  }
  absl::Status Write() {
    if (waiting_ == 0) return absl::OkStatus();
    waiting_ = 0;
    const storage::Batch batch = std::exchange(batch_, {});
    return store_->Write(batch);
  }

 private:
  storage::Store* const store_;
  storage::Batch batch_;
  size_t waiting_ = 0;
};

}  // namespace

absl::StatusOr<Purged> PurgeDestroyed(storage::Store* store, const KeyTable& keys) {
  Purged purged;
  const std::set<KeyName> destroyed = keys.Destroyed();
  if (destroyed.empty()) return purged;
  Deleter deleter(store);
  std::set<base::SubjectId> erased;
  const std::unique_ptr<storage::Scan> records = store->NewScan(Family::kVault);
  for (records->Seek(""); records->Valid(); records->Next()) {
    const std::optional<RecordPlace> place = PlaceOf(records->key());
    if (!place) return absl::DataLossError("vault: record under a malformed key");
    if (!destroyed.contains(KeyNameOf(*place)) || Opens(keys, *place, records->value())) continue;
    if (place->kind == RecordKind::kSubject) erased.insert(place->subject.subject);
    if (absl::Status s = deleter.Delete(Family::kVault, records->key()); !s.ok()) return s;
    ++purged.records;
  }
  if (absl::Status s = records->status(); !s.ok()) return s;
  if (!erased.empty()) {
    const std::unique_ptr<storage::Scan> cards = store->NewScan(Family::kCardIndex);
    for (cards->Seek(""); cards->Valid(); cards->Next()) {
      const auto owner = base::SubjectId::FromBytes(cards->value().substr(0, base::kIdBytes));
      if (!owner || !erased.contains(*owner)) continue;
      if (absl::Status s = deleter.Delete(Family::kCardIndex, cards->key()); !s.ok()) return s;
      ++purged.cards;
    }
    if (absl::Status s = cards->status(); !s.ok()) return s;
  }
  if (absl::Status s = deleter.Write(); !s.ok()) return s;
  return purged;
}

}  // namespace ladon::vault
