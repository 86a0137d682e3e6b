// The slip of one sale or return, for people and for machines, and the settlement notes that a
// cashier reads after a lost answer. Every word comes from the message catalogue.
// Threading: pure functions; times are shown in the till's own time zone.
#ifndef LADON_SERVER_CLIENT_TERMINAL_SLIP_H_
#define LADON_SERVER_CLIENT_TERMINAL_SLIP_H_

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "ladon/v1/types.pb.h"
#include "server/base/messages.h"
#include "server/client/terminal/attempt_log.h"
#include "server/client/terminal/till.h"

namespace ladon::terminal {

// Hex digits of a transaction id that a slip shows.
inline constexpr size_t kShortIdChars = 8;

// "2026-09-01" and "12:05:09", local time.
[[nodiscard]] std::string LocalDay(int64_t unix_ms);
[[nodiscard]] std::string LocalTime(int64_t unix_ms);

// `payer` adds what the server just said of the child (low money, balance); may be null.
[[nodiscard]] std::string SlipText(const AttemptEntry& entry, const v1::Payer* payer,
                                   base::Language language);
[[nodiscard]] nlohmann::json SlipJson(const AttemptEntry& entry, const v1::Payer* payer);

// One sentence: which attempt, and what became of it.
[[nodiscard]] std::string SettlementText(const Settlement& settlement, base::Language language);
[[nodiscard]] nlohmann::json SettlementJson(const Settlement& settlement);

// "went_through", "returned", "refused", "never_happened", "take_again", "still_unknown".
[[nodiscard]] std::string_view SettledName(Settled how);

}  // namespace ladon::terminal

#endif  // LADON_SERVER_CLIENT_TERMINAL_SLIP_H_
