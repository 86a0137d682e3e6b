#include "server/channels/reader.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "absl/time/civil_time.h"
#include "server/channels/amount.h"

namespace ladon::channels {
namespace {

std::optional<absl::Time> TimeOf(std::string_view text, std::string_view form,
                                 const absl::TimeZone& zone) {
  constexpr int kYearMin = 2000;
  constexpr int kYearMax = 2099;
  if (text.size() != form.size()) return std::nullopt;
  std::map<char, int> parts;
  for (size_t i = 0; i < form.size(); ++i) {
    if (std::string_view("YmdHMS").find(form[i]) == std::string_view::npos) {
      if (text[i] != form[i]) return std::nullopt;
    } else if (text[i] >= '0' && text[i] <= '9') {
      parts[form[i]] = parts[form[i]] * 10 + (text[i] - '0');
    } else {
      return std::nullopt;
    }
  }
  const absl::CivilSecond civil(parts['Y'], parts['m'], parts['d'], parts['H'], parts['M'],
                                parts['S']);
  // It is put right when it does not exist, and then is another.
  const bool exists = civil.month() == parts['m'] && civil.day() == parts['d'] &&
                      civil.hour() == parts['H'] && civil.minute() == parts['M'] &&
                      civil.second() == parts['S'];
  if (!exists || civil.year() < kYearMin || civil.year() > kYearMax) return std::nullopt;
  return absl::FromCivil(civil, zone);
}

}  // namespace

std::optional<std::string> Reader::Value(std::string_view name) const {
  const auto [begin, end] = parameters_.equal_range(std::string(name));
  if (std::distance(begin, end) != 1 || begin->second.size() > kAccountBytesMax) {
    return std::nullopt;
  }
  return begin->second;
}

bool Reader::Has(std::string_view name) const {
  return parameters_.count(std::string(name)) != 0;
}

std::string Reader::PaymentId(std::string_view name, bool needed) {
  if (!needed && !Has(name)) return "";
  const std::optional<std::string> id = Value(name);
  const bool digits =
      id && !id->empty() && id->size() <= kPaymentIdDigitsMax &&
      std::all_of(id->begin(), id->end(), [](char c) { return c >= '0' && c <= '9'; });
  if (digits) return *id;
  Fail(Verdict::kBadPaymentId);
  return "";
}

std::optional<int64_t> Reader::Amount(std::string_view name, bool needed) {
  if (!needed && !Has(name)) return std::nullopt;
  const std::optional<std::string> text = Value(name);
  const std::optional<int64_t> kopecks = text ? ParseAmount(*text) : std::nullopt;
  if (!kopecks) {
    Fail(Verdict::kBadAmount);
    return std::nullopt;
  }
  if (*kopecks > 0) return kopecks;
  Fail(Verdict::kTooSmall);
  return std::nullopt;
}

std::optional<absl::Time> Reader::Date(std::string_view name, std::string_view form,
                                       const absl::TimeZone& zone, bool needed) {
  if (!needed && !Has(name)) return std::nullopt;
  const std::optional<std::string> text = Value(name);
  std::optional<absl::Time> time = text ? TimeOf(*text, form, zone) : std::nullopt;
  if (!time) Fail(Verdict::kBadDate);
  return time;
}

std::string Reader::Account(std::string_view name, const re2::RE2* pattern,
                            std::optional<base::PaymentAccount>* account) {
  const std::optional<std::string> typed = Value(name);
  if (!typed || typed->empty() || (pattern != nullptr && !re2::RE2::FullMatch(*typed, *pattern))) {
    Fail(Verdict::kBadAccount);
    return "";
  }
  *account = base::PaymentAccount::Parse(*typed);
  return *typed;
}

}  // namespace ladon::channels
