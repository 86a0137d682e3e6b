#include "server/client/terminal/palm_tries.h"

#include <algorithm>
#include <array>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/base/messages.h"

namespace ladon::terminal {
namespace {

// What the next presentation of the same hand may cure.
constexpr std::array<std::string_view, 3> kOfThisPresentation = {
    "PALM_NOT_RECOGNISED", "PALM_AMBIGUOUS", "LIVENESS_FAILED"};
// What no presentation cures, but another means does.
constexpr std::array<std::string_view, 3> kOfThePalm = {"PALM_THROTTLED", "BIOMETRICS_OFF",
                                                        "CONSENT_MISSING"};

template <size_t N>
bool Has(const std::array<std::string_view, N>& reasons, std::string_view reason) {
  return std::find(reasons.begin(), reasons.end(), reason) != reasons.end();
}

// Images that the till itself refuses are told by texts of their own.
bool IsOfTheImage(std::string_view reason) {
  return base::HasText(absl::StrCat("terminal.palm.", std::string(reason)));
}

}  // namespace

AfterPalm PalmTries::Refused(std::string_view reason) {
  if (Has(kOfThePalm, reason)) return AfterPalm::kOtherMeans;
  if (!Has(kOfThisPresentation, reason) && !IsOfTheImage(reason)) return AfterPalm::kRefused;
  return ++refused_ < kPalmTriesMax ? AfterPalm::kAgain : AfterPalm::kOtherMeans;
}

}  // namespace ladon::terminal
