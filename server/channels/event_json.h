// An event as its listener reads it: docs/events.md has every field. Threading: pure functions.
#ifndef LADON_SERVER_CHANNELS_EVENT_JSON_H_
#define LADON_SERVER_CHANNELS_EVENT_JSON_H_

#include <string>

#include "ladon/v1/outbox_service.pb.h"

namespace ladon::channels {

// "top-up"; the event's `type`.
[[nodiscard]] std::string TypeOf(v1::EventKind kind);
// The same bytes for the same event at every attempt.
[[nodiscard]] std::string NoticeJson(const v1::Event& event);
// With what 54-FZ wants on a receipt, its fiscal tags by number; VAT, tax system and seller are the
// issuer's.
[[nodiscard]] std::string ReceiptJson(const v1::Event& event);

}  // namespace ladon::channels

#endif  // LADON_SERVER_CHANNELS_EVENT_JSON_H_
