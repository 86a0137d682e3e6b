// A bank's registry of payments, read by its layout (profile.h) into exact values.
//
// Invariants of what is read: every line is a payment or a refund that is whole; no payment id is
// there twice; count and sum are those of the lines, and of the footer when the layout has one. A
// file of which anything is doubtful is refused whole: the money in it is matched line by line with
// what came online, and half a file would look like payments that never were. (Of a layout without
// a footer one that was cut at the end of a line looks whole: match it with the statement.)
// Threading: pure functions.
#ifndef LADON_SERVER_CLIENT_REGISTRY_REGISTRY_FILE_H_
#define LADON_SERVER_CLIENT_REGISTRY_REGISTRY_FILE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/client/registry/profile.h"
#include "server/client/registry/text.h"

namespace ladon::registry {

inline constexpr size_t kRegistryLinesMax = 500'000;  // Payments and refunds.
inline constexpr size_t kPaymentIdBytesMax = 64;
inline constexpr size_t kAccountBytesMax = 200;             // In UTF-8.
inline constexpr int64_t kPaidKopecksMax = 10'000'000'000;  // 100 million roubles.

struct RegistryLine {
  size_t line_number = 0;    // In the file, from 1.
  std::string payment_id;    // 1..kPaymentIdBytesMax of 0-9 A-Z a-z _ -
  std::string account_text;  // As the payer gave it; never empty, but for a refund.
  int64_t kopecks = 0;       // 1..kPaidKopecksMax, of a refund too.
  int64_t fee_kopecks = 0;   // 0 also where the registry tells none.
  Day paid_day = 0;
  std::string paid_at;  // By the bank's clock: "2026-09-01 12:01:33"; without a time: "2026-09-01".
  bool refund = false;
  std::string refund_of;  // The payment id that a refund takes back, when the registry tells.
};

struct RegistryFile {
  std::array<uint8_t, 32> sha256{};  // Of the file's bytes.
  std::vector<RegistryLine> lines;
  size_t count = 0;           // Of the lines.
  int64_t total_kopecks = 0;  // Payments without what was refunded; so it may be less than nothing.
};

// `profile` comes from ParseProfile() or LoadProfile().
// InvalidArgument, naming the line and what is wrong with it: the file is not of this layout, not
// of its charset, larger than a bound above or in text.h, has a payment id twice (with other data
// or the same), differs from its own footer or lacks it, or is empty and may not be.
// FailedPrecondition: this system cannot convert the charset. ResourceExhausted: no memory.
[[nodiscard]] absl::StatusOr<RegistryFile> ReadRegistry(std::string_view bytes,
                                                        const Profile& profile);

}  // namespace ladon::registry

#endif  // LADON_SERVER_CLIENT_REGISTRY_REGISTRY_FILE_H_
