#include "server/cmd/audit_archiver.h"

#include <chrono>
#include <utility>

namespace ladon {
namespace {

constexpr std::chrono::seconds kLookEvery{60};
constexpr uint64_t kDayNs = uint64_t{24} * 3600 * 1'000'000'000;

}  // namespace

AuditArchiver::AuditArchiver(Options options)
    : options_(std::move(options)), thread_([this] { Run(); }) {}

AuditArchiver::~AuditArchiver() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void AuditArchiver::Run() {
  std::unique_lock lock(mutex_);
  do {
    bool more = true;
    do {
      lock.unlock();
      more = ArchiveOne();
      lock.lock();
    } while (more && !stopping_);
  } while (!wake_.wait_for(lock, kLookEvery, [this] { return stopping_; }));
}

bool AuditArchiver::ArchiveOne() {
  const uint64_t now_ns = options_.now_ns();
  const uint64_t kept_ns = options_.keep_days * kDayNs;
  if (now_ns <= kept_ns) return false;
  const auto archived = audit::ArchiveNext(options_.archive, now_ns - kept_ns, now_ns);
  if (!archived.ok()) {
    if (!told_) options_.on_failed(archived.status());
    told_ = true;
    return false;
  }
  told_ = false;
  if (!archived->has_value()) return false;
  options_.on_archived(**archived);
  return true;
}

}  // namespace ladon
