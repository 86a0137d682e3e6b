// Events that wait to be told, in the store; by when they are due, so that whatever listener is
// away holds up nobody.
//
// Keys in storage::Family::kOutbox:
//   'E' stream u8 | due_at_ns u64 | index u64 | number u8 -> Event that waits
//   'P' stream u8 | index u64 | number u8 -> Event that is parked: tried too often
//   'L' purse -> u64: when its parents were last told of a low balance
//   'M' purse -> the purse at another school that took its place
// Told means gone: nothing is kept of what was delivered.
// Threading: reads and counts from any thread; what takes an Overlay on the applier thread, inside
// a submission's `changes` or `record`.
#ifndef LADON_SERVER_OUTBOX_OUTBOX_H_
#define LADON_SERVER_OUTBOX_OUTBOX_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/outbox/event.h"
#include "storage/overlay.h"
#include "storage/store.h"

namespace ladon::outbox {

struct OutboxOptions {
  bool notices = false;   // Whether events are written for it at all.
  bool receipts = false;  // The same.
  // Below it parents are told; 0: never.
  int64_t low_balance_kopecks = 0;
  // And then not again for so long, whatever is eaten.
  uint32_t low_balance_days = 2;
  // An event that failed so often is parked.
  uint32_t attempts_max = 20;
};

// Names one event that waits, as it waits now: what waits for a later attempt is named otherwise.
using Ticket = std::string;
inline constexpr size_t kTicketBytes = 18;

struct Due {
  Ticket ticket;
  Event event;
};

class Outbox {
 public:
  // DataLoss, Unavailable: the store cannot be read. `store` must outlive it.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Outbox>> Open(const storage::Store* store,
                                                                    const OutboxOptions& options);
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  [[nodiscard]] const OutboxOptions& options() const { return options_; }
  [[nodiscard]] bool Wants(Stream stream) const;
  [[nodiscard]] bool WantsAny() const { return options_.notices || options_.receipts; }

  // `event` waits, from its due_at_ns on.
  void Put(const Event& event, storage::Overlay* overlay);
  // Whether parents of `purse` may be told at `now_ns` that little is left; if so, that is noted.
  [[nodiscard]] absl::StatusOr<bool> TakeLowBalance(const base::AccountId& purse, uint64_t now_ns,
                                                    storage::Overlay* overlay);

  // What happened to `from` concerns who has `to` now.
  void Carry(const base::AccountId& from, const base::AccountId& to, storage::Overlay* overlay);
  // Where Carry() led to, as a durable fact; nullopt: nowhere.
  [[nodiscard]] absl::StatusOr<std::optional<base::AccountId>> CarriedTo(
      const base::AccountId& from) const;

  // Durable ones that are due at `now_ns`, the oldest first, at most `limit`. A record that is
  // damaged is left where it is, and holds up nobody.
  [[nodiscard]] absl::StatusOr<std::vector<Due>> DueAt(Stream stream, uint64_t now_ns,
                                                       size_t limit) const;
  // Both: whatever does not wait (any more) under `ticket` is left alone.
  [[nodiscard]] absl::Status Told(const Ticket& ticket, storage::Overlay* overlay);
  // Waits for its next attempt, or is parked. True: the latter.
  [[nodiscard]] absl::StatusOr<bool> Failed(const Ticket& ticket, std::string_view fault,
                                            uint64_t now_ns, storage::Overlay* overlay);

  // Parked ones, oldest first, at most `limit`.
  [[nodiscard]] absl::StatusOr<std::vector<Event>> Parked(Stream stream, size_t limit) const;
  // Those of them that still are: they wait again, due at once.
  [[nodiscard]] absl::Status Retry(const std::vector<Event>& parked, uint64_t now_ns,
                                   storage::Overlay* overlay);

  struct Counts {
    std::atomic<uint64_t> waiting{0};
    std::atomic<uint64_t> parked{0};
    std::atomic<uint64_t> told{0};    // Since the start.
    std::atomic<uint64_t> failed{0};  // Attempts, since the start.
  };
  [[nodiscard]] const Counts& counts(Stream stream) const { return counts_.at(stream); }
  // How long the oldest of those that wait has waited, since it happened; 0: none waits.
  [[nodiscard]] absl::StatusOr<uint64_t> OldestAgeNs(Stream stream, uint64_t now_ns) const;

  // When the attempt behind `failed` ones is due.
  [[nodiscard]] static uint64_t DelayNs(uint32_t failed);

 private:
  Outbox(const storage::Store* store, const OutboxOptions& options)
      : store_(store), options_(options) {}

  const storage::Store* const store_;
  const OutboxOptions options_;
  std::map<Stream, Counts> counts_;
};

}  // namespace ladon::outbox

#endif  // LADON_SERVER_OUTBOX_OUTBOX_H_
