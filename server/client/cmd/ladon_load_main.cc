// ladon-load: open-loop load. See server/client/load/cli.h.
#include "server/client/load/cli.h"

int main(int argc, char** argv) {
  return ladon::load::RunLoad(argc, argv);
}
