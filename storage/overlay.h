// A batch in the making laid over the store: reads see the batch first, then the store.
// It lets what is decided now see what was decided a moment ago and is not yet synced.
// Threading: one thread (the committer's).
#ifndef LADON_STORAGE_OVERLAY_H_
#define LADON_STORAGE_OVERLAY_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "storage/batch.h"
#include "storage/store.h"

namespace ladon::storage {

class Overlay final : public Reader {
 public:
  // Both must outlive the overlay.
  Overlay(const Reader* below, Batch* batch) : below_(below), batch_(batch) {}

  // What was laid between has become part of the new `below`.
  void Rebase(const Reader* below) { below_ = below; }

  // As Reader::Get.
  [[nodiscard]] absl::StatusOr<std::optional<std::string>> Get(Family family,
                                                               std::string_view key) const override;

  void Put(Family family, std::string_view key, std::string value) {
    batch_->Put(family, key, std::move(value));
  }
  void Delete(Family family, std::string_view key) { batch_->Delete(family, key); }
  // As Batch::Append(): what lies below is not looked at.
  bool Append(Family family, std::string_view key, std::string_view bytes) {
    return batch_->Append(family, key, bytes);
  }

 private:
  const Reader* below_;
  Batch* batch_;
};

}  // namespace ladon::storage

#endif  // LADON_STORAGE_OVERLAY_H_
