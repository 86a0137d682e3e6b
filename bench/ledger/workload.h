// Who pays whom: the same draws for our ledger and for its peers.
//
// uniform: any account pays any other. zipfian: both sides by a Zipf law over the accounts.
// hot: any account pays one, the caterer's.
#ifndef LADON_BENCH_LEDGER_WORKLOAD_H_
#define LADON_BENCH_LEDGER_WORKLOAD_H_

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ladon::bench {

inline constexpr double kZipfExponent = 1.07;
inline constexpr int64_t kPriceKopecks = 7'500;

// Steele, Lea, Flood 2014: a counter's worth of well-mixed bits.
inline uint64_t Mix(uint64_t number) {
  number += 0x9e3779b97f4a7c15;
  number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9;
  number = (number ^ (number >> 27)) * 0x94d049bb133111eb;
  return number ^ (number >> 31);
}

class Workload {
 public:
  // `accounts` is 2 or more; `kind` one of kKinds.
  Workload(std::string_view kind, uint64_t accounts, uint64_t seed)
      : hot_(kind == "hot"), zipfian_(kind == "zipfian"), accounts_(accounts), state_(seed) {}

  static constexpr std::string_view kKinds[] = {"uniform", "zipfian", "hot"};

  // Numbers 0 .. accounts - 1, never the same twice.
  std::pair<uint64_t, uint64_t> Next() {
    const uint64_t debit = Draw();
    uint64_t credit = hot_ ? 0 : Draw();
    uint64_t other = debit;
    if (other == credit) other = (debit + 1) % accounts_;
    return {other, credit};
  }

 private:
  double Unit() { return static_cast<double>(Mix(state_++) >> 11) * 0x1.0p-53; }
  uint64_t Draw() {
    if (!zipfian_) return Mix(state_++) % accounts_;
    // The continuous law's inverse: near enough for a benchmark, and cheap.
    constexpr double kTail = 1 - kZipfExponent;
    const double top = std::pow(static_cast<double>(accounts_), kTail);
    const double rank = std::pow(Unit() * (top - 1) + 1, 1 / kTail);
    return Mix(static_cast<uint64_t>(rank)) % accounts_;  // Ranks do not lie side by side.
  }

  bool hot_;
  bool zipfian_;
  uint64_t accounts_;
  uint64_t state_;
};

}  // namespace ladon::bench

#endif  // LADON_BENCH_LEDGER_WORKLOAD_H_
