#include <nlohmann/json.hpp>
#include <utility>

#include "server/channels/bank_json.h"
#include "server/channels/body_signature.h"
#include "server/channels/callback_signature.h"
#include "server/channels/order_endpoints.h"

namespace ladon::channels {
namespace {

constexpr int kOk = 200;
constexpr int kBadRequest = 400;
constexpr int kForbidden = 403;
constexpr int kUnavailable = 503;

HttpAnswer Answer(int status, std::string_view verb, std::string_view verdict) {
  return {.status = status,
          .body = status == kOk ? "OK\n" : "refused\n",
          .verb = std::string(verb),
          .verdict = std::string(verdict)};
}

// What is told of an order is asked of the bank. It repeats its news when it is told that nothing
// is decided; a repeat of what is decided finds no open order, which is well.
HttpAnswer AnswerTo(const Orders& orders, const std::string& number, std::string_view verb) {
  const Settled settled =
      IsBankId(number) ? orders.Settle(number) : Settled{.progress = Progress::kNone};
  const bool again = settled.progress == Progress::kUndecided;
  HttpAnswer answer = Answer(again ? kUnavailable : kOk, verb, NameOf(settled.progress));
  answer.fault = settled.fault;
  return answer;
}

class OrderCallback final : public Endpoint {
 public:
  OrderCallback(std::shared_ptr<const Orders> orders, CallbackSecret secret)
      : orders_(std::move(orders)), secret_(std::move(secret)) {}

  [[nodiscard]] HttpAnswer Serve(const HttpRequest& request) const override {
    const Parameters parameters(request.parameters.begin(), request.parameters.end());
    // A name twice: which of them was signed is not to be guessed.
    const bool once = request.parameters_whole && parameters.size() == request.parameters.size();
    if (!once || !Check(parameters).ok()) return Answer(kForbidden, kVerb, "forbidden");
    const auto number = parameters.find("orderNumber");
    return AnswerTo(*orders_, number == parameters.end() ? std::string() : number->second, kVerb);
  }

  [[nodiscard]] HttpAnswer Refuse(int status) const override {
    return Answer(status, kVerb, "bad-request");
  }
  [[nodiscard]] const std::string& contract() const override { return orders_->contract(); }

 private:
  static constexpr std::string_view kVerb = "callback";

  [[nodiscard]] absl::Status Check(const Parameters& parameters) const {
    return secret_.certificate_pem.empty() ? CheckHmac(parameters, secret_.token)
                                           : CheckRsa(parameters, secret_.certificate_pem);
  }

  const std::shared_ptr<const Orders> orders_;
  const CallbackSecret secret_;
};

class OrderWebhook final : public Endpoint {
 public:
  OrderWebhook(std::shared_ptr<const Orders> orders, std::string token)
      : orders_(std::move(orders)), token_(std::move(token)) {}

  [[nodiscard]] HttpAnswer Serve(const HttpRequest& request) const override {
    if (!request.posted || !CheckBody(request.body, request.signature, token_).ok()) {
      return Answer(kForbidden, kVerb, "forbidden");
    }
    const auto news = ParseBankJson(request.body);
    constexpr size_t kNumberMax = 64;
    const auto number = news.ok() ? TextAt(*news, "order", kNumberMax) : std::nullopt;
    if (!number) {
      HttpAnswer answer = Answer(kBadRequest, kVerb, "bad-request");
      answer.fault = "webhook: it is signed and names no order";
      return answer;
    }
    return AnswerTo(*orders_, *number, kVerb);
  }

  [[nodiscard]] HttpAnswer Refuse(int status) const override {
    return Answer(status, kVerb, "bad-request");
  }
  [[nodiscard]] const std::string& contract() const override { return orders_->contract(); }

 private:
  static constexpr std::string_view kVerb = "webhook";

  const std::shared_ptr<const Orders> orders_;
  const std::string token_;
};

}  // namespace

std::unique_ptr<Endpoint> MakeOrderCallback(std::shared_ptr<const Orders> orders,
                                            CallbackSecret secret) {
  return std::make_unique<OrderCallback>(std::move(orders), std::move(secret));
}

std::unique_ptr<Endpoint> MakeOrderWebhook(std::shared_ptr<const Orders> orders,
                                           std::string token) {
  return std::make_unique<OrderWebhook>(std::move(orders), std::move(token));
}

}  // namespace ladon::channels
