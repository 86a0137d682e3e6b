#include <sys/prctl.h>

#include <iostream>

#include "server/client/ctl/ladonctl.h"
#include "server/client/text/console.h"

int main(int argc, char** argv) {
  prctl(PR_SET_DUMPABLE, 0);  // Keys and lists of children pass through: no core dump, no ptrace.
  return ladon::ctl::RunLadonctl(argc, argv, ladon::client::LanguageOfEnvironment(), &std::cout,
                                 &std::cerr);
}
