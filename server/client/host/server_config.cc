#include "server/client/host/server_config.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/client/host/program.h"

namespace ladon::host {

absl::StatusOr<ServerConfig> ServerConfig::Read(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    return absl::NotFoundError(path + ": there is no such file");
  }
  const absl::StatusOr<Ran> ran =
      RunProgram({OurProgram("ladond"), "--config", path, "--show-config"});
  if (!ran.ok()) return ran.status();
  if (ran->code != 0) {
    std::string sentence(absl::StripSuffix(ran->err, "\n"));
    return absl::InvalidArgumentError(std::string(absl::StripPrefix(sentence, "ladond: ")));
  }
  ServerConfig config;
  config.path_ = path;
  for (const absl::string_view line : absl::StrSplit(ran->out, '\n', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> pair = absl::StrSplit(line, absl::MaxSplits('=', 1));
    config.values_[pair.first] = pair.second;
  }
  return config;
}

std::string ServerConfig::operator()(const std::string& section, const std::string& key) const {
  const auto found = values_.find(section + "." + key);
  return found == values_.end() ? "" : found->second;
}

std::string ServerConfig::RootKeyFile() const {
  const std::string file = (*this)("keys", "root_key_file");
  if (!file.empty()) return file;
  return (std::filesystem::path(path_).parent_path() / (*this)("keys", "root_key_credential"))
      .string();
}

}  // namespace ladon::host
