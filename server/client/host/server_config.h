// The configuration of the server on this machine, as the server itself reads it: ladond prints it
// (--show-config), so that there is one reader of it and one set of defaults.
// Threading: plain values.
#ifndef LADON_SERVER_CLIENT_HOST_SERVER_CONFIG_H_
#define LADON_SERVER_CLIENT_HOST_SERVER_CONFIG_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"

namespace ladon::host {

inline constexpr char kConfigPath[] = "/etc/ladon/ladond.toml";

class ServerConfig {
 public:
  // InvalidArgument, in the server's own words with file and line: it would not start with it.
  // NotFound: the file, or ladond itself, is not there.
  [[nodiscard]] static absl::StatusOr<ServerConfig> Read(const std::string& path);

  // A key that there is not is empty.
  [[nodiscard]] std::string operator()(const std::string& section, const std::string& key) const;
  [[nodiscard]] bool IsOn(const std::string& section, const std::string& key) const {
    return (*this)(section, key) == "true";
  }
  [[nodiscard]] const std::string& path() const { return path_; }
  // Where the root key lies: its file, or what the shipped unit gives as the credential.
  [[nodiscard]] std::string RootKeyFile() const;

 private:
  std::string path_;
  std::map<std::string, std::string> values_;
};

}  // namespace ladon::host

#endif  // LADON_SERVER_CLIENT_HOST_SERVER_CONFIG_H_
