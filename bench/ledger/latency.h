// A histogram of times, exact to 1 %.
#ifndef LADON_BENCH_LEDGER_LATENCY_H_
#define LADON_BENCH_LEDGER_LATENCY_H_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace ladon::bench {

class Latencies {
 public:
  void Add(uint64_t ns) {
    ++counts_[Bucket(ns)];
    ++count_;
    max_ns_ = std::max(max_ns_, ns);
  }
  void Clear() { *this = {}; }
  // The time that a share `quantile` (0..1) of all did not exceed; 0 when there are none.
  [[nodiscard]] double QuantileMs(double quantile) const {
    if (count_ == 0) return 0;
    if (quantile >= 1) return static_cast<double>(max_ns_) / 1e6;
    const auto wanted = static_cast<uint64_t>(std::ceil(quantile * static_cast<double>(count_)));
    uint64_t seen = 0;
    for (size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen >= wanted) return std::pow(kBase, static_cast<double>(i + 1)) / 1e6;
    }
    return static_cast<double>(max_ns_) / 1e6;
  }

 private:
  static constexpr double kBase = 1.02;
  static size_t Bucket(uint64_t ns) {
    static const double scale = 1 / std::log(kBase);
    const double at = std::log(static_cast<double>(std::max<uint64_t>(ns, 1))) * scale;
    return std::min<size_t>(static_cast<size_t>(at), 2'047);
  }

  std::array<uint64_t, 2'048> counts_{};
  uint64_t count_ = 0;
  uint64_t max_ns_ = 0;
};

}  // namespace ladon::bench

#endif  // LADON_BENCH_LEDGER_LATENCY_H_
