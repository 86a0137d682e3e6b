#include "server/client/demo/figures.h"

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <nlohmann/json.hpp>

namespace ladon::demo {

double Figures::rank1() const {
  if (mated_probes == 0) return 0;
  return static_cast<double>(right_child) / static_cast<double>(mated_probes);
}

double PercentileMs(std::vector<int64_t> latencies_us, int percent) {
  if (latencies_us.empty()) return 0;
  std::sort(latencies_us.begin(), latencies_us.end());
  const size_t rank = (latencies_us.size() * static_cast<size_t>(percent) + 99) / 100;
  return static_cast<double>(latencies_us[rank == 0 ? 0 : rank - 1]) / 1'000.0;
}

std::string FiguresJson(const Figures& figures) {
  nlohmann::ordered_json json;
  json["palms_enrolled"] = figures.palms_enrolled;
  json["mated_probes"] = figures.mated_probes;
  json["rank1"] = figures.rank1();
  json["false_accepts"] = figures.false_accepts;
  json["wrong_child"] = figures.wrong_child;
  json["ambiguous"] = figures.ambiguous;
  json["identify_ms"] = {{"p50", PercentileMs(figures.identify_us, 50)},
                         {"p99", PercentileMs(figures.identify_us, 99)}};
  json["debit_ms"] = {{"p50", PercentileMs(figures.debit_us, 50)},
                      {"p99", PercentileMs(figures.debit_us, 99)}};
  json["acknowledged"] = figures.acknowledged;
  json["lost"] = figures.lost;
  json["duplicated"] = figures.duplicated;
  return json.dump(2) + "\n";
}

absl::Status WriteFigures(const std::string& path, const Figures& figures) {
  std::ofstream out(path, std::ios::trunc);
  out << FiguresJson(figures);
  out.flush();
  if (out) return absl::OkStatus();
  return absl::FailedPreconditionError(path + ": cannot be written");
}

}  // namespace ladon::demo
