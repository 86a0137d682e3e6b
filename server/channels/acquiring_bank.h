// Cards, by the REST interface of acquiring (Sber's, and others' of the same engine): register.do,
// getOrderStatusExtended.do, refund.do; sums in kopecks, currency 643.
//
// orderStatus is 0 created, 1 held, 2 deposited, 3 reversed, 4 refunded, 5 at the card's own bank,
// 6 declined. Only 2 is paid; errorCode 0 means that the question was understood.
// Threading: as OrderBank; the readers are pure functions.
#ifndef LADON_SERVER_CHANNELS_ACQUIRING_BANK_H_
#define LADON_SERVER_CHANNELS_ACQUIRING_BANK_H_

#include <memory>
#include <string>
#include <string_view>

#include "server/channels/bank_http.h"
#include "server/channels/order_bank.h"

namespace ladon::channels {

struct AcquiringOptions {
  std::string user;
  std::string password;
  std::string return_url;  // Where the bank sends the payer when it is over, whatever came of it.
};

[[nodiscard]] std::unique_ptr<OrderBank> MakeAcquiringBank(std::unique_ptr<BankHttp> http,
                                                           AcquiringOptions options);

// What register.do said: the payer's link. As OrderBank::Register().
[[nodiscard]] absl::StatusOr<std::string> ReadFormUrl(std::string_view body, bool loopback_allowed);
// What getOrderStatusExtended.do said of `number`. As OrderBank::Status().
[[nodiscard]] absl::StatusOr<BankStatus> ReadAcquiringStatus(std::string_view body,
                                                             std::string_view number);

}  // namespace ladon::channels

#endif  // LADON_SERVER_CHANNELS_ACQUIRING_BANK_H_
