#include "bench/ledger/disk_peer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bench/ledger/commit_times.h"
#include "bench/ledger/fresh_directory.h"

namespace ladon::bench {
namespace {

absl::Status Refused(const char* what) {
  const int error = errno;
  return absl::UnavailableError(absl::StrCat("disk: ", what, ": errno ", error));
}

absl::Status WriteAll(int file, const std::string& bytes) {
  for (size_t written = 0; written < bytes.size();) {
    const ssize_t some = ::write(file, bytes.data() + written, bytes.size() - written);
    if (some < 0 && errno != EINTR) return Refused("write");
    if (some > 0) written += static_cast<size_t>(some);
  }
  return absl::OkStatus();
}

std::string RandomBytes(size_t count, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string bytes(count, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

// Every batch starts with its number.
absl::Status Verify(int file, uint64_t batches, std::string expected) {
  std::string found(expected.size(), '\0');
  for (uint64_t number = 0; number < batches; ++number) {
    std::memcpy(expected.data(), &number, sizeof(number));
    const auto offset = static_cast<off_t>(number * expected.size());
    const ssize_t count = ::pread(file, found.data(), found.size(), offset);
    if (count < 0) return Refused("pread");
    if (static_cast<size_t>(count) != expected.size() || found != expected) {
      return absl::DataLossError(absl::StrCat("disk: batch ", number, " is not what was written"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<nlohmann::json> MeasureDisk(const DiskPeerSettings& settings) {
  const absl::StatusOr<FreshDirectory> directory = FreshDirectory::Make(settings.directory);
  if (!directory.ok()) return directory.status();
  const std::string path = directory->path() + "/log";
  const int file = ::open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return Refused("open");
  const absl::Cleanup close = [file] { ::close(file); };

  std::string bytes = RandomBytes(settings.bytes_per_batch, settings.seed);
  uint64_t batches = 0;
  const absl::StatusOr<CommitTimes> times = TimeCommits(settings.seconds, [&] {
    std::memcpy(bytes.data(), &batches, sizeof(batches));
    if (absl::Status s = WriteAll(file, bytes); !s.ok()) return s;
    if (::fdatasync(file) != 0) return Refused("fdatasync");
    ++batches;
    return absl::OkStatus();
  });
  if (!times.ok()) return times.status();
  if (absl::Status s = Verify(file, batches, bytes); !s.ok()) return s;

  nlohmann::json json = CommitsJson(*times, settings.batch);
  json["peer"] = "disk";
  json["seed"] = settings.seed;
  json["bytes_per_batch"] = settings.bytes_per_batch;
  json["batch"] = settings.batch;
  return json;
}

}  // namespace ladon::bench
