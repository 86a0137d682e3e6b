#include "server/base/payment_account.h"

#include <array>
#include <cstring>

namespace ladon::base {
namespace {

// Of order ten and totally anti-symmetric; its diagonal is zero.
constexpr std::array<std::string_view, 10> kQuasigroup = {
    "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
    "3674209581", "5869720134", "8945362017", "9438617205", "2581436790"};

constexpr uint64_t kLeast = 10'000'000'000;  // Eleven digits, the first not 0.
constexpr uint64_t kCount = 100'000'000'000 - kLeast;
constexpr size_t kTypedBytesMax = 32;

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

char DammDigit(std::string_view digits) {
  char interim = '0';
  for (const char digit : digits) {
    interim = kQuasigroup[static_cast<size_t>(interim - '0')][static_cast<size_t>(digit - '0')];
  }
  return interim;
}

PaymentAccount PaymentAccount::Draw(const std::function<void(std::span<uint8_t>)>& fill) {
  // What lies above the last whole multiple would make some numbers likelier than others.
  constexpr uint64_t kFair = ~uint64_t{0} - ~uint64_t{0} % kCount;
  uint64_t drawn = 0;
  do {
    std::array<uint8_t, sizeof(drawn)> bytes{};
    fill(bytes);
    std::memcpy(&drawn, bytes.data(), sizeof(drawn));
  } while (drawn >= kFair);
  const uint64_t eleven = kLeast + drawn % kCount;
  const char check = DammDigit(std::to_string(eleven));
  return PaymentAccount(eleven * 10 + static_cast<uint64_t>(check - '0'));
}

std::optional<PaymentAccount> PaymentAccount::Parse(std::string_view typed) {
  if (typed.size() > kTypedBytesMax) return std::nullopt;
  std::string digits;
  bool grouped = false;  // A mark came last: one at an end or two together are no groups.
  for (const char c : typed) {
    if (IsDigit(c)) {
      digits += c;
      grouped = false;
    } else if ((c == ' ' || c == '-') && !digits.empty() && !grouped) {
      grouped = true;
    } else {
      return std::nullopt;
    }
  }
  if (grouped || digits.size() != kPaymentAccountDigits || digits.front() == '0' ||
      DammDigit(digits) != '0') {
    return std::nullopt;
  }
  return PaymentAccount(std::stoull(digits));
}

std::string PaymentAccount::Digits() const {
  return std::to_string(number_);
}

std::string PaymentAccount::Grouped() const {
  std::string text = Digits();
  text.insert(8, " ");
  text.insert(4, " ");
  return text;
}

}  // namespace ladon::base
