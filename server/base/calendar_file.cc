// Reads a calendar from TOML. Whatever the file says is held against the calendar and against the
// rest of the file: a day off that nobody meant would move the terms of every request.
#include <toml++/toml.h>

#include <algorithm>
#include <fstream>
#include <optional>

#include "server/base/calendar.h"

namespace ladon::base {
namespace {

using Source = toml::source_region;

struct Year {
  uint32_t number = 0;
  bool decreed = false;
};

// What one file is read into; `name` stands in every refusal.
struct Reading {
  std::string name;
  Year year;  // the one before, while years are read
  Calendar::Days days;
};

absl::Status Wrong(const Reading& reading, const Source& where, const std::string& what) {
  return absl::InvalidArgumentError(reading.name + ", line " + std::to_string(where.begin.line) +
                                    ": " + what);
}

std::string TextOf(uint32_t day) {
  std::string text = std::to_string(day);
  return text.insert(6, "-").insert(4, "-");
}

bool Has(const std::vector<uint32_t>& days, uint32_t day) {
  return std::find(days.begin(), days.end(), day) != days.end();
}

// A TOML date like 2026-05-09, without quotes, years 2000 to 2999.
std::optional<uint32_t> DayOf(const toml::node* node) {
  if (node == nullptr) return std::nullopt;
  const auto date = node->value_exact<toml::date>();
  if (!date || date->year < 2000 || date->year > 2999) return std::nullopt;
  const uint32_t day = date->year * 10'000U + date->month * 100U + date->day;
  return IsCalendarDay(day) ? std::optional<uint32_t>(day) : std::nullopt;
}

absl::Status CheckKeys(const Reading& reading, const toml::table& table,
                       std::initializer_list<std::string_view> known) {
  for (const auto& [key, node] : table) {
    if (std::find(known.begin(), known.end(), key.str()) == known.end()) {
      return Wrong(
          reading, key.source(),
          "unknown key " + std::string(key.str()) + "; deploy/calendar.toml shows every key");
    }
  }
  return absl::OkStatus();
}

// The array under `key`, which may be absent (nullptr) and has at most `most` elements.
absl::StatusOr<const toml::array*> ListOf(const Reading& reading, const toml::table& table,
                                          std::string_view key, size_t most) {
  const toml::node* const node = table.get(key);
  if (node == nullptr) return nullptr;
  const toml::array* const list = node->as_array();
  if (list == nullptr) {
    return Wrong(reading, node->source(), std::string(key) + " must be a list");
  }
  if (list->size() > most) {
    return Wrong(reading, node->source(),
                 std::string(key) + " has more than " + std::to_string(most) + " elements");
  }
  return list;
}

absl::Status ReadHoliday(const toml::node& node, Reading* reading) {
  const std::optional<uint32_t> day = DayOf(&node);
  if (!day) {
    return Wrong(*reading, node.source(), "a holiday must be a date like 2026-06-16");
  }
  if (*day / 10'000 != reading->year.number) {
    return Wrong(*reading, node.source(), TextOf(*day) + " is not a day of this year");
  }
  if (IsStatutoryHoliday(*day)) {
    return Wrong(*reading, node.source(),
                 TextOf(*day) + " is a holiday by law and need not be listed");
  }
  if (Has(reading->days.holidays, *day)) {
    return Wrong(*reading, node.source(), TextOf(*day) + " is listed twice");
  }
  reading->days.holidays.push_back(*day);
  return absl::OkStatus();
}

absl::Status ReadTransfer(const toml::node& node, std::vector<uint32_t>* moved, Reading* reading) {
  const toml::table* const table = node.as_table();
  const std::optional<uint32_t> from = table != nullptr ? DayOf(table->get("from")) : std::nullopt;
  const std::optional<uint32_t> to = table != nullptr ? DayOf(table->get("to")) : std::nullopt;
  if (!from || !to) {
    return Wrong(*reading, node.source(),
                 "a transfer must look like {from = 2026-01-03, to = 2026-01-09}");
  }
  if (absl::Status s = CheckKeys(*reading, *table, {"from", "to"}); !s.ok()) return s;
  Calendar::Days& days = reading->days;
  const auto wrong = [&](uint32_t day, const char* why) {
    return Wrong(*reading, node.source(), TextOf(day) + why);
  };
  for (const uint32_t day : {*from, *to}) {
    if (day / 10'000 != reading->year.number) return wrong(day, " is not a day of this year");
  }
  if (!IsWeekend(*from)) return wrong(*from, " is no Saturday or Sunday, so no day off to move");
  if (IsWeekend(*to)) return wrong(*to, " is a Saturday or Sunday already");
  if (Has(*moved, *from)) return wrong(*from, " is moved twice");
  if (Has(days.off, *to)) return wrong(*to, " is given twice");
  if (IsStatutoryHoliday(*to) || Has(days.holidays, *to))
    return wrong(*to, " is a holiday already");
  moved->push_back(*from);
  // A weekend that is a holiday stays free, its day off comes on top; any other is worked instead.
  if (!IsStatutoryHoliday(*from) && !Has(days.holidays, *from)) days.worked.push_back(*from);
  days.off.push_back(*to);
  // Article 112 moves a day off; in a six-day week a Saturday is none.
  const bool from_sunday = IsWeekend(AddDays(*from, -1));
  if (from_sunday) days.off_six.push_back(*to);
  return absl::OkStatus();
}

// Article 112 part 2: a holiday at a weekend always passes its day off on, but for those of
// January. So one that the file leaves out was forgotten.
absl::Status CheckPassedOn(const Reading& reading, const Source& where,
                           const std::vector<uint32_t>& moved) {
  const uint32_t first = reading.year.number * 10'000 + 1'09;
  for (uint32_t day = first; day / 10'000 == reading.year.number; day = AddDays(day, 1)) {
    if (IsStatutoryHoliday(day) && IsWeekend(day) && !Has(moved, day)) {
      return Wrong(reading, where,
                   "the holiday " + TextOf(day) + " is at a weekend: say where its day off goes");
    }
    if (day == kLastCalendarDay) break;
  }
  return absl::OkStatus();
}

// The number and the decree of a year, and that it follows the year before.
absl::Status ReadYearHead(const toml::node& node, Reading* reading) {
  const toml::table* const table = node.as_table();
  if (table == nullptr) return Wrong(*reading, node.source(), "year must be written as [[year]]");
  if (absl::Status s = CheckKeys(*reading, *table, {"year", "decree", "transfers", "holidays"});
      !s.ok()) {
    return s;
  }
  const toml::node* const number = table->get("year");
  const auto year = number != nullptr ? number->value_exact<int64_t>() : std::nullopt;
  if (!year || *year < 2000 || *year > 2999) {
    return Wrong(*reading, number != nullptr ? number->source() : node.source(),
                 "year must be a number from 2000 to 2999");
  }
  const toml::node* const decree = table->get("decree");
  const auto text = decree != nullptr ? decree->value_exact<std::string>() : std::nullopt;
  if (!text || text->size() > kCalendarNameBytesMax) {
    return Wrong(*reading, decree != nullptr ? decree->source() : node.source(),
                 "decree must be a text in quotes; \"\" as long as there is none");
  }
  const Year before = reading->year;
  reading->year = {.number = static_cast<uint32_t>(*year), .decreed = !text->empty()};
  if (before.number != 0 && reading->year.number != before.number + 1) {
    return Wrong(*reading, number->source(),
                 "the year after " + std::to_string(before.number) + " must come next");
  }
  if (before.number != 0 && reading->year.decreed && !before.decreed) {
    return Wrong(*reading, decree->source(),
                 std::to_string(before.number) + " before it has no decree");
  }
  return absl::OkStatus();
}

absl::Status ReadYear(const toml::node& node, Reading* reading) {
  if (absl::Status s = ReadYearHead(node, reading); !s.ok()) return s;
  const toml::table& table = *node.as_table();
  // Holidays first: a transfer is judged by them.
  const auto holidays = ListOf(*reading, table, "holidays", kYearListMax);
  if (!holidays.ok()) return holidays.status();
  if (*holidays != nullptr) {
    for (const toml::node& holiday : **holidays) {
      if (absl::Status s = ReadHoliday(holiday, reading); !s.ok()) return s;
    }
  }
  const auto transfers = ListOf(*reading, table, "transfers", kYearListMax);
  if (!transfers.ok()) return transfers.status();
  std::vector<uint32_t> moved;
  if (*transfers != nullptr && !(*transfers)->empty()) {
    if (!reading->year.decreed) {
      return Wrong(*reading, (*transfers)->source(), "only a decree moves days off");
    }
    for (const toml::node& transfer : **transfers) {
      if (absl::Status s = ReadTransfer(transfer, &moved, reading); !s.ok()) return s;
    }
  }
  if (!reading->year.decreed) return absl::OkStatus();
  if (reading->days.first == 0) reading->days.first = reading->year.number * 10'000 + 1'01;
  reading->days.last = reading->year.number * 10'000 + 12'31;
  return CheckPassedOn(*reading, node.source(), moved);
}

absl::Status ReadSchoolHoliday(const toml::node& node, Reading* reading) {
  const toml::table* const table = node.as_table();
  if (table == nullptr) {
    return Wrong(*reading, node.source(), "school_holidays must be written as [[school_holidays]]");
  }
  if (absl::Status s = CheckKeys(*reading, *table, {"name", "from", "to"}); !s.ok()) return s;
  const toml::node* const name = table->get("name");
  const auto text = name != nullptr ? name->value_exact<std::string>() : std::nullopt;
  if (!text || text->empty() || text->size() > kCalendarNameBytesMax) {
    return Wrong(*reading, node.source(), "name must be a text in quotes");
  }
  const std::optional<uint32_t> from = DayOf(table->get("from"));
  const std::optional<uint32_t> to = DayOf(table->get("to"));
  if (!from || !to) {
    return Wrong(*reading, node.source(), "from and to must be dates like 2026-10-26");
  }
  if (*to < *from || AddDays(*from, kSchoolHolidayDaysMax) <= *to) {
    return Wrong(*reading, node.source(),
                 "to must be from or later, " + std::to_string(kSchoolHolidayDaysMax) +
                     " days in all at most");
  }
  std::vector<Calendar::Span>& spans = reading->days.school_holidays;
  if (!spans.empty() && *from <= spans.back().to) {
    return Wrong(*reading, node.source(),
                 TextOf(*from) + " does not lie after the holidays before, which end on " +
                     TextOf(spans.back().to));
  }
  spans.push_back({.from = *from, .to = *to});
  return absl::OkStatus();
}

absl::Status ReadAll(const toml::table& root, Reading* reading) {
  if (absl::Status s = CheckKeys(*reading, root, {"school_week_days", "year", "school_holidays"});
      !s.ok()) {
    return s;
  }
  if (const toml::node* const node = root.get("school_week_days"); node != nullptr) {
    const auto week = node->value_exact<int64_t>();
    if (!week || (*week != 5 && *week != 6)) {
      return Wrong(*reading, node->source(), "school_week_days must be 5 or 6");
    }
    reading->days.school_week_days = static_cast<uint32_t>(*week);
  }
  const auto years = ListOf(*reading, root, "year", kCalendarYearsMax);
  if (!years.ok()) return years.status();
  if (*years == nullptr || (*years)->empty()) {
    return absl::InvalidArgumentError(reading->name + ": there is no [[year]] in it");
  }
  for (const toml::node& year : **years) {
    if (absl::Status s = ReadYear(year, reading); !s.ok()) return s;
  }
  const auto spans = ListOf(*reading, root, "school_holidays", kSchoolHolidaysMax);
  if (!spans.ok()) return spans.status();
  if (*spans != nullptr) {
    for (const toml::node& span : **spans) {
      if (absl::Status s = ReadSchoolHoliday(span, reading); !s.ok()) return s;
    }
  }
  Calendar::Days& days = reading->days;
  for (auto* list : {&days.holidays, &days.worked, &days.off, &days.off_six}) {
    std::sort(list->begin(), list->end());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Calendar> Calendar::Parse(std::string_view text, const std::string& name) {
  if (text.size() > kCalendarBytesMax) {
    return absl::InvalidArgumentError(name + " is longer than 64 KiB: not a calendar");
  }
  Reading reading{.name = name};
  toml::table root;
  try {  // toml++ reports by exception.
    root = toml::parse(text, name);
  } catch (const toml::parse_error& error) {
    return Wrong(reading, error.source(), std::string(error.description()));
  }
  if (absl::Status s = ReadAll(root, &reading); !s.ok()) return s;
  return Calendar(std::move(reading.days));
}

absl::StatusOr<Calendar> Calendar::Load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError("cannot read the calendar " + path);
  std::string text(kCalendarBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  if (file.bad() || (file.fail() && !file.eof())) {
    return absl::NotFoundError("cannot read the calendar " + path);  // A directory, for one.
  }
  return Parse(text, path);
}

}  // namespace ladon::base
