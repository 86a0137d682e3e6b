// The act of the destruction of personal data and the extract of the event log that goes with it,
// with the fields that Roskomnadzor's order 179 asks for: as JSON for archives and as a page to
// print and sign.
//
// The name of the subject stands only in what is handed out here; the operator keeps it for three
// years, our own log keeps a random id.
// Threading: pure functions.
#ifndef LADON_SERVER_CLIENT_CTL_DESTRUCTION_ACT_H_
#define LADON_SERVER_CLIENT_CTL_DESTRUCTION_ACT_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/base/messages.h"
#include "server/client/ctl/context.h"

namespace ladon::ctl {

inline constexpr std::string_view kActFormat = "ladon-destruction-act/1";
inline constexpr std::string_view kLogExtractFormat = "ladon-destruction-log-extract/1";
inline constexpr size_t kActListMax = 100;  // categories, people who destroyed

// All four take what the server knows of a destruction, and return InvalidArgument, naming the
// field, when one that the order asks for is absent, empty or of another shape, or a list is longer
// than kActListMax. The subject needs a name or an id. `processor` is null or absent when the
// processing is entrusted to nobody.

// The fields in the order of the order, and no others.
[[nodiscard]] absl::StatusOr<Json> DestructionActJson(const Json& destruction);
[[nodiscard]] absl::StatusOr<Json> LogExtractJson(const Json& destruction);
[[nodiscard]] absl::StatusOr<std::string> DestructionActPage(const Json& destruction,
                                                             base::Language language);
[[nodiscard]] absl::StatusOr<std::string> LogExtractPage(const Json& destruction,
                                                         base::Language language);

}  // namespace ladon::ctl

#endif  // LADON_SERVER_CLIENT_CTL_DESTRUCTION_ACT_H_
