#include "server/client/load/engine.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ladon/v1/accounts_service.grpc.pb.h"
#include "ladon/v1/operation_service.grpc.pb.h"
#include "ladon/v1/terminal_service.grpc.pb.h"
#include "server/base/id.h"
#include "server/base/secret.h"
#include "server/client/connection.h"

namespace ladon::load {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kTickPause{100};
constexpr int64_t kTopUpKopecks = 10'000;
// A debit by card with one line, and its answer, as they are on the wire.
constexpr size_t kPingBytes = 110;
constexpr size_t kPingAnswerBytes = 90;

std::string FreshId() {
  base::RequestId id;
  base::FillRandom(id.bytes);
  return std::string(id.view());
}

// An answer that carries nothing is not a success, whatever its status says.
bool IsWhole(const v1::IdentifyResponse& answer) {
  return !answer.identification_token().empty() && !answer.payer().display_name().empty();
}
bool IsWhole(const v1::IdentifyAndDebitResponse& answer) {
  return answer.transaction_id().size() == base::kIdBytes && !answer.replayed();
}
bool IsWhole(const v1::BookByListResponse& answer) {
  return answer.transaction_id().size() == base::kIdBytes && !answer.replayed();
}
bool IsWhole(const v1::PingResponse& answer) {
  return answer.padding().size() == kPingAnswerBytes;
}
bool IsWhole(const v1::TopUpResponse& answer) {
  return answer.transaction_id().size() == base::kIdBytes && !answer.replayed();
}

// One call on its way; the completion queue's thread owns it from the moment it is finished.
struct Call {
  virtual ~Call() = default;
  [[nodiscard]] virtual bool answer_is_whole() const = 0;

  grpc::ClientContext context;
  grpc::Status status;
  Clock::time_point due;
};

template <class Response>
struct TypedCall final : Call {
  [[nodiscard]] bool answer_is_whole() const override { return IsWhole(response); }

  Response response;
  std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> reader;
};

struct Stubs {
  std::unique_ptr<v1::TerminalService::Stub> terminal;
  std::unique_ptr<v1::AccountsService::Stub> accounts;
  std::unique_ptr<v1::OperationService::Stub> operations;
};

std::string ErrorName(const grpc::Status& status) {
  constexpr std::string_view kPrefix = "ERROR_REASON_";
  const v1::ErrorReason reason = client::DetailOf(status).reason();
  if (reason == v1::ERROR_REASON_UNSPECIFIED) {
    return absl::StrCat("GRPC_", static_cast<int>(status.error_code()));
  }
  return v1::ErrorReason_Name(reason).substr(kPrefix.size());
}

class Engine {
 public:
  Engine(const LoadOptions& options, const Scenario& scenario,
         const std::vector<std::shared_ptr<grpc::Channel>>& channels)
      : options_(options), scenario_(scenario) {
    for (const auto& channel : channels) {
      stubs_.push_back({.terminal = v1::TerminalService::NewStub(channel),
                        .accounts = v1::AccountsService::NewStub(channel),
                        .operations = v1::OperationService::NewStub(channel)});
    }
  }

  LoadResult Run(const std::function<void(int64_t due)>& tick) {
    const Clock::time_point start = Clock::now();
    last_answer_ = start;
    std::thread collector([this] { Collect(); });
    options_.in_flight > 0 ? KeepInFlight(start, tick) : KeepRate(start, tick);
    // Every call has a deadline, so this ends.
    AwaitFewerThan(1);
    queue_.Shutdown();
    collector.join();
    if (overflow_ > 0) result_.errors["CLIENT_OVERFLOW"] = overflow_;
    result_.succeeded = static_cast<int64_t>(latencies_us_.size());
    result_.elapsed_seconds = std::chrono::duration<double>(last_answer_ - start).count();
    result_.latency = Summarize(std::move(latencies_us_));
    return result_;
  }

 private:
  void KeepRate(Clock::time_point start, const std::function<void(int64_t due)>& tick) {
    const int64_t calls = int64_t{options_.rate_per_second} * options_.seconds;
    latencies_us_.reserve(static_cast<size_t>(calls));
    result_.intended = calls;
    Clock::time_point next_tick = start;
    for (int64_t i = 0; i < calls; ++i) {
      const Clock::time_point due =
          start + std::chrono::nanoseconds(i * 1'000'000'000 / options_.rate_per_second);
      std::this_thread::sleep_until(due);
      if (due >= next_tick) {
        tick(i);
        next_tick = due + kTickPause;
      }
      const int64_t outstanding = outstanding_.load();
      result_.outstanding_max = std::max(result_.outstanding_max, outstanding);
      if (outstanding >= kOutstandingMax) {
        ++overflow_;
        continue;
      }
      Send(static_cast<size_t>(i), due);
    }
  }

  void KeepInFlight(Clock::time_point start, const std::function<void(int64_t due)>& tick) {
    const Clock::time_point end = start + std::chrono::seconds(options_.seconds);
    Clock::time_point next_tick = start;
    int64_t i = 0;
    for (; Clock::now() < end; ++i) {
      for (int64_t now = outstanding_.load(); now >= options_.in_flight;
           now = outstanding_.load()) {
        outstanding_.wait(now);
      }
      const Clock::time_point due = Clock::now();
      if (due >= next_tick) {
        tick(i);
        next_tick = due + kTickPause;
      }
      Send(static_cast<size_t>(i), due);
    }
    result_.intended = i;
    result_.outstanding_max = options_.in_flight;
  }

  // Until fewer than `limit` calls wait for their answers.
  void AwaitFewerThan(int64_t limit) {
    for (int64_t now = outstanding_.load(); now >= limit; now = outstanding_.load()) {
      outstanding_.wait(now);
    }
  }

  void Collect() {
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
      const std::unique_ptr<Call> call(static_cast<Call*>(tag));
      last_answer_ = Clock::now();
      if (!call->status.ok()) {
        ++result_.errors[ErrorName(call->status)];
      } else if (!call->answer_is_whole()) {
        ++result_.errors["BAD_ANSWER"];
      } else {
        latencies_us_.push_back(
            std::chrono::duration_cast<std::chrono::microseconds>(last_answer_ - call->due)
                .count());
      }
      --outstanding_;
      outstanding_.notify_one();
    }
  }

  template <class Response, class Start>
  void Launch(Clock::time_point due, const Start& start) {
    auto call = std::make_unique<TypedCall<Response>>();
    call->due = due;
    call->context.set_deadline(std::chrono::system_clock::now() + client::kCallTimeout);
    call->reader = start(&call->context);
    ++outstanding_;
    TypedCall<Response>* raw = call.release();
    raw->reader->Finish(&raw->response, &raw->status, static_cast<Call*>(raw));
  }

  v1::Basket MealOf(size_t i) const {
    const v1::PriceListItem& item = scenario_.items[i % scenario_.items.size()];
    v1::Basket basket;
    basket.set_caterer_id(scenario_.caterer_id);
    v1::BasketLine* line = basket.add_lines();
    line->set_item_id(item.item_id());
    line->set_category(item.category());
    line->set_quantity(1);
    line->set_unit_price_kopecks(item.unit_price_kopecks());
    line->set_purse(v1::PURSE_MAIN);
    basket.set_total_kopecks(item.unit_price_kopecks());
    return basket;
  }

  void Send(size_t i, Clock::time_point due) {
    const Stubs& stubs = stubs_[i % stubs_.size()];
    if (options_.what == What::kTopUp) {
      v1::TopUpRequest request;
      request.set_request_id(FreshId());
      request.set_account_id(scenario_.accounts[i % scenario_.accounts.size()]);
      request.set_amount_kopecks(kTopUpKopecks);
      Launch<v1::TopUpResponse>(due, [&](grpc::ClientContext* context) {
        return stubs.accounts->AsyncTopUp(context, request, &queue_);
      });
      return;
    }
    if (options_.what == What::kPing) {
      v1::PingRequest request;
      request.set_padding(std::string(kPingBytes, 'p'));
      request.set_answer_bytes(kPingAnswerBytes);
      Launch<v1::PingResponse>(due, [&](grpc::ClientContext* context) {
        return stubs.operations->AsyncPing(context, request, &queue_);
      });
      return;
    }
    if (options_.what == What::kBookByList) {
      v1::BookByListRequest request;
      request.set_request_id(FreshId());
      request.set_subject_id(scenario_.subjects[i % scenario_.subjects.size()]);
      request.set_reason(v1::BOOKING_REASON_NOT_RECOGNISED);
      *request.mutable_basket() = MealOf(i);
      request.set_repeat_confirmed(true);
      Launch<v1::BookByListResponse>(due, [&](grpc::ClientContext* context) {
        return stubs.terminal->AsyncBookByList(context, request, &queue_);
      });
      return;
    }
    if (options_.what == What::kIdentifyPalm) {
      v1::IdentifyRequest request;
      *request.mutable_probe() = scenario_.probes[i % scenario_.probes.size()];
      Launch<v1::IdentifyResponse>(due, [&](grpc::ClientContext* context) {
        return stubs.terminal->AsyncIdentify(context, request, &queue_);
      });
      return;
    }
    v1::IdentifyAndDebitRequest request;
    request.set_request_id(FreshId());
    if (options_.what == What::kDebitCard) {
      *request.mutable_card() = scenario_.cards[i % scenario_.cards.size()];
    } else {
      *request.mutable_probe() = scenario_.probes[i % scenario_.probes.size()];
    }
    *request.mutable_basket() = MealOf(i);
    // The same few children eat all day here; the guard against repeats is not what is measured.
    request.set_repeat_confirmed(true);
    Launch<v1::IdentifyAndDebitResponse>(due, [&](grpc::ClientContext* context) {
      return stubs.terminal->AsyncIdentifyAndDebit(context, request, &queue_);
    });
  }

  const LoadOptions options_;
  const Scenario& scenario_;
  std::vector<Stubs> stubs_;
  grpc::CompletionQueue queue_;
  std::atomic<int64_t> outstanding_{0};
  int64_t overflow_ = 0;
  // Written by the collector until it is joined.
  std::vector<int64_t> latencies_us_;
  Clock::time_point last_answer_;
  LoadResult result_;
};

absl::Status Check(const LoadOptions& options, const Scenario& scenario, size_t channels) {
  if (options.rate_per_second < 1 || options.rate_per_second > kRateMax) {
    return absl::InvalidArgumentError(absl::StrCat("rate: 1 to ", kRateMax, " per second"));
  }
  if (options.seconds < 1 || options.seconds > kSecondsMax) {
    return absl::InvalidArgumentError(absl::StrCat("seconds: 1 to ", kSecondsMax));
  }
  if (int64_t{options.rate_per_second} * options.seconds > kCallsMax) {
    return absl::InvalidArgumentError(absl::StrCat("more than ", kCallsMax, " calls"));
  }
  if (options.in_flight < 0 || options.in_flight > kOutstandingMax) {
    return absl::InvalidArgumentError(absl::StrCat("in flight: 0 to ", kOutstandingMax));
  }
  if (channels == 0) return absl::InvalidArgumentError("no identity that may make these calls");
  const bool palm =
      options.what == What::kIdentifyPalm || options.what == What::kIdentifyAndDebitPalm;
  if (palm && scenario.probes.empty()) {
    return absl::InvalidArgumentError("the scenario has no probes");
  }
  if (options.what == What::kDebitCard && scenario.cards.empty()) {
    return absl::InvalidArgumentError("the scenario has no cards");
  }
  if (options.what == What::kBookByList && scenario.subjects.empty()) {
    return absl::InvalidArgumentError("the scenario has no subjects");
  }
  if (options.what == What::kTopUp && scenario.accounts.empty()) {
    return absl::InvalidArgumentError("the scenario has no accounts");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<LoadResult> RunCalls(const LoadOptions& options, const Scenario& scenario,
                                    const std::vector<std::shared_ptr<grpc::Channel>>& channels,
                                    const std::function<void(int64_t due)>& tick) {
  if (absl::Status s = Check(options, scenario, channels.size()); !s.ok()) return s;
  return Engine(options, scenario, channels).Run(tick);
}

}  // namespace ladon::load
