// The security log as its signer sees it. Threading: any thread.
#ifndef LADON_SERVER_AUDIT_SIGNED_RECORDS_H_
#define LADON_SERVER_AUDIT_SIGNED_RECORDS_H_

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/sequencer.h"
#include "ledger/signed_log.h"
#include "server/audit/log.h"

namespace ladon::audit {

class SignedRecords final : public ledger::SignedLog {
 public:
  // All must outlive it. `ledger` is what new logs are booked through.
  SignedRecords(Log* log, ledger::Sequencer* ledger, std::function<uint64_t()> now_ns)
      : log_(log), ledger_(ledger), now_ns_(std::move(now_ns)) {}

  [[nodiscard]] ledger::LogWords words() const override {
    return {.log = "security log", .entries = "records"};
  }
  [[nodiscard]] uint64_t Size() const override { return log_->durable_size(); }
  [[nodiscard]] absl::StatusOr<ledger::Digest> RootAt(uint64_t size) const override;
  [[nodiscard]] absl::StatusOr<std::vector<uint64_t>> NewOrigins() const override;
  // NotFound: no log began there.
  [[nodiscard]] absl::StatusOr<ledger::Digest> CheckpointBefore(uint64_t origin) const override;
  [[nodiscard]] absl::StatusOr<uint64_t> BookNewOrigin(
      const ledger::Digest& old_checkpoint) override;

 private:
  Log* const log_;
  ledger::Sequencer* const ledger_;
  const std::function<uint64_t()> now_ns_;
};

}  // namespace ladon::audit

#endif  // LADON_SERVER_AUDIT_SIGNED_RECORDS_H_
