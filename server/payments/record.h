// What is known of one payment: written with the entry that books it, in the same batch, and again
// whenever something becomes of it. What an answer to the channel is made of never changes.
//
// Encoded as version u8, then the fields in the order of the struct, big endian, texts counted.
// Threading: plain values and pure functions.
#ifndef LADON_SERVER_PAYMENTS_RECORD_H_
#define LADON_SERVER_PAYMENTS_RECORD_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/base/id.h"

namespace ladon::payments {

using Day = uint32_t;  // YYYYMMDD; 0 = none.
using Digest = std::array<uint8_t, 32>;

inline constexpr size_t kPaymentIdMax = 64;      // Bytes.
inline constexpr size_t kPayerAccountMax = 200;  // Bytes, as a payer may type it.

enum class State : uint8_t {
  kCredited = 1,   // To a child's purse.
  kSuspense = 2,   // Waits for somebody to find out whose it is.
  kCancelled = 3,  // Taken back.
  kPlaced = 4,     // From suspense to a child's purse.
  kMoved = 5,      // To another child's, as far as it was unspent.
};
inline constexpr auto kStateLast = State::kMoved;

enum class Source : uint8_t { kOnline = 1, kRegistry = 2 };
inline constexpr auto kSourceLast = Source::kRegistry;

struct Payment {
  std::string contract;
  std::string id;  // The channel's.
  State state = State::kCredited;
  Source source = Source::kOnline;
  uint64_t index = 0;         // Of the journal entry that booked it.
  uint64_t booked_at_ns = 0;  // As that entry says.
  uint64_t paid_at_ns = 0;    // By the channel's clock; 0: not told.
  Day day = 0;                // Booked on, by the contract's time zone.
  int64_t paid_kopecks = 0;
  int64_t fee_kopecks = 0;
  base::AccountId account;     // Where it is: a purse, or the contract's suspense account.
  std::string account_sealed;  // What the payer had typed; kept as long as it is in suspense.
  // The registry that has it: of the file. Zero: none has yet.
  Digest registry{};
  int64_t registry_kopecks = 0;  // What that says was paid.
  // Since version 2:
  std::string order;             // The number of the order that it paid; empty: of none.
  int64_t refunded_kopecks = 0;  // Of it, on the way back to its payer or there: 0..credited.

  [[nodiscard]] int64_t credited_kopecks() const { return paid_kopecks - fee_kopecks; }
};

// A payment that a payer is about to make at a bank's own page.
enum class OrderState : uint8_t { kOpen = 1, kPaid = 2, kFailed = 3 };
inline constexpr auto kOrderStateLast = OrderState::kFailed;
inline constexpr size_t kOrderNumberMax = 32;

struct Order {
  std::string contract;
  std::string number;  // Ours: IsPaymentId(), at most kOrderNumberMax.
  OrderState state = OrderState::kOpen;
  uint64_t payment_account = 0;
  int64_t paid_kopecks = 0;
  uint64_t opened_at_ns = 0;
  std::string bank_id;  // Empty: not known.
};

// Unspent money on its way back to who had paid it in. Its number is the request's that opened it.
enum class RefundState : uint8_t {
  kOpen = 1,       // Off the purse, and not with the payer yet.
  kPaid = 2,       // Paid out by the bank.
  kCancelled = 3,  // Back on the purse.
};
inline constexpr auto kRefundStateLast = RefundState::kCancelled;
inline constexpr size_t kRefundNumberBytes = 32;  // Hex digits.

struct Refund {
  std::string contract;
  std::string number;
  RefundState state = RefundState::kOpen;
  base::SchoolId school;  // Whose desk opened it.
  base::AccountId purse;  // That it was taken from.
  int64_t kopecks = 0;
  uint64_t opened_at_ns = 0;
  Day due_day = 0;  // The last day by which it is to be with its payer.
  // The payment that goes back, by the way it came; empty: by a document of the bank's.
  std::string payment_id;
  std::string order;          // Of that payment; empty: it had none.
  int64_t total_kopecks = 0;  // That goes back of the payment in all, with this refund; 0: none.
  std::string basis_sealed;   // The payer's application, as the accountant is to find it.
};

// What registries have been let credit on a day without a second person, in however many files and
// parts they came.
struct RegistryDay {
  std::string contract;
  Day day = 0;  // By the contract's time zone.
  int64_t kopecks = 0;
};

[[nodiscard]] std::string Encode(const Payment& payment);
[[nodiscard]] std::string Encode(const Order& order);
[[nodiscard]] std::string Encode(const Refund& refund);
[[nodiscard]] std::string Encode(const RegistryDay& day);
// DataLoss: not what Encode() makes.
[[nodiscard]] absl::StatusOr<Payment> DecodePayment(std::string_view bytes);
[[nodiscard]] absl::StatusOr<Order> DecodeOrder(std::string_view bytes);
[[nodiscard]] absl::StatusOr<Refund> DecodeRefund(std::string_view bytes);
[[nodiscard]] absl::StatusOr<RegistryDay> DecodeRegistryDay(std::string_view bytes);

// 1..kPaymentIdMax letters, digits, hyphens and underscores of ASCII.
[[nodiscard]] bool IsPaymentId(std::string_view text);

}  // namespace ladon::payments

#endif  // LADON_SERVER_PAYMENTS_RECORD_H_
