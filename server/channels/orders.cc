#include "server/channels/orders.h"

#include <algorithm>
#include <array>

#include "server/client/connection.h"

namespace ladon::channels {
namespace {

std::string FaultOf(std::string_view what, const grpc::Status& status) {
  const v1::ErrorReason reason = client::DetailOf(status).reason();
  return std::string(what) + ": " +
         (reason != v1::ERROR_REASON_UNSPECIFIED
              ? v1::ErrorReason_Name(reason)
              : "gRPC " + std::to_string(status.error_code()) + " " + status.error_message());
}

Settled Untrusted(std::string fault) {
  return {.progress = Progress::kUntrusted, .fault = std::move(fault)};
}

}  // namespace

std::string_view NameOf(Progress progress) {
  switch (progress) {
    case Progress::kBooked:
      return "booked";
    case Progress::kFailed:
      return "failed";
    case Progress::kOpen:
      return "open";
    case Progress::kNone:
      return "none";
    case Progress::kUndecided:
      return "undecided";
    case Progress::kUntrusted:
      return "untrusted";
  }
  return "";
}

std::string Orders::DrawNumber() const {
  constexpr std::string_view kLetters = "0123456789abcdefghijklmnopqrstuv";
  std::array<uint8_t, kOrderNumberLetters> bytes{};
  parts_.fill(bytes);
  std::string number;
  for (const uint8_t byte : bytes) number += kLetters[byte % kLetters.size()];
  return number;
}

grpc::Status Orders::Check(const base::PaymentAccount& account, int64_t kopecks,
                           v1::CheckAccountResponse* response) const {
  v1::CheckAccountRequest request;
  request.set_contract(parts_.contract);
  request.set_payment_account(account.Digits());
  request.set_paid_kopecks(kopecks);
  return parts_.core->Check(request, response);
}

Placed Orders::Place(const base::PaymentAccount& account, int64_t kopecks) const {
  v1::OpenOrderRequest request;
  request.set_contract(parts_.contract);
  request.set_order_number(DrawNumber());
  request.set_payment_account(account.Digits());
  request.set_paid_kopecks(kopecks);
  v1::OpenOrderResponse response;
  const grpc::Status opened = parts_.core->Open(request, &response);
  if (!opened.ok()) {
    return {.verdict = VerdictOf(opened), .fault = FaultOf("open", opened)};
  }
  absl::StatusOr<std::string> link =
      parts_.bank->Register({.number = request.order_number(), .kopecks = kopecks});
  // Whatever came of it, the order stays open: the bank may have it though its answer was lost, and
  // one that it does not have is closed when it is old.
  if (!link.ok()) {
    return {.verdict = Verdict::kTechnical, .fault = std::string(link.status().message())};
  }
  return {.link = *std::move(link)};
}

absl::StatusOr<v1::ListOpenOrdersResponse> Orders::ListOpen(int32_t page_size,
                                                            const std::string& token) const {
  v1::ListOpenOrdersRequest request;
  request.set_contract(parts_.contract);
  request.set_page_size(page_size);
  request.set_page_token(token);
  v1::ListOpenOrdersResponse response;
  const grpc::Status status = parts_.core->ListOpen(request, &response);
  if (!status.ok()) return absl::UnavailableError(FaultOf("list", status));
  return response;
}

absl::Duration Orders::AgeOf(const v1::Order& order) const {
  const absl::Time opened = absl::FromUnixSeconds(order.opened_at().seconds());
  return std::max(parts_.now() - opened, absl::ZeroDuration());
}

Settled Orders::Settle(const std::string& number) const {
  v1::GetOrderRequest request;
  request.set_contract(parts_.contract);
  request.set_order_number(number);
  v1::GetOrderResponse response;
  const grpc::Status status = parts_.core->Get(request, &response);
  if (!status.ok()) {
    const bool unknown = client::DetailOf(status).reason() == v1::ERROR_REASON_ORDER_UNKNOWN;
    return unknown ? Settled{.progress = Progress::kNone}
                   : Settled{.progress = Progress::kUndecided, .fault = FaultOf("get", status)};
  }
  if (response.order().state() == v1::ORDER_STATE_PAID) return {.progress = Progress::kNone};
  return Settle(response.order());
}

Settled Orders::Settle(const v1::Order& order) const {
  const absl::StatusOr<BankStatus> status = parts_.bank->Status(order.order_number());
  if (!status.ok()) {
    std::string fault(status.status().message());
    if (!absl::IsUnavailable(status.status())) return Untrusted(std::move(fault));
    return {.progress = Progress::kUndecided, .fault = std::move(fault)};
  }
  switch (status->state) {
    case BankState::kOpen:
      return {.progress = Progress::kOpen};
    case BankState::kPaid:
      return Book(order, *status);
    case BankState::kFailed: {
      Settled settled = Close(order, v1::ORDER_STATE_FAILED, status->bank_id);
      if (settled.fault.empty() && status->refunded_kopecks > 0) {
        settled.fault = "bank: it gave the money back before it was booked";
      }
      return settled;
    }
    case BankState::kUnknown:
      if (AgeOf(order) < kForgottenAfter) return {.progress = Progress::kOpen};
      return Close(order, v1::ORDER_STATE_FAILED, {});
  }
  return Untrusted("bank: a state that is none");
}

Settled Orders::Book(const v1::Order& order, const BankStatus& status) const {
  v1::AcceptPaymentRequest request;
  request.set_contract(parts_.contract);
  request.set_payment_id(status.bank_id);
  request.set_payer_account(order.payment_account());
  request.set_paid_kopecks(status.kopecks);
  request.set_order_number(order.order_number());
  v1::AcceptPaymentResponse response;
  const grpc::Status accepted = parts_.core->Accept(request, &response);
  const bool differs = client::DetailOf(accepted).reason() == v1::ERROR_REASON_PAYMENT_DIFFERS;
  if (differs && status.refunded_kopecks > 0 && IsBookedFor(order, status.bank_id)) {
    // Booked when more of it was there; a part went back before the order was closed.
    Settled settled = Close(order, v1::ORDER_STATE_PAID, status.bank_id);
    if (settled.fault.empty()) settled.fault = "bank: it gave back a part of what is booked";
    return settled;
  }
  if (!accepted.ok()) {
    // Refused for good: this id was booked with another account or sum. The order stays open, for
    // money that may be nobody's yet must not look settled.
    const Verdict verdict = VerdictOf(accepted);
    return {
        .progress = verdict == Verdict::kTemporary ? Progress::kUndecided : Progress::kUntrusted,
        .fault = FaultOf("accept", accepted)};
  }
  Settled settled = Close(order, v1::ORDER_STATE_PAID, status.bank_id);
  if (!settled.fault.empty()) return settled;
  if (order.state() == v1::ORDER_STATE_FAILED) {
    settled.fault = "paid after it was closed as failed; it is booked";
  } else if (status.refunded_kopecks > 0) {
    settled.fault = "bank: it gave a part back before it was booked; what is left is booked";
  } else if (status.kopecks != order.paid_kopecks()) {
    settled.fault = "bank: it took another sum than the order's; what it took is booked";
  }
  return settled;
}

bool Orders::IsBookedFor(const v1::Order& order, const std::string& bank_id) const {
  v1::GetPaymentRequest request;
  request.set_contract(parts_.contract);
  request.set_payment_id(bank_id);
  v1::GetPaymentResponse response;
  return parts_.core->GetPayment(request, &response).ok() &&
         response.payment().order_number() == order.order_number();
}

Settled Orders::Close(const v1::Order& order, v1::OrderState state,
                      const std::string& bank_id) const {
  v1::CloseOrderRequest request;
  request.set_contract(parts_.contract);
  request.set_order_number(order.order_number());
  request.set_state(state);
  request.set_bank_id(bank_id);
  v1::CloseOrderResponse response;
  const grpc::Status status = parts_.core->Close(request, &response);
  if (!status.ok()) {
    return {.progress = Progress::kUndecided, .fault = FaultOf("close", status)};
  }
  // Another way of hearing of it may have been first; its end counts.
  if (response.order().state() == v1::ORDER_STATE_PAID) return {.progress = Progress::kBooked};
  if (state != v1::ORDER_STATE_PAID) return {.progress = Progress::kFailed};
  return {.progress = Progress::kUndecided, .fault = "close: it is booked and still not closed"};
}

}  // namespace ladon::channels
