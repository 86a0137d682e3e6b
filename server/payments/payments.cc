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

std::string Prefix(char kind, std::string_view contract) {
  base::Encoder out;
  out.U8(static_cast<uint8_t>(kind));
  out.String(contract);
  return out.Take();
}

std::string DayPrefix(std::string_view contract, Day day) {
  base::Encoder out;
  out.Raw(Prefix(kDayKind, contract));
  out.U32(day);
  return out.Take();
}

// Ids whose keys begin with `prefix`, above `after`.
absl::StatusOr<std::vector<Payment>> Page(const storage::Store& store, std::string_view contract,
                                          const std::string& prefix, std::string_view after,
                                          size_t limit) {
  std::vector<Payment> page;
  const std::unique_ptr<storage::Scan> scan = store.NewScan(Family::kPayments);
  const std::string last = prefix + std::string(after);
  for (scan->Seek(last); scan->Valid() && page.size() < limit; scan->Next()) {
    const std::string_view key = scan->key();
    if (key.substr(0, prefix.size()) != prefix) break;
    if (!after.empty() && key == last) continue;
    const auto payment = FindPayment(store, contract, key.substr(prefix.size()));
    if (!payment.ok()) return payment.status();
    if (!payment->has_value()) return absl::DataLossError("payments: one is missing from a list");
    page.push_back(**payment);
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
  const std::string suspense = Prefix(kSuspenseKind, payment.contract) + payment.id;
  overlay->Put(Family::kPayments, Prefix(kPaymentKind, payment.contract) + payment.id,
               Encode(payment));
  overlay->Put(Family::kPayments, DayPrefix(payment.contract, payment.day) + payment.id, "");
  if (payment.state == State::kSuspense) {
    overlay->Put(Family::kPayments, suspense, "");
  } else {
    overlay->Delete(Family::kPayments, suspense);
  }
}

absl::StatusOr<std::vector<Payment>> PaymentsOfDay(const storage::Store& store,
                                                   std::string_view contract, Day day,
                                                   std::string_view after, size_t limit) {
  return Page(store, contract, DayPrefix(contract, day), after, limit);
}

absl::StatusOr<std::vector<Payment>> PaymentsInSuspense(const storage::Store& store,
                                                        std::string_view contract,
                                                        std::string_view after, size_t limit) {
  return Page(store, contract, Prefix(kSuspenseKind, contract), after, limit);
}

}  // namespace ladon::payments
