#include "server/payments/payments.h"

#include <memory>
#include <utility>

#include "server/base/codec.h"

namespace ladon::payments {
namespace {

using storage::Family;

// The first byte of a key tells what it is for.
constexpr char kPaymentKind = 'P';
constexpr char kDayKind = 'D';
constexpr char kSuspenseKind = 'S';
constexpr char kOrderKind = 'O';
constexpr char kOpenOrderKind = 'N';
constexpr char kRefundKind = 'F';
constexpr char kOpenRefundKind = 'G';
constexpr char kRegistryDayKind = 'L';
constexpr char kDoneKind = 'A';

std::string Prefix(char kind, std::string_view contract) {
  base::Encoder out;
  out.U8(static_cast<uint8_t>(kind));
  out.String(contract);
  return out.Take();
}

std::string DayKey(char kind, std::string_view contract, Day day) {
  base::Encoder out;
  out.Raw(Prefix(kind, contract));
  out.U32(day);
  return out.Take();
}

// Puts `key` on its list, or takes it off.
void Mark(const std::string& key, bool on, storage::Overlay* overlay) {
  if (on) {
    overlay->Put(Family::kPayments, key, "");
  } else {
    overlay->Delete(Family::kPayments, key);
  }
}

// What the keys that begin with `prefix` name, above `after`; `find`: by that.
template <class T, class Find>
absl::StatusOr<std::vector<T>> Page(const storage::Store& store, const std::string& prefix,
                                    std::string_view after, size_t limit, Find find) {
  std::vector<T> page;
  const std::unique_ptr<storage::Scan> scan = store.NewScan(Family::kPayments);
  const std::string last = prefix + std::string(after);
  for (scan->Seek(last); scan->Valid() && page.size() < limit; scan->Next()) {
    const std::string_view key = scan->key();
    if (key.substr(0, prefix.size()) != prefix) break;
    if (!after.empty() && key == last) continue;
    const absl::StatusOr<std::optional<T>> found = find(key.substr(prefix.size()));
    if (!found.ok()) return found.status();
    if (!found->has_value()) return absl::DataLossError("payments: a list names what is not there");
    page.push_back(**found);
  }
  if (!scan->status().ok()) return scan->status();
  return page;
}

}  // namespace

absl::StatusOr<std::optional<Payment>> FindPayment(const storage::Reader& reader,
                                                   std::string_view contract,
                                                   std::string_view payment_id) {
  const auto bytes =
      reader.Get(Family::kPayments, Prefix(kPaymentKind, contract) + std::string(payment_id));
  if (!bytes.ok()) return bytes.status();
  if (!bytes->has_value()) return std::optional<Payment>();
  absl::StatusOr<Payment> payment = DecodePayment(**bytes);
  if (!payment.ok()) return payment.status();
  if (payment->contract != contract || payment->id != payment_id) {
    return absl::DataLossError("payments: another record stands under a payment's key");
  }
  return std::optional<Payment>(*std::move(payment));
}

void PutPayment(const Payment& payment, storage::Overlay* overlay) {
  overlay->Put(Family::kPayments, Prefix(kPaymentKind, payment.contract) + payment.id,
               Encode(payment));
  overlay->Put(Family::kPayments, DayKey(kDayKind, payment.contract, payment.day) + payment.id, "");
  Mark(Prefix(kSuspenseKind, payment.contract) + payment.id, payment.state == State::kSuspense,
       overlay);
}

absl::StatusOr<std::vector<Payment>> PaymentsOfDay(const storage::Store& store,
                                                   std::string_view contract, Day day,
                                                   std::string_view after, size_t limit) {
  return Page<Payment>(store, DayKey(kDayKind, contract, day), after, limit,
                       [&](std::string_view id) { return FindPayment(store, contract, id); });
}

absl::StatusOr<std::vector<Payment>> PaymentsInSuspense(const storage::Store& store,
                                                        std::string_view contract,
                                                        std::string_view after, size_t limit) {
  return Page<Payment>(store, Prefix(kSuspenseKind, contract), after, limit,
                       [&](std::string_view id) { return FindPayment(store, contract, id); });
}

absl::StatusOr<std::optional<Order>> FindOrder(const storage::Reader& reader,
                                               std::string_view contract, std::string_view number) {
  const auto bytes =
      reader.Get(Family::kPayments, Prefix(kOrderKind, contract) + std::string(number));
  if (!bytes.ok()) return bytes.status();
  if (!bytes->has_value()) return std::optional<Order>();
  absl::StatusOr<Order> order = DecodeOrder(**bytes);
  if (!order.ok()) return order.status();
  return std::optional<Order>(*std::move(order));
}

void PutOrder(const Order& order, storage::Overlay* overlay) {
  overlay->Put(Family::kPayments, Prefix(kOrderKind, order.contract) + order.number, Encode(order));
  Mark(Prefix(kOpenOrderKind, order.contract) + order.number, order.state == OrderState::kOpen,
       overlay);
}

absl::StatusOr<std::vector<Order>> OpenOrders(const storage::Store& store,
                                              std::string_view contract, std::string_view after,
                                              size_t limit) {
  return Page<Order>(store, Prefix(kOpenOrderKind, contract), after, limit,
                     [&](std::string_view number) { return FindOrder(store, contract, number); });
}

absl::StatusOr<std::optional<Refund>> FindRefund(const storage::Reader& reader,
                                                 std::string_view contract,
                                                 std::string_view number) {
  const auto bytes =
      reader.Get(Family::kPayments, Prefix(kRefundKind, contract) + std::string(number));
  if (!bytes.ok()) return bytes.status();
  if (!bytes->has_value()) return std::optional<Refund>();
  absl::StatusOr<Refund> refund = DecodeRefund(**bytes);
  if (!refund.ok()) return refund.status();
  return std::optional<Refund>(*std::move(refund));
}

void PutRefund(const Refund& refund, storage::Overlay* overlay) {
  overlay->Put(Family::kPayments, Prefix(kRefundKind, refund.contract) + refund.number,
               Encode(refund));
  Mark(Prefix(kOpenRefundKind, refund.contract) + refund.number, refund.state == RefundState::kOpen,
       overlay);
}

absl::StatusOr<std::vector<Refund>> OpenRefunds(const storage::Store& store,
                                                std::string_view contract, std::string_view after,
                                                size_t limit) {
  return Page<Refund>(store, Prefix(kOpenRefundKind, contract), after, limit,
                      [&](std::string_view number) { return FindRefund(store, contract, number); });
}

absl::StatusOr<RegistryDay> FindRegistryDay(const storage::Reader& reader,
                                            std::string_view contract, Day day) {
  const auto bytes = reader.Get(Family::kPayments, DayKey(kRegistryDayKind, contract, day));
  if (!bytes.ok()) return bytes.status();
  if (!bytes->has_value()) return RegistryDay{.contract = std::string(contract), .day = day};
  return DecodeRegistryDay(**bytes);
}

void PutRegistryDay(const RegistryDay& day, storage::Overlay* overlay) {
  overlay->Put(Family::kPayments, DayKey(kRegistryDayKind, day.contract, day.day), Encode(day));
}

absl::StatusOr<bool> IsDone(const storage::Reader& reader, std::string_view contract,
                            std::string_view what) {
  const auto bytes = reader.Get(Family::kPayments, Prefix(kDoneKind, contract) + std::string(what));
  if (!bytes.ok()) return bytes.status();
  return bytes->has_value();
}

void PutDone(std::string_view contract, std::string_view what, storage::Overlay* overlay) {
  overlay->Put(Family::kPayments, Prefix(kDoneKind, contract) + std::string(what), "");
}

}  // namespace ladon::payments
