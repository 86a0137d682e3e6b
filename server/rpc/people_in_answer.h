// Which calls tell something of a person, as the contract says at its fields (options.proto).
// Threading: any thread.
#ifndef LADON_SERVER_RPC_PEOPLE_IN_ANSWER_H_
#define LADON_SERVER_RPC_PEOPLE_IN_ANSWER_H_

#include <string_view>

namespace ladon::rpc {

// "TerminalService/ListClass". False: no field of its answer is of a person, or there is no such
// call.
[[nodiscard]] bool AnswersAboutPeople(std::string_view call);

}  // namespace ladon::rpc

#endif  // LADON_SERVER_RPC_PEOPLE_IN_ANSWER_H_
