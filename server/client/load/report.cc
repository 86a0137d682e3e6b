#include "server/client/load/report.h"

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "server/client/text/table.h"

namespace ladon::load {
namespace {

using base::Text;

std::string Fixed(double value, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

std::string Ms(int64_t us) {
  return Fixed(static_cast<double>(us) / 1'000.0, 2);
}

double PerSecond(const LoadResult& result) {
  if (result.elapsed_seconds <= 0) return 0;
  return static_cast<double>(result.succeeded) / result.elapsed_seconds;
}

}  // namespace

std::string WhatName(What what) {
  switch (what) {
    case What::kDebitCard:
      return "debit-card";
    case What::kIdentifyPalm:
      return "identify-palm";
    case What::kIdentifyAndDebitPalm:
      return "identify-and-debit-palm";
    case What::kBookByList:
      return "book-by-list";
    case What::kTopUp:
      return "top-up";
    case What::kPing:
      return "ping";
  }
  return "";
}

int64_t ErrorCount(const LoadResult& result) {
  int64_t sum = 0;
  for (const auto& [reason, count] : result.errors) sum += count;
  return sum;
}

std::string ReportText(const LoadOptions& options, const LoadResult& result,
                       base::Language language) {
  client::Table table;
  table.Column(Text("load.what", language));
  for (const char* key : {"load.rate", "load.due", "load.succeeded", "load.per_second", "load.p50",
                          "load.p95", "load.p99", "load.max"}) {
    table.Column(Text(key, language), client::Align::kRight);
  }
  table.Row({WhatName(options.what), std::to_string(options.rate_per_second),
             std::to_string(result.intended), std::to_string(result.succeeded),
             Fixed(PerSecond(result), 1), Ms(result.latency.p50_us), Ms(result.latency.p95_us),
             Ms(result.latency.p99_us), Ms(result.latency.max_us)});
  std::string text = table.Render();
  if (result.errors.empty()) return text + Text("load.no_errors", language) + "\n";
  client::Table errors;
  errors.Column(Text("load.error", language));
  errors.Column(Text("load.count", language), client::Align::kRight);
  for (const auto& [reason, count] : result.errors) errors.Row({reason, std::to_string(count)});
  return text + "\n" + errors.Render();
}

nlohmann::json ReportJson(const LoadOptions& options, size_t channels, const LoadResult& result) {
  return {{"what", WhatName(options.what)},
          {"rate_per_second", options.rate_per_second},
          {"seconds", options.seconds},
          {"channels", channels},
          {"intended", result.intended},
          {"succeeded", result.succeeded},
          {"errors", ErrorCount(result)},
          {"errors_by_reason", result.errors},
          {"throughput_per_second", PerSecond(result)},
          {"elapsed_seconds", result.elapsed_seconds},
          {"outstanding_max", result.outstanding_max},
          {"latency_us",
           {{"p50", result.latency.p50_us},
            {"p95", result.latency.p95_us},
            {"p99", result.latency.p99_us},
            {"max", result.latency.max_us}}}};
}

}  // namespace ladon::load
