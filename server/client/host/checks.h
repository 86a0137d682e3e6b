// The checks of `ladonctl doctor`, by what they look at. Each adds to `findings` what is wrong and
// nothing when all is well; none changes anything. They read files, their modes and the kernel's
// figures, so they tell the whole truth to root only.
// Threading: one thread.
#ifndef LADON_SERVER_CLIENT_HOST_CHECKS_H_
#define LADON_SERVER_CLIENT_HOST_CHECKS_H_

#include <chrono>
#include <string>

#include "server/client/host/finding.h"
#include "server/client/host/server_config.h"

namespace ladon::host {

// The file itself: who may write it.
void CheckConfigFile(const std::string& path, Findings* findings);
// [tls]: certificates, keys, revocation list; and whether the authority's key lies about.
void CheckTls(const ServerConfig& config, std::chrono::sys_seconds now, Findings* findings);
// [keys]: root key, table of keys, standby.
void CheckKeys(const ServerConfig& config, Findings* findings);
// [store], [backup], [audit]: places, owners, modes, room.
void CheckPlaces(const ServerConfig& config, std::chrono::sys_seconds now, Findings* findings);
// What is switched on or left off that should not be in a canteen at work.
void CheckChoices(const ServerConfig& config, Findings* findings);
// Swap, clock, service. `unit`: ask systemd about ladond.service, where there is one.
void CheckMachine(const ServerConfig& config, bool unit, Findings* findings);
// ladon-gateway's configuration, when there is one at `path`.
void CheckGateway(const std::string& path, Findings* findings);

}  // namespace ladon::host

#endif  // LADON_SERVER_CLIENT_HOST_CHECKS_H_
