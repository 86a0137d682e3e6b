// All payments, in the store.
//
// Keys in storage::Family::kPayments; texts are counted (server/base/codec.h):
//   'P' contract | payment id -> Payment
//   'D' contract | day u32 | payment id -> nothing: the payments of a day, as it was booked on
//   'S' contract | payment id -> nothing: what is in suspense
//   'O' contract | order number -> Order; 'N' contract | order number -> nothing: those open
//   'F' contract | number -> Refund; 'G' contract | number -> nothing: those open
//   'L' contract | day u32 -> RegistryDay
//   'A' contract | what -> nothing: it was done (an alarm about it was raised, say)
// Nothing is held in memory: a region pays for years.
// Threading: any thread; Put() on the applier thread, inside a submission's `changes`.
#ifndef LADON_SERVER_PAYMENTS_PAYMENTS_H_
#define LADON_SERVER_PAYMENTS_PAYMENTS_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/payments/record.h"
#include "storage/overlay.h"
#include "storage/store.h"

namespace ladon::payments {

// nullopt: there is none. DataLoss: its record is damaged.
[[nodiscard]] absl::StatusOr<std::optional<Payment>> FindPayment(const storage::Reader& reader,
                                                                 std::string_view contract,
                                                                 std::string_view payment_id);

void PutPayment(const Payment& payment, storage::Overlay* overlay);

[[nodiscard]] absl::StatusOr<std::optional<Order>> FindOrder(const storage::Reader& reader,
                                                             std::string_view contract,
                                                             std::string_view number);
void PutOrder(const Order& order, storage::Overlay* overlay);
// Of one contract, durable ones, by number, those above `after`, at most `limit`.
[[nodiscard]] absl::StatusOr<std::vector<Order>> OpenOrders(const storage::Store& store,
                                                            std::string_view contract,
                                                            std::string_view after, size_t limit);

[[nodiscard]] absl::StatusOr<std::optional<Refund>> FindRefund(const storage::Reader& reader,
                                                               std::string_view contract,
                                                               std::string_view number);
void PutRefund(const Refund& refund, storage::Overlay* overlay);
// As OpenOrders().
[[nodiscard]] absl::StatusOr<std::vector<Refund>> OpenRefunds(const storage::Store& store,
                                                              std::string_view contract,
                                                              std::string_view after, size_t limit);

// One of nothing, when there is none.
[[nodiscard]] absl::StatusOr<RegistryDay> FindRegistryDay(const storage::Reader& reader,
                                                          std::string_view contract, Day day);
void PutRegistryDay(const RegistryDay& day, storage::Overlay* overlay);

// What is done once, however often it is looked at. `contract` may be empty: it concerns all.
// `what`: at most 64 bytes.
[[nodiscard]] absl::StatusOr<bool> IsDone(const storage::Reader& reader, std::string_view contract,
                                          std::string_view what);
void PutDone(std::string_view contract, std::string_view what, storage::Overlay* overlay);

// Of one contract and day, durable ones, by payment id, ids above `after`, at most `limit`.
[[nodiscard]] absl::StatusOr<std::vector<Payment>> PaymentsOfDay(const storage::Store& store,
                                                                 std::string_view contract, Day day,
                                                                 std::string_view after,
                                                                 size_t limit);
// Of one contract, what is in suspense; as above.
[[nodiscard]] absl::StatusOr<std::vector<Payment>> PaymentsInSuspense(const storage::Store& store,
                                                                      std::string_view contract,
                                                                      std::string_view after,
                                                                      size_t limit);

}  // namespace ladon::payments

#endif  // LADON_SERVER_PAYMENTS_PAYMENTS_H_
