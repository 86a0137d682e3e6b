#include "server/payments/record.h"

#include <algorithm>
#include <cstring>

#include "server/base/codec.h"

namespace ladon::payments {
namespace {

constexpr uint8_t kRecordVersion = 1;
constexpr uint8_t kPaymentVersion = 2;

std::string_view View(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

bool IsOneOf(uint8_t number, uint8_t last) {
  return number >= 1 && number <= last;
}

}  // namespace

std::string Encode(const Payment& payment) {
  base::Encoder out;
  out.U8(kPaymentVersion);
  out.String(payment.contract);
  out.String(payment.id);
  out.U8(static_cast<uint8_t>(payment.state));
  out.U8(static_cast<uint8_t>(payment.source));
  out.U64(payment.index);
  out.U64(payment.booked_at_ns);
  out.U64(payment.paid_at_ns);
  out.U32(payment.day);
  out.I64(payment.paid_kopecks);
  out.I64(payment.fee_kopecks);
  out.Put(payment.account);
  out.String(payment.account_sealed);
  out.Raw(View(payment.registry));
  out.I64(payment.registry_kopecks);
  out.String(payment.order);
  out.I64(payment.refunded_kopecks);
  return out.Take();
}

absl::StatusOr<Payment> DecodePayment(std::string_view bytes) {
  const auto damaged = [] { return absl::DataLossError("payments: damaged record"); };
  base::Decoder in(bytes);
  const uint8_t version = in.U8();
  if (version < 1 || version > kPaymentVersion) return damaged();
  Payment payment;
  payment.contract = in.String();
  payment.id = in.String();
  const uint8_t state = in.U8();
  const uint8_t source = in.U8();
  payment.state = static_cast<State>(state);
  payment.source = static_cast<Source>(source);
  payment.index = in.U64();
  payment.booked_at_ns = in.U64();
  payment.paid_at_ns = in.U64();
  payment.day = in.U32();
  payment.paid_kopecks = in.I64();
  payment.fee_kopecks = in.I64();
  payment.account = in.Get<base::AccountId>();
  payment.account_sealed = in.String();
  const std::string_view registry = in.Raw(payment.registry.size());
  payment.registry_kopecks = in.I64();
  if (version >= 2) {
    payment.order = in.String();
    payment.refunded_kopecks = in.I64();
  }
  if (!in.Done() || !IsPaymentId(payment.id) || !IsOneOf(state, static_cast<uint8_t>(kStateLast)) ||
      !IsOneOf(source, static_cast<uint8_t>(kSourceLast))) {
    return damaged();
  }
  std::memcpy(payment.registry.data(), registry.data(), payment.registry.size());
  return payment;
}

std::string Encode(const Order& order) {
  base::Encoder out;
  out.U8(kRecordVersion);
  out.String(order.contract);
  out.String(order.number);
  out.U8(static_cast<uint8_t>(order.state));
  out.U64(order.payment_account);
  out.I64(order.paid_kopecks);
  out.U64(order.opened_at_ns);
  out.String(order.bank_id);
  return out.Take();
}

absl::StatusOr<Order> DecodeOrder(std::string_view bytes) {
  base::Decoder in(bytes);
  const bool known = in.U8() == kRecordVersion;
  Order order;
  order.contract = in.String();
  order.number = in.String();
  const uint8_t state = in.U8();
  order.state = static_cast<OrderState>(state);
  order.payment_account = in.U64();
  order.paid_kopecks = in.I64();
  order.opened_at_ns = in.U64();
  order.bank_id = in.String();
  if (!known || !in.Done() || !IsOneOf(state, static_cast<uint8_t>(kOrderStateLast))) {
    return absl::DataLossError("payments: damaged order");
  }
  return order;
}

std::string Encode(const Refund& refund) {
  base::Encoder out;
  out.U8(kRecordVersion);
  out.String(refund.contract);
  out.String(refund.number);
  out.U8(static_cast<uint8_t>(refund.state));
  out.Put(refund.school);
  out.Put(refund.purse);
  out.I64(refund.kopecks);
  out.U64(refund.opened_at_ns);
  out.U32(refund.due_day);
  out.String(refund.payment_id);
  out.String(refund.order);
  out.I64(refund.total_kopecks);
  out.String(refund.basis_sealed);
  return out.Take();
}

absl::StatusOr<Refund> DecodeRefund(std::string_view bytes) {
  base::Decoder in(bytes);
  const bool known = in.U8() == kRecordVersion;
  Refund refund;
  refund.contract = in.String();
  refund.number = in.String();
  const uint8_t state = in.U8();
  refund.state = static_cast<RefundState>(state);
  refund.school = in.Get<base::SchoolId>();
  refund.purse = in.Get<base::AccountId>();
  refund.kopecks = in.I64();
  refund.opened_at_ns = in.U64();
  refund.due_day = in.U32();
  refund.payment_id = in.String();
  refund.order = in.String();
  refund.total_kopecks = in.I64();
  refund.basis_sealed = in.String();
  if (!known || !in.Done() || !IsOneOf(state, static_cast<uint8_t>(kRefundStateLast))) {
    return absl::DataLossError("payments: damaged refund");
  }
  return refund;
}

std::string Encode(const RegistryDay& day) {
  base::Encoder out;
  out.U8(kRecordVersion);
  out.String(day.contract);
  out.U32(day.day);
  out.I64(day.kopecks);
  return out.Take();
}

absl::StatusOr<RegistryDay> DecodeRegistryDay(std::string_view bytes) {
  base::Decoder in(bytes);
  const bool known = in.U8() == kRecordVersion;
  RegistryDay day;
  day.contract = in.String();
  day.day = in.U32();
  day.kopecks = in.I64();
  if (!known || !in.Done() || day.kopecks < 0) {
    return absl::DataLossError("payments: damaged day of registries");
  }
  return day;
}

bool IsPaymentId(std::string_view text) {
  return !text.empty() && text.size() <= kPaymentIdMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '-' || c == '_';
         });
}

}  // namespace ladon::payments
