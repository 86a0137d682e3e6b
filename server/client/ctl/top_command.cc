#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <thread>
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

struct Call {
  double served = 0;
  double refused = 0;
  std::map<std::string, double> reasons;  // Of refusals.
  std::vector<std::pair<double, double>> buckets;
};

// The figures at one moment.
struct Moment {
  std::chrono::steady_clock::time_point at;
  std::map<std::string, Call> calls;
  std::map<std::string, double> gauges;
  uint32_t tills = 0;
  uint32_t tills_seen_today = 0;
};

Moment MomentOf(const v1::GetFiguresResponse& response) {
  Moment moment{.at = std::chrono::steady_clock::now(),
                .calls = {},
                .gauges = {},
                .tills = response.tills(),
                .tills_seen_today = response.tills_seen_today()};
  for (const v1::Figure& figure : response.figures()) {
    if (figure.rpc().empty()) {
      moment.gauges[figure.name()] = figure.value();
      continue;
    }
    Call& call = moment.calls[std::string(absl::StripPrefix(figure.rpc(), "/ladon.v1."))];
    if (figure.buckets_size() > 0) {
      for (const v1::FigureBucket& bucket : figure.buckets()) {
        call.buckets.emplace_back(bucket.seconds_max(), static_cast<double>(bucket.count()));
      }
    } else if (figure.reason() == "OK") {
      call.served += figure.value();
    } else {
      call.refused += figure.value();
      call.reasons[figure.reason()] += figure.value();
    }
  }
  return moment;
}

// The bound of the bucket in which that share of what came since `before` lies, in milliseconds.
std::string Quantile(const Call& now, const Call& before, double share) {
  const auto count = [&](size_t i) {
    const double was = i < before.buckets.size() ? before.buckets[i].second : 0;
    return now.buckets[i].second - was;
  };
  if (now.buckets.empty() || count(now.buckets.size() - 1) <= 0) return "";
  const double wanted = share * count(now.buckets.size() - 1);
  for (size_t i = 0; i < now.buckets.size(); ++i) {
    if (count(i) < wanted) continue;
    const double bound = now.buckets[i].first;
    if (!std::isinf(bound)) return absl::StrFormat("≤ %g", bound * kMillisecondsInSecond);
    return absl::StrFormat("> %g", now.buckets[i - 1].first * kMillisecondsInSecond);
  }
  return "";
}

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

std::string HeadOf(const Context& context, const Moment& now, const Moment& before,
                   double seconds) {
  const double entries =
      (GaugeOf(now, "ladon_journal_entries") - GaugeOf(before, "ladon_journal_entries")) / seconds;
  const double backup_at = GaugeOf(now, "ladon_backup_made_at_seconds");
  constexpr double kGigabyte = 1e9;
  return context.Say("top.head",
                     {std::to_string(now.tills_seen_today), std::to_string(now.tills),
                      absl::StrFormat("%.1f", entries),
                      absl::StrFormat("%.0f", GaugeOf(now, "ladon_commit_queue")),
                      absl::StrFormat("%.0f", GaugeOf(now, "ladon_palm_samples")),
                      absl::StrFormat("%.1f", GaugeOf(now, "ladon_store_free_bytes") / kGigabyte),
                      backup_at == 0 ? context.Say("top.never")
                                     : FormatLocalTime(static_cast<int64_t>(backup_at))}) +
         "\n\n";
}

std::string TextOf(const Context& context, const Moment& now, const Moment& before) {
  const double seconds = std::max(1e-3, std::chrono::duration<double>(now.at - before.at).count());
  client::Table table;
  table.Column(context.Say("top.call"));
  for (const char* key : {"top.rate", "top.p50", "top.p99", "top.refused"}) {
    table.Column(context.Say(key), client::Align::kRight);
  }
  table.Column(context.Say("top.commonest"));
  std::vector<std::pair<double, std::string>> busiest;
  for (const auto& [rpc, call] : now.calls) {
    const auto was = before.calls.find(rpc);
    const Call none;
    const Call& old = was == before.calls.end() ? none : was->second;
    busiest.emplace_back(call.served + call.refused - old.served - old.refused, rpc);
  }
  std::sort(busiest.rbegin(), busiest.rend());
  for (const auto& [count, rpc] : busiest) {
    if (count <= 0) continue;
    const Call& call = now.calls.at(rpc);
    const auto was = before.calls.find(rpc);
    const Call old = was == before.calls.end() ? Call() : was->second;
    table.Row({rpc, absl::StrFormat("%.1f", count / seconds), Quantile(call, old, 0.50),
               Quantile(call, old, 0.99),
               absl::StrFormat("%.1f", (call.refused - old.refused) / seconds),
               Commonest(call, old)});
  }
  return HeadOf(context, now, before, seconds) +
         (table.empty() ? context.Say("top.quiet") + "\n" : table.Render());
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
    Json machine = {
        {"tills", now.tills}, {"tills_seen_today", now.tills_seen_today}, {"gauges", now.gauges}};
    const bool watched = !given.once && isatty(STDOUT_FILENO) == 1;
    context.Print(machine, (watched ? kClear : "") + TextOf(context, now, before));
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
      "queue, the disk; ends with Ctrl-C",
      [context, given] { return Top(*context, *given); });
  constexpr int kSecondsMax = 3'600;
  command
      ->add_option("--seconds", given->seconds, "How often it looks; what is shown is of that time")
      ->check(CLI::Range(1, kSecondsMax))
      ->capture_default_str();
  command->add_flag("--once", given->once, "Show one interval, then end");
  command->footer(R"(
Identity of a sysadmin; no child is named. How long: the bound of the histogram's bucket, in
milliseconds. docs/metrics.md tells what each figure is.)");
}

}  // namespace ladon::ctl
