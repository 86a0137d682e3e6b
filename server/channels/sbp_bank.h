// The System of Fast Payments by a bank's JSON interface:
//
//   POST <url>/qr        {"order":"…","amount":1999,"currency":"RUB"} ->
//   {"id":"…","payload":"https://…"} GET  <url>/qr/<order> ->
//   {"status":"NEW|PAID|REJECTED|EXPIRED","amount":1999,"id":"…"}
//
// Sums in kopecks. An answer that names the order or the currency must name ours.
// Threading: as OrderBank; the readers are pure functions.
#ifndef LADON_SERVER_CHANNELS_SBP_BANK_H_
#define LADON_SERVER_CHANNELS_SBP_BANK_H_

#include <memory>
#include <string>
#include <string_view>

#include "server/channels/bank_http.h"
#include "server/channels/order_bank.h"

namespace ladon::channels {

[[nodiscard]] std::unique_ptr<OrderBank> MakeSbpBank(std::unique_ptr<BankHttp> http);

// The link for the payer: CheckSbpLink(), and its sum, when it tells one, is the order's. As
// OrderBank::Register().
[[nodiscard]] absl::StatusOr<std::string> ReadSbpLink(std::string_view body, const NewOrder& order);
// As OrderBank::Status().
[[nodiscard]] absl::StatusOr<BankStatus> ReadSbpStatus(std::string_view body,
                                                       std::string_view number);

}  // namespace ladon::channels

#endif  // LADON_SERVER_CHANNELS_SBP_BANK_H_
