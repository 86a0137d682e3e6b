// A core and a bank in memory for tests of orders, each of which fails where it is told to.
// Threading: one thread at a time.
#ifndef LADON_TESTS_SERVER_CHANNELS_ORDER_TESTING_H_
#define LADON_TESTS_SERVER_CHANNELS_ORDER_TESTING_H_

#include <google/protobuf/any.pb.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ladon/v1/errors.pb.h"
#include "server/channels/orders.h"

namespace ladon::channels {

inline constexpr char kContract[] = "cards";
inline constexpr char kChild[] = "405217938861";
inline constexpr char kBankId[] = "3ff6962a-7dcc-4283-ab50-a6d7dd3386fe";

inline grpc::Status RefusalOf(v1::ErrorReason reason, grpc::StatusCode code) {
  v1::ErrorDetail detail;
  detail.set_reason(reason);
  v1::RpcStatus rich;
  rich.set_code(code);
  rich.add_details()->PackFrom(detail);
  return {code, "refused", rich.SerializeAsString()};
}

// The call with this number, counted from 1 over all calls that change something, is lost on its
// way to the server or on its way back.
struct Loss {
  int call = 0;  // 0: none.
  bool done = false;
};

class FakeCore final : public OrderCore {
 public:
  grpc::Status Check(const v1::CheckAccountRequest&,
                     v1::CheckAccountResponse* response) const override {
    *response = child;
    return check;
  }
  grpc::Status Open(const v1::OpenOrderRequest& request,
                    v1::OpenOrderResponse* response) const override {
    return Changing([&] {
      v1::Order& order = orders[request.order_number()];
      order.set_contract(request.contract());
      order.set_order_number(request.order_number());
      order.set_state(v1::ORDER_STATE_OPEN);
      order.set_payment_account(request.payment_account());
      order.set_paid_kopecks(request.paid_kopecks());
      order.mutable_opened_at()->set_seconds(absl::ToUnixSeconds(now));
      *response->mutable_order() = order;
      return grpc::Status::OK;
    });
  }
  grpc::Status ListOpen(const v1::ListOpenOrdersRequest& request,
                        v1::ListOpenOrdersResponse* response) const override {
    ++lists;
    if (!list.ok()) return list;
    for (auto it = orders.upper_bound(request.page_token()); it != orders.end(); ++it) {
      if (it->second.state() != v1::ORDER_STATE_OPEN) continue;
      if (response->orders_size() == request.page_size()) {
        response->set_next_page_token(response->orders().rbegin()->order_number());
        break;
      }
      *response->add_orders() = it->second;
    }
    return grpc::Status::OK;
  }
  grpc::Status Get(const v1::GetOrderRequest& request,
                   v1::GetOrderResponse* response) const override {
    if (!get.ok()) return get;
    const auto it = orders.find(request.order_number());
    if (it == orders.end()) {
      return RefusalOf(v1::ERROR_REASON_ORDER_UNKNOWN, grpc::StatusCode::NOT_FOUND);
    }
    *response->mutable_order() = it->second;
    return grpc::Status::OK;
  }
  grpc::Status Accept(const v1::AcceptPaymentRequest& request,
                      v1::AcceptPaymentResponse* response) const override {
    return Changing([&]() -> grpc::Status {
      const auto [it, fresh] = payments.try_emplace(request.payment_id(), request);
      if (!fresh && it->second.SerializeAsString() != request.SerializeAsString()) {
        return RefusalOf(v1::ERROR_REASON_PAYMENT_DIFFERS, grpc::StatusCode::ALREADY_EXISTS);
      }
      response->set_replayed(!fresh);
      return grpc::Status::OK;
    });
  }
  grpc::Status GetPayment(const v1::GetPaymentRequest& request,
                          v1::GetPaymentResponse* response) const override {
    const auto it = payments.find(request.payment_id());
    if (it == payments.end()) {
      return RefusalOf(v1::ERROR_REASON_PAYMENT_UNKNOWN, grpc::StatusCode::NOT_FOUND);
    }
    response->mutable_payment()->set_order_number(it->second.order_number());
    return grpc::Status::OK;
  }
  grpc::Status Close(const v1::CloseOrderRequest& request,
                     v1::CloseOrderResponse* response) const override {
    return Changing([&] {
      v1::Order& order = orders.at(request.order_number());
      if (order.state() == v1::ORDER_STATE_OPEN || request.state() == v1::ORDER_STATE_PAID) {
        order.set_state(request.state());
        order.set_bank_id(request.bank_id());
      }
      *response->mutable_order() = order;
      return grpc::Status::OK;
    });
  }

  [[nodiscard]] int64_t booked_kopecks() const {
    int64_t sum = 0;
    for (const auto& [id, payment] : payments) sum += payment.paid_kopecks();
    return sum;
  }

  absl::Time now = absl::FromUnixSeconds(1'795'000'000);
  grpc::Status check;
  grpc::Status list;
  grpc::Status get;
  v1::CheckAccountResponse child;
  mutable std::vector<Loss> losses;
  mutable int calls = 0;
  mutable std::atomic<int> lists = 0;
  mutable std::map<std::string, v1::Order> orders;
  mutable std::map<std::string, v1::AcceptPaymentRequest> payments;

 private:
  template <class Change>
  grpc::Status Changing(Change change) const {
    const grpc::Status away(grpc::StatusCode::UNAVAILABLE, "away");
    ++calls;
    const auto loss = std::find_if(losses.begin(), losses.end(),
                                   [this](const Loss& one) { return one.call == calls; });
    if (loss == losses.end()) return change();
    if (!loss->done) return away;
    const grpc::Status done = change();
    return done.ok() ? away : done;
  }
};

class FakeBank final : public OrderBank {
 public:
  absl::StatusOr<std::string> Register(const NewOrder& order) const override {
    registered.push_back(order);
    return link;
  }
  absl::StatusOr<BankStatus> Status(const std::string& number) const override {
    asked.push_back(number);
    return status;
  }
  absl::Status GiveBack(const Refund&) const override { return absl::OkStatus(); }
  void Interrupt() override { interrupted = true; }

  void Pay(int64_t kopecks) {
    status = BankStatus{.state = BankState::kPaid, .kopecks = kopecks, .bank_id = kBankId};
  }
  void Say(BankState state) { status = BankStatus{.state = state}; }

  absl::StatusOr<std::string> link = std::string("https://bank.example/pay?order=1");
  absl::StatusOr<BankStatus> status = BankStatus{};
  mutable std::vector<NewOrder> registered;
  mutable std::vector<std::string> asked;
  bool interrupted = false;
};

// Orders over both, and a random source that repeats itself from run to run.
struct OrderWorld {
  std::shared_ptr<FakeCore> core = std::make_shared<FakeCore>();
  std::shared_ptr<FakeBank> bank = std::make_shared<FakeBank>();
  uint8_t drawn = 0;
  std::shared_ptr<const Orders> orders =
      std::make_shared<const Orders>(Orders::Parts{.contract = kContract,
                                                   .core = core,
                                                   .bank = bank,
                                                   .now = [this] { return core->now; },
                                                   .fill =
                                                       [this](std::span<uint8_t> out) {
                                                         for (uint8_t& byte : out) byte = drawn++;
                                                       }});

  OrderWorld() {
    core->child.set_masked_name("И*** П***");
    core->child.set_school_name("МБОУ СОШ № 34");
  }
  OrderWorld(const OrderWorld&) = delete;

  static base::PaymentAccount Child() { return *base::PaymentAccount::Parse(kChild); }
  Placed Place(int64_t kopecks = 1'999) const { return orders->Place(Child(), kopecks); }
  // The only one.
  [[nodiscard]] const v1::Order& order() const { return core->orders.begin()->second; }
  [[nodiscard]] Settled Settle() const { return orders->Settle(order().order_number()); }
};

}  // namespace ladon::channels

#endif  // LADON_TESTS_SERVER_CHANNELS_ORDER_TESTING_H_
