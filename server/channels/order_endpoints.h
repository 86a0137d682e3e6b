// What answers at the addresses of a contract with orders: the page for parents, and where the bank
// tells that something has happened to an order.
//
// The page is for anybody: it shows nothing but what CheckAccount tells, which is throttled in the
// core. Where the bank speaks, a wrong signature is 403 and changes nothing, and a right one is
// only a reason to ask. Threading: as Endpoint.
#ifndef LADON_SERVER_CHANNELS_ORDER_ENDPOINTS_H_
#define LADON_SERVER_CHANNELS_ORDER_ENDPOINTS_H_

#include <memory>
#include <string>
#include <vector>

#include "server/channels/endpoint.h"
#include "server/channels/order_page.h"
#include "server/channels/orders.h"

namespace ladon::channels {

struct PayWay {
  OrderMeans means = OrderMeans::kCard;
  std::shared_ptr<const Orders> orders;
};
// `ways`: at least one, each means once; the first is the contract whose page it is.
[[nodiscard]] std::unique_ptr<Endpoint> MakeOrderPage(std::vector<PayWay> ways);

// One of them: a token for HMAC, or the bank's certificate for RSA.
struct CallbackSecret {
  std::string token;
  std::string certificate_pem;
};
// Of acquiring: news in the parameters, with a checksum among them.
[[nodiscard]] std::unique_ptr<Endpoint> MakeOrderCallback(std::shared_ptr<const Orders> orders,
                                                          CallbackSecret secret);
// Of SBP: {"order":"…"} posted, signed in a header.
[[nodiscard]] std::unique_ptr<Endpoint> MakeOrderWebhook(std::shared_ptr<const Orders> orders,
                                                         std::string token);

}  // namespace ladon::channels

#endif  // LADON_SERVER_CHANNELS_ORDER_ENDPOINTS_H_
