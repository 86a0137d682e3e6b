// Texts that officers write into the registers: causes of incidents, reasons of extensions. They
// are told to name nobody, and people do so nevertheless: the texts are sealed like everything
// personal. Threading: any thread.
#ifndef LADON_SERVER_FLOW_OFFICER_TEXT_H_
#define LADON_SERVER_FLOW_OFFICER_TEXT_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/flow/house.h"

namespace ladon::flow {

// `label` binds the text to its place: the record's id and the field's name. Empty stays empty.
// Not on the applier thread: the first one makes the key.
[[nodiscard]] absl::StatusOr<std::string> SealText(const House& house, std::string_view label,
                                                   const std::string& text);
// DataLoss: it does not open.
[[nodiscard]] absl::StatusOr<std::string> OpenText(const House& house, std::string_view label,
                                                   const std::string& sealed);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_OFFICER_TEXT_H_
