// Payments on a bank's own page or by its link, of one contract: from the payer's wish to the money
// on the child's account, exactly once.
//
// The order is written down in the core before the bank hears of it, and stays open there until its
// end is known; nothing is kept here. A callback, a round of the poller and a repeat of either all
// come to Settle(), which believes nothing but what the bank answers when it is asked. Money is
// booked under the bank's own id of the payment, which the core books once ever; closing comes
// after booking, so whatever is lost in between is done again and changes nothing. Threading: any
// thread; calls block for as long as the bank and the core do.
#ifndef LADON_SERVER_CHANNELS_ORDERS_H_
#define LADON_SERVER_CHANNELS_ORDERS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/payment_account.h"
#include "server/channels/order_bank.h"
#include "server/channels/order_core.h"

namespace ladon::channels {

inline constexpr size_t kOrderNumberLetters = 20;  // 5 random bits each.
// A bank that does not know an order by then never will: no page of it lives that long.
inline constexpr absl::Duration kForgottenAfter = absl::Hours(24);

// What became of a wish to pay.
struct Placed {
  Verdict verdict = Verdict::kOk;  // kTechnical: the bank did not take it, as far as is known.
  std::string link;                // kOk: where the payer pays.
  std::string fault;               // For the log.
};

enum class Progress : uint8_t {
  kBooked,     // The money is there, and the order closed.
  kFailed,     // Closed without money.
  kOpen,       // The payer may still pay.
  kNone,       // Paid and booked before, or never ours.
  kUndecided,  // The bank or the core did not answer: ask again.
  kUntrusted,  // The bank's answer makes no sense: nothing was changed, a person must look.
};
[[nodiscard]] std::string_view NameOf(Progress progress);

struct Settled {
  Progress progress = Progress::kOpen;
  std::string fault;  // For the log: words of ours, no account, no sum.
};

class Orders {
 public:
  struct Parts {
    std::string contract;
    std::shared_ptr<const OrderCore> core;
    std::shared_ptr<OrderBank> bank;
    std::function<absl::Time()> now;
    std::function<void(std::span<uint8_t>)> fill;  // Random bytes.
  };
  explicit Orders(Parts parts) : parts_(std::move(parts)) {}

  [[nodiscard]] const std::string& contract() const { return parts_.contract; }
  // Whether there is such a child, and what paying so much costs.
  [[nodiscard]] grpc::Status Check(const base::PaymentAccount& account, int64_t kopecks,
                                   v1::CheckAccountResponse* response) const;
  [[nodiscard]] Placed Place(const base::PaymentAccount& account, int64_t kopecks) const;

  // Of an order as the core lists it.
  [[nodiscard]] Settled Settle(const v1::Order& order) const;
  // Of the order that news came of, one that was closed as failed included: the bank may know
  // better by now.
  [[nodiscard]] Settled Settle(const std::string& number) const;

  // Those open, a page at a time; `token` of the last page. Unavailable: the core did not answer.
  [[nodiscard]] absl::StatusOr<v1::ListOpenOrdersResponse> ListOpen(int32_t page_size,
                                                                    const std::string& token) const;
  // How long it has been open; 0 by a clock that is behind.
  [[nodiscard]] absl::Duration AgeOf(const v1::Order& order) const;
  void Interrupt() const { parts_.bank->Interrupt(); }

 private:
  [[nodiscard]] std::string DrawNumber() const;
  [[nodiscard]] Settled Book(const v1::Order& order, const BankStatus& status) const;
  [[nodiscard]] bool IsBookedFor(const v1::Order& order, const std::string& bank_id) const;
  [[nodiscard]] Settled Close(const v1::Order& order, v1::OrderState state,
                              const std::string& bank_id) const;

  const Parts parts_;
};

}  // namespace ladon::channels

#endif  // LADON_SERVER_CHANNELS_ORDERS_H_
