// What ladon-audit reads and prints. Threading: pure functions but for files and streams.
#ifndef LADON_LEDGER_CMD_AUDIT_FILES_H_
#define LADON_LEDGER_CMD_AUDIT_FILES_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/proof/note.h"

namespace ladon::audit {

inline constexpr int kVerified = 0;
inline constexpr int kRefused = 1;
inline constexpr int kUsage = 2;
inline constexpr int kCannotRead = 3;

// The whole file. NotFound: it cannot be read. InvalidArgument: larger than anything we verify.
[[nodiscard]] absl::StatusOr<std::string> ReadWhole(const std::string& path);

// The keys of a file, one a line; empty lines and those that begin with # are passed over.
// InvalidArgument: a line that is no verifier key, or none.
[[nodiscard]] absl::StatusOr<std::vector<ledger::VerifierKey>> ReadKeys(const std::string& path);

// The cosigning key of a witness from a file of 64 hex digits. NotFound, InvalidArgument.
[[nodiscard]] absl::StatusOr<ledger::SigningKey> ReadWitnessKey(const std::string& name,
                                                                const std::string& path);

// Russian, or English with LADON_LANG=en.
[[nodiscard]] std::string Say(const char* russian, const char* english);

// "150.00" with its sign, of kopecks.
[[nodiscard]] std::string Roubles(int64_t kopecks);
// "2026-09-01 08:15:00 UTC".
[[nodiscard]] std::string Utc(uint64_t ns);

// The exit code that fits; the message goes to standard error.
int Fail(const absl::Status& status);

}  // namespace ladon::audit

#endif  // LADON_LEDGER_CMD_AUDIT_FILES_H_
