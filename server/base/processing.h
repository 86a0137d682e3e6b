// The register of what Ladon does with personal data: for each processing its purpose, whose and
// which data, the legal basis, the term, who else gets them, and the measures (152-FZ articles 18.1
// and 22). From it come the register that the operator exports and the "what for" of the export
// that a parent reads. It tells what the program does; the operator adds what his own house does.
//
// Invariants: ids are unique and never change; no text is empty; a text is plain, one line.
// Threading: constant data.
#ifndef LADON_SERVER_BASE_PROCESSING_H_
#define LADON_SERVER_BASE_PROCESSING_H_

#include <span>
#include <string_view>

#include "server/base/messages.h"

namespace ladon::base {

struct Bilingual {
  std::string_view russian;
  std::string_view english;

  [[nodiscard]] std::string_view In(Language language) const {
    return language == Language::kRussian ? russian : english;
  }
};

struct Processing {
  std::string_view id;  // lower case with hyphens, for machines
  Bilingual name;
  Bilingual purpose;
  Bilingual subjects;    // whose data
  Bilingual categories;  // which data
  Bilingual basis;
  Bilingual term;
  Bilingual recipients;
  Bilingual measures;
};

// Palms, held only where a school has them switched on; the others everywhere.
inline constexpr std::string_view kBiometricProcessing = "biometric-identification";
inline constexpr std::string_view kAccountingProcessing = "identification-and-accounting";
inline constexpr std::string_view kLedgerProcessing = "ledger";
inline constexpr std::string_view kRightsProcessing = "consents-and-requests";
inline constexpr std::string_view kSecurityLogProcessing = "security-log";

// In the order in which people read them.
[[nodiscard]] std::span<const Processing> AllProcessings();
// nullptr: no processing has this id.
[[nodiscard]] const Processing* FindProcessing(std::string_view id);

}  // namespace ladon::base

#endif  // LADON_SERVER_BASE_PROCESSING_H_
