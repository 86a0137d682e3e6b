// Where the vault keeps a record, and what binds it there. Internal to the vault.
// Threading: pure functions.
#ifndef LADON_SERVER_VAULT_RECORD_KEY_H_
#define LADON_SERVER_VAULT_RECORD_KEY_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/vault/blob.h"
#include "server/vault/vault.h"

namespace ladon::vault {

struct RecordPlace {
  SubjectRef subject;
  RecordKind kind = RecordKind::kSubject;
  uint16_t number = 0;
};

// Of everything that is kept of a subject.
[[nodiscard]] std::string SubjectPrefix(const SubjectRef& subject);
[[nodiscard]] std::string RecordKey(const RecordPlace& place);
// nullopt: no key of a record.
[[nodiscard]] std::optional<RecordPlace> PlaceOf(std::string_view key);
// Additional data of the sealed record: format version, then its key.
[[nodiscard]] std::string LabelOf(const RecordPlace& place);
// The data key it is sealed under.
[[nodiscard]] KeyName KeyNameOf(const RecordPlace& place);

}  // namespace ladon::vault

#endif  // LADON_SERVER_VAULT_RECORD_KEY_H_
