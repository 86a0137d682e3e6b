// Which certificates are void although they have not expired: the revocation lists of one file,
// which whoever runs the authority puts in its place as often as they change.
//
// Invariants: what is in force was signed by an authority we trust, and never goes back: not to a
// list with a lower number (or an earlier date, when it has none), not to a file without a list
// that was there. A file that breaks this is refused whole and the old set stays in force, as it
// does when the file is gone. A list past its date stays in force too, since what it revokes stays
// revoked, and is told to be stale. The first file after a start is taken as it is: nothing is
// remembered. Threading: IsRevoked() from any thread, and never waits for a file being read;
// Reload() from one.
#ifndef LADON_SERVER_ACCESS_REVOCATIONS_H_
#define LADON_SERVER_ACCESS_REVOCATIONS_H_

#include <sys/stat.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/access/caller.h"
#include "server/access/revocation_set.h"

namespace ladon::access {

class Revocations {
 public:
  struct Options {
    std::string path;
    std::string authorities_pem;  // Who may sign lists: [tls] client_ca.
  };

  // What a look at the file found, for the logs.
  struct Report {
    bool read = false;     // The file may be another than at the last look, and was read.
    bool changed = false;  // Another set is in force now.
    bool stale = false;    // A list in force should have been followed by another by now.
    size_t lists = 0;      // In force,
    size_t revoked = 0;    // what they revoke,
    size_t added = 0;      // and how many of these were not revoked before.
    std::chrono::sys_seconds next_update;  // The earliest of them; max(): none is promised.
  };

  // The first look, which must be a good one. InvalidArgument: also without an authority.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Revocations>> Open(
      const Options& options, std::chrono::sys_seconds now);

  // Looks at the file, and reads it if it may be another. Errors leave the old set in force, and
  // come again at each look until the file is another: NotFound, it is gone; FailedPrecondition, it
  // cannot be read or goes back; InvalidArgument and Unauthenticated as ParseRevocationLists() has
  // them.
  [[nodiscard]] absl::StatusOr<Report> Reload(std::chrono::sys_seconds now);

  [[nodiscard]] bool IsRevoked(const Caller& caller) const;
  // Whether the caller's issuer is one of those whose lists are read: of another nobody could say
  // whether it, or what it issued, was revoked.
  [[nodiscard]] bool Covers(const Caller& caller) const {
    return issuers_.contains(caller.certificate_issuer);
  }

 private:
  Revocations(const Options& options, std::vector<Certificate> authorities);
  [[nodiscard]] std::shared_ptr<const RevocationSet> InForce() const;
  [[nodiscard]] absl::Status Take(std::chrono::sys_seconds now, Report* report);

  const std::string path_;
  const std::vector<Certificate> authorities_;
  std::set<NameDigest> issuers_;  // Their names.
  // The last look's, which belong to the thread that looks.
  struct stat seen_ {};
  bool settled_ = false;  // It was so old then that any change since shows in its times.
  absl::Status refused_;  // Why what was seen is not in force; OK: it is.

  mutable std::mutex mutex_;  // Held while the pointer is copied or swapped, no longer.
  std::shared_ptr<const RevocationSet> set_;
};

}  // namespace ladon::access

#endif  // LADON_SERVER_ACCESS_REVOCATIONS_H_
