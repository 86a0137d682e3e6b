// Something that happened and that somebody outside wants to hear of.
//
// Written in the batch that made it happen, so that there is none without its money, and no money
// without it. It names a purse by its random id, as the journal does: whose it is, is looked up
// when it is told, and an event of somebody erased names nobody.
//
// Encoded as version u8, then the fields in the order of the struct, big endian, texts counted.
// Threading: plain values and pure functions.
#ifndef LADON_SERVER_OUTBOX_EVENT_H_
#define LADON_SERVER_OUTBOX_EVENT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/base/id.h"

namespace ladon::outbox {

// Who listens. Each stream is told apart from the other, and waits for nobody else's listener.
enum class Stream : uint8_t {
  kNotices = 1,   // Of parents, by whoever sends them messages.
  kReceipts = 2,  // Of the law on cash registers (54-FZ), by whoever issues its receipts.
};
inline constexpr std::array kStreams = {Stream::kNotices, Stream::kReceipts};
[[nodiscard]] std::string_view NameOf(Stream stream);

// The numbers are those of ladon.v1.EventKind.
enum class Kind : uint8_t {
  kTopUp = 1,
  kMeal = 2,
  kCancel = 3,       // What was booked went back: a meal, or a payment.
  kMoved = 4,        // A misdirected payment came or went.
  kRefund = 5,       // Unspent money goes back to who paid it.
  kLowBalance = 6,   // Less is left than parents want to be told of.
  kCardBlocked = 7,  // Blocked, or told to be lost.
};
inline constexpr auto kKindLast = Kind::kCardBlocked;

using EventId = std::array<uint8_t, 16>;

inline constexpr size_t kFaultBytesMax = 100;

struct Event {
  Stream stream = Stream::kNotices;
  Kind kind = Kind::kTopUp;
  uint64_t index = 0;  // Of the journal entry that it came with.
  uint8_t number = 0;  // Among the events of that entry and stream, from 0.
  EventId id{};        // The same for ever, also when an entry is booked again after a restore.
  uint64_t at_ns = 0;  // As the entry says.
  base::AccountId purse;
  base::SchoolId school;
  uint64_t sequence = 0;       // The purse's own, of the posting; 0: none was made.
  int64_t amount_kopecks = 0;  // Of the posting: what came is positive. 0: none was made.
  int64_t balance_kopecks = 0;
  // Delivery.
  uint32_t attempts = 0;   // That failed.
  uint64_t due_at_ns = 0;  // Not before.
  std::string fault;       // Of the last attempt: words of the courier's, at most kFaultBytesMax.

  // What of a meal was paid with money that had been paid in, and of a top-up settles a meal that
  // was eaten on credit: 0..|amount_kopecks|. (54-FZ tells the two apart.)
  [[nodiscard]] int64_t AdvanceKopecks() const;
  [[nodiscard]] int64_t CreditKopecks() const;
};

[[nodiscard]] std::string Encode(const Event& event);
// DataLoss: not what Encode() makes.
[[nodiscard]] absl::StatusOr<Event> DecodeEvent(std::string_view bytes);

}  // namespace ladon::outbox

#endif  // LADON_SERVER_OUTBOX_EVENT_H_
