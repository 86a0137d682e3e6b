// Changes that become durable together. Later changes of a key win over earlier ones.
// Threading: owned by one thread at a time. Pure memory, no I/O.
#ifndef LADON_STORAGE_BATCH_H_
#define LADON_STORAGE_BATCH_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "storage/family.h"

namespace ladon::storage {

// A batch that reaches this many bytes is full: the committer closes it.
inline constexpr size_t kBatchBytesMax = size_t{16} << 20;

class Batch {
 public:
  using Key = std::pair<Family, std::string>;
  // nullopt = delete.
  using Changes = std::map<Key, std::optional<std::string>>;

  void Put(Family family, std::string_view key, std::string value);
  void Delete(Family family, std::string_view key);
  // Adds `bytes` to the value that this batch puts under `key`, without copying it. False: it puts
  // none, and nothing happened.
  bool Append(Family family, std::string_view key, std::string_view bytes);

  // The change of `key` in this batch: nullptr = untouched; nullopt inside = deleted here.
  [[nodiscard]] const std::optional<std::string>* Find(Family family, std::string_view key) const;

  [[nodiscard]] const Changes& changes() const { return changes_; }
  [[nodiscard]] size_t bytes() const { return bytes_; }
  [[nodiscard]] bool empty() const { return changes_.empty(); }

 private:
  Changes changes_;
  size_t bytes_ = 0;  // Sum of all keys and values ever put; an upper bound of what is written.
};

}  // namespace ladon::storage

#endif  // LADON_STORAGE_BATCH_H_
