#include "server/client/ctl/columns.h"

#include "absl/status/status.h"
#include "server/client/ctl/unicode.h"

namespace ladon::ctl {

absl::StatusOr<std::optional<size_t>> FindColumn(const std::vector<std::string>& head,
                                                 std::span<const std::string> heads,
                                                 base::Language language) {
  std::optional<size_t> found;
  for (size_t i = 0; i < head.size(); ++i) {
    bool answers = false;
    for (const std::string& name : heads) answers = answers || FoldName(head[i]) == FoldName(name);
    if (!answers) continue;
    if (found) {
      return absl::InvalidArgumentError(
          base::Text("csv.column_twice", language, {head[*found], head[i]}));
    }
    found = i;
  }
  return found;
}

}  // namespace ladon::ctl
