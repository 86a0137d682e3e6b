// The text in the QR code of a payment slip, by GOST R 56042-2014: banks' kiosks and apps fill in a
// payment from it.
//
//   ST00012|Name=…|PersonalAcc=…|BankName=…|BIC=…|CorrespAcc=…|Sum=…|Purpose=…|PayeeINN=…|KPP=…|
//   PersAcc=…|TechCode=08
//
// "ST", version 0001, charset 2 (UTF-8), then the separator: the first sign of those that the
// standard allows which stands in no value. Nothing of the child is in it but the payment account
// (PersAcc): a slip is lost, photographed, left in a printer. TechCode 08: educational
// institutions. Threading: pure functions.
#ifndef LADON_SERVER_CLIENT_CTL_PAYMENT_QR_H_
#define LADON_SERVER_CLIENT_CTL_PAYMENT_QR_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "server/base/payment_account.h"

namespace ladon::ctl {

inline constexpr size_t kPayeeNameLettersMax = 160;
inline constexpr size_t kBankNameLettersMax = 45;
inline constexpr size_t kPurposeLettersMax = 160;
inline constexpr size_t kMandatoryBytesMax = 300;  // From "ST" to the end of CorrespAcc.

// Whom the money goes to, as it stands in the contract with the bank.
struct Payee {
  std::string name;
  std::string account;  // 20 digits.
  std::string bank_name;
  std::string bic;                    // 9 digits.
  std::string correspondent_account;  // 20 digits; "0": the bank has none.
  std::string inn;                    // 10 or 12 digits.
  std::string kpp;                    // 9 digits; empty: a sole proprietor has none.
};

struct PaymentSlip {
  Payee payee;
  std::string purpose;
  base::PaymentAccount account;
  std::optional<int64_t> sum_kopecks;  // 1 or more; nullopt: the payer chooses.
};

// InvalidArgument, naming the field by its name in the standard: empty, too long, not digits or not
// so many, a control character, or a mandatory part beyond kMandatoryBytesMax (a shorter name
// helps).
[[nodiscard]] absl::StatusOr<std::string> PaymentQrText(const PaymentSlip& slip);

}  // namespace ladon::ctl

#endif  // LADON_SERVER_CLIENT_CTL_PAYMENT_QR_H_
