// What people type, turned into exact values, and back. Money never touches floating point.
//
// Threading: pure functions.
#ifndef LADON_SERVER_CLIENT_CTL_VALUES_H_
#define LADON_SERVER_CLIENT_CTL_VALUES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "ladon/v1/enrolment_service.pb.h"
#include "ladon/v1/types.pb.h"

namespace ladon::ctl {

inline constexpr int kBirthYearMin = 1900;
inline constexpr int64_t kAmountKopecksMax = 10'000'000;
inline constexpr int64_t kBankKopecksMax = 10'000'000'000;
inline constexpr size_t kDocumentBytesMax = size_t{64} * 1024 * 1024;

// "45", "45.5", "45,50": roubles with at most two decimals, 0..kopecks_max.
// nullopt for anything else: signs, exponents, blanks, a third decimal, more digits.
[[nodiscard]] std::optional<int64_t> ParseRoubles(std::string_view text,
                                                  int64_t kopecks_max = kAmountKopecksMax);

// "2026-09-01", a day that exists, year_min..2999.
[[nodiscard]] std::optional<v1::Date> ParseDate(std::string_view text, int year_min = 2000);
[[nodiscard]] std::string FormatDate(const v1::Date& date);
// Today on this machine.
[[nodiscard]] v1::Date Today();
// Today in an IANA time zone; on this machine when there is no such zone.
[[nodiscard]] v1::Date TodayIn(const std::string& time_zone);
// "2026-09-01 12:30" in the machine's time zone, or "2026-09-01T12:30:00Z"; seconds since 1970, up
// to the year 2999.
[[nodiscard]] std::optional<int64_t> ParseTime(std::string_view text);
[[nodiscard]] int64_t NowUnixSeconds();
// "2026-09-01 12:30:05" in the machine's time zone; "…Z" for machines.
[[nodiscard]] std::string FormatLocalTime(int64_t unix_seconds);
[[nodiscard]] std::string FormatUtc(int64_t unix_seconds);

// SHA-256 as 32 bytes.
[[nodiscard]] std::string Sha256(std::string_view bytes);
// NotFound; FailedPrecondition: unreadable, a directory, larger than kDocumentBytesMax.
[[nodiscard]] absl::StatusOr<std::string> Sha256OfFile(const std::string& path);
// At most `bytes_max` bytes of a regular file; codes as above.
[[nodiscard]] absl::StatusOr<std::string> ReadWholeFile(const std::string& path, size_t bytes_max);

// The words of the command line and of JSON: "main", "hot-meals", …; 0 for an unknown word.
[[nodiscard]] v1::Purse PurseOf(std::string_view word);
[[nodiscard]] std::string_view WordOf(v1::Purse purse);
[[nodiscard]] v1::CardTechnology CardTechnologyOf(std::string_view word);
[[nodiscard]] v1::ReaderProfile ReaderProfileOf(std::string_view word);

}  // namespace ladon::ctl

#endif  // LADON_SERVER_CLIENT_CTL_VALUES_H_
