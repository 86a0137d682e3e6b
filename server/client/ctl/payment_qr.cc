#include "server/client/ctl/payment_qr.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace ladon::ctl {
namespace {

constexpr std::string_view kHead = "ST00012";
constexpr std::string_view kSeparators = "|#;:^_~{}!$%&()*+,/@";
constexpr std::string_view kTechCode = "08";
constexpr size_t kMandatoryFields = 5;

using Field = std::pair<std::string_view, std::string>;

absl::Status Bad(std::string_view field, std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("payment slip: ", std::string(field), " ", std::string(what)));
}

size_t Letters(std::string_view text) {  // Of UTF-8: every byte but those that continue one.
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

absl::Status CheckText(std::string_view field, const std::string& text, size_t letters_max) {
  if (text.empty()) return Bad(field, "is missing");
  if (Letters(text) > letters_max) {
    return Bad(field, absl::StrCat("is longer than ", letters_max, " letters"));
  }
  const bool plain = std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  return plain ? absl::OkStatus() : Bad(field, "has a control character");
}

absl::Status CheckDigits(std::string_view field, const std::string& text,
                         std::initializer_list<size_t> counts) {
  const bool digits =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (digits && std::find(counts.begin(), counts.end(), text.size()) != counts.end()) {
    return absl::OkStatus();
  }
  return Bad(field, absl::StrCat("must have ", *counts.begin(), " digits"));
}

absl::Status Check(const PaymentSlip& slip) {
  const Payee& payee = slip.payee;
  if (slip.sum_kopecks && *slip.sum_kopecks < 1) return Bad("Sum", "must be a kopeck or more");
  for (absl::Status s :
       {CheckText("Name", payee.name, kPayeeNameLettersMax),
        CheckDigits("PersonalAcc", payee.account, {20}),
        CheckText("BankName", payee.bank_name, kBankNameLettersMax),
        CheckDigits("BIC", payee.bic, {9}),
        CheckDigits("CorrespAcc", payee.correspondent_account, {20, 1}),
        CheckText("Purpose", slip.purpose, kPurposeLettersMax),
        CheckDigits("PayeeINN", payee.inn, {10, 12}), CheckDigits("KPP", payee.kpp, {9, 0})}) {
    if (!s.ok()) return s;
  }
  return absl::OkStatus();
}

std::vector<Field> FieldsOf(const PaymentSlip& slip) {
  const Payee& payee = slip.payee;
  std::vector<Field> fields = {{"Name", payee.name},
                               {"PersonalAcc", payee.account},
                               {"BankName", payee.bank_name},
                               {"BIC", payee.bic},
                               {"CorrespAcc", payee.correspondent_account}};
  if (slip.sum_kopecks) fields.emplace_back("Sum", std::to_string(*slip.sum_kopecks));
  fields.emplace_back("Purpose", slip.purpose);
  fields.emplace_back("PayeeINN", payee.inn);
  if (!payee.kpp.empty()) fields.emplace_back("KPP", payee.kpp);
  fields.emplace_back("PersAcc", slip.account.Digits());
  fields.emplace_back("TechCode", std::string(kTechCode));
  return fields;
}

}  // namespace

absl::StatusOr<std::string> PaymentQrText(const PaymentSlip& slip) {
  if (absl::Status wrong = Check(slip); !wrong.ok()) return wrong;
  const std::vector<Field> fields = FieldsOf(slip);
  const auto* const separator =
      std::find_if(kSeparators.begin(), kSeparators.end(), [&](char mark) {
        return std::none_of(fields.begin(), fields.end(), [mark](const Field& field) {
          return field.second.find(mark) != std::string::npos;
        });
      });
  if (separator == kSeparators.end()) return Bad("Purpose", "leaves no sign to separate by");
  std::string text(kHead);
  for (size_t i = 0; i < fields.size(); ++i) {
    text += *separator;
    text.append(fields[i].first).append("=").append(fields[i].second);
    if (i + 1 == kMandatoryFields && text.size() > kMandatoryBytesMax) {
      return Bad("Name", "and BankName are too long together: shorten them");
    }
  }
  return text;
}

}  // namespace ladon::ctl
