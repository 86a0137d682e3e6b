#include "matcher/extract/refusal.h"

#include <optional>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "matcher/extract/extractor.h"

namespace ladon::matcher {
namespace {

constexpr char kReasonUrl[] = "ladon.matcher.extract.reason";

}  // namespace

namespace extract {

absl::Status Refuse(std::string_view reason, const std::string& sentence) {
  const bool other_file = reason == kNotAnImage || reason == kImageTooLarge || reason == kTooSmall;
  const std::string text = absl::StrCat("palm image: ", sentence);
  absl::Status status =
      other_file ? absl::InvalidArgumentError(text) : absl::FailedPreconditionError(text);
  status.SetPayload(kReasonUrl, absl::Cord(std::string(reason)));
  return status;
}

}  // namespace extract

std::string ExtractRefusalReason(const absl::Status& status) {
  const auto reason = status.GetPayload(kReasonUrl);
  return reason.has_value() ? std::string(*reason) : std::string();
}

}  // namespace ladon::matcher
