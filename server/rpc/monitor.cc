#include "server/rpc/monitor.h"

#include <prometheus/collectable.h>
#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <exception>
#include <iterator>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <vector>

namespace ladon::rpc {
namespace {

// Seconds; a till is happy below 10 ms and unhappy above 100.
constexpr double kLatencyBuckets[] = {0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01,
                                      0.02,   0.05,  0.1,   0.25,  1,     5};

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

// Seconds of one sync: below 1 ms a disk with a protected cache, above 50 ms one that is ailing.
constexpr double kSyncBuckets[] = {0.0001, 0.00025, 0.0005, 0.001, 0.002, 0.005, 0.01,
                                   0.02,   0.05,    0.1,    0.25,  1,     5};

// Gauges whose value is asked for when Prometheus asks.
class Watches final : public prometheus::Collectable {
 public:
  struct Watch {
    std::string name;
    std::string help;
    std::function<double()> read;
  };

  void Add(Watch watch) {
    const std::scoped_lock lock(mutex_);
    watches_.push_back(std::move(watch));
  }

  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override {
    const std::scoped_lock lock(mutex_);
    std::vector<prometheus::MetricFamily> families;
    for (const Watch& watch : watches_) {
      prometheus::MetricFamily family;
      family.name = watch.name;
      family.help = watch.help;
      family.type = prometheus::MetricType::Gauge;
      prometheus::ClientMetric metric;
      metric.gauge.value = watch.read();
      family.metric.push_back(metric);
      families.push_back(std::move(family));
    }
    return families;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Watch> watches_;
};

bool IsLoopback(const std::string& listen) {
  return listen.rfind("127.", 0) == 0 || listen.rfind("[::1]:", 0) == 0;
}

}  // namespace

class Monitor::Impl {
 public:
  absl::Status Start(const MonitorOptions& options) {
    if (!options.metrics_listen.empty() && !IsLoopback(options.metrics_listen)) {
      return absl::InvalidArgumentError("[metrics] listen must be a loopback address, not " +
                                        options.metrics_listen);
    }
    try {  // spdlog and the exposer report by exception.
      spdlog::sink_ptr sink;
      if (options.log_file.empty()) {
        sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
      } else {
        sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(options.log_file);
      }
      logger_ = std::make_shared<spdlog::logger>("ladond", sink);
      logger_->set_pattern("%v");
      logger_->set_level(ToSpdlog(options.level));
      logger_->flush_on(spdlog::level::debug);
      registry_ = std::make_shared<prometheus::Registry>();
      watches_ = std::make_shared<Watches>();
      calls_ = &prometheus::BuildCounter()
                    .Name("ladon_calls_total")
                    .Help("Answered calls by method and reason (OK = served)")
                    .Register(*registry_);
      latency_ = &prometheus::BuildHistogram()
                      .Name("ladon_call_seconds")
                      .Help("Time from the arrival of a request to its answer")
                      .Register(*registry_);
      written_ = &prometheus::BuildHistogram()
                      .Name("ladon_journal_sync_seconds")
                      .Help("Time of one write of the journal, its sync included")
                      .Register(*registry_)
                      .Add({}, prometheus::Histogram::BucketBoundaries(std::begin(kSyncBuckets),
                                                                       std::end(kSyncBuckets)));
      if (!options.metrics_listen.empty()) {
        exposer_ = std::make_unique<prometheus::Exposer>(options.metrics_listen, 1);
        exposer_->RegisterCollectable(registry_);
        exposer_->RegisterCollectable(watches_);
      }
    } catch (const std::exception& error) {
      return absl::UnavailableError("cannot start the log or the metrics port: " +
                                    std::string(error.what()));
    }
    return absl::OkStatus();
  }

  std::string Address(const std::string& listen) const {
    if (exposer_ == nullptr) return {};
    const std::vector<int> ports = exposer_->GetListeningPorts();
    return ports.empty() ? std::string()
                         : listen.substr(0, listen.rfind(':') + 1) + std::to_string(ports.front());
  }

  struct Series {
    prometheus::Histogram* latency = nullptr;
    std::map<flow::Reason, prometheus::Counter*> calls;
  };

  void CallDone(std::string_view rpc, flow::Reason reason, double seconds) {
    prometheus::Counter* counter = nullptr;
    prometheus::Histogram* histogram = nullptr;
    {
      const std::scoped_lock lock(mutex_);
      Series& series = series_[std::string(rpc)];
      if (series.latency == nullptr) {
        series.latency =
            &latency_->Add({{"rpc", std::string(rpc)}},
                           prometheus::Histogram::BucketBoundaries(std::begin(kLatencyBuckets),
                                                                   std::end(kLatencyBuckets)));
      }
      prometheus::Counter*& slot = series.calls[reason];
      if (slot == nullptr) {
        slot = &calls_->Add(
            {{"rpc", std::string(rpc)}, {"reason", std::string(flow::ReasonName(reason))}});
      }
      counter = slot;
      histogram = series.latency;
    }
    counter->Increment();
    histogram->Observe(seconds);
  }

  std::shared_ptr<spdlog::logger> logger_;
  std::shared_ptr<prometheus::Registry> registry_;
  std::shared_ptr<Watches> watches_;
  prometheus::Family<prometheus::Counter>* calls_ = nullptr;
  prometheus::Family<prometheus::Histogram>* latency_ = nullptr;
  prometheus::Histogram* written_ = nullptr;
  std::unique_ptr<prometheus::Exposer> exposer_;
  std::string listen_;
  std::mutex mutex_;
  std::map<std::string, Series> series_;
};

std::vector<Figure> Monitor::Figures() const {
  std::vector<Figure> figures;
  for (const auto& families : {impl_->registry_->Collect(), impl_->watches_->Collect()}) {
    for (const prometheus::MetricFamily& family : families) {
      for (const prometheus::ClientMetric& metric : family.metric) {
        Figure figure{.name = family.name,
                      .rpc = "",
                      .reason = "",
                      .value = family.type == prometheus::MetricType::Counter ? metric.counter.value
                                                                              : metric.gauge.value,
                      .buckets = {}};
        for (const auto& label : metric.label) {
          if (label.name == "rpc") figure.rpc = label.value;
          if (label.name == "reason") figure.reason = label.value;
        }
        for (const auto& bucket : metric.histogram.bucket) {
          figure.buckets.push_back({bucket.upper_bound, bucket.cumulative_count});
        }
        figures.push_back(std::move(figure));
      }
    }
  }
  return figures;
}

Monitor::Monitor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Monitor::~Monitor() = default;

absl::StatusOr<std::unique_ptr<Monitor>> Monitor::Start(const MonitorOptions& options) {
  auto impl = std::make_unique<Impl>();
  if (absl::Status s = impl->Start(options); !s.ok()) return s;
  impl->listen_ = options.metrics_listen;
  return std::unique_ptr<Monitor>(new Monitor(std::move(impl)));
}

std::string Monitor::metrics_address() const {
  return impl_->Address(impl_->listen_);
}

bool Monitor::Logs(LogLevel level) const {
  return impl_->logger_->should_log(ToSpdlog(level));
}

void Monitor::Log(LogLevel level, Literal event, std::initializer_list<LogField> fields) {
  if (!Logs(level)) return;
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  nlohmann::ordered_json line;
  line["at_ms"] = std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count();
  line["level"] = spdlog::level::to_string_view(ToSpdlog(level)).data();
  line["event"] = event.text();
  for (const LogField& field : fields) {
    std::visit([&, key = std::string(field.name())](const auto& v) { line[key] = v; },
               field.value());
  }
  // All but printable ASCII as \uXXXX: no control characters of any plane, no right-to-left marks.
  // Replacement characters instead of an exception, should a text not be UTF-8.
  constexpr bool kAsciiOnly = true;
  impl_->logger_->log(ToSpdlog(level),
                      line.dump(-1, ' ', kAsciiOnly, nlohmann::json::error_handler_t::replace));
}

void Monitor::CallDone(std::string_view rpc, flow::Reason reason, std::chrono::nanoseconds took) {
  impl_->CallDone(rpc, reason, std::chrono::duration<double>(took).count());
}

void Monitor::Written(std::chrono::nanoseconds took) {
  impl_->written_->Observe(std::chrono::duration<double>(took).count());
}

void Monitor::Report(std::string_view rpc, const absl::Status& status) {
  const flow::Reason reason = flow::DetailOf(status).reason;
  const bool ours = reason == flow::Reason::kInternal;
  Log(ours ? LogLevel::kError : LogLevel::kDebug,
      ours ? Literal("call_failed") : Literal("call_refused"),
      {{"rpc", LogText::SafeBecause("a method of the contract", std::string(rpc))},
       {"reason", LogText::SafeBecause("a row of a table", std::string(flow::ReasonName(reason)))},
       {"detail", ours ? LogText::OfFault(status)
                       : LogText::SafeBecause("refusals name a field, never its value",
                                              flow::DetailOf(status).field)}});
}

void Monitor::Watch(std::string_view name, std::string_view help, std::function<double()> read) {
  impl_->watches_->Add(
      {.name = std::string(name), .help = std::string(help), .read = std::move(read)});
}

}  // namespace ladon::rpc
