// The figures that the metrics port shows of what the service works with. Threading: the main
// thread; the figures are read on the monitor's.
#ifndef LADON_SERVER_CMD_FIGURES_H_
#define LADON_SERVER_CMD_FIGURES_H_

#include "server/cmd/config.h"
#include "server/flow/house.h"
#include "server/rpc/monitor.h"

namespace ladon {

// `house` and its parts must outlive the monitor.
void WatchFigures(const Config& config, const flow::House& house, rpc::Monitor* monitor);

}  // namespace ladon

#endif  // LADON_SERVER_CMD_FIGURES_H_
