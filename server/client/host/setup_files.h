// The files of a fresh installation, as `ladonctl setup` makes them: authority, identities, root
// key, configuration. What is there already stays as it is, so that an interrupted set-up is simply
// run again. Threading: one thread.
#ifndef LADON_SERVER_CLIENT_HOST_SETUP_FILES_H_
#define LADON_SERVER_CLIENT_HOST_SETUP_FILES_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/base/principal.h"

namespace ladon::host {

struct SetupPlan {
  std::string prefix;  // Before every path; empty but in tests and images.
  std::string user = "ladon";
  std::string listen = "0.0.0.0:7443";
  std::vector<std::string> dns_names;  // Of this machine, as tills call it.
  std::vector<std::string> ip_addresses;
  std::string time_zone;
  std::string backup_directory = "/var/backups/ladon";
  bool service = true;  // systemd runs the server and gives it the root key as a credential.

  [[nodiscard]] std::string Etc(const std::string& name) const {
    return prefix + "/etc/ladon" + (name.empty() ? "" : "/" + name);
  }
  [[nodiscard]] std::string State(const std::string& name) const {
    return prefix + "/var/lib/ladon/" + name;
  }
  [[nodiscard]] std::string config() const { return Etc("ladond.toml"); }
  // Where this machine's own tools find the server.
  [[nodiscard]] std::string LocalServer() const;
  [[nodiscard]] std::string Identity(const std::string& name) const {
    return Etc("identities/" + name);
  }
};

// The text of the configuration, with a store that the first start makes.
[[nodiscard]] std::string ConfigText(const SetupPlan& plan);

// Makes what is missing. `told` gets each thing: its key in the catalogue ("setup.…"), its path,
// and whether it was made now. NotFound: there is no such user. FailedPrecondition: the file
// system.
[[nodiscard]] absl::Status MakeSetupFiles(
    const SetupPlan& plan,
    const std::function<void(const char* key, const std::string& path, bool made)>& told);

// An identity of the plan's authority, unless it is there. As pki::Issue().
[[nodiscard]] absl::Status IssueOnce(const SetupPlan& plan, const base::Principal& principal,
                                     const std::string& name);

// Takes `create = true` back, once there is a store. FailedPrecondition.
[[nodiscard]] absl::Status KeepStoreFromNowOn(const SetupPlan& plan);

}  // namespace ladon::host

#endif  // LADON_SERVER_CLIENT_HOST_SETUP_FILES_H_
