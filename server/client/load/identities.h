// Which client identities a load run may use: the subdirectories of one folder, told apart by the
// principal in each certificate. Threading: any thread.
#ifndef LADON_SERVER_CLIENT_LOAD_IDENTITIES_H_
#define LADON_SERVER_CLIENT_LOAD_IDENTITIES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/principal.h"

namespace ladon::load {

// Directories, sorted, whose certificate names a principal of `role`. NotFound: there is none.
[[nodiscard]] absl::StatusOr<std::vector<std::string>> IdentitiesOf(const std::string& folder,
                                                                    base::Role role);

}  // namespace ladon::load

#endif  // LADON_SERVER_CLIENT_LOAD_IDENTITIES_H_
