#include <iostream>

#include "server/client/ctl/ladonctl.h"
#include "server/client/text/console.h"

int main(int argc, char** argv) {
  return ladon::ctl::RunLadonctl(argc, argv, ladon::client::LanguageOfEnvironment(), &std::cout,
                                 &std::cerr);
}
