// The JSON of one record of the attempt log. One file knows these bytes.
//
//   {"v":1,"record":"attempt","kind":"debit","request_id":"<32 hex>","request":"<base64>",
//    "at_ms":1788245100000,"fresh_until_ms":1788245110000,"cancels":"","payer":"...",
//    "lines":[{"name":"...","quantity":1,"unit_price_kopecks":8500}]}
//   {"v":1,"record":"outcome","outcome":"done","request_id":"<32 hex>","reason":"",
//    "transaction_id":"<32 hex>","amount_kopecks":8500,"at_ms":1788245100100,
//    "service_date":"2026-09-01"}
// Threading: pure functions.
#ifndef LADON_SERVER_CLIENT_TERMINAL_ATTEMPT_RECORD_H_
#define LADON_SERVER_CLIENT_TERMINAL_ATTEMPT_RECORD_H_

#include <string>
#include <variant>

#include "absl/status/statusor.h"
#include "server/client/terminal/attempt_log.h"

namespace ladon::terminal {

inline constexpr int kAttemptRecordVersion = 1;

[[nodiscard]] std::string EncodeRecord(const Attempt& attempt);
[[nodiscard]] std::string EncodeRecord(const Outcome& outcome);

// DataLoss: not a record. Unimplemented: written by a newer version.
[[nodiscard]] absl::StatusOr<std::variant<Attempt, Outcome>> DecodeRecord(const std::string& json);

}  // namespace ladon::terminal

#endif  // LADON_SERVER_CLIENT_TERMINAL_ATTEMPT_RECORD_H_
