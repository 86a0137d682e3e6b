// A bank that takes a payment on a page or by a link of its own: what we ask of it.
//
// A bank may lose, repeat and reorder whatever it says, so nothing is believed but the answer to
// Status() at the time it is acted on, and that only when it is wholly about the order it was asked
// for. Threading: any thread; calls block for as long as the bank does.
#ifndef LADON_SERVER_CHANNELS_ORDER_BANK_H_
#define LADON_SERVER_CHANNELS_ORDER_BANK_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace ladon::channels {

struct NewOrder {
  std::string number;  // Ours; one the bank has never heard of.
  int64_t kopecks = 0;
};

enum class BankState : uint8_t {
  kOpen,     // Not paid, and still may be.
  kPaid,     // The payer has parted with the money.
  kFailed,   // Over, without money of the payer's: declined, expired, given back.
  kUnknown,  // No such order.
};

struct BankStatus {
  BankState state = BankState::kOpen;
  int64_t kopecks = 0;           // What is still parted with; kPaid: 1 or more.
  std::string bank_id;           // kPaid: IsBankId(). Otherwise it may be empty.
  int64_t refunded_kopecks = 0;  // Given back since.
};

struct Refund {
  std::string number;
  // What the payer shall have back of it in all, so that the same again gives nothing more.
  int64_t total_kopecks = 0;
};

class OrderBank {
 public:
  virtual ~OrderBank() = default;
  // The link that the payer pays by. Unavailable: not known whether the order is there.
  // FailedPrecondition: the bank refused it. DataLoss: an answer that is not to be trusted.
  [[nodiscard]] virtual absl::StatusOr<std::string> Register(const NewOrder& order) const = 0;
  // Unavailable: no answer, or none of substance: ask again. DataLoss: an answer about another
  // order or currency, or with a sum that is none; for a person to look at.
  [[nodiscard]] virtual absl::StatusOr<BankStatus> Status(const std::string& number) const = 0;
  // Of one caller at a time for an order. Unavailable: not known; the same again is safe.
  // FailedPrecondition: not paid, less was paid, more was given back, or the bank refused.
  // Unimplemented: this bank gives back by its own tools alone.
  [[nodiscard]] virtual absl::Status GiveBack(const Refund& refund) const = 0;
  // Whoever waits for the bank is answered Unavailable, now and from now on.
  virtual void Interrupt() = 0;
};

}  // namespace ladon::channels

#endif  // LADON_SERVER_CHANNELS_ORDER_BANK_H_
