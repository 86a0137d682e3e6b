// ladon-load: many simulated tills against one server, and `ladon-load setup` to prepare it.
//
// Exit codes: 0 every call succeeded; 1 some did not; 2 usage; 4 a local problem, or set-up failed.
#ifndef LADON_SERVER_CLIENT_LOAD_CLI_H_
#define LADON_SERVER_CLIENT_LOAD_CLI_H_

namespace ladon::load {

int RunLoad(int argc, const char* const* argv);

}  // namespace ladon::load

#endif  // LADON_SERVER_CLIENT_LOAD_CLI_H_
