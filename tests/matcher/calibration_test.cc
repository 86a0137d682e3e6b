// Goal: a calibration says exactly what it was made to say, or it is refused with the reason: the
// thresholds decide who is taken for whom.
// Method: round trips; the shipped file; every kind of damage, with a digest made here anew where
// the damage is not the digest's.
#include "matcher/calibration.h"

#include <openssl/evp.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_testing.h"

namespace ladon::matcher {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::testing::HasSubstr;
using Json = nlohmann::ordered_json;

std::string Sealed(Json json) {
  json.erase("sha256");
  const std::string text = json.dump();
  std::array<uint8_t, 32> digest;
  unsigned size = 0;
  EXPECT_EQ(EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr), 1);
  std::string hex;
  for (const uint8_t byte : digest) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", byte);
    hex += two;
  }
  json["sha256"] = hex;
  return json.dump();
}

void ExpectRefusal(const std::string& text, const std::string& why) {
  const absl::StatusOr<Calibration> parsed = ParseCalibration(text);
  ASSERT_THAT(parsed, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(parsed.status().message()), HasSubstr(why));
}

TEST(CalibrationTest, ShippedOneIsTheBuiltInDefault) {
  ASSERT_OK_AND_ASSIGN(const Calibration shipped, ParseCalibration(ShippedCalibration()));
  EXPECT_EQ(shipped.thresholds, kDefaultThresholds);
  EXPECT_EQ(shipped.subjects, "adults");
  EXPECT_EQ(shipped.sets.size(), 3U);
}

TEST(CalibrationTest, RoundTrip) {
  ASSERT_OK_AND_ASSIGN(Calibration calibration, ParseCalibration(ShippedCalibration()));
  calibration.thresholds.steps[0].distance_max_q16 = 23'950;
  calibration.thresholds.alone_extra_q16 = 0;
  calibration.sets[0].name = "школа \"7\"";
  calibration.subjects = "mixed";
  calibration.wanted_fpir = 1e-6;
  ASSERT_OK_AND_ASSIGN(const Calibration again, ParseCalibration(RenderCalibration(calibration)));
  EXPECT_EQ(again.thresholds, calibration.thresholds);
  EXPECT_EQ(again.sets, calibration.sets);
  EXPECT_EQ(again.subjects, "mixed");
  EXPECT_EQ(again.wanted_fpir, 1e-6);
}

TEST(CalibrationTest, ForeignFilesAreRefused) {
  for (const std::string text : {"", "{", "[]", "null", "calibration", "{}", "{\"format\": 1}",
                                 "{\"format\": \"ladon calibration 2\"}", "\xff\xfe"}) {
    ExpectRefusal(text, "not a Ladon calibration file");
  }
  ExpectRefusal(std::string(kCalibrationBytesMax + 1, ' '), "64 KiB");
  ExpectRefusal(std::string(30'000, '['), "not a Ladon calibration file");
  ExpectRefusal("{\"format\": \"ladon calibration 1\"}", "no digest");
  std::string deep = "{\"format\": \"ladon calibration 1\", \"sha256\": \"\", \"x\": ";
  deep += std::string(30'000, '[') + std::string(30'000, ']') + "}";
  ExpectRefusal(deep, "digest differs");
}

TEST(CalibrationTest, EveryChangedByteOfContentIsNoticed) {
  const std::string text = ShippedCalibration();
  Json json = Json::parse(text);
  json["thresholds"]["steps"][0]["distance_max"] = 30'000;
  ExpectRefusal(json.dump(), "digest differs");
  for (size_t at = 0; at < text.size(); at += 7) {
    std::string changed = text;
    changed[at] = changed[at] == '1' ? '2' : '1';
    if (changed != text) {
      EXPECT_THAT(ParseCalibration(changed), StatusIs(absl::StatusCode::kInvalidArgument)) << at;
    }
  }
}

TEST(CalibrationTest, StaleOnesAreRefused) {
  for (const char* key : {"template_version", "extractor", "comparison"}) {
    Json json = Json::parse(ShippedCalibration());
    json["made_for"][key] = 1;
    ExpectRefusal(Sealed(json), "was made for");
  }
}

TEST(CalibrationTest, ValuesOutOfBoundsAreNamed) {
  const std::vector<std::pair<std::string, std::function<void(Json&)>>> changes = {
      {"thresholds.steps[1].distance_max",
       [](Json& j) { j["thresholds"]["steps"][1]["distance_max"] = 24'500; }},
      {"thresholds.steps[0].distance_max",
       [](Json& j) { j["thresholds"]["steps"][0]["distance_max"] = 40'000; }},
      {"thresholds.steps[0].distance_max",
       [](Json& j) { j["thresholds"]["steps"][0]["distance_max"] = -1; }},
      {"thresholds.steps[0].distance_max",
       [](Json& j) {
         j["thresholds"]["steps"][0]["distance_max"] = std::numeric_limits<uint64_t>::max();
       }},
      {"thresholds.steps[1].looks_max",
       [](Json& j) { j["thresholds"]["steps"][1]["looks_max"] = 1'000; }},
      {"thresholds.steps[2].looks_max",
       [](Json& j) { j["thresholds"]["steps"][2]["looks_max"] = nullptr; }},
      {"thresholds.steps[3].looks_max",
       [](Json& j) { j["thresholds"]["steps"][3]["looks_max"] = 1'000'000; }},
      {"thresholds.steps must be", [](Json& j) { j["thresholds"]["steps"].erase(0); }},
      {"thresholds.margin_min", [](Json& j) { j["thresholds"]["margin_min"] = 0; }},
      {"thresholds.margin_min", [](Json& j) { j["thresholds"]["margin_min"] = 1'638.5; }},
      {"thresholds.alone_margin_min", [](Json& j) { j["thresholds"]["alone_margin_min"] = 1'000; }},
      {"thresholds.alone_extra", [](Json& j) { j["thresholds"]["alone_extra"] = 20'000; }},
      {"thresholds.alone_rows_min", [](Json& j) { j["thresholds"].erase("alone_rows_min"); }},
      {"thresholds.generosity is unknown", [](Json& j) { j["thresholds"]["generosity"] = 1; }},
      {"calibration.extra is unknown", [](Json& j) { j["extra"] = 1; }},
      {"calibration.made_for is missing", [](Json& j) { j.erase("made_for"); }},
      {"calibration.subjects", [](Json& j) { j["subjects"] = "somebody"; }},
      {"calibration.subjects", [](Json& j) { j["subjects"] = std::string(200, 'a'); }},
      {"calibration.wanted_fpir", [](Json& j) { j["wanted_fpir"] = 0; }},
      {"sets must be", [](Json& j) { j["sets"] = Json::array(); }},
      {"sets[0].palms", [](Json& j) { j["sets"][0]["palms"] = 0; }},
      {"sets[0] must be an object", [](Json& j) { j["sets"][0] = 1; }},
      {"sets[2].fnir", [](Json& j) { j["sets"][2]["fnir"] = 1.5; }},
      {"sets[2].two_sessions", [](Json& j) { j["sets"][2]["two_sessions"] = 1; }}};
  for (const auto& [named, change] : changes) {
    Json json = Json::parse(ShippedCalibration());
    change(json);
    ExpectRefusal(Sealed(json), named);
  }
}

TEST(CalibrationTest, FilesAreReadOrExplained) {
  const std::filesystem::path path =
      std::filesystem::path(::testing::TempDir()) / "calibration_test.json";
  std::filesystem::remove(path);
  const auto missing = LoadCalibration(path.string());
  ASSERT_THAT(missing, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(std::string(missing.status().message()), HasSubstr(path.string()));
  EXPECT_THAT(LoadCalibration(::testing::TempDir()).status().ok(), false);
  std::ofstream(path) << ShippedCalibration();
  EXPECT_THAT(LoadCalibration(path.string()), IsOk());
  std::ofstream(path) << "nothing of ours";
  const auto foreign = LoadCalibration(path.string());
  EXPECT_THAT(std::string(foreign.status().message()), HasSubstr(path.string()));
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace ladon::matcher
