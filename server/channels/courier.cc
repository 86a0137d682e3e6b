#include "server/channels/courier.h"

#include <algorithm>
#include <atomic>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "server/channels/event_json.h"
#include "server/channels/webhook_signature.h"

namespace ladon::channels {
namespace {

class RemoteCore final : public EventCore {
 public:
  explicit RemoteCore(const Core* core) : core_(core) {}

  [[nodiscard]] grpc::Status Pull(const v1::PullEventsRequest& request,
                                  v1::PullEventsResponse* response) const override {
    return core_->Call(request, response);
  }
  [[nodiscard]] grpc::Status Report(const v1::ReportEventsRequest& request,
                                    v1::ReportEventsResponse* response) const override {
    return core_->Call(request, response);
  }

 private:
  const Core* const core_;
};

// Statuses that say nothing about the event.
bool IsAway(int status) {
  constexpr int kRequestTimeout = 408;
  constexpr int kTooManyRequests = 429;
  constexpr int kServerError = 500;
  return status >= kServerError || status == kRequestTimeout || status == kTooManyRequests;
}

}  // namespace

std::shared_ptr<const EventCore> MakeEventCore(const Core* core) {
  return std::make_shared<RemoteCore>(core);
}

void Courier::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Courier::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  options_.listener->Interrupt();
  if (thread_.joinable()) thread_.join();
}

bool Courier::Pause(std::chrono::milliseconds pause) {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, pause, [this] { return stopping_; });
}

bool Courier::Stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void Courier::Run() {
  std::chrono::milliseconds pause = kFirstPause;
  Next before = Next::kAtOnce;
  for (;;) {
    const Next next = RunRound();
    // The same again lasts twice as long.
    pause = next == before ? pause * 2 : kFirstPause;
    pause = std::min(pause, next == Next::kAway ? kLongestPause : kLongestIdlePause);
    before = next;
    if (!Pause(next == Next::kAtOnce ? std::chrono::milliseconds(0) : pause)) return;
  }
}

Courier::Next Courier::RunRound() {
  v1::PullEventsRequest pull;
  pull.set_stream(options_.stream);
  pull.set_page_size(kEventsOfARound);
  v1::PullEventsResponse due;
  RoundNews news{.stream = options_.stream};
  const auto tell = [&](Next next) {
    const bool worth_a_line = news.told + news.failed > 0 || !news.fault.empty();
    if (options_.log && worth_a_line) options_.log(news);
    return next;
  };
  if (const grpc::Status pulled = options_.core->Pull(pull, &due); !pulled.ok()) {
    news.fault = "pull: gRPC " + std::to_string(pulled.error_code()) + " " + pulled.error_message();
    return tell(Next::kAway);
  }
  if (due.events().empty()) return Next::kIdle;
  const std::vector<Posted> posted = PostAll(due);
  v1::ReportEventsRequest report;
  bool away = false;
  for (size_t i = 0; i < posted.size(); ++i) {
    // What was cut off when this stops is nobody's failure.
    if (!posted[i].attempted || (posted[i].away && Stopping())) continue;
    v1::EventReport* const one = report.add_reports();
    one->set_ticket(due.events(static_cast<int>(i)).ticket());
    one->set_told(posted[i].fault.empty());
    one->set_fault(posted[i].fault);
    ++(posted[i].fault.empty() ? news.told : news.failed);
    if (!posted[i].fault.empty()) news.fault = posted[i].fault;
    away = away || posted[i].away;
  }
  if (report.reports().empty()) return tell(Next::kAway);
  v1::ReportEventsResponse reported;
  if (const grpc::Status told = options_.core->Report(report, &reported); !told.ok()) {
    // They are posted again, and their listener knows them.
    news.fault = "report: gRPC " + std::to_string(told.error_code()) + " " + told.error_message();
    return tell(Next::kAway);
  }
  news.parked = reported.parked();
  // More may have come meanwhile.
  return tell(away ? Next::kAway : Next::kAtOnce);
}

std::vector<Courier::Posted> Courier::PostAll(const v1::PullEventsResponse& due) const {
  std::vector<Posted> posted(static_cast<size_t>(due.events_size()));
  std::atomic<size_t> next = 0;
  std::atomic<bool> away = false;
  const auto work = [&] {
    for (size_t i = next++; i < posted.size() && !away; i = next++) {
      posted[i] = Post(due.events(static_cast<int>(i)));
      if (posted[i].away) away = true;
    }
  };
  std::vector<std::thread> lines;
  for (size_t i = 1; i < std::min(kPostsAtOnce, posted.size()); ++i) lines.emplace_back(work);
  work();
  for (std::thread& line : lines) line.join();
  return posted;
}

Courier::Posted Courier::Post(const v1::Event& event) const {
  const std::string id = absl::BytesToHexString(event.event_id());
  const std::string body =
      options_.stream == v1::EVENT_STREAM_RECEIPTS ? ReceiptJson(event) : NoticeJson(event);
  const int64_t seconds = options_.now_seconds();
  const auto answer = options_.listener->PostJson(
      "", body,
      {{"webhook-id", id},
       {"webhook-timestamp", std::to_string(seconds)},
       {"webhook-signature", WebhookSignature(id, seconds, body, options_.key)}});
  Posted posted{.attempted = true};
  if (!answer.ok()) {
    posted.away = true;
    posted.fault = "no answer";
    return posted;
  }
  constexpr int kOk = 200;
  constexpr int kMultipleChoices = 300;
  if (answer->status >= kOk && answer->status < kMultipleChoices) return posted;
  posted.away = IsAway(answer->status);
  posted.fault = "HTTP " + std::to_string(answer->status);
  return posted;
}

}  // namespace ladon::channels
