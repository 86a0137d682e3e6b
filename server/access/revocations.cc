#include "server/access/revocations.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/descriptor.h"

namespace ladon::access {
namespace {

using std::chrono::sys_seconds;

// A file system's clock ticks a few milliseconds apart: what was changed this lately may be changed
// again without a difference in its times.
constexpr std::chrono::seconds kSettledAfter{2};

absl::Status Trouble(const std::string& path) {
  const std::string what = absl::StrCat(path, ": ", std::generic_category().message(errno));
  return errno == ENOENT ? absl::NotFoundError(what) : absl::FailedPreconditionError(what);
}

bool IsSame(const struct stat& a, const struct stat& b) {
  const auto same_time = [](const timespec& x, const timespec& y) {
    return x.tv_sec == y.tv_sec && x.tv_nsec == y.tv_nsec;
  };
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size &&
         same_time(a.st_mtim, b.st_mtim) && same_time(a.st_ctim, b.st_ctim);
}

absl::StatusOr<std::string> ReadFile(const std::string& path, struct stat* info) {
  const base::Descriptor file(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (file.get() < 0 || fstat(file.get(), info) != 0) return Trouble(path);
  if (!S_ISREG(info->st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": not a regular file"));
  }
  // One byte more than may be, so that what is too large is seen to be.
  std::string bytes(std::min(static_cast<size_t>(info->st_size), kRevocationBytesMax + 1), '\0');
  size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t n = read(file.get(), bytes.data() + size, bytes.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Trouble(path);
    if (n == 0) break;  // Cut off meanwhile, and seen to be at the next look.
    size += static_cast<size_t>(n);
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace

Revocations::Revocations(const Options& options, std::vector<Certificate> authorities)
    : path_(options.path),
      authorities_(std::move(authorities)),
      set_(std::make_shared<const RevocationSet>()) {
  for (const Certificate& authority : authorities_) {
    issuers_.insert(DigestOf(X509_get_subject_name(authority.get())));
  }
}

absl::StatusOr<std::unique_ptr<Revocations>> Revocations::Open(const Options& options,
                                                               sys_seconds now) {
  std::vector<Certificate> authorities = CertificatesOf(options.authorities_pem);
  if (authorities.empty()) {
    return absl::InvalidArgumentError("[tls] client_ca holds no certificate in PEM");
  }
  std::unique_ptr<Revocations> made(new Revocations(options, std::move(authorities)));
  if (const absl::StatusOr<Report> first = made->Reload(now); !first.ok()) return first.status();
  return made;
}

std::shared_ptr<const RevocationSet> Revocations::InForce() const {
  const std::scoped_lock lock(mutex_);
  return set_;
}

bool Revocations::IsRevoked(const Caller& caller) const {
  return InForce()->Contains(caller.certificate_issuer, caller.certificate_serial);
}

absl::Status Revocations::Take(sys_seconds now, Report* report) {
  struct stat info {};
  const absl::StatusOr<std::string> bytes = ReadFile(path_, &info);
  seen_ = info;
  settled_ =
      bytes.ok() && sys_seconds(std::chrono::seconds(info.st_ctim.tv_sec)) + kSettledAfter < now;
  if (!bytes.ok()) return bytes.status();
  report->read = true;
  absl::StatusOr<RevocationSet> next = ParseRevocationLists(authorities_, *bytes);
  const std::shared_ptr<const RevocationSet> before = InForce();
  const absl::Status fits = next.ok() ? CheckFollows(*next, *before) : next.status();
  if (!fits.ok()) return {fits.code(), absl::StrCat(path_, ": ", fits.message())};
  report->added = next->AddedSince(*before);
  report->changed = *next != *before;
  if (!report->changed) return absl::OkStatus();
  auto set = std::make_shared<const RevocationSet>(*std::move(next));
  const std::scoped_lock lock(mutex_);
  set_ = std::move(set);
  return absl::OkStatus();
}

absl::StatusOr<Revocations::Report> Revocations::Reload(sys_seconds now) {
  Report report;
  struct stat info {};
  const bool there = stat(path_.c_str(), &info) == 0;
  if (!there || !settled_ || !IsSame(info, seen_)) refused_ = Take(now, &report);
  if (!refused_.ok()) return refused_;
  const std::shared_ptr<const RevocationSet> set = InForce();
  report.lists = set->lists.size();
  report.revoked = set->size();
  report.next_update = set->next_update();
  report.stale = report.next_update < now;
  return report;
}

}  // namespace ladon::access
