// ladon-terminal: the reference till. See server/client/terminal/cli.h.
#include "server/client/terminal/cli.h"

int main(int argc, char** argv) {
  return ladon::terminal::RunTerminal(argc, argv);
}
