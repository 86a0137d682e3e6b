// The register of processings (base/processing.h) as JSON, as a table and as a page to print.
// Threading: pure functions.
#ifndef LADON_SERVER_CLIENT_CTL_PROCESSING_REGISTER_H_
#define LADON_SERVER_CLIENT_CTL_PROCESSING_REGISTER_H_

#include <string>
#include <string_view>

#include "server/base/messages.h"
#include "server/client/ctl/context.h"

namespace ladon::ctl {

[[nodiscard]] Json RegisterJson(base::Language language);
[[nodiscard]] std::string RegisterTable(base::Language language);
// An operator that is not given is left to be filled in by hand.
[[nodiscard]] std::string RegisterPage(std::string_view operator_name,
                                       std::string_view operator_address, base::Language language);

}  // namespace ladon::ctl

#endif  // LADON_SERVER_CLIENT_CTL_PROCESSING_REGISTER_H_
