#include "server/client/ctl/values.h"

#include <fcntl.h>
#include <openssl/sha.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "server/base/roubles.h"

namespace ladon::ctl {
namespace {

bool AllDigits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

int64_t NumberOf(std::string_view digits) {
  int64_t number = 0;
  for (const char c : digits) number = number * 10 + (c - '0');
  return number;
}

template <class E>
struct Word {
  std::string_view word;
  E value;
};

constexpr Word<v1::Purse> kPurses[] = {{"main", v1::PURSE_MAIN},
                                       {"hot-meals", v1::PURSE_HOT_MEALS},
                                       {"buffet", v1::PURSE_BUFFET},
                                       {"after-school", v1::PURSE_AFTER_SCHOOL}};
constexpr Word<v1::CardTechnology> kTechnologies[] = {{"iso14443a", v1::CARD_TECHNOLOGY_ISO14443A},
                                                      {"em4100", v1::CARD_TECHNOLOGY_EM4100},
                                                      {"wiegand26", v1::CARD_TECHNOLOGY_WIEGAND26}};
constexpr Word<v1::ReaderProfile> kProfiles[] = {
    {"transmission", v1::READER_PROFILE_TRANSMISSION_ORDER},
    {"reversed", v1::READER_PROFILE_REVERSED}};

template <class E, size_t kCount>
E Find(const Word<E> (&words)[kCount], std::string_view word) {
  for (const Word<E>& entry : words) {
    if (entry.word == word) return entry.value;
  }
  return static_cast<E>(0);
}

}  // namespace

std::optional<int64_t> ParseRoubles(std::string_view text, int64_t kopecks_max) {
  return base::KopecksOf(text, ".,", kopecks_max);
}

std::optional<v1::Date> ParseDate(std::string_view text, int year_min) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const std::string_view parts[] = {text.substr(0, 4), text.substr(5, 2), text.substr(8, 2)};
  for (const std::string_view part : parts) {
    if (!AllDigits(part)) return std::nullopt;
  }
  const std::chrono::year_month_day day(
      std::chrono::year(static_cast<int>(NumberOf(parts[0]))),
      std::chrono::month(static_cast<unsigned>(NumberOf(parts[1]))),
      std::chrono::day(static_cast<unsigned>(NumberOf(parts[2]))));
  const int year = static_cast<int>(day.year());
  if (!day.ok() || year < year_min || year > 2999) return std::nullopt;
  v1::Date date;
  date.set_year(year);
  date.set_month(static_cast<int32_t>(static_cast<unsigned>(day.month())));
  date.set_day(static_cast<int32_t>(static_cast<unsigned>(day.day())));
  return date;
}

std::string FormatDate(const v1::Date& date) {
  return absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day());
}

std::optional<int64_t> ParseTime(std::string_view text) {
  constexpr int64_t kSecondsMax = 32'503'680'000;  // The year 3000.
  const std::string whole(text);
  absl::Time time;
  if (!absl::ParseTime(absl::RFC3339_full, whole, &time, nullptr) &&
      !absl::ParseTime("%Y-%m-%d %H:%M", whole, absl::LocalTimeZone(), &time, nullptr)) {
    return std::nullopt;
  }
  const int64_t seconds = absl::ToUnixSeconds(time);
  if (seconds < 0 || seconds >= kSecondsMax) return std::nullopt;
  return seconds;
}

int64_t NowUnixSeconds() {
  return absl::ToUnixSeconds(absl::Now());
}

namespace {

v1::Date TodayOf(const absl::TimeZone& zone) {
  const absl::CivilDay today = absl::ToCivilDay(absl::Now(), zone);
  v1::Date date;
  date.set_year(static_cast<int32_t>(today.year()));
  date.set_month(today.month());
  date.set_day(today.day());
  return date;
}

}  // namespace

v1::Date Today() {
  return TodayOf(absl::LocalTimeZone());
}

v1::Date TodayIn(const std::string& time_zone) {
  absl::TimeZone zone;
  return absl::LoadTimeZone(time_zone, &zone) ? TodayOf(zone) : Today();
}

std::string FormatLocalTime(int64_t unix_seconds) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", absl::FromUnixSeconds(unix_seconds),
                          absl::LocalTimeZone());
}

std::string FormatUtc(int64_t unix_seconds) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixSeconds(unix_seconds),
                          absl::UTCTimeZone());
}

std::string Sha256(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

absl::StatusOr<std::string> ReadWholeFile(const std::string& path, size_t bytes_max) {
  const int fd = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) {
    const std::string why = absl::StrCat(path, ": ", std::generic_category().message(errno));
    return errno == ENOENT ? absl::NotFoundError(why) : absl::FailedPreconditionError(why);
  }
  struct stat info {};
  if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    close(fd);
    return absl::FailedPreconditionError(absl::StrCat(path, ": not a regular file"));
  }
  if (static_cast<uint64_t>(info.st_size) > bytes_max) {
    close(fd);
    return absl::FailedPreconditionError(absl::StrCat(path, ": larger than ", bytes_max, " bytes"));
  }
  std::string bytes(static_cast<size_t>(info.st_size), '\0');
  size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t n = read(fd, bytes.data() + size, bytes.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    size += static_cast<size_t>(n);
  }
  close(fd);
  if (size != bytes.size()) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": could not be read to its end"));
  }
  return bytes;
}

absl::StatusOr<std::string> Sha256OfFile(const std::string& path) {
  const absl::StatusOr<std::string> bytes = ReadWholeFile(path, kDocumentBytesMax);
  if (!bytes.ok()) return bytes.status();
  return Sha256(*bytes);
}

v1::Purse PurseOf(std::string_view word) {
  return Find(kPurses, word);
}

std::string_view WordOf(v1::Purse purse) {
  for (const auto& entry : kPurses) {
    if (entry.value == purse) return entry.word;
  }
  return "unknown";
}

v1::CardTechnology CardTechnologyOf(std::string_view word) {
  return Find(kTechnologies, word);
}

v1::ReaderProfile ReaderProfileOf(std::string_view word) {
  return Find(kProfiles, word);
}

}  // namespace ladon::ctl
