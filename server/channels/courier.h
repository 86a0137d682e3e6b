// Carries events of one stream from the core to whoever listens for them, each at least once.
//
// A round asks what is due, posts each to the webhook, several at a time, and reports what came of
// it. Nothing is kept here: what was posted and not reported is due again, and its listener knows
// it by its id. A listener that is away (no answer, HTTP 5xx, 429, 408) ends the round, for the
// next event would fare no better; the pause before the next round grows meanwhile. A listener that
// refuses one event (any other status but 2xx) has refused that one. Threading: a thread of its
// own; made, started and stopped by one other.
#ifndef LADON_SERVER_CHANNELS_COURIER_H_
#define LADON_SERVER_CHANNELS_COURIER_H_

#include <grpcpp/support/status.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "ladon/v1/outbox_service.pb.h"
#include "server/channels/bank_http.h"
#include "server/channels/core.h"

namespace ladon::channels {

inline constexpr int32_t kEventsOfARound = 100;
inline constexpr size_t kPostsAtOnce = 8;
// While nothing is due the pause doubles up to this: every question is a record of the security
// log.
inline constexpr std::chrono::milliseconds kLongestIdlePause{8'000};
inline constexpr std::chrono::milliseconds kFirstPause{1'000};
inline constexpr std::chrono::milliseconds kLongestPause{60'000};

// What a courier asks of the core. An interface, because the core is a network away.
class EventCore {
 public:
  virtual ~EventCore() = default;
  [[nodiscard]] virtual grpc::Status Pull(const v1::PullEventsRequest& request,
                                          v1::PullEventsResponse* response) const = 0;
  [[nodiscard]] virtual grpc::Status Report(const v1::ReportEventsRequest& request,
                                            v1::ReportEventsResponse* response) const = 0;
};
// `core` must outlive it; nullptr as long as nothing is asked.
[[nodiscard]] std::shared_ptr<const EventCore> MakeEventCore(const Core* core);

// What a round came to, for the log: words of ours and numbers.
struct RoundNews {
  v1::EventStream stream = v1::EVENT_STREAM_UNSPECIFIED;
  size_t told = 0;
  size_t failed = 0;
  size_t parked = 0;
  std::string fault;  // Empty: none.
};
using CourierLog = std::function<void(const RoundNews&)>;

class Courier {
 public:
  struct Options {
    v1::EventStream stream = v1::EVENT_STREAM_UNSPECIFIED;
    std::shared_ptr<const EventCore> core;
    std::shared_ptr<BankHttp> listener;
    std::string key;                       // ParseWebhookSecret()
    std::function<int64_t()> now_seconds;  // Since 1970.
    CourierLog log;                        // On the courier's thread; may be empty.
  };
  explicit Courier(Options options) : options_(std::move(options)) {}
  Courier(const Courier&) = delete;
  Courier& operator=(const Courier&) = delete;
  ~Courier() { Stop(); }

  void Start();
  // What is being posted is cut off, and posted again some day. Idempotent.
  void Stop();
  // One round on the caller's thread, for tests; never while it is started. What to do before the
  // next one.
  enum class Next : uint8_t { kAtOnce, kIdle, kAway };
  [[nodiscard]] Next RunRound();

 private:
  struct Posted {
    bool attempted = false;
    bool away = false;  // Nobody listens: not this event's fault.
    std::string fault;  // Empty: told.
  };

  void Run();
  [[nodiscard]] bool Stopping();
  // False: it is to stop.
  [[nodiscard]] bool Pause(std::chrono::milliseconds pause);
  [[nodiscard]] std::vector<Posted> PostAll(const v1::PullEventsResponse& due) const;
  [[nodiscard]] Posted Post(const v1::Event& event) const;

  const Options options_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace ladon::channels

#endif  // LADON_SERVER_CHANNELS_COURIER_H_
