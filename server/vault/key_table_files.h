// What key_table.cc and key_rotation.cc share: the names of the files, and how a table is read.
// Internal to the vault. Threading: pure functions.
#ifndef LADON_SERVER_VAULT_KEY_TABLE_FILES_H_
#define LADON_SERVER_VAULT_KEY_TABLE_FILES_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/vault/key_format.h"

namespace ladon::vault {

inline constexpr char kEpochFile[] = "epoch.key";
inline constexpr char kTableFile[] = "wrapped.table";
// Those of the epoch that a rotation is making.
inline constexpr char kNextEpochFile[] = "epoch.key.next";
inline constexpr char kNextTableFile[] = "wrapped.table.next";

struct TableFile {
  std::string bytes;
  KeyHead head;

  [[nodiscard]] size_t head_bytes() const { return head.bytes(KeyFile::kTable); }
  [[nodiscard]] size_t records() const { return (bytes.size() - head_bytes()) / kKeyRecordBytes; }
  [[nodiscard]] std::string_view record(size_t i) const {
    return std::string_view(bytes).substr(head_bytes() + i * kKeyRecordBytes, kKeyRecordBytes);
  }
  // Without a torn last record.
  [[nodiscard]] size_t whole_bytes() const { return head_bytes() + records() * kKeyRecordBytes; }
};

// As ReadPrivateFile() and DecodeHead().
[[nodiscard]] absl::StatusOr<TableFile> ReadTableFile(const std::string& path,
                                                      std::string_view store_id);
[[nodiscard]] absl::Status MissingEpochKey(const std::string& path);

}  // namespace ladon::vault

#endif  // LADON_SERVER_VAULT_KEY_TABLE_FILES_H_
