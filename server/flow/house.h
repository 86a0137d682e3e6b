// Everything a business verb works with, put together once by the composition root.
// Threading: the parts say for themselves; the struct is immutable after start.
#ifndef LADON_SERVER_FLOW_HOUSE_H_
#define LADON_SERVER_FLOW_HOUSE_H_

#include <cstdint>
#include <functional>
#include <string>

#include "ledger/checkpointer.h"
#include "ledger/sequencer.h"
#include "server/access/caller.h"
#include "server/access/matrix.h"
#include "server/access/watch.h"
#include "server/audit/log.h"
#include "server/audit/process_event.h"
#include "server/base/calendar.h"
#include "server/base/secret.h"
#include "server/directory/directory.h"
#include "server/flow/galleries.h"
#include "server/flow/throttle.h"
#include "server/flow/token.h"
#include "server/flow/worker_pool.h"
#include "server/outbox/outbox.h"
#include "server/payments/contract.h"
#include "server/registers/registers.h"
#include "server/vault/vault.h"

namespace ladon::access {
class Revocations;
}

namespace ladon::flow {

class Backups;
class Epochs;
class Eraser;
class ExportQuota;
class Exports;
class LookAlikes;
struct PrincipalRules;

struct House {
  const access::Matrix* matrix = nullptr;
  const access::Revocations* revocations = nullptr;  // nullptr: no certificate is revoked.
  access::Watch* watch = nullptr;
  ledger::Sequencer* ledger = nullptr;
  ledger::Checkpointer* checkpointer = nullptr;           // Of the journal.
  ledger::Checkpointer* security_checkpointer = nullptr;  // Of the security log.
  vault::Vault* vault = nullptr;
  directory::Directory* directory = nullptr;
  audit::Log* audit = nullptr;
  registers::Registers* registers = nullptr;
  Galleries* galleries = nullptr;
  TokenSealer* tokens = nullptr;
  Throttle* palm_throttle = nullptr;
  Throttles* throttles = nullptr;  // Of the other means.
  LookAlikes* look_alikes = nullptr;
  WorkerPool* searchers = nullptr;  // Palm searches: CPU-bound, off the network thread.
  WorkerPool* keeper = nullptr;     // One thread: changes of the galleries, in commit order.
  WorkerPool* exporter = nullptr;   // One thread: extracts, which may take minutes.
  WorkerPool* officers = nullptr;   // One thread: looks into the security log.
  Exports* exports = nullptr;
  Backups* backups = nullptr;
  ExportQuota* export_quota = nullptr;
  const PrincipalRules* principal_rules = nullptr;
  const base::Calendar* calendar = nullptr;
  Epochs* epochs = nullptr;
  Eraser* eraser = nullptr;
  const payments::Contracts* contracts = nullptr;
  outbox::Outbox* outbox = nullptr;  // nullptr: nobody is told of anything.
  // Tells whoever watches over the service, without waiting. Empty: nobody does.
  std::function<void(audit::ProcessEvent, const access::Caller&)> alarm;
  std::string time_zone;                        // Of the days that closings end.
  const base::SecretKey* digest_key = nullptr;  // Digests of requests and derived ids.
  std::function<uint64_t()> now_ns;             // Wall clock, since 1970-01-01 UTC.
  // Whether schools teach on a day (YYYYMMDD); empty: IsUsualSchoolDay() (list_means.h).
  std::function<bool(uint32_t day)> is_school_day;
};

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_HOUSE_H_
