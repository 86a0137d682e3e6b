#include "server/outbox/outbox.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "server/base/codec.h"

namespace ladon::outbox {
namespace {

using storage::Family;

// The first byte of a key tells what it is for.
constexpr char kWaitingKind = 'E';
constexpr char kParkedKind = 'P';
constexpr char kLowBalanceKind = 'L';
constexpr char kCarriedKind = 'M';

constexpr uint64_t kSecondNs = 1'000'000'000;
constexpr uint64_t kDayNs = 86'400 * kSecondNs;

std::string Prefix(char kind, Stream stream) {
  return {kind, static_cast<char>(stream)};
}

Ticket TicketOf(const Event& event) {
  base::Encoder out;
  out.U8(static_cast<uint8_t>(event.stream));
  out.U64(event.due_at_ns);
  out.U64(event.index);
  out.U8(event.number);
  return out.Take();
}

std::string WaitingKey(const Ticket& ticket) {
  return std::string(1, kWaitingKind) + ticket;
}

std::string ParkedKey(const Event& event) {
  base::Encoder out;
  out.Raw(Prefix(kParkedKind, event.stream));
  out.U64(event.index);
  out.U8(event.number);
  return out.Take();
}

std::string CarriedKey(const base::AccountId& purse) {
  return std::string(1, kCarriedKind) + std::string(purse.view());
}

absl::StatusOr<std::optional<Event>> Find(const storage::Reader& reader, const Ticket& ticket) {
  if (ticket.size() != kTicketBytes) return std::optional<Event>();
  const auto bytes = reader.Get(Family::kOutbox, WaitingKey(ticket));
  if (!bytes.ok()) return bytes.status();
  if (!bytes->has_value()) return std::optional<Event>();
  absl::StatusOr<Event> event = DecodeEvent(**bytes);
  if (!event.ok()) return event.status();
  if (TicketOf(*event) != ticket) {
    return absl::DataLossError("outbox: another event stands under an event's key");
  }
  return std::optional<Event>(*std::move(event));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Outbox>> Outbox::Open(const storage::Store* store,
                                                     const OutboxOptions& options) {
  std::unique_ptr<Outbox> outbox(new Outbox(store, options));
  const std::unique_ptr<storage::Scan> scan = store->NewScan(Family::kOutbox);
  for (const Stream stream : kStreams) {
    Counts& counts = outbox->counts_[stream];
    for (const auto& [kind, count] :
         {std::pair(kWaitingKind, &counts.waiting), std::pair(kParkedKind, &counts.parked)}) {
      const std::string prefix = Prefix(kind, stream);
      for (scan->Seek(prefix); scan->Valid() && scan->key().starts_with(prefix); scan->Next()) {
        ++*count;
      }
      if (!scan->status().ok()) return scan->status();
    }
  }
  return outbox;
}

bool Outbox::Wants(Stream stream) const {
  return stream == Stream::kNotices ? options_.notices : options_.receipts;
}

void Outbox::Put(const Event& event, storage::Overlay* overlay) {
  overlay->Put(Family::kOutbox, WaitingKey(TicketOf(event)), Encode(event));
  ++counts_.at(event.stream).waiting;
}

absl::StatusOr<bool> Outbox::TakeLowBalance(const base::AccountId& purse, uint64_t now_ns,
                                            storage::Overlay* overlay) {
  const std::string key = std::string(1, kLowBalanceKind) + std::string(purse.view());
  const auto bytes = overlay->Get(Family::kOutbox, key);
  if (!bytes.ok()) return bytes.status();
  if (bytes->has_value()) {
    base::Decoder in(**bytes);
    const uint64_t last_ns = in.U64();
    if (!in.Done()) return absl::DataLossError("outbox: damaged time of a notice");
    if (now_ns < last_ns + options_.low_balance_days * kDayNs) return false;
  }
  base::Encoder out;
  out.U64(now_ns);
  overlay->Put(Family::kOutbox, key, out.Take());
  return true;
}

void Outbox::Carry(const base::AccountId& from, const base::AccountId& to,
                   storage::Overlay* overlay) {
  overlay->Put(Family::kOutbox, CarriedKey(from), std::string(to.view()));
}

absl::StatusOr<std::optional<base::AccountId>> Outbox::CarriedTo(
    const base::AccountId& from) const {
  const auto bytes = store_->Get(Family::kOutbox, CarriedKey(from));
  if (!bytes.ok()) return bytes.status();
  if (!bytes->has_value()) return std::optional<base::AccountId>();
  const auto to = base::AccountId::FromBytes(**bytes);
  if (!to) return absl::DataLossError("outbox: damaged place of a purse");
  return to;
}

absl::StatusOr<std::vector<Due>> Outbox::DueAt(Stream stream, uint64_t now_ns, size_t limit) const {
  std::vector<Due> due;
  const std::string prefix = Prefix(kWaitingKind, stream);
  const std::unique_ptr<storage::Scan> scan = store_->NewScan(Family::kOutbox);
  for (scan->Seek(prefix); scan->Valid() && due.size() < limit; scan->Next()) {
    if (!scan->key().starts_with(prefix)) break;
    absl::StatusOr<Event> event = DecodeEvent(scan->value());
    if (!event.ok()) continue;
    if (event->due_at_ns > now_ns) break;
    due.push_back({.ticket = Ticket(scan->key().substr(1)), .event = *std::move(event)});
  }
  if (!scan->status().ok()) return scan->status();
  return due;
}

absl::Status Outbox::Told(const Ticket& ticket, storage::Overlay* overlay) {
  const absl::StatusOr<std::optional<Event>> event = Find(*overlay, ticket);
  if (!event.ok()) return event.status();
  if (!event->has_value()) return absl::OkStatus();
  overlay->Delete(Family::kOutbox, WaitingKey(ticket));
  Counts& counts = counts_.at((*event)->stream);
  --counts.waiting;
  ++counts.told;
  return absl::OkStatus();
}

absl::StatusOr<bool> Outbox::Failed(const Ticket& ticket, std::string_view fault, uint64_t now_ns,
                                    storage::Overlay* overlay) {
  absl::StatusOr<std::optional<Event>> found = Find(*overlay, ticket);
  if (!found.ok()) return found.status();
  if (!found->has_value()) return false;
  Event& event = **found;
  overlay->Delete(Family::kOutbox, WaitingKey(ticket));
  ++event.attempts;
  event.fault = fault.substr(0, kFaultBytesMax);
  event.due_at_ns = now_ns + DelayNs(event.attempts);
  Counts& counts = counts_.at(event.stream);
  ++counts.failed;
  if (event.attempts < options_.attempts_max) {
    overlay->Put(Family::kOutbox, WaitingKey(TicketOf(event)), Encode(event));
    return false;
  }
  overlay->Put(Family::kOutbox, ParkedKey(event), Encode(event));
  --counts.waiting;
  ++counts.parked;
  return true;
}

absl::StatusOr<std::vector<Event>> Outbox::Parked(Stream stream, size_t limit) const {
  std::vector<Event> parked;
  const std::string prefix = Prefix(kParkedKind, stream);
  const std::unique_ptr<storage::Scan> scan = store_->NewScan(Family::kOutbox);
  for (scan->Seek(prefix); scan->Valid() && parked.size() < limit; scan->Next()) {
    if (!scan->key().starts_with(prefix)) break;
    absl::StatusOr<Event> event = DecodeEvent(scan->value());
    if (!event.ok()) continue;
    parked.push_back(*std::move(event));
  }
  if (!scan->status().ok()) return scan->status();
  return parked;
}

absl::Status Outbox::Retry(const std::vector<Event>& parked, uint64_t now_ns,
                           storage::Overlay* overlay) {
  for (Event event : parked) {
    const std::string key = ParkedKey(event);
    const auto still = overlay->Get(Family::kOutbox, key);
    if (!still.ok()) return still.status();
    if (!still->has_value()) continue;  // Somebody was quicker.
    overlay->Delete(Family::kOutbox, key);
    event.attempts = 0;
    event.due_at_ns = now_ns;
    Put(event, overlay);
    --counts_.at(event.stream).parked;
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> Outbox::OldestAgeNs(Stream stream, uint64_t now_ns) const {
  // By when they are due, and what failed is due later than it happened: what has failed longest
  // has waited at least so long as what is due first, less one delay.
  constexpr size_t kLookedAt = 100;
  const absl::StatusOr<std::vector<Due>> first = DueAt(stream, ~uint64_t{0}, kLookedAt);
  if (!first.ok()) return first.status();
  uint64_t age_ns = 0;
  for (const Due& due : *first) {
    if (due.event.at_ns < now_ns) age_ns = std::max(age_ns, now_ns - due.event.at_ns);
  }
  return age_ns;
}

uint64_t Outbox::DelayNs(uint32_t failed) {
  // 5 s, 20 s, 80 s, 5 min, 21 min, 85 min, and then every 4 hours: 20 attempts take two days and a
  // half.
  constexpr uint64_t kFirstNs = 5 * kSecondNs;
  constexpr uint64_t kMostNs = 14'400 * kSecondNs;
  constexpr uint32_t kDoublingsMax = 12;
  const uint32_t doublings = failed == 0 ? 0 : std::min((failed - 1) * 2, kDoublingsMax);
  return std::min(kFirstNs << doublings, kMostNs);
}

}  // namespace ladon::outbox
