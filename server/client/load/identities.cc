#include "server/client/load/identities.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/client/pki/pki.h"

namespace ladon::load {
namespace {

constexpr std::string_view kUri = "URI:";

bool Speaks(const std::string& directory, base::Role role) {
  const absl::StatusOr<pki::CertificateInfo> info = pki::Show(directory + "/cert.pem");
  if (!info.ok()) return false;
  return std::any_of(info->names.begin(), info->names.end(), [role](const std::string& name) {
    if (!name.starts_with(kUri)) return false;
    const auto principal = base::ParsePrincipal(std::string_view(name).substr(kUri.size()));
    return principal.ok() && principal->role == role;
  });
}

}  // namespace

absl::StatusOr<std::vector<std::string>> IdentitiesOf(const std::string& folder, base::Role role) {
  std::vector<std::string> found;
  std::error_code error;
  std::filesystem::directory_iterator it(folder, error);
  for (const std::filesystem::directory_iterator end; !error && it != end; it.increment(error)) {
    const std::string directory = it->path().string();
    if (Speaks(directory, role)) found.push_back(directory);
  }
  if (found.empty()) {
    return absl::NotFoundError(
        absl::StrCat(folder, ": no identity of a ", std::string(base::RoleName(role)), " in it"));
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace ladon::load
