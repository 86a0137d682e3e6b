// A server as the contract describes it, small enough to be seen through, behind a network that
// loses what the test tells it to lose. It is the transport seam's other side in tests: idempotent
// by request id, burning ids on early Cancels, refusing repeats of a basket.
// Threading: one thread. Copyable: a copy is a snapshot of the world.
#ifndef LADON_TESTS_SERVER_CLIENT_TERMINAL_MODEL_SERVER_H_
#define LADON_TESTS_SERVER_CLIENT_TERMINAL_MODEL_SERVER_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "ladon/v1/errors.pb.h"
#include "server/client/terminal/transport.h"

namespace ladon::terminal {

enum class Net {
  kDeliver,
  kLoseRequest,
  kLoseAnswer,
  kDelay,  // No answer in time; the request arrives just before the next call is handled.
};

inline grpc::Status RefusalOf(v1::ErrorReason reason) {
  v1::ErrorDetail detail;
  detail.set_reason(reason);
  v1::RpcStatus rich;
  rich.set_code(grpc::StatusCode::FAILED_PRECONDITION);
  rich.add_details()->PackFrom(detail);
  return {grpc::StatusCode::FAILED_PRECONDITION, "refused", rich.SerializeAsString()};
}

struct ModelServer {
  struct Operation {
    v1::OperationState state = v1::OPERATION_STATE_SUCCEEDED;
    v1::ErrorReason reason = v1::ERROR_REASON_UNSPECIFIED;
    std::string content;
    std::string transaction_id;
    int64_t amount_kopecks = 0;
    bool cancelled = false;
  };
  std::map<std::string, Operation> operations;
  int64_t taken_kopecks = 0;  // Of all children together.
  int debits = 0;             // How many went through.
  int64_t limit_kopecks = 1'000'000;
  bool token_alive = true;
  bool guard_repeats = false;
  std::string last_basket;

  grpc::Status Debit(const v1::DebitRequest& request, v1::DebitResponse* out) {
    const std::string content = request.SerializeAsString();
    if (const auto it = operations.find(request.request_id()); it != operations.end()) {
      const Operation& known = it->second;
      if (known.state == v1::OPERATION_STATE_BURNT) {
        return RefusalOf(v1::ERROR_REASON_CANCELLED_BEFORE_ARRIVAL);
      }
      if (known.content != content) return RefusalOf(v1::ERROR_REASON_REQUEST_ID_REUSED);
      if (known.state == v1::OPERATION_STATE_REFUSED) return RefusalOf(known.reason);
      Answer(known, out);
      return grpc::Status::OK;
    }
    if (!token_alive) return RefusalOf(v1::ERROR_REASON_TOKEN_EXPIRED);
    const std::string basket = request.basket().SerializeAsString();
    if (guard_repeats && basket == last_basket && !request.repeat_confirmed()) {
      return RefusalOf(v1::ERROR_REASON_POSSIBLE_REPEAT);
    }
    Operation operation;
    operation.content = content;
    operation.amount_kopecks = request.basket().total_kopecks();
    if (taken_kopecks + operation.amount_kopecks > limit_kopecks) {
      operation.state = v1::OPERATION_STATE_REFUSED;
      operation.reason = v1::ERROR_REASON_INSUFFICIENT_FUNDS;
      operations[request.request_id()] = operation;
      return RefusalOf(operation.reason);
    }
    taken_kopecks += operation.amount_kopecks;
    ++debits;
    last_basket = basket;
    operation.transaction_id = std::string(15, 't') + static_cast<char>(debits);
    operations[request.request_id()] = operation;
    Answer(operation, out);
    return grpc::Status::OK;
  }

  grpc::Status Cancel(const v1::CancelRequest& request, v1::CancelResponse* out) {
    if (const auto it = operations.find(request.request_id()); it != operations.end()) {
      out->set_transaction_id(it->second.transaction_id);
      out->set_returned_kopecks(it->second.amount_kopecks);
      out->set_burnt(it->second.transaction_id.empty());
      return grpc::Status::OK;
    }
    Operation own;
    const auto it = operations.find(request.debit_request_id());
    if (it == operations.end()) {
      operations[request.debit_request_id()].state = v1::OPERATION_STATE_BURNT;
    } else if (it->second.state == v1::OPERATION_STATE_REFUSED) {
      return RefusalOf(v1::ERROR_REASON_ORIGINAL_REFUSED);
    } else if (it->second.cancelled) {
      return RefusalOf(v1::ERROR_REASON_ALREADY_CANCELLED);
    } else if (it->second.state == v1::OPERATION_STATE_SUCCEEDED) {
      it->second.cancelled = true;
      own.amount_kopecks = it->second.amount_kopecks;
      own.transaction_id = std::string(16, 'r');
      taken_kopecks -= own.amount_kopecks;
    }
    operations[request.request_id()] = own;
    out->set_transaction_id(own.transaction_id);
    out->set_returned_kopecks(own.amount_kopecks);
    out->set_burnt(own.transaction_id.empty());
    return grpc::Status::OK;
  }

  grpc::Status GetOperation(const v1::GetOperationRequest& request,
                            v1::GetOperationResponse* out) const {
    const auto it = operations.find(request.request_id());
    if (it == operations.end()) {
      out->set_state(v1::OPERATION_STATE_UNKNOWN);
      return grpc::Status::OK;
    }
    out->set_state(it->second.state);
    out->set_reason(it->second.reason);
    out->set_transaction_id(it->second.transaction_id);
    out->set_amount_kopecks(it->second.amount_kopecks);
    out->add_lines_cancelled(it->second.cancelled);
    return grpc::Status::OK;
  }

  static void Answer(const Operation& operation, v1::DebitResponse* out) {
    out->mutable_payer()->set_display_name("Анна К., 2Б");
    out->set_transaction_id(operation.transaction_id);
    out->mutable_service_date()->set_year(2026);
    out->mutable_service_date()->set_month(9);
    out->mutable_service_date()->set_day(1);
  }
};

// The network before it. Calls beyond the script are delivered.
class ModelTransport final : public Transport {
 public:
  ModelServer server;
  std::deque<Net> script;
  std::vector<std::string> debits_sent;  // Bytes, as sent.
  int cancels_sent = 0;
  // Called just before and just after the server handles a call.
  std::function<void()> at_every_step = [] {};

  grpc::Status Debit(const v1::DebitRequest& request, v1::DebitResponse* out) override {
    debits_sent.push_back(request.SerializeAsString());
    return Pass([this, request](v1::DebitResponse* o) { return server.Debit(request, o); }, out);
  }
  grpc::Status Cancel(const v1::CancelRequest& request, v1::CancelResponse* out) override {
    ++cancels_sent;
    return Pass([this, request](v1::CancelResponse* o) { return server.Cancel(request, o); }, out);
  }
  grpc::Status GetOperation(const v1::GetOperationRequest& request,
                            v1::GetOperationResponse* out) override {
    return Pass(
        [this, request](v1::GetOperationResponse* o) { return server.GetOperation(request, o); },
        out);
  }
  grpc::Status EnrolPalm(const v1::EnrolPalmRequest& request, v1::EnrolPalmResponse* out) override {
    return Pass(
        [this, request](v1::EnrolPalmResponse* o) {
          server.operations[request.request_id()] = {};
          o->set_samples(static_cast<uint32_t>(request.templates_size()));
          return grpc::Status::OK;
        },
        out);
  }
  // The till's logic makes neither of these calls; the command line does.
  grpc::Status Identify(const v1::IdentifyRequest&, v1::IdentifyResponse*) override {
    return {grpc::StatusCode::UNIMPLEMENTED, ""};
  }
  grpc::Status GetPriceList(const v1::GetPriceListRequest&, v1::GetPriceListResponse*) override {
    return {grpc::StatusCode::UNIMPLEMENTED, ""};
  }

 private:
  template <class Handle, class Response>
  grpc::Status Pass(const Handle& handle, Response* out) {
    Net net = Net::kDeliver;
    if (!script.empty()) {
      net = script.front();
      script.pop_front();
    }
    for (const auto& late : delayed_) late();
    delayed_.clear();
    at_every_step();
    if (net == Net::kLoseRequest) return {grpc::StatusCode::UNAVAILABLE, "lost"};
    if (net == Net::kDelay) {
      delayed_.push_back([handle] {
        Response dropped;
        (void)handle(&dropped);
      });
      return {grpc::StatusCode::DEADLINE_EXCEEDED, "late"};
    }
    const grpc::Status status = handle(out);
    at_every_step();
    if (net == Net::kLoseAnswer) {
      out->Clear();
      return {grpc::StatusCode::UNAVAILABLE, "lost"};
    }
    return status;
  }

  std::vector<std::function<void()>> delayed_;
};

}  // namespace ladon::terminal

#endif  // LADON_TESTS_SERVER_CLIENT_TERMINAL_MODEL_SERVER_H_
