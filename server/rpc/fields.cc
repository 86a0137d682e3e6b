#include "server/rpc/fields.h"

#include <algorithm>
#include <charconv>
#include <span>

#include "server/flow/pin.h"
#include "server/flow/service_day.h"
#include "server/rpc/limits.h"

namespace ladon::rpc {
namespace {

// Decodes UTF-8 that protobuf has validated.
std::vector<char32_t> CodePoints(std::string_view text) {
  std::vector<char32_t> points;
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<uint8_t>(text[i]);
    const size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    char32_t point = length == 1 ? lead : lead & (0xFF >> (length + 1));
    for (size_t k = 1; k < length && i + k < text.size(); ++k) {
      point = point << 6 | (static_cast<uint8_t>(text[i + k]) & 0x3F);
    }
    points.push_back(point);
    i += length;
  }
  return points;
}

// The scripts in use on class lists: Latin, Cyrillic, and their supplements.
bool IsLetter(char32_t c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         (c >= 0x00C0 && c <= 0x024F && c != 0x00D7 && c != 0x00F7) ||     // Latin with marks
         (c >= 0x0400 && c <= 0x052F && !(c >= 0x0482 && c <= 0x0489)) ||  // Cyrillic
         (c >= 0x1E00 && c <= 0x1EFF);                                     // more Latin
}

bool IsDigit(char32_t c) {
  return c >= '0' && c <= '9';
}

bool IsPunctuation(char32_t c) {
  constexpr std::u32string_view kAllowed = U" -'.,:;()/\"%+№«»–—!&_#";
  return kAllowed.find(c) != std::u32string_view::npos;
}

bool IsNamePunctuation(char32_t c) {
  return c == ' ' || c == '-' || c == '\'' || c == '.';
}

std::string Indexed(std::string_view field, const char* list, int index) {
  return std::string(field) + "." + list + "[" + std::to_string(index) + "]";
}

std::string Sub(std::string_view field, const char* name) {
  return std::string(field) + "." + name;
}

}  // namespace

int64_t Fields::Range(std::string_view field, int64_t value, int64_t least, int64_t most) {
  if (value < least || value > most) {
    Fail(field, "must be " + std::to_string(least) + " to " + std::to_string(most));
  }
  return value;
}

std::string Fields::Text(std::string_view field, const std::string& text, size_t least,
                         size_t most) {
  const std::vector<char32_t> points = CodePoints(text);
  if (points.size() < least || points.size() > most) {
    Fail(field, "must be " + std::to_string(least) + " to " + std::to_string(most) + " characters");
  } else if (!std::all_of(points.begin(), points.end(), [](char32_t c) {
               return IsLetter(c) || IsDigit(c) || IsPunctuation(c);
             })) {
    Fail(field, "must hold letters, digits and simple punctuation only");
  } else if (!points.empty() && (points.front() == ' ' || points.back() == ' ')) {
    Fail(field, "must not begin or end with a space");
  }
  return text;
}

std::string Fields::Name(std::string_view field, const std::string& text, size_t most) {
  const std::vector<char32_t> points = CodePoints(text);
  if (points.empty() || points.size() > most) {
    Fail(field, "must be 1 to " + std::to_string(most) + " characters");
  } else if (!IsLetter(points.front()) ||
             !std::all_of(points.begin(), points.end(),
                          [](char32_t c) { return IsLetter(c) || IsNamePunctuation(c); })) {
    Fail(field, "must be letters, spaces, hyphens, apostrophes and full stops");
  } else if (points.back() == ' ') {
    Fail(field, "must not end with a space");
  }
  return text;
}

std::string Fields::Ascii(std::string_view field, const std::string& text, size_t least,
                          size_t most) {
  if (text.size() < least || text.size() > most ||
      !std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; })) {
    Fail(field, "must be " + std::to_string(least) + " to " + std::to_string(most) +
                    " printable ASCII characters without spaces");
  }
  return text;
}

uint32_t Fields::Day(std::string_view field, bool present, const v1::Date& date) {
  const bool in_range = date.year() >= 2000 && date.year() <= 2999 && date.month() >= 1 &&
                        date.month() <= 12 && date.day() >= 1 && date.day() <= 31;
  const auto day =
      in_range ? static_cast<uint32_t>(date.year() * 10'000 + date.month() * 100 + date.day()) : 0U;
  if (!present || !in_range || !flow::IsDay(day)) {
    Fail(field, "must be a day of the calendar, year 2000 to 2999");
  }
  return day;
}

uint64_t Fields::Time(std::string_view field, bool present, const google::protobuf::Timestamp& time,
                      uint64_t otherwise) {
  if (!present) return otherwise;
  constexpr int64_t kSecondsMax = 32'503'680'000;  // The year 3000.
  constexpr int64_t kNsPerSecond = 1'000'000'000;
  const bool good = time.seconds() >= 0 && time.seconds() < kSecondsMax && time.nanos() >= 0 &&
                    time.nanos() < kNsPerSecond;
  Require(good, field, "must be a time of the years 1970 to 2999");
  if (!good) return otherwise;
  const auto ns = static_cast<unsigned __int128>(time.seconds()) * kNsPerSecond +
                  static_cast<unsigned>(time.nanos());
  return ns > ~uint64_t{0} ? ~uint64_t{0} : static_cast<uint64_t>(ns);
}

std::string Fields::OptionalPin(std::string_view field, const std::string& text) {
  Require(text.empty() || flow::IsPin(text), field, "must be 4 to 8 digits");
  return text;
}

vault::CardNumber Fields::Card(std::string_view field, bool present, const v1::Card& card) {
  if (!present) {
    Fail(field, "must be given");
    return {};
  }
  Enum(Sub(field, "technology"), card.technology(), v1::CardTechnology_IsValid);
  Enum(Sub(field, "reader_profile"), card.reader_profile(), v1::ReaderProfile_IsValid);
  if (!ok()) return {};
  absl::StatusOr<vault::CardNumber> number =
      vault::CanonicalCard(static_cast<vault::CardTechnology>(card.technology()), card.uid(),
                           static_cast<vault::ReaderProfile>(card.reader_profile()));
  if (absl::IsFailedPrecondition(number.status())) {
    FailWith(flow::Refuse(flow::Reason::kCardUidRandom, Sub(field, "uid")));
    return {};
  }
  if (!number.ok()) {
    Fail(Sub(field, "uid"), "must have a length that its technology has");
    return {};
  }
  return *std::move(number);
}

matcher::VeinCode Fields::Template(std::string_view field, std::string_view bytes) {
  const absl::StatusOr<matcher::VeinCode> code = matcher::ParseTemplate(
      std::span(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()));
  if (!code.ok()) {
    FailWith(flow::Refuse(flow::Reason::kTemplateUnsupported, field));
    return {};
  }
  return *code;
}

flow::Probe Fields::Probe(std::string_view field, const v1::Probe& probe) {
  flow::Probe read;
  const size_t count = static_cast<size_t>(probe.codes_size());
  if (count < 1 || count > matcher::kProbeCodesMax) {
    Fail(Sub(field, "codes"), "must be 1 to 15 codes");
    return read;
  }
  for (int i = 0; i < probe.codes_size(); ++i) {
    read.codes.push_back(Template(Indexed(field, "codes", i), probe.codes(i)));
  }
  read.sensor = Id<base::SensorId>(Sub(field, "sensor_id"), probe.sensor_id());
  read.liveness = static_cast<flow::Liveness>(
      Enum(Sub(field, "liveness"), probe.liveness(), v1::Liveness_IsValid));
  return read;
}

flow::Basket Fields::Basket(std::string_view field, bool present, const v1::Basket& basket) {
  flow::Basket read;
  if (!present) {
    Fail(field, "must be given");
    return read;
  }
  read.caterer = Id<base::CatererId>(Sub(field, "caterer_id"), basket.caterer_id());
  const size_t count = static_cast<size_t>(basket.lines_size());
  if (count < 1 || count > flow::kBasketLinesMax) {
    Fail(Sub(field, "lines"), "must be 1 to 32 lines");
    return read;
  }
  for (int i = 0; i < basket.lines_size(); ++i) {
    const v1::BasketLine& line = basket.lines(i);
    const std::string path = Indexed(field, "lines", i);
    flow::BasketLine one;
    one.item = OptionalId<base::ItemId>(Sub(path, "item_id"), line.item_id());
    one.category =
        static_cast<uint16_t>(Range(Sub(path, "category"), line.category(), 0, kCategoryMax));
    one.quantity =
        static_cast<uint32_t>(Range(Sub(path, "quantity"), line.quantity(), 1, flow::kQuantityMax));
    one.unit_price_kopecks = Range(Sub(path, "unit_price_kopecks"), line.unit_price_kopecks(), 1,
                                   flow::kUnitPriceKopecksMax);
    one.purse = static_cast<uint8_t>(Enum(Sub(path, "purse"), line.purse(), v1::Purse_IsValid));
    read.lines.push_back(one);
  }
  constexpr int64_t kTotalMax =
      flow::kUnitPriceKopecksMax * flow::kQuantityMax * static_cast<int64_t>(flow::kBasketLinesMax);
  read.total_kopecks = Range(Sub(field, "total_kopecks"), basket.total_kopecks(), 1, kTotalMax);
  return read;
}

uint64_t Fields::SequenceToken(const std::string& token) {
  if (token.empty()) return 1;
  uint64_t sequence = 0;
  const char* const end = token.data() + token.size();
  const auto [rest, error] = std::from_chars(token.data(), end, sequence);
  if (error != std::errc() || rest != end || token.size() > kPageTokenBytesMax || sequence == 0) {
    Fail("page_token", "must be the token of an earlier answer");
  }
  return sequence;
}

size_t Fields::PageSize(int32_t page_size) {
  if (page_size == 0) return kPageSizeDefault;
  return static_cast<size_t>(Range("page_size", page_size, 1, kPageSizeMax));
}

flow::Request RequestOf(const CallContext& call, const base::RequestId& request_id) {
  return {.key = flow::OperationKeyOf(call.caller.uri, request_id),
          .content = flow::ContentDigest(*call.house, call.rpc, call.request_bytes)};
}

void SetDate(uint32_t day, v1::Date* date) {
  date->set_year(static_cast<int32_t>(day / 10'000));
  date->set_month(static_cast<int32_t>(day / 100 % 100));
  date->set_day(static_cast<int32_t>(day % 100));
}

void SetTimestamp(uint64_t at_ns, google::protobuf::Timestamp* timestamp) {
  constexpr uint64_t kNsPerSecond = 1'000'000'000;
  timestamp->set_seconds(static_cast<int64_t>(at_ns / kNsPerSecond));
  timestamp->set_nanos(static_cast<int32_t>(at_ns % kNsPerSecond));
}

std::string BytesOf(const std::array<uint8_t, 16>& id) {
  return {reinterpret_cast<const char*>(id.data()), id.size()};
}

}  // namespace ladon::rpc
