#include "storage/overlay.h"

namespace ladon::storage {

absl::StatusOr<std::optional<std::string>> Overlay::Get(Family family, std::string_view key) const {
  if (const std::optional<std::string>* change = batch_->Find(family, key); change != nullptr) {
    return *change;
  }
  return below_->Get(family, key);
}

}  // namespace ladon::storage
