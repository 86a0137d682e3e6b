#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "ladon/v1/admin_service.pb.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/values.h"
#include "server/client/text/table.h"

namespace ladon::ctl {
namespace {

constexpr double kMillisecondsInSecond = 1'000;
constexpr char kClear[] = "\x1b[H\x1b[2J";

struct Arguments {
  int seconds = 2;
  bool once = false;
};

using Buckets = std::vector<std::pair<double, double>>;  // Bound in seconds, count up to it.

struct Call {
  double served = 0;
  double refused = 0;
  std::map<std::string, double> reasons;  // Of refusals.
  Buckets buckets;
};

// The figures at one moment.
struct Moment {
  std::chrono::steady_clock::time_point at;
  std::map<std::string, Call> calls;
  std::map<std::string, double> gauges;
  Buckets syncs;
  uint32_t tills = 0;
  uint32_t tills_seen_today = 0;
};

Buckets BucketsOf(const v1::Figure& figure) {
  Buckets buckets;
  for (const v1::FigureBucket& bucket : figure.buckets()) {
    buckets.emplace_back(bucket.seconds_max(), static_cast<double>(bucket.count()));
  }
  return buckets;
}

Moment MomentOf(const v1::GetFiguresResponse& response) {
  Moment moment;
  moment.at = std::chrono::steady_clock::now();
  moment.tills = response.tills();
  moment.tills_seen_today = response.tills_seen_today();
  for (const v1::Figure& figure : response.figures()) {
    if (figure.name() == "ladon_journal_sync_seconds") {
      moment.syncs = BucketsOf(figure);
      continue;
    }
    if (figure.rpc().empty()) {
      moment.gauges[figure.name()] = figure.value();
      continue;
    }
    Call& call = moment.calls[std::string(absl::StripPrefix(figure.rpc(), "/ladon.v1."))];
    if (figure.buckets_size() > 0) {
      call.buckets = BucketsOf(figure);
    } else if (figure.reason() == "OK") {
      call.served += figure.value();
    } else {
      call.refused += figure.value();
      call.reasons[figure.reason()] += figure.value();
    }
  }
  return moment;
}

// What a histogram knows of a share of what it counted: the bound of the bucket it lies in.
struct Quantile {
  double milliseconds = 0;
  bool beyond = false;  // In the last bucket, which has no bound: more than the one before.
};

std::optional<Quantile> QuantileOf(const Buckets& now, const Buckets& before, double share) {
  const auto count = [&](size_t i) {
    return now[i].second - (i < before.size() ? before[i].second : 0);
  };
  if (now.empty() || count(now.size() - 1) <= 0) return std::nullopt;
  const double wanted = share * count(now.size() - 1);
  size_t i = 0;
  while (i + 1 < now.size() && count(i) < wanted) ++i;
  const bool beyond = std::isinf(now[i].first);
  if (beyond && i == 0) return std::nullopt;
  return Quantile{now[beyond ? i - 1 : i].first * kMillisecondsInSecond, beyond};
}

std::string TextOf(const std::optional<Quantile>& quantile) {
  if (!quantile) return "";
  return absl::StrFormat(quantile->beyond ? "> %g" : "≤ %g", quantile->milliseconds);
}

void SetQuantile(const std::string& name, const std::optional<Quantile>& quantile, Json* to) {
  if (!quantile) return;
  (*to)[name + (quantile->beyond ? "_more_than_ms" : "_at_most_ms")] = quantile->milliseconds;
}

constexpr double kMedian = 0.50;
constexpr double kSlowest = 0.99;

// What happened between two moments.
struct CallRates {
  std::string rpc;
  double calls = 0;  // A second, as all of these.
  double refused = 0;
  std::optional<Quantile> median;
  std::optional<Quantile> slowest;
  std::string commonest;  // Refusal.
};

struct Interval {
  double entries = 0;           // A second.
  std::vector<CallRates> busy;  // The busiest first; calls that nobody made are left out.
  std::optional<Quantile> sync_median;
  std::optional<Quantile> sync_slowest;
};

// The refusal that was told most often since `before`.
std::string Commonest(const Call& now, const Call& before) {
  std::string name;
  double most = 0;
  for (const auto& [reason, count] : now.reasons) {
    const auto was = before.reasons.find(reason);
    const double fresh = count - (was == before.reasons.end() ? 0 : was->second);
    if (fresh <= most) continue;
    most = fresh;
    name = reason;
  }
  return name;
}

double GaugeOf(const Moment& moment, const std::string& name) {
  const auto found = moment.gauges.find(name);
  return found == moment.gauges.end() ? 0 : found->second;
}

Interval Between(const Moment& before, const Moment& now) {
  const double seconds = std::max(1e-3, std::chrono::duration<double>(now.at - before.at).count());
  Interval interval;
  interval.entries =
      (GaugeOf(now, "ladon_journal_entries") - GaugeOf(before, "ladon_journal_entries")) / seconds;
  interval.sync_median = QuantileOf(now.syncs, before.syncs, kMedian);
  interval.sync_slowest = QuantileOf(now.syncs, before.syncs, kSlowest);
  for (const auto& [rpc, call] : now.calls) {
    const auto was = before.calls.find(rpc);
    const Call old = was == before.calls.end() ? Call() : was->second;
    const double made = call.served + call.refused - old.served - old.refused;
    if (made <= 0) continue;
    interval.busy.push_back({.rpc = rpc,
                             .calls = made / seconds,
                             .refused = (call.refused - old.refused) / seconds,
                             .median = QuantileOf(call.buckets, old.buckets, kMedian),
                             .slowest = QuantileOf(call.buckets, old.buckets, kSlowest),
                             .commonest = Commonest(call, old)});
  }
  std::sort(interval.busy.begin(), interval.busy.end(),
            [](const CallRates& a, const CallRates& b) { return a.calls > b.calls; });
  return interval;
}

std::string HeadOf(const Context& context, const Moment& now, const Interval& interval) {
  const double backup_at = GaugeOf(now, "ladon_backup_made_at_seconds");
  const std::string none = context.Say("top.never");
  const auto or_none = [&none](const std::string& text) { return text.empty() ? none : text; };
  constexpr double kGigabyte = 1e9;
  return context.Say("top.head",
                     {std::to_string(now.tills_seen_today), std::to_string(now.tills),
                      absl::StrFormat("%.1f", interval.entries),
                      absl::StrFormat("%.0f", GaugeOf(now, "ladon_commit_queue")),
                      absl::StrFormat("%.0f", GaugeOf(now, "ladon_palm_samples")),
                      or_none(TextOf(interval.sync_median)), or_none(TextOf(interval.sync_slowest)),
                      absl::StrFormat("%.1f", GaugeOf(now, "ladon_store_free_bytes") / kGigabyte),
                      backup_at == 0 ? none : FormatLocalTime(static_cast<int64_t>(backup_at))}) +
         "\n\n";
}

std::string TextOf(const Context& context, const Moment& now, const Interval& interval) {
  client::Table table;
  table.Column(context.Say("top.call"));
  for (const char* key : {"top.rate", "top.p50", "top.p99", "top.refused"}) {
    table.Column(context.Say(key), client::Align::kRight);
  }
  table.Column(context.Say("top.commonest"));
  for (const CallRates& call : interval.busy) {
    table.Row({call.rpc, absl::StrFormat("%.1f", call.calls), TextOf(call.median),
               TextOf(call.slowest), absl::StrFormat("%.1f", call.refused), call.commonest});
  }
  return HeadOf(context, now, interval) +
         (table.empty() ? context.Say("top.quiet") + "\n" : table.Render());
}

Json MachineOf(const Moment& now, const Interval& interval) {
  Json calls = Json::array();
  for (const CallRates& call : interval.busy) {
    Json one = {{"rpc", call.rpc},
                {"calls_per_second", call.calls},
                {"refused_per_second", call.refused},
                {"commonest_refusal", call.commonest}};
    SetQuantile("p50", call.median, &one);
    SetQuantile("p99", call.slowest, &one);
    calls.push_back(std::move(one));
  }
  Json sync = Json::object();
  SetQuantile("p50", interval.sync_median, &sync);
  SetQuantile("p99", interval.sync_slowest, &sync);
  return {{"tills", now.tills},
          {"tills_seen_today", now.tills_seen_today},
          {"entries_per_second", interval.entries},
          {"sync", std::move(sync)},
          {"calls", std::move(calls)},
          {"gauges", now.gauges}};
}

int Top(Context& context, const Arguments& given) {
  v1::GetFiguresResponse response;
  if (const int code = context.Call(v1::GetFiguresRequest(), &response); code != kDone) return code;
  Moment before = MomentOf(response);
  while (true) {
    std::this_thread::sleep_for(std::chrono::seconds(given.seconds));
    v1::GetFiguresResponse next;
    if (const int code = context.Call(v1::GetFiguresRequest(), &next); code != kDone) return code;
    const Moment now = MomentOf(next);
    const Interval interval = Between(before, now);
    const bool watched = !given.once && isatty(STDOUT_FILENO) == 1;
    context.Print(MachineOf(now, interval),
                  (watched ? kClear : "") + TextOf(context, now, interval));
    std::cout << std::flush;
    if (given.once) return kDone;
    before = now;
  }
}

}  // namespace

void AddTopCommand(CLI::App* app, Context* context) {
  const auto given = std::make_shared<Arguments>();
  CLI::App* command = AddCommand(
      app, context, "top",
      "A live view of the server: tills, calls a second, how long they take, what is refused, the "
      "queue, the syncs of the disk; ends with Ctrl-C",
      [context, given] { return Top(*context, *given); });
  constexpr int kSecondsMax = 3'600;
  command
      ->add_option("--seconds", given->seconds, "How often it looks; what is shown is of that time")
      ->check(CLI::Range(1, kSecondsMax))
      ->capture_default_str();
  command->add_flag("--once", given->once, "Show one interval, then end");
  command->footer(R"(
Identity of a sysadmin; no child is named. How long a call or a sync took: the bound of the
histogram's bucket, in milliseconds. Every sale waits for one sync, which it shares with all that
wait. docs/metrics.md tells what each figure is.)");
}

}  // namespace ladon::ctl
