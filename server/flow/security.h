// The security log for those who watch over the service: lists for officers, files for auditors.
// Threading: any thread; `done` on a thread of the ledger's.
#ifndef LADON_SERVER_FLOW_SECURITY_H_
#define LADON_SERVER_FLOW_SECURITY_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/audit/process_event.h"
#include "server/audit/query.h"
#include "server/audit/seclog_writer.h"
#include "server/flow/commit.h"
#include "server/flow/export.h"
#include "server/flow/prove.h"

namespace ladon::flow {

// "TerminalService/Debit" or "process/started"; empty: no such number.
[[nodiscard]] std::string EventName(const House& house, uint16_t event);
// The number of such a name. nullopt: there is none.
[[nodiscard]] std::optional<uint16_t> EventOf(const House& house, std::string_view name);

void GetSecurityCheckpoint(const House& house, const access::Caller& caller, Done<SignedHead> done);

// Whoever belongs to one school sees that school's records only: another one is answered like one
// that does not exist. A position that is none is refused by field.
void ListSecurityEvents(const House& house, const access::Caller& caller, audit::RecordQuery query,
                        Done<audit::RecordPage> done);

struct SecurityExportRequest {
  uint64_t first = 0;
  uint64_t end = 0;          // 0: to the newest.
  std::string resume_token;  // Empty: from the start.
};

// A file on its way. Pieces are asked for one after the other.
class SecurityExport {
 public:
  SecurityExport(const House* house, const base::ActorId& whose,
                 std::unique_ptr<audit::SeclogWriter> writer, const audit::SeclogRequest& request)
      : house_(house), whose_(whose), writer_(std::move(writer)), request_(request) {}
  SecurityExport(const SecurityExport&) = delete;
  SecurityExport& operator=(const SecurityExport&) = delete;
  ~SecurityExport();

  // On the exporter's thread. An error ends the export.
  [[nodiscard]] absl::StatusOr<ExportPiece> Next();

 private:
  [[nodiscard]] std::string Token() const;

  const House* const house_;
  const base::ActorId whose_;
  const std::unique_ptr<audit::SeclogWriter> writer_;
  const audit::SeclogRequest request_;
};

// A range that is not there is refused by field.
void ExportSecurityLog(const House& house, const access::Caller& caller,
                       const SecurityExportRequest& request,
                       Done<std::shared_ptr<SecurityExport>> done);

// A record of what the process itself does (audit/process_event.h). Waits until it is durable: not
// on a thread of the ledger's. Errors as audit::RecordAndWait().
[[nodiscard]] absl::Status RecordProcessEvent(const House& house, audit::ProcessEvent event,
                                              const ledger::Digest& about = {});
// The same of an alarm about `who`, role 0: about nobody.
[[nodiscard]] absl::Status RecordAlarm(const House& house, audit::ProcessEvent event,
                                       const access::Caller& who);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_SECURITY_H_
