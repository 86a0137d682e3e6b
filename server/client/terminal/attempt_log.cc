#include "server/client/terminal/attempt_log.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "server/client/terminal/attempt_record.h"

namespace ladon::terminal {
namespace {

constexpr size_t kMarkBytes = 8;
constexpr size_t kMarkChars = 2 * kMarkBytes;

std::string ErrnoText() {
  return std::error_code(errno, std::generic_category()).message();
}

absl::Status DiskError(const std::string& path, const char* what) {
  return absl::UnavailableError(
      absl::StrCat(path, ": ", what, ": ", ErrnoText(), "; mend the disk and start again"));
}

std::array<uint8_t, 32> Chain(const std::array<uint8_t, 32>& before, std::string_view json) {
  std::array<uint8_t, 32> digest{};
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  assert(context != nullptr);
  const bool ok = EVP_DigestInit_ex(context, EVP_sha256(), nullptr) == 1 &&
                  EVP_DigestUpdate(context, before.data(), before.size()) == 1 &&
                  EVP_DigestUpdate(context, json.data(), json.size()) == 1 &&
                  EVP_DigestFinal_ex(context, digest.data(), nullptr) == 1;
  EVP_MD_CTX_free(context);
  assert(ok);
  return digest;
}

std::string MarkOf(const std::array<uint8_t, 32>& digest) {
  return base::HexOf(std::string_view(reinterpret_cast<const char*>(digest.data()), kMarkBytes));
}

// Only the till's user may read what was sold to whom.
absl::Status CheckPrivate(int fd, const std::string& path, const char* chmod) {
  struct stat info {};
  if (fstat(fd, &info) != 0) return DiskError(path, "stat");
  if ((info.st_mode & 077) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": open to other users; run: chmod ", chmod, " ", path));
  }
  return absl::OkStatus();
}

absl::Status WriteAll(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return DiskError(path, "write");
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return absl::OkStatus();
}

}  // namespace

AttemptLog::AttemptLog(std::string path, int file, int directory)
    : path_(std::move(path)), file_(file), directory_(directory) {}

AttemptLog::~AttemptLog() {
  close(file_);
  close(directory_);
}

absl::StatusOr<std::unique_ptr<AttemptLog>> AttemptLog::Open(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  const std::string directory = parent.empty() ? std::string(1, '.') : parent.string();
  if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return DiskError(directory, "mkdir");
  const int dir_fd = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (dir_fd < 0) return DiskError(directory, "open");
  const int fd = open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) {
    const absl::Status failed = DiskError(path, "open");
    close(dir_fd);
    return failed;
  }
  auto log = std::unique_ptr<AttemptLog>(new AttemptLog(path, fd, dir_fd));
  if (absl::Status s = CheckPrivate(dir_fd, directory, "700"); !s.ok()) return s;
  if (absl::Status s = CheckPrivate(fd, path, "600"); !s.ok()) return s;
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": another ladon-terminal is using it; wait until it is done"));
  }
  if (absl::Status s = log->Load(); !s.ok()) return s;
  // The name of a new file must survive as well as its content.
  if (fsync(dir_fd) != 0) return DiskError(directory, "fsync");
  return log;
}

absl::Status AttemptLog::Load() {
  struct stat info {};
  if (fstat(file_, &info) != 0) return DiskError(path_, "stat");
  if (static_cast<size_t>(info.st_size) > kAttemptLogBytesMax + kAttemptRecordBytesMax) {
    return absl::ResourceExhaustedError(absl::StrCat(path_, ": larger than a log may be"));
  }
  std::string text(static_cast<size_t>(info.st_size), '\0');
  size_t read_bytes = 0;
  while (read_bytes < text.size()) {
    const ssize_t n = pread(file_, text.data() + read_bytes, text.size() - read_bytes,
                            static_cast<off_t>(read_bytes));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return DiskError(path_, "read");
    read_bytes += static_cast<size_t>(n);
  }
  size_t number = 1;
  size_t from = 0;
  while (from < text.size()) {
    const size_t end = text.find('\n', from);
    const std::string_view line = std::string_view(text).substr(
        from, end == std::string::npos ? std::string::npos : end - from);
    const bool last = end == std::string::npos || end + 1 == text.size();
    // What an interrupted append leaves: no end of line, or pages of zeros that were never filled.
    if (last && (end == std::string::npos || line.find('\0') != std::string_view::npos)) break;
    if (absl::Status s = Take(line, number++); !s.ok()) return s;
    from = end + 1;
  }
  size_bytes_ = from;
  if (from == text.size()) return absl::OkStatus();
  if (ftruncate(file_, static_cast<off_t>(from)) != 0) return DiskError(path_, "truncate");
  if (fsync(file_) != 0) return DiskError(path_, "fsync");
  recovered_torn_line_ = true;
  return absl::OkStatus();
}

absl::Status AttemptLog::Take(std::string_view line, size_t number) {
  const auto damaged = [&](const std::string& what) {
    return absl::DataLossError(absl::StrCat(
        path_, ": line ", number, ": ", what,
        "; nothing was changed. Keep a copy of the file, compare the day's sales with the school's"
        " statement, then move the file away to begin a new one"));
  };
  if (line.size() <= kMarkChars || line[kMarkChars] != ' ') return damaged("not a record");
  const std::string json(line.substr(kMarkChars + 1));
  const Digest digest = Chain(last_digest_, json);
  if (line.substr(0, kMarkChars) != MarkOf(digest)) {
    return damaged("the digest does not fit: the line is damaged, or one before it is missing");
  }
  absl::StatusOr<std::variant<Attempt, Outcome>> record = DecodeRecord(json);
  if (absl::IsUnimplemented(record.status())) return record.status();
  if (!record.ok()) return damaged(std::string(record.status().message()));
  last_digest_ = digest;
  if (auto* attempt = std::get_if<Attempt>(&*record); attempt != nullptr) {
    if (Find(attempt->request_id) != nullptr) return damaged("a request id stands there twice");
    Keep(*attempt);
    return absl::OkStatus();
  }
  auto& outcome = std::get<Outcome>(*record);
  const auto it = positions_.find(outcome.request_id);
  if (it == positions_.end() || entries_[it->second].outcome) {
    return damaged("an outcome without its attempt");
  }
  entries_[it->second].outcome = std::move(outcome);
  return absl::OkStatus();
}

absl::Status AttemptLog::WriteLine(const std::string& json) {
  if (broken_) return absl::UnavailableError(absl::StrCat(path_, ": start again after a failure"));
  const Digest digest = Chain(last_digest_, json);
  const std::string line = MarkOf(digest) + " " + json + "\n";
  if (line.size() > kAttemptRecordBytesMax) {
    return absl::ResourceExhaustedError(absl::StrCat(
        path_, ": a record of ", line.size(), " bytes; ", kAttemptRecordBytesMax, " at most"));
  }
  absl::Status s = WriteAll(file_, line, path_);
  if (s.ok() && fsync(file_) != 0) s = DiskError(path_, "fsync");
  if (s.ok() && fsync(directory_) != 0) s = DiskError(path_, "fsync of the directory");
  if (!s.ok()) {
    broken_ = true;  // What is on disk now, only a fresh Open() can tell.
    return s;
  }
  last_digest_ = digest;
  size_bytes_ += line.size();
  return absl::OkStatus();
}

absl::Status AttemptLog::Append(const Attempt& attempt) {
  if (Find(attempt.request_id) != nullptr) {
    return absl::AlreadyExistsError("attempt log: the request id was used before");
  }
  // Outcomes are still taken above the mark, so that nothing stays pending because of it.
  if (size_bytes_ >= kAttemptLogBytesMax) {
    return absl::ResourceExhaustedError(absl::StrCat(
        path_, ": full; move it to an archive (nothing in it is pending) and start again"));
  }
  if (absl::Status s = WriteLine(EncodeRecord(attempt)); !s.ok()) return s;
  Keep(attempt);
  return absl::OkStatus();
}

absl::Status AttemptLog::Append(const Outcome& outcome) {
  const auto it = positions_.find(outcome.request_id);
  if (it == positions_.end()) return absl::NotFoundError("attempt log: no such attempt");
  AttemptEntry& entry = entries_[it->second];
  if (entry.outcome) return absl::AlreadyExistsError("attempt log: the attempt has an outcome");
  if (absl::Status s = WriteLine(EncodeRecord(outcome)); !s.ok()) return s;
  entry.outcome = outcome;
  return absl::OkStatus();
}

void AttemptLog::Keep(const Attempt& attempt) {
  positions_[attempt.request_id] = entries_.size();
  entries_.push_back({.attempt = attempt, .outcome = std::nullopt});
}

const AttemptEntry* AttemptLog::Find(const base::RequestId& id) const {
  const auto it = positions_.find(id);
  return it == positions_.end() ? nullptr : &entries_[it->second];
}

std::vector<Attempt> AttemptLog::Pending() const {
  std::vector<Attempt> pending;
  for (const AttemptEntry& entry : entries_) {
    if (!entry.outcome) pending.push_back(entry.attempt);
  }
  return pending;
}

}  // namespace ladon::terminal
