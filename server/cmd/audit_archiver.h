// Moves records of the security log that are old enough into archives (server/audit/archive.h), as
// soon as they are. Trouble is told once, until it works again.
// Threading: a thread of its own from the constructor to the destructor; the callbacks run on it.
#ifndef LADON_SERVER_CMD_AUDIT_ARCHIVER_H_
#define LADON_SERVER_CMD_AUDIT_ARCHIVER_H_

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

#include "absl/status/status.h"
#include "server/audit/archive.h"

namespace ladon {

class AuditArchiver {
 public:
  struct Options {
    audit::ArchiveOptions archive;
    uint32_t keep_days = 0;  // At least 1: younger records stay.
    std::function<uint64_t()> now_ns;
    std::function<void(const audit::Archived&)> on_archived;
    std::function<void(const absl::Status&)> on_failed;
  };
  explicit AuditArchiver(Options options);
  AuditArchiver(const AuditArchiver&) = delete;
  AuditArchiver& operator=(const AuditArchiver&) = delete;
  ~AuditArchiver();

 private:
  void Run();
  bool ArchiveOne();  // True: there may be more.

  const Options options_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  bool told_ = false;  // The thread's own.
  std::thread thread_;
};

}  // namespace ladon

#endif  // LADON_SERVER_CMD_AUDIT_ARCHIVER_H_
