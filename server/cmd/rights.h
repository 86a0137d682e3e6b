// What works for the rights of data subjects beside the calls: epochs of keys, erasures, retention.
// Threading: Open(), Start() and Stop() on the main thread.
#ifndef LADON_SERVER_CMD_RIGHTS_H_
#define LADON_SERVER_CMD_RIGHTS_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "server/access/watch.h"
#include "server/base/calendar.h"
#include "server/cmd/alarms.h"
#include "server/cmd/config.h"
#include "server/flow/epochs.h"
#include "server/flow/erase.h"
#include "server/flow/house.h"
#include "server/flow/principals.h"
#include "server/flow/retention.h"
#include "server/flow/rights.h"
#include "server/rpc/monitor.h"
#include "server/vault/key_table.h"

namespace ladon {

struct Rights {
  // The calendar's errors. The arguments must outlive it.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Rights>> Open(
      const Config& config, rpc::Monitor* monitor, Alarms* alarms, vault::KeyTable* keys,
      const std::function<uint64_t()>& now_ns);

  // What an earlier run left is taken up first.
  void Start(const flow::House* opened);
  // Before the ledger stops: a step under way waits for it.
  void Stop();

  std::unique_ptr<base::Calendar> calendar;
  flow::PrincipalRules principal_rules;
  std::unique_ptr<access::Watch> watch;
  flow::ExportQuota export_quota;
  std::unique_ptr<flow::Epochs> epochs;
  std::unique_ptr<flow::Eraser> eraser;
  std::unique_ptr<flow::Retention> retention;
  const flow::House* house = nullptr;  // Once it is started.
};

}  // namespace ladon

#endif  // LADON_SERVER_CMD_RIGHTS_H_
