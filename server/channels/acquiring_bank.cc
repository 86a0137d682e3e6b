#include "server/channels/acquiring_bank.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "server/channels/bank_json.h"

namespace ladon::channels {
namespace {

constexpr const char* kEnding = ".do";  // Of every call's address.

using nlohmann::json;

constexpr int kHttpOk = 200;
constexpr int64_t kRouble = 643;
constexpr int64_t kOrderUnknown = 6;  // errorCode
constexpr int64_t kDeposited = 2;     // orderStatus
constexpr int64_t kRefunded = 4;
constexpr char kSessionSeconds[] = "1200";
constexpr size_t kTextMax = 128;

std::string CodeText(int64_t code) {
  return "bank: errorCode " + std::to_string(code);
}

// Absent and 0: understood. nullopt: no code at all.
std::optional<int64_t> ErrorCodeOf(const json& answer) {
  return answer.contains("errorCode") ? CodeAt(answer, "errorCode") : std::optional<int64_t>(0);
}

// The bank's own id of the order, "mdOrder".
std::string BankIdOf(const json& answer) {
  const auto attributes = answer.find("attributes");
  if (attributes != answer.end() && attributes->is_array()) {
    for (const json& one : *attributes) {
      if (!one.is_object() || TextAt(one, "name", kTextMax) != "mdOrder") continue;
      const auto value = TextAt(one, "value", kTextMax);
      return value && IsBankId(*value) ? *value : std::string();
    }
  }
  const auto id = TextAt(answer, "orderId", kTextMax);
  return id && IsBankId(*id) ? *id : std::string();
}

absl::StatusOr<BankState> StateOf(const json& answer) {
  const auto status = IntegerAt(answer, "orderStatus");
  switch (status.value_or(-1)) {
    case 0:
    case 1:
    case 5:
      return BankState::kOpen;
    case 2:
      return BankState::kPaid;
    case 3:
    case 4:
    case 6:
      return BankState::kFailed;
    default:
      return absl::DataLossError("bank: orderStatus is none that is known");
  }
}

// What is left of a payment that went back in part. Banks differ in whether depositedAmount is what
// was taken or what is left of it; nullopt: it is neither.
std::optional<int64_t> LeftOf(int64_t amount, std::optional<int64_t> deposited, int64_t refunded) {
  if (refunded == amount) return 0;
  if (deposited && *deposited >= 0 && *deposited + refunded == amount) return *deposited;
  if (deposited == amount && refunded < amount) return amount - refunded;
  return std::nullopt;
}

class AcquiringBank final : public OrderBank {
 public:
  AcquiringBank(std::unique_ptr<BankHttp> http, AcquiringOptions options)
      : http_(std::move(http)), options_(std::move(options)) {}

  [[nodiscard]] absl::StatusOr<std::string> Register(const NewOrder& order) const override {
    // The description goes to the bank and its payer's statement: whose child it is does not.
    const auto answer = Ask("register", {{"orderNumber", order.number},
                                         {"amount", std::to_string(order.kopecks)},
                                         {"currency", std::to_string(kRouble)},
                                         {"returnUrl", options_.return_url},
                                         {"failUrl", options_.return_url},
                                         {"description", "Пополнение счёта школьного питания"},
                                         {"sessionTimeoutSecs", kSessionSeconds}});
    if (!answer.ok()) return answer.status();
    return ReadFormUrl(*answer, http_->url().loopback);
  }

  [[nodiscard]] absl::StatusOr<BankStatus> Status(const std::string& number) const override {
    const auto answer = Ask("getOrderStatusExtended", {{"orderNumber", number}});
    if (!answer.ok()) return answer.status();
    return ReadAcquiringStatus(*answer, number);
  }

  [[nodiscard]] absl::Status GiveBack(const Refund& refund) const override {
    const absl::StatusOr<BankStatus> status = Status(refund.number);
    if (!status.ok()) return status.status();
    // What was given back before counts, whoever asked for it and whatever answer was lost.
    if (refund.total_kopecks > 0 && status->refunded_kopecks == refund.total_kopecks) {
      return absl::OkStatus();
    }
    // What was given back in part is status 4, and may be given back in whole.
    const bool paid = status->state == BankState::kPaid || status->refunded_kopecks > 0;
    if (!paid || status->bank_id.empty()) {
      return absl::FailedPreconditionError("refund: the order is not paid");
    }
    const int64_t due = refund.total_kopecks - status->refunded_kopecks;
    if (due <= 0) return absl::FailedPreconditionError("refund: more was given back already");
    if (due > status->kopecks) return absl::FailedPreconditionError("refund: less was paid");
    const auto answer =
        Ask("refund", {{"orderId", status->bank_id}, {"amount", std::to_string(due)}});
    if (!answer.ok()) return answer.status();
    const absl::StatusOr<json> parsed = ParseBankJson(*answer);
    const auto code = parsed.ok() ? ErrorCodeOf(*parsed) : std::nullopt;
    // No telling what came of it; the same again asks what was given back first.
    if (!code) return absl::UnavailableError("bank: refund.do said nothing of sense");
    return *code == 0 ? absl::OkStatus() : absl::FailedPreconditionError(CodeText(*code));
  }

  void Interrupt() override { http_->Interrupt(); }

 private:
  // The body of an answer with HTTP's own status of success.
  [[nodiscard]] absl::StatusOr<std::string> Ask(const std::string& verb, Form form) const {
    form.insert(form.begin(), {{"userName", options_.user}, {"password", options_.password}});
    absl::StatusOr<BankAnswer> answer = http_->PostForm("/" + verb + kEnding, form);
    if (!answer.ok()) return answer.status();
    if (answer->status != kHttpOk) {
      return absl::UnavailableError("bank: HTTP " + std::to_string(answer->status));
    }
    return std::move(answer->body);
  }

  const std::unique_ptr<BankHttp> http_;
  const AcquiringOptions options_;
};

}  // namespace

absl::StatusOr<std::string> ReadFormUrl(std::string_view body, bool loopback_allowed) {
  const absl::StatusOr<json> answer = ParseBankJson(body);
  const auto code = answer.ok() ? ErrorCodeOf(*answer) : std::nullopt;
  if (!code) return absl::DataLossError("bank: register.do said nothing of sense");
  if (*code != 0) return absl::FailedPreconditionError(CodeText(*code));
  const auto url = TextAt(*answer, "formUrl", kUrlBytesMax);
  if (!url || !IsPayerLink(*url, loopback_allowed)) {
    return absl::DataLossError("bank: formUrl is no address to send a payer to");
  }
  return *url;
}

absl::StatusOr<BankStatus> ReadAcquiringStatus(std::string_view body, std::string_view number) {
  const absl::StatusOr<json> answer = ParseBankJson(body);
  const auto code = answer.ok() ? ErrorCodeOf(*answer) : std::nullopt;
  if (!code) return absl::DataLossError("bank: the status is nothing of sense");
  if (*code == kOrderUnknown) return BankStatus{.state = BankState::kUnknown};
  if (*code != 0) return absl::UnavailableError(CodeText(*code));
  if (TextAt(*answer, "orderNumber", kTextMax) != number) {
    return absl::DataLossError("bank: the status is that of another order");
  }
  if (CodeAt(*answer, "currency") != kRouble) {
    return absl::DataLossError("bank: the currency is not the rouble");
  }
  if (!KopecksAt(*answer, "amount")) return absl::DataLossError("bank: amount is no sum of money");
  const absl::StatusOr<BankState> state = StateOf(*answer);
  if (!state.ok()) return state.status();
  BankStatus status{.state = *state, .bank_id = BankIdOf(*answer)};
  const auto info = answer->find("paymentAmountInfo");
  const bool told = info != answer->end() && info->is_object();
  if (told && info->contains("refundedAmount")) {
    const auto refunded = IntegerAt(*info, "refundedAmount");
    if (!refunded || *refunded < 0) {
      return absl::DataLossError("bank: refundedAmount is no sum of money");
    }
    status.refunded_kopecks = *refunded;
  }
  const auto deposited = told ? IntegerAt(*info, "depositedAmount") : std::nullopt;
  const auto told_status = IntegerAt(*answer, "orderStatus");
  const bool went_back = told_status == kDeposited || told_status == kRefunded;
  if (status.refunded_kopecks > 0 && went_back) {
    const auto left = LeftOf(*KopecksAt(*answer, "amount"), deposited, status.refunded_kopecks);
    if (!left) return absl::DataLossError("bank: no telling what is left of a refunded order");
    status.kopecks = *left;
    status.state = *left > 0 ? BankState::kPaid : BankState::kFailed;  // So much of it is there.
  } else {
    if (*state == BankState::kPaid && deposited.value_or(0) <= 0) {
      return absl::DataLossError("bank: depositedAmount is no sum of money");
    }
    status.kopecks = std::max<int64_t>(deposited.value_or(0), 0);
  }
  if (status.state != BankState::kPaid) return status;
  // Money is booked under this id once, so it must be the same at every asking.
  if (status.bank_id.empty()) return absl::DataLossError("bank: mdOrder is missing or no id");
  return status;
}

std::unique_ptr<OrderBank> MakeAcquiringBank(std::unique_ptr<BankHttp> http,
                                             AcquiringOptions options) {
  return std::make_unique<AcquiringBank>(std::move(http), std::move(options));
}

}  // namespace ladon::channels
