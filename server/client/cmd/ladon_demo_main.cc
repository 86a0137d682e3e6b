// ladon-demo: the main job, shown. See server/client/demo/cli.h.
#include "server/client/demo/cli.h"

int main(int argc, char** argv) {
  return ladon::demo::RunDemo(argc, argv);
}
