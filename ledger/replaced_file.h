// One small file that is replaced as a whole: the last signed checkpoint. Threading: one writer.
#ifndef LADON_LEDGER_REPLACED_FILE_H_
#define LADON_LEDGER_REPLACED_FILE_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace ladon::ledger {

// A reader sees the old bytes or the new ones, whole, also after a power cut; OK means that it is
// the new ones. Mode 0600. Internal: told with errno's text; what is there afterwards is the old
// file or the new one.
[[nodiscard]] absl::Status ReplaceSyncedFile(const std::string& path, std::string_view bytes);

// NotFound; InvalidArgument: more than `bytes_max`; Internal: cannot be read.
[[nodiscard]] absl::StatusOr<std::string> ReadSmallFile(const std::string& path, size_t bytes_max);

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_REPLACED_FILE_H_
