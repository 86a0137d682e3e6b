// A signed checkpoint of either log with the keys that verify it, printed and kept.
// Threading: one thread.
#ifndef LADON_SERVER_CLIENT_CTL_CHECKPOINT_OUTPUT_H_
#define LADON_SERVER_CLIENT_CTL_CHECKPOINT_OUTPUT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/client/ctl/context.h"

namespace ladon::ctl {

// Where they are kept; empty: nowhere.
struct CheckpointFiles {
  std::string note;
  std::string keys;
};

// Writes `bytes`, over what is there; an empty path: nowhere. Internal: it cannot be written.
[[nodiscard]] absl::Status SaveFile(const std::string& path, const std::string& bytes);

// The exit code.
[[nodiscard]] int PutCheckpoint(Context& context, const std::string& note,
                                const std::vector<std::string>& keys, const CheckpointFiles& files);

}  // namespace ladon::ctl

#endif  // LADON_SERVER_CLIENT_CTL_CHECKPOINT_OUTPUT_H_
