// What the readers of banks' files share: the bounds of such a file, its lines, and how a refusal
// is worded. Internal to this folder. Threading: pure functions.
#ifndef LADON_SERVER_CLIENT_REGISTRY_TEXT_H_
#define LADON_SERVER_CLIENT_REGISTRY_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

namespace ladon::registry {

inline constexpr size_t kFileBytesMax = size_t{64} * 1024 * 1024;
inline constexpr size_t kLineBytesMax = 4096;  // In the file's own charset, without the line end.

using Day = uint32_t;  // YYYYMMDD; 0 = none.

// InvalidArgument "line 17: ..."; `line` counts from 1.
[[nodiscard]] absl::Status Refused(size_t line, std::string_view what);
// «...», cut when long, without control characters. `text` is UTF-8. For values that are nobody's,
// as sums and days: never for what a payer typed.
[[nodiscard]] std::string Quoted(std::string_view text);

// Without the blanks and tabs at its ends.
[[nodiscard]] std::string_view Trimmed(std::string_view text);

// Of the bytes as they came, whatever the charset: all that are read here keep ASCII.
// InvalidArgument: more than kFileBytesMax, a line of more than kLineBytesMax, a control character
// other than tabs and line ends (LF or CR LF).
[[nodiscard]] absl::Status CheckText(std::string_view bytes);

// Calls `take` with each line, without its end, until one is refused; returns what that said.
[[nodiscard]] absl::Status ForEachLine(
    std::string_view text,
    absl::FunctionRef<absl::Status(size_t line, std::string_view text_of_line)> take);

// As base::KopecksOf(), for totals and balances: up to fifteen digits of roubles.
[[nodiscard]] std::optional<int64_t> TotalKopecksOf(std::string_view roubles, std::string_view mark,
                                                    int64_t kopecks_max);
// "580.00", "-0.05".
[[nodiscard]] std::string RoublesOf(int64_t kopecks);

}  // namespace ladon::registry

#endif  // LADON_SERVER_CLIENT_REGISTRY_TEXT_H_
