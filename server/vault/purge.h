// After a restore: what an old backup still holds of subjects whose keys were destroyed since.
//
// The key table remembers every destruction. A record under such a name that does not open is of
// somebody who was erased (or a palm of a consent that was withdrawn): it is removed for good, with
// the cards that led to it. A record that opens was sealed under a later key of that name.
// Threading: at start, before anything else uses the store.
#ifndef LADON_SERVER_VAULT_PURGE_H_
#define LADON_SERVER_VAULT_PURGE_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "server/vault/key_table.h"
#include "storage/store.h"

namespace ladon::vault {

struct Purged {
  size_t records = 0;
  size_t cards = 0;  // Entries of the card index.
};

// The store's error. Nothing to do costs nothing.
[[nodiscard]] absl::StatusOr<Purged> PurgeDestroyed(storage::Store* store, const KeyTable& keys);

}  // namespace ladon::vault

#endif  // LADON_SERVER_VAULT_PURGE_H_
