// The contracts in ladond's configuration: [[contract]] tables. Threading: pure functions.
#ifndef LADON_SERVER_CMD_CONTRACT_CONFIG_H_
#define LADON_SERVER_CMD_CONTRACT_CONFIG_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "server/payments/contract.h"

namespace toml {
inline namespace v3 {
class node;
}
}  // namespace toml

namespace ladon {

using ContractsByName = std::map<std::string, payments::Contract, std::less<>>;

// `node`: what stands under "contract" in the file at `path`; `time_zone`: of those that name none.
// InvalidArgument, naming file and line: not an array of tables, an unknown key, a value of another
// type or out of its range, a name twice, more than payments::kContractsMax.
[[nodiscard]] absl::StatusOr<ContractsByName> ReadContracts(const std::string& path,
                                                            const toml::node& node,
                                                            const std::string& time_zone);

}  // namespace ladon

#endif  // LADON_SERVER_CMD_CONTRACT_CONFIG_H_
