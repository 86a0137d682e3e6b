// Debit: a basket becomes transfers from purses to the caterer, one a line, all or nothing.
//
// Order: the request id is looked up before anything else, so a repeat gets its stored answer
// whatever has changed since; then the token, palm, card or list, the price list, the purses, the
// PIN; last, on the applier thread, consent, means, PIN and money. All means take this one way:
// they differ in who is named, never in what a meal costs or who may have it. A PIN that was sent
// is always checked. Threading: any thread; `done` on the applier thread.
#ifndef LADON_SERVER_FLOW_DEBIT_H_
#define LADON_SERVER_FLOW_DEBIT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "server/flow/basket.h"
#include "server/flow/commit.h"
#include "server/flow/identify.h"
#include "server/flow/payer.h"

namespace ladon::flow {

// The same payer and basket within this time is a question to the cashier (kPossibleRepeat).
inline constexpr uint64_t kRepeatWindowNs = 600'000'000'000;  // 10 minutes

// A sealed token from Identify, or the means themselves (IdentifyAndDebit).
using DebitMeans = std::variant<std::string, PayMeans>;

struct DebitInput {
  Request request;
  DebitMeans means;
  Basket basket;
  std::optional<vault::CardNumber> second_means;
  std::string pin = {};  // Empty: none. pin.h
  bool repeat_confirmed = false;
};

struct DebitAnswer {
  Payer payer;
  std::array<uint8_t, 16> transaction{};
  uint64_t journal_index = 0;
  uint64_t booked_at_ns = 0;
  uint32_t service_day = 0;
  uint32_t effective_day = 0;  // When the meal was eaten.
  bool replayed = false;
};

void Debit(const House& house, const access::Caller& caller, DebitInput input,
           Done<DebitAnswer> done);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_DEBIT_H_
