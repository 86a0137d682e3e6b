#include "server/cmd/figures.h"

#include <string>
#include <tuple>

#include "server/cmd/certificate_end.h"
#include "server/flow/backups.h"
#include "server/flow/epochs.h"
#include "server/flow/officer_terms.h"
#include "storage/free_space.h"

namespace ladon {
namespace {

constexpr double kSecondNs = 1e9;

// What waits for a courier, of one stream; the names differ by it.
void WatchStream(outbox::Stream stream, const flow::House& house, rpc::Monitor* monitor) {
  const std::string prefix = "ladon_outbox_" + std::string(outbox::NameOf(stream)) + "_";
  const outbox::Outbox::Counts& counts = house.outbox->counts(stream);
  for (const auto& [name, help, count] :
       {std::tuple("waiting", "Events that wait to be told", &counts.waiting),
        std::tuple("parked", "Events that failed too often", &counts.parked),
        std::tuple("told", "Events told since the start", &counts.told),
        std::tuple("failed", "Attempts that failed since the start", &counts.failed)}) {
    monitor->Watch(prefix + name, help,
                   [count = count] { return static_cast<double>(count->load()); });
  }
  monitor->Watch(prefix + "oldest_seconds", "How long the oldest event that waits has waited",
                 [&house, stream] {
                   const auto age_ns = house.outbox->OldestAgeNs(stream, house.now_ns());
                   return age_ns.ok() ? static_cast<double>(*age_ns) / kSecondNs : -1.0;
                 });
}

}  // namespace

void WatchFigures(const Config& config, const flow::House& house, rpc::Monitor* monitor) {
  monitor->Watch("ladon_commit_queue", "Submissions waiting for the committer",
                 [&house] { return static_cast<double>(house.ledger->QueueDepth()); });
  monitor->Watch("ladon_journal_entries", "Durable entries of the journal",
                 [&house] { return static_cast<double>(house.ledger->Head().first); });
  monitor->Watch("ladon_audit_records", "Records of the security log",
                 [&house] { return static_cast<double>(house.audit->durable_size()); });
  monitor->Watch("ladon_audit_first_record", "The oldest record that is not in an archive",
                 [&house] { return static_cast<double>(house.audit->first()); });
  monitor->Watch("ladon_palm_samples", "Palm samples in search",
                 [&house] { return static_cast<double>(house.galleries->rows()); });
  monitor->Watch(
      "ladon_store_free_bytes", "Free bytes of the disk of the store",
      [path = config.store.path] { return static_cast<double>(storage::FreeBytes(path)); });
  monitor->Watch(
      "ladon_epoch_ends_at_seconds", "When the epoch of the keys is due to end, since 1970",
      [&house] { return static_cast<double>(house.epochs->state().due_at_ns) / kSecondNs; });
  monitor->Watch(
      "ladon_certificate_ends_at_seconds",
      "When the server's certificate ends, since 1970; 0: it cannot be told",
      [path = config.tls.certificate] { return static_cast<double>(CertificateEnd(path)); });
  monitor->Watch(
      "ladon_backup_made_at_seconds",
      "When the newest backup was made, since 1970; 0: there is none", [&house] {
        const flow::BackupsState state = house.backups->state();
        return state.backups.empty() ? 0.0 : static_cast<double>(state.backups.back().made_at_s);
      });
  monitor->Watch("ladon_backup_failing", "1: the last backup failed",
                 [&house] { return house.backups->state().last_failure.empty() ? 0.0 : 1.0; });
  monitor->Watch("ladon_incident_due_at_seconds",
                 "When the soonest term of an incident ends, since 1970; 0: there is none",
                 [&house] { return static_cast<double>(flow::IncidentDueAt(house)) / kSecondNs; });
  monitor->Watch("ladon_rights_request_due_at_seconds",
                 "When the soonest term of a data subject's request ends, since 1970; 0: there is "
                 "none",
                 [&house] { return static_cast<double>(flow::RequestDueAt(house)) / kSecondNs; });
  for (const outbox::Stream stream : outbox::kStreams) WatchStream(stream, house, monitor);
}

}  // namespace ladon
