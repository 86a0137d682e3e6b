#include "server/client/ctl/payment_qr_reader.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/client/ctl/unicode.h"

namespace ladon::ctl {
namespace {

constexpr std::string_view kHead = "ST0001";  // "ST" and the version.
constexpr size_t kCharsetAt = kHead.size();
constexpr size_t kSeparatorAt = kCharsetAt + 1;
constexpr size_t kFieldsAt = kSeparatorAt + 1;
constexpr std::string_view kSeparators = "|#;:^_~{}!$%&()*+,/@";
constexpr size_t kNameBytesMax = 32;
constexpr std::string_view kMandatory[] = {"Name", "PersonalAcc", "BankName", "BIC", "CorrespAcc"};

absl::Status Bad(std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("payment QR: ", std::string(what)));
}

bool IsName(std::string_view name) {
  return !name.empty() && name.size() <= kNameBytesMax &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); });
}

absl::Status CheckHead(std::string_view text) {
  if (text.size() > kQrReadBytesMax) {
    return Bad(absl::StrCat("is longer than ", kQrReadBytesMax, " bytes"));
  }
  if (text.size() <= kFieldsAt || text.substr(0, kHead.size()) != kHead) {
    return Bad("does not begin with ST0001");
  }
  if (text[kCharsetAt] < '1' || text[kCharsetAt] > '3') return Bad("has an unknown charset");
  if (kSeparators.find(text[kSeparatorAt]) == std::string_view::npos) {
    return Bad("has a separator that the standard does not allow");
  }
  return absl::OkStatus();
}

absl::Status AddField(std::string_view field, ParsedQr* qr) {
  const size_t number = qr->fields.size() + 1;
  if (number > kQrFieldsMax) return Bad(absl::StrCat("has more than ", kQrFieldsMax, " fields"));
  const size_t equals = field.find('=');
  if (equals == std::string_view::npos || !IsName(field.substr(0, equals))) {
    return Bad(absl::StrCat("field ", number, " has no name"));
  }
  std::string name(field.substr(0, equals));
  if (qr->Value(name)) return Bad(absl::StrCat(name, " stands there twice"));
  const std::string_view value = field.substr(equals + 1);
  if (qr->charset == QrCharset::kUtf8 && !DecodeUtf8(value)) {
    return Bad(absl::StrCat(name, " is no UTF-8"));
  }
  qr->fields.emplace_back(std::move(name), std::string(value));
  return absl::OkStatus();
}

}  // namespace

std::optional<std::string> ParsedQr::Value(std::string_view name) const {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [name](const auto& field) { return field.first == name; });
  return found == fields.end() ? std::nullopt : std::optional(found->second);
}

absl::StatusOr<ParsedQr> ParsePaymentQr(std::string_view text) {
  if (absl::Status wrong = CheckHead(text); !wrong.ok()) return wrong;
  ParsedQr qr = {.charset = static_cast<QrCharset>(text[kCharsetAt] - '0'),
                 .separator = text[kSeparatorAt],
                 .fields = {}};
  // All three charsets keep ASCII in its place, so a separator is never a part of a letter.
  for (size_t at = kFieldsAt; at <= text.size();) {
    const size_t end = std::min(text.find(qr.separator, at), text.size());
    if (absl::Status wrong = AddField(text.substr(at, end - at), &qr); !wrong.ok()) return wrong;
    at = end + 1;
  }
  for (const std::string_view name : kMandatory) {
    if (qr.Value(name).value_or("").empty()) {
      return Bad(absl::StrCat(std::string(name), " is missing"));
    }
  }
  return qr;
}

}  // namespace ladon::ctl
