// Extracts on the command line: verified, told, converted. Threading: one thread.
#ifndef LADON_LEDGER_CMD_AUDIT_EXTRACT_H_
#define LADON_LEDGER_CMD_AUDIT_EXTRACT_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/proof/extract_verifier.h"
#include "ledger/proof/note.h"

namespace ladon::audit {

using OnEntry = std::function<void(const ledger::OpenedEntry&, const ledger::Digest& leaf_hash)>;

// Verifies with a progress bar on a terminal. On defects: names them all on standard error.
[[nodiscard]] ledger::VerifiedExtract VerifyWithProgress(
    std::string_view bytes, const std::vector<ledger::VerifierKey>& keys, const OnEntry& on_entry);

// `ladon-audit verify` of an extract. Exit code.
int VerifyExtractFile(const std::string& path, const std::vector<ledger::VerifierKey>& keys);

// The day that an entry belongs to: its service day, or the day of booking, UTC. YYYYMMDD.
[[nodiscard]] ledger::Date DayOf(const ledger::Leaf& leaf);
// "2026-09-01".
[[nodiscard]] std::string DayText(ledger::Date day);
// Hexadecimal digits of an id or a digest.
[[nodiscard]] std::string Hex(std::string_view bytes);
template <class T>
[[nodiscard]] std::string HexOf(const T& id) {
  return Hex({reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()});
}

struct ExtractFileOptions {
  std::string file;
  std::string keys;
  std::string to;   // csv, hledger or beancount.
  std::string out;  // Empty: standard output.
};

// `ladon-audit convert`: verifies, then writes. Nothing is written of what does not verify.
int Convert(const ExtractFileOptions& options);
// `ladon-audit summary`: verifies, then tells balances and turnovers.
int Summarize(const ExtractFileOptions& options);

}  // namespace ladon::audit

#endif  // LADON_LEDGER_CMD_AUDIT_EXTRACT_H_
