// The number that a payer types at a bank: a child's payment account.
//
// Twelve digits: eleven drawn at random, the first not 0, and a check digit after H. Michael Damm
// (Total anti-symmetrische Quasigruppen, 2004), which finds every single wrong digit and every swap
// of two neighbours. Drawn and not counted: among a region's million accounts a made-up number
// with a right check digit is somebody's once in 90 000 tries, and a number tells nothing of a
// school or of who came when. It is the child's as long as the child is here: moving to another
// school does not change it. Dictated in groups of four: 4052 1793 8861.
// Threading: plain values.
#ifndef LADON_SERVER_BASE_PAYMENT_ACCOUNT_H_
#define LADON_SERVER_BASE_PAYMENT_ACCOUNT_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ladon::base {

inline constexpr size_t kPaymentAccountDigits = 12;

class PaymentAccount {
 public:
  // A fresh one; `fill` gives random bytes (FillRandom() but for tests).
  [[nodiscard]] static PaymentAccount Draw(const std::function<void(std::span<uint8_t>)>& fill);
  // What somebody typed: digits, with blanks and hyphens between them as people write groups.
  // nullopt: another character, another count of digits, a 0 in front, or a wrong check digit.
  [[nodiscard]] static std::optional<PaymentAccount> Parse(std::string_view typed);

  [[nodiscard]] std::string Digits() const;   // "405217938861"
  [[nodiscard]] std::string Grouped() const;  // "4052 1793 8861"
  [[nodiscard]] uint64_t number() const { return number_; }

  friend auto operator<=>(const PaymentAccount&, const PaymentAccount&) = default;

 private:
  explicit PaymentAccount(uint64_t number) : number_(number) {}
  uint64_t number_;
};

// Of a text of digits; '0' behind it means that it has its own.
[[nodiscard]] char DammDigit(std::string_view digits);

}  // namespace ladon::base

#endif  // LADON_SERVER_BASE_PAYMENT_ACCOUNT_H_
