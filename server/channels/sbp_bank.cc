#include "server/channels/sbp_bank.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "server/channels/bank_json.h"
#include "server/channels/sbp_link.h"

namespace ladon::channels {
namespace {

using nlohmann::json;

constexpr int kHttpOk = 200;
constexpr int kHttpCreated = 201;
constexpr int kHttpBadRequest = 400;
constexpr int kHttpNotFound = 404;
constexpr int kHttpServerError = 500;
constexpr size_t kTextMax = 128;

std::string HttpText(int status) {
  return "bank: HTTP " + std::to_string(status);
}

// The value of a parameter of the link; nullopt: it has none of that name.
std::optional<std::string_view> ParameterOf(std::string_view link, std::string_view name) {
  size_t begin = link.find('?');
  while (begin != std::string_view::npos) {
    const std::string_view rest = link.substr(begin + 1);
    const std::string_view one = rest.substr(0, rest.find('&'));
    if (one.size() > name.size() && one.starts_with(name) && one[name.size()] == '=') {
      return one.substr(name.size() + 1);
    }
    begin = link.find('&', begin + 1);
  }
  return std::nullopt;
}

bool IsAbsentOr(const json& object, const char* name, std::string_view value) {
  return !object.contains(name) || TextAt(object, name, kTextMax) == value;
}

class SbpBank final : public OrderBank {
 public:
  explicit SbpBank(std::unique_ptr<BankHttp> http) : http_(std::move(http)) {}

  [[nodiscard]] absl::StatusOr<std::string> Register(const NewOrder& order) const override {
    const json question = {{"order", order.number}, {"amount", order.kopecks}, {"currency", "RUB"}};
    const absl::StatusOr<BankAnswer> answer = http_->PostJson("/qr", question.dump());
    if (!answer.ok()) return answer.status();
    if (answer->status >= kHttpBadRequest && answer->status < kHttpServerError) {
      return absl::FailedPreconditionError(HttpText(answer->status));
    }
    if (answer->status != kHttpOk && answer->status != kHttpCreated) {
      return absl::UnavailableError(HttpText(answer->status));
    }
    return ReadSbpLink(answer->body, order);
  }

  [[nodiscard]] absl::StatusOr<BankStatus> Status(const std::string& number) const override {
    const absl::StatusOr<BankAnswer> answer = http_->Get("/qr/" + number);
    if (!answer.ok()) return answer.status();
    if (answer->status == kHttpNotFound) return BankStatus{.state = BankState::kUnknown};
    if (answer->status != kHttpOk) return absl::UnavailableError(HttpText(answer->status));
    return ReadSbpStatus(answer->body, number);
  }

  [[nodiscard]] absl::Status GiveBack(const Refund&) const override {
    // Banks differ in this, down to the unit of the sum.
    return absl::UnimplementedError("refund: by the bank's own tools");
  }

  void Interrupt() override { http_->Interrupt(); }

 private:
  const std::unique_ptr<BankHttp> http_;
};

}  // namespace

absl::StatusOr<std::string> ReadSbpLink(std::string_view body, const NewOrder& order) {
  const absl::StatusOr<json> answer = ParseBankJson(body);
  const auto link = answer.ok() ? TextAt(*answer, "payload", kSbpLinkBytesMax) : std::nullopt;
  if (!link) return absl::DataLossError("bank: it sent no link");
  if (absl::Status s = CheckSbpLink(*link); !s.ok()) return absl::DataLossError(s.message());
  if (ParameterOf(*link, "sum").value_or(std::to_string(order.kopecks)) !=
      std::to_string(order.kopecks)) {
    return absl::DataLossError("bank: the link asks for another sum");
  }
  if (ParameterOf(*link, "cur").value_or("RUB") != "RUB") {
    return absl::DataLossError("bank: the link asks for another currency");
  }
  return *link;
}

absl::StatusOr<BankStatus> ReadSbpStatus(std::string_view body, std::string_view number) {
  const absl::StatusOr<json> answer = ParseBankJson(body);
  const auto told = answer.ok() ? TextAt(*answer, "status", kTextMax) : std::nullopt;
  if (!told) return absl::DataLossError("bank: the status is nothing of sense");
  if (!IsAbsentOr(*answer, "order", number)) {
    return absl::DataLossError("bank: the status is that of another order");
  }
  if (!IsAbsentOr(*answer, "currency", "RUB")) {
    return absl::DataLossError("bank: the currency is not the rouble");
  }
  const auto kopecks = KopecksAt(*answer, "amount");
  if (!kopecks) return absl::DataLossError("bank: amount is no sum of money");
  BankStatus status;
  if (const auto id = TextAt(*answer, "id", kTextMax); id && IsBankId(*id)) status.bank_id = *id;
  if (*told == "NEW") return status;
  if (*told == "REJECTED" || *told == "EXPIRED") {
    status.state = BankState::kFailed;
    return status;
  }
  if (*told != "PAID") return absl::DataLossError("bank: status is none that is known");
  // Money is booked under this id once, so it must be the same at every asking.
  if (status.bank_id.empty()) return absl::DataLossError("bank: id is missing or no id");
  status.state = BankState::kPaid;
  status.kopecks = *kopecks;
  return status;
}

std::unique_ptr<OrderBank> MakeSbpBank(std::unique_ptr<BankHttp> http) {
  return std::make_unique<SbpBank>(std::move(http));
}

}  // namespace ladon::channels
