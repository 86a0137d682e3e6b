// ParseCalibration takes anything: what it accepts is in bounds and comes back the same. The digest
// stops nearly every mutation, so each input is also tried with its digest made right.
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string_view>

#include "matcher/calibration.h"
#include "matcher/distance.h"
#include "openssl/sha.h"
#include "tests/fuzz/fuzz_target.h"

using ladon::matcher::Calibration;
using ladon::matcher::ParseCalibration;
using ladon::matcher::RenderCalibration;
using Json = nlohmann::ordered_json;

namespace {

void Check(const std::string& text) {
  const absl::StatusOr<Calibration> calibration = ParseCalibration(text);
  if (!calibration.ok()) {
    if (calibration.status().message().empty()) std::abort();  // A refusal names its reason.
    return;
  }
  int32_t before = ladon::matcher::kDistanceUnrelatedQ16;
  for (const auto& step : calibration->thresholds.steps) {
    if (step.distance_max_q16 < 1 || step.distance_max_q16 > before) std::abort();
    before = step.distance_max_q16;
  }
  const auto again = ParseCalibration(RenderCalibration(*calibration));
  if (!again.ok() || !(again->thresholds == calibration->thresholds)) std::abort();
}

// The input with the digest that it should have; empty if it is no shallow object.
std::string Sealed(std::string_view text) {
  const auto shallow = [](int depth, Json::parse_event_t, Json&) { return depth <= 8; };
  Json json = Json::parse(text, shallow, false);
  if (json.is_discarded() || !json.is_object()) return {};
  json.erase("sha256");
  const std::string content = json.dump();
  uint8_t digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const uint8_t*>(content.data()), content.size(), digest);
  std::string hex;
  for (const uint8_t byte : digest) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  json["sha256"] = hex;
  return json.dump();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  Check(text);
  if (const std::string sealed = Sealed(text); !sealed.empty()) Check(sealed);
  return 0;
}

namespace ladon::fuzz {

std::vector<std::vector<uint8_t>> Seeds() {
  const std::string shipped = matcher::ShippedCalibration();
  return {{shipped.begin(), shipped.end()}};
}

size_t ReplayMutations() {
  return 5'000;
}

}  // namespace ladon::fuzz
