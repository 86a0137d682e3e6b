#include "server/cmd/files.h"

#include <sys/stat.h>

#include <cstdio>
#include <fstream>

namespace ladon {

absl::StatusOr<std::string> ReadPemFile(const std::string& path, bool secret) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) {
    return absl::NotFoundError("cannot read " + path +
                               ": make certificates with ladonctl pki init, or correct [tls]");
  }
  if (secret && (info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return absl::FailedPreconditionError("the private key " + path +
                                         " is open to other users: run chmod 0400 " + path);
  }
  std::ifstream file(path, std::ios::binary);
  std::string text(kPemBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > kPemBytesMax || text.find("-----BEGIN ") == std::string::npos) {
    return absl::InvalidArgumentError(path + " is not a PEM file");
  }
  return text;
}

absl::Status WritePortFile(const std::string& path, const std::string& address) {
  const std::string temporary = path + ".new";
  {
    std::ofstream file(temporary, std::ios::trunc);
    file << address << "\n";
    file.close();
    if (!file) return absl::InternalError("cannot write the port file " + path);
  }
  if (std::rename(temporary.c_str(), path.c_str()) != 0) {
    return absl::InternalError("cannot write the port file " + path);
  }
  return absl::OkStatus();
}

}  // namespace ladon
