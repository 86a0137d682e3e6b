// ladond without a record of anything in its security log, for bench/ledger/calls.py to compare
// with: what do records cost? Nothing else may run it; the store it makes is thrown away.
#include <cstdio>
#include <cstring>

#include "server/cmd/config.h"
#include "server/cmd/daemon.h"

int main(int argc, char** argv) {
  if (argc != 3 || std::strcmp(argv[1], "--config") != 0) {
    std::fputs("usage: unrecorded_ladond --config FILE\n", stderr);
    return ladon::kExitConfiguration;
  }
  const auto config = ladon::LoadConfig(argv[2]);
  if (!config.ok()) {
    std::fprintf(stderr, "%s\n", config.status().ToString().c_str());
    return ladon::kExitConfiguration;
  }
  return ladon::RunDaemon(*config, ladon::DaemonTask::kServe, {.discard_records = true});
}
