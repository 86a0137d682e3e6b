// Finds the columns of a table by their heads, case and ё aside. Threading: pure functions.
#ifndef LADON_SERVER_CLIENT_CTL_COLUMNS_H_
#define LADON_SERVER_CLIENT_CTL_COLUMNS_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/messages.h"

namespace ladon::ctl {

// The column whose head is one of `heads`; nullopt when there is none.
// InvalidArgument: two columns answer.
[[nodiscard]] absl::StatusOr<std::optional<size_t>> FindColumn(const std::vector<std::string>& head,
                                                               std::span<const std::string> heads,
                                                               base::Language language);

}  // namespace ladon::ctl

#endif  // LADON_SERVER_CLIENT_CTL_COLUMNS_H_
