// ladon-terminal: the reference till on a command line.
//
// Every command first settles what an earlier one left open, and tells the cashier; only then new
// work goes on. Exit codes: 0 done; 1 refused by the server or by the image check; 2 usage;
// 3 the fate of an attempt is unknown, it is kept and settled by the next command; 4 a local
// problem or no connection before anything was sent.
// Threading: one thread.
#ifndef LADON_SERVER_CLIENT_TERMINAL_CLI_H_
#define LADON_SERVER_CLIENT_TERMINAL_CLI_H_

namespace ladon::terminal {

enum ExitCode { kExitDone = 0, kExitRefused = 1, kExitUsage = 2, kExitUnknown = 3, kExitLocal = 4 };

int RunTerminal(int argc, const char* const* argv);

}  // namespace ladon::terminal

#endif  // LADON_SERVER_CLIENT_TERMINAL_CLI_H_
