// Which calls list people, as the contract says at its fields (options.proto).
// Threading: any thread.
#ifndef LADON_SERVER_RPC_PEOPLE_IN_ANSWER_H_
#define LADON_SERVER_RPC_PEOPLE_IN_ANSWER_H_

#include <string_view>

namespace ladon::rpc {

// "TerminalService/ListClass": its answer has a repeated field that is of persons, or whose
// messages hold one that is. False too when there is no such call.
[[nodiscard]] bool ListsPeople(std::string_view call);

}  // namespace ladon::rpc

#endif  // LADON_SERVER_RPC_PEOPLE_IN_ANSWER_H_
