// Reads the text of a payment QR code (GOST R 56042-2014) back into names and values: ours, to see
// that a slip says what it should, and those that others wrote.
//
// Knows the form and not the meaning: that Sum is a number is for the caller to see. Written from
// the standard and not from payment_qr.cc, so that one finds the mistakes of the other.
// Threading: plain values and pure functions.
#ifndef LADON_SERVER_CLIENT_CTL_PAYMENT_QR_READER_H_
#define LADON_SERVER_CLIENT_CTL_PAYMENT_QR_READER_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace ladon::ctl {

inline constexpr size_t kQrReadBytesMax = 2953;  // What the largest QR code holds.
inline constexpr size_t kQrFieldsMax = 64;

enum class QrCharset { kWindows1251 = 1, kUtf8 = 2, kKoi8R = 3 };

struct ParsedQr {
  QrCharset charset;
  char separator;
  // In the order of the text, no name twice, the mandatory ones among them. Values are UTF-8 when
  // `charset` is; otherwise the bytes as they came, of which only ASCII may be shown.
  std::vector<std::pair<std::string, std::string>> fields;

  // nullopt: no such field. Names are told apart by case, as in the standard.
  [[nodiscard]] std::optional<std::string> Value(std::string_view name) const;
};

// InvalidArgument, saying what is wrong: not "ST0001", a charset or a separator that the standard
// does not have, longer than kQrReadBytesMax, more than kQrFieldsMax fields, a field without a
// name, a name twice, a mandatory field that is missing or empty, bytes that are no UTF-8 under
// charset 2. Nothing but field names is repeated in it.
[[nodiscard]] absl::StatusOr<ParsedQr> ParsePaymentQr(std::string_view text);

}  // namespace ladon::ctl

#endif  // LADON_SERVER_CLIENT_CTL_PAYMENT_QR_READER_H_
