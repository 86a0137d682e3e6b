#include "storage/batch.h"

namespace ladon::storage {

void Batch::Put(Family family, std::string_view key, std::string value) {
  bytes_ += key.size() + value.size();
  changes_.insert_or_assign(Key(family, key), std::move(value));
}

void Batch::Delete(Family family, std::string_view key) {
  bytes_ += key.size();
  changes_.insert_or_assign(Key(family, key), std::nullopt);
}

bool Batch::Append(Family family, std::string_view key, std::string_view bytes) {
  const auto it = changes_.find(Key(family, key));
  if (it == changes_.end() || !it->second.has_value()) return false;
  it->second->append(bytes);
  bytes_ += bytes.size();
  return true;
}

const std::optional<std::string>* Batch::Find(Family family, std::string_view key) const {
  const auto it = changes_.find(Key(family, key));
  return it == changes_.end() ? nullptr : &it->second;
}

}  // namespace ladon::storage
