// Days and times as banks write them, by a pattern: "DD.MM.YYYY", "YYYY-MM-DD HH:MM:SS",
// "DD/MM/YYYY H:MM", "HH-MM-SS".
//
// DD, MM and YYYY are a day; HH (or H: one digit or two), MM behind it, and SS are a time, whose
// seconds may be left out. What stands between them is taken as it is. No zone is known here: it is
// the bank's clock. Threading: plain values.
#ifndef LADON_SERVER_CLIENT_REGISTRY_MOMENT_H_
#define LADON_SERVER_CLIENT_REGISTRY_MOMENT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/client/registry/text.h"

namespace ladon::registry {

struct Moment {
  Day day = 0;
  std::optional<uint32_t> second;  // Of the day; nullopt: no time is told.

  // "2026-09-01 12:01:33", or "2026-09-01".
  [[nodiscard]] std::string Text() const;
};

class MomentFormat {
 public:
  MomentFormat() = default;  // Reads nothing.

  // InvalidArgument, as "...": neither a day nor a time, a part of one, a part twice, one of the
  // letters D, M, Y, H and S elsewhere, or longer than 40 bytes.
  [[nodiscard]] static absl::StatusOr<MomentFormat> Parse(std::string_view pattern);

  [[nodiscard]] bool has_day() const { return has_day_; }
  [[nodiscard]] bool has_time() const { return has_time_; }
  // nullopt: not of the pattern, or no day of the calendar, or no time of a day.
  [[nodiscard]] std::optional<Moment> Read(std::string_view text) const;

 private:
  enum class Part : unsigned char { kYear, kMonth, kDay, kHour, kMinute, kSecond, kLiteral };
  struct Element {
    Part part = Part::kLiteral;
    char literal = 0;
    size_t digits_min = 1;
    size_t digits_max = 1;
  };

  static std::optional<Element> NextElement(std::string_view* pattern, bool behind_hour);

  std::vector<Element> elements_;
  bool has_day_ = false;
  bool has_time_ = false;
};

}  // namespace ladon::registry

#endif  // LADON_SERVER_CLIENT_REGISTRY_MOMENT_H_
