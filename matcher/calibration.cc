#include "matcher/calibration.h"

#include <openssl/sha.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "matcher/distance.h"
#include "matcher/vein_code.h"

namespace ladon::matcher {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kFormat[] = "ladon calibration 1";
constexpr char kMakeAnew[] =
    "; use the calibration.json that came with this program, or make one with `ladon-eval "
    "calibrate`";

std::string DigestOf(const Json& json) {
  const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::array<uint8_t, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const uint8_t*>(text.data()), text.size(), digest.data());
  return absl::BytesToHexString({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

Json MadeFor() {
  return {{"template_version", kTemplateVersion},
          {"extractor", kTemplateExtractor},
          {"comparison", kComparisonVersion}};
}

Json SetJson(const CalibrationSet& set) {
  return {{"name", set.name},
          {"palms", set.palms},
          {"probes", set.probes},
          {"templates", set.templates},
          {"two_sessions", set.two_sessions},
          {"impostor_comparisons", set.impostor_comparisons},
          {"nearest_impostor", set.nearest_impostor_q16},
          {"one_in_ten_thousand", set.one_in_ten_thousand_q16},
          {"fitted_units_per_decade", set.units_per_decade},
          {"fnir", set.fnir},
          {"nearest_other_within", set.nearest_other_within}};
}

Json ThresholdsJson(const Thresholds& thresholds) {
  Json steps = Json::array();
  for (const ThresholdStep& step : thresholds.steps) {
    const bool unbounded = step.looks_max == std::numeric_limits<uint64_t>::max();
    steps.push_back({{"looks_max", unbounded ? Json(nullptr) : Json(step.looks_max)},
                     {"distance_max", step.distance_max_q16}});
  }
  return {{"steps", std::move(steps)},
          {"margin_min", thresholds.margin_min_q16},
          {"alone_extra", thresholds.alone_extra_q16},
          {"alone_margin_min", thresholds.alone_margin_min_q16},
          {"alone_rows_min", thresholds.alone_rows_min},
          {"alone_rows_max", thresholds.alone_rows_max}};
}

// Reads one object; the first thing that is wrong with it stays in `status`.
class ObjectReader {
 public:
  ObjectReader(const Json& json, std::string name, absl::Status* status)
      : name_(std::move(name)), status_(status) {
    if (json.is_object()) {
      json_ = &json;
    } else {
      Fail("", "must be an object");
    }
  }

  const Json* Member(const char* key) {
    if (json_ == nullptr) return nullptr;
    read_.insert(key);
    const auto it = json_->find(key);
    if (it == json_->end()) {
      Fail(key, "is missing");
      return nullptr;
    }
    return &*it;
  }

  template <class T>
  void Number(const char* key, T low, T high, T* value) {
    const Json* member = Member(key);
    if (member == nullptr) return;
    const bool kind = std::is_floating_point_v<T> ? member->is_number()
                      : std::is_signed_v<T>       ? member->is_number_integer()
                                                  : member->is_number_unsigned();
    // Through the widest type of its kind, so that no large number wraps into the range.
    using Wide = std::conditional_t<std::is_floating_point_v<T>, double,
                                    std::conditional_t<std::is_signed_v<T>, int64_t, uint64_t>>;
    if (!kind) return Fail(key, "must be a number");
    if (std::is_same_v<Wide, int64_t> && member->is_number_unsigned() &&
        member->get<uint64_t>() > std::numeric_limits<int64_t>::max()) {
      return Fail(key, "is out of range");
    }
    const Wide wide = member->get<Wide>();
    if (!(wide >= Wide(low) && wide <= Wide(high))) {
      return Fail(key, absl::StrCat("must be from ", low, " to ", high));
    }
    *value = static_cast<T>(wide);
  }

  void Text(const char* key, std::string* value) {
    const Json* member = Member(key);
    if (member == nullptr) return;
    constexpr size_t kTextMax = 128;
    if (!member->is_string() || member->get_ref<const std::string&>().size() > kTextMax) {
      return Fail(key, "must be a text of at most 128 bytes");
    }
    *value = member->get<std::string>();
  }

  void Bool(const char* key, bool* value) {
    const Json* member = Member(key);
    if (member == nullptr) return;
    if (!member->is_boolean()) return Fail(key, "must be true or false");
    *value = member->get<bool>();
  }

  // Every key is known, or the file means something that this program would ignore.
  void ExpectNoOthers() {
    if (json_ == nullptr) return;
    for (const auto& item : json_->items()) {
      if (!read_.contains(item.key())) Fail(item.key(), "is unknown");
    }
  }

  void Fail(const std::string& key, const std::string& why) {
    if (!status_->ok()) return;
    const std::string at = key.empty() ? name_ : absl::StrCat(name_, ".", key.substr(0, 64));
    *status_ = absl::InvalidArgumentError(absl::StrCat(at, " ", why));
  }

 private:
  const Json* json_ = nullptr;
  std::string name_;
  std::set<std::string, std::less<>> read_;
  absl::Status* status_;
};

void ReadSteps(const Json& json, Thresholds* thresholds, absl::Status* status) {
  if (!json.is_array() || json.size() != thresholds->steps.size()) {
    *status = absl::InvalidArgumentError(
        absl::StrCat("thresholds.steps must be a list of ", thresholds->steps.size()));
    return;
  }
  constexpr uint64_t kUnbounded = std::numeric_limits<uint64_t>::max();
  for (size_t i = 0; i < json.size(); ++i) {
    ThresholdStep& step = thresholds->steps[i];
    ObjectReader reader(json[i], absl::StrCat("thresholds.steps[", i, "]"), status);
    const Json* looks = reader.Member("looks_max");
    const bool last = i + 1 == json.size();
    if (looks != nullptr && looks->is_null() && last) {
      step.looks_max = kUnbounded;
    } else {
      if (last) reader.Fail("looks_max", "must be null: the last step has no end");
      const uint64_t above = i == 0 ? 0 : thresholds->steps[i - 1].looks_max;
      reader.Number("looks_max", above + 1, kUnbounded - 1, &step.looks_max);
    }
    const int32_t below =
        i == 0 ? kDistanceUnrelatedQ16 - 1 : thresholds->steps[i - 1].distance_max_q16;
    reader.Number("distance_max", 1, below, &step.distance_max_q16);
    reader.ExpectNoOthers();
    if (!status->ok()) return;
  }
}

void ReadThresholds(const Json& json, Thresholds* thresholds, absl::Status* status) {
  ObjectReader reader(json, "thresholds", status);
  if (const Json* steps = reader.Member("steps"); steps != nullptr) {
    ReadSteps(*steps, thresholds, status);
  }
  reader.Number("margin_min", 1, kDistanceUnrelatedQ16, &thresholds->margin_min_q16);
  reader.Number("alone_extra", 0, kDistanceUnrelatedQ16 / 8, &thresholds->alone_extra_q16);
  reader.Number("alone_margin_min", 1, kDistanceUnrelatedQ16, &thresholds->alone_margin_min_q16);
  constexpr size_t kRowsMax = size_t{1} << 32;
  reader.Number("alone_rows_min", size_t{1}, kRowsMax, &thresholds->alone_rows_min);
  reader.Number("alone_rows_max", size_t{1}, kRowsMax, &thresholds->alone_rows_max);
  reader.ExpectNoOthers();
  if (thresholds->alone_margin_min_q16 < thresholds->margin_min_q16) {
    reader.Fail("alone_margin_min", "must not be less than margin_min");
  }
}

void ReadSets(const Json& json, std::vector<CalibrationSet>* sets, absl::Status* status) {
  if (!json.is_array() || json.empty() || json.size() > kCalibrationSetsMax) {
    *status = absl::InvalidArgumentError("sets must be a list of 1 to 32 sets of images");
    return;
  }
  constexpr uint64_t kCountMax = uint64_t{1} << 53;
  for (size_t i = 0; i < json.size(); ++i) {
    CalibrationSet set;
    ObjectReader reader(json[i], absl::StrCat("sets[", i, "]"), status);
    reader.Text("name", &set.name);
    reader.Number("palms", uint64_t{1}, kCountMax, &set.palms);
    reader.Number("probes", uint64_t{1}, kCountMax, &set.probes);
    reader.Number("templates", uint64_t{1}, kCountMax, &set.templates);
    reader.Bool("two_sessions", &set.two_sessions);
    reader.Number("impostor_comparisons", uint64_t{1}, kCountMax, &set.impostor_comparisons);
    reader.Number("nearest_impostor", 0, 2 * kDistanceUnrelatedQ16, &set.nearest_impostor_q16);
    reader.Number("one_in_ten_thousand", 0, 2 * kDistanceUnrelatedQ16,
                  &set.one_in_ten_thousand_q16);
    reader.Number("fitted_units_per_decade", 0.0, double{kDistanceUnrelatedQ16},
                  &set.units_per_decade);
    reader.Number("fnir", 0.0, 1.0, &set.fnir);
    reader.Number("nearest_other_within", 0.0, 1.0, &set.nearest_other_within);
    reader.ExpectNoOthers();
    sets->push_back(std::move(set));
  }
}

absl::Status CheckMadeFor(const Json& json) {
  if (json == MadeFor()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the calibration was made for ",
                   json.dump(-1, ' ', false, Json::error_handler_t::replace).substr(0, 160),
                   ", and this program is ", MadeFor().dump(), kMakeAnew));
}

absl::StatusOr<Calibration> ReadContent(const Json& json) {
  Calibration calibration;
  absl::Status status;
  ObjectReader reader(json, "calibration", &status);
  reader.Member("format");
  reader.Member("made_for");
  reader.Text("subjects", &calibration.subjects);
  if (status.ok() && calibration.subjects != "adults" && calibration.subjects != "children" &&
      calibration.subjects != "mixed") {
    reader.Fail("subjects", "must be adults, children or mixed");
  }
  reader.Number("wanted_fpir", 1e-12, 1.0, &calibration.wanted_fpir);
  reader.Member("note");
  if (const Json* sets = reader.Member("sets"); status.ok()) {
    ReadSets(*sets, &calibration.sets, &status);
  }
  if (const Json* thresholds = reader.Member("thresholds"); status.ok()) {
    ReadThresholds(*thresholds, &calibration.thresholds, &status);
  }
  reader.ExpectNoOthers();
  if (!status.ok()) return status;
  return calibration;
}

}  // namespace

std::string RenderCalibration(const Calibration& calibration) {
  Json sets = Json::array();
  for (const CalibrationSet& set : calibration.sets) sets.push_back(SetJson(set));
  Json json = {
      {"format", kFormat},
      {"made_for", MadeFor()},
      {"subjects", calibration.subjects},
      {"wanted_fpir", calibration.wanted_fpir},
      {"note",
       "Distances in 1/65536; looks = rows x codes of a probe. Rates beyond the comparisons that "
       "were made are an exponential tail fit, not a measurement."},
      {"sets", std::move(sets)},
      {"thresholds", ThresholdsJson(calibration.thresholds)}};
  json["sha256"] = DigestOf(json);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

absl::StatusOr<Calibration> ParseCalibration(std::string_view text) {
  const auto foreign = [](const char* why) {
    return absl::InvalidArgumentError(
        absl::StrCat("this is not a Ladon calibration file: ", why, kMakeAnew));
  };
  if (text.size() > kCalibrationBytesMax) return foreign("it is longer than 64 KiB");
  // Deeper values are dropped, and the digest differs: what is deep is written recursively.
  constexpr int kDepthMax = 8;
  const auto shallow = [](int depth, Json::parse_event_t, Json&) { return depth <= kDepthMax; };
  Json json = Json::parse(text, shallow, /*allow_exceptions=*/false);
  if (json.is_discarded() || !json.is_object()) return foreign("it is not a JSON object");
  if (const auto format = json.find("format"); format == json.end() || *format != kFormat) {
    return foreign("its format is not \"ladon calibration 1\"");
  }
  const auto digest = json.find("sha256");
  if (digest == json.end() || !digest->is_string()) return foreign("it has no digest");
  const std::string claimed = digest->get<std::string>();
  json.erase(digest);
  if (DigestOf(json) != claimed) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the calibration was damaged or changed after it was made: its digest differs", kMakeAnew));
  }
  if (const auto made_for = json.find("made_for"); made_for != json.end()) {
    if (absl::Status s = CheckMadeFor(*made_for); !s.ok()) return s;
  }
  return ReadContent(json);
}

absl::StatusOr<Calibration> LoadCalibration(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kCalibrationBytesMax + 1, '\0');
  if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) {
    return absl::NotFoundError(absl::StrCat(
        "calibration ", path, ": there is no such file, or it cannot be read", kMakeAnew));
  }
  text.resize(static_cast<size_t>(file.gcount()));
  absl::StatusOr<Calibration> calibration = ParseCalibration(text);
  if (calibration.ok()) return calibration;
  return absl::Status(calibration.status().code(),
                      absl::StrCat("calibration ", path, ": ", calibration.status().message()));
}

}  // namespace ladon::matcher
