#include "bench/ledger/fresh_directory.h"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace ladon::bench {

absl::StatusOr<FreshDirectory> FreshDirectory::Make(const std::string& parent) {
  std::error_code error;
  std::filesystem::create_directories(parent, error);
  std::string path = (std::filesystem::path(parent) / "ladon-peer-XXXXXX").string();
  if (error || ::mkdtemp(path.data()) == nullptr) {
    return absl::UnavailableError(absl::StrCat("cannot make a directory in ", parent));
  }
  return FreshDirectory(std::move(path));
}

FreshDirectory::FreshDirectory(std::string path) : path_(std::move(path)) {}

FreshDirectory::FreshDirectory(FreshDirectory&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

FreshDirectory::~FreshDirectory() {
  if (path_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace ladon::bench
