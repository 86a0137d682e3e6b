// Slips to print: what a family pays by. Whose slip it is, the payment account in groups of four
// large enough to type, the payee, and the QR code that a bank's app fills in a payment from.
//
// Invariants: the QR code holds what PaymentQrText() gives and so nothing of the child but the
// payment account; the name and the class are printed beside it, for people. A page is one
// self-contained HTML file for A4, a slip one SVG file: no scripts, nothing that is fetched from
// elsewhere. Every text is plain and is escaped here (see html.h), in Russian as banks' forms are.
// Threading: plain values and pure functions.
#ifndef LADON_SERVER_CLIENT_CTL_PAYMENT_SLIP_H_
#define LADON_SERVER_CLIENT_CTL_PAYMENT_SLIP_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/payment_account.h"
#include "server/client/ctl/payment_qr.h"

namespace ladon::ctl {

inline constexpr size_t kQrBytesMax = 2331;  // Version 40 at error correction M.
inline constexpr size_t kSlipsMax = 1'000;   // Of one page: a whole school.
inline constexpr size_t kSlipNameLettersMax = 80;
inline constexpr size_t kSlipClassLettersMax = 20;
inline constexpr size_t kSlipSchoolLettersMax = 160;

// A QR code as one <path>, in units of its modules.
struct QrPath {
  std::string path;
  size_t side;  // With the quiet zone of 4 modules all round: viewBox="0 0 side side".
};

// The bytes of `text` as they are (8-bit mode), error correction M.
// InvalidArgument: empty, or longer than kQrBytesMax. ResourceExhausted: no memory.
[[nodiscard]] absl::StatusOr<QrPath> QrPathSvg(std::string_view text);

struct SlipPerson {
  std::string name_line;   // As the family knows itself: «Иван П.».
  std::string class_name;  // May be empty.
  base::PaymentAccount account;
};

// One page with the slips in the order of `people`, three to a sheet unless texts are long, and a
// line to cut along below each. The payer chooses the sum.
// InvalidArgument: what PaymentQrText() refuses; nobody in `people`; a name or a school that is
// empty; a text that is too long or no UTF-8. ResourceExhausted: more than kSlipsMax people.
[[nodiscard]] absl::StatusOr<std::string> PaymentSlipsPage(const Payee& payee,
                                                           const std::string& purpose,
                                                           const std::string& school_name,
                                                           const std::vector<SlipPerson>& people);

// One slip as a file of its own: 190 mm wide, as high as its texts need. Fails as the page does.
[[nodiscard]] absl::StatusOr<std::string> PaymentSlipSvg(const Payee& payee,
                                                         const std::string& purpose,
                                                         const std::string& school_name,
                                                         const SlipPerson& person);

}  // namespace ladon::ctl

#endif  // LADON_SERVER_CLIENT_CTL_PAYMENT_SLIP_H_
