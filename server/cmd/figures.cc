#include "server/cmd/figures.h"

#include <string>
#include <tuple>

namespace ladon {
namespace {

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
                   constexpr double kSecondNs = 1e9;
                   const auto age_ns = house.outbox->OldestAgeNs(stream, house.now_ns());
                   return age_ns.ok() ? static_cast<double>(*age_ns) / kSecondNs : -1.0;
                 });
}

}  // namespace

void WatchFigures(const flow::House& house, rpc::Monitor* monitor) {
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
  for (const outbox::Stream stream : outbox::kStreams) WatchStream(stream, house, monitor);
}

}  // namespace ladon
