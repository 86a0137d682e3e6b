// Watches who calls from where, and who is refused over and over.
//
// One certificate from two addresses within kTwoAddressesNs is a copied key, or a till that changed
// its network: an alert, no refusal. Calls that are denied one after another are somebody who tries
// doors: beyond the burst everything is denied to that certificate, in the same words as ever,
// until the bucket has filled again. An address has ten times as much: a school's tills may share
// one, and one thief among them must not close the canteen. Invariant: at most kWatchedMax
// certificates and as many addresses are remembered; who was silent longest is forgotten first.
// Nothing is stored: a restart forgets all. Threading: any thread.
#ifndef LADON_SERVER_ACCESS_WATCH_H_
#define LADON_SERVER_ACCESS_WATCH_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "server/access/caller.h"

namespace ladon::access {

inline constexpr uint64_t kTwoAddressesNs = 600'000'000'000;  // 10 minutes
inline constexpr size_t kWatchedMax = 65'536;

class Watch {
 public:
  struct Options {
    uint32_t denied_burst = 60;       // Denied calls in a row; 0: no limit.
    uint32_t denied_per_minute = 30;  // How fast they are forgiven.
    // Each told once per kTwoAddressesNs and certificate, or once per emptied bucket.
    std::function<void(const Caller&, std::string_view other_address)> on_two_addresses;
    std::function<void(const Caller&)> on_denied_often;
  };
  explicit Watch(Options options);

  // False: denied too often lately. Call it for every call of a known caller.
  [[nodiscard]] bool MayCall(const Caller& caller, uint64_t now_ns);
  // A call of this caller was denied, for another reason than MayCall(): a till behind an address
  // that is shut has tried no door.
  void Denied(const Caller& caller, uint64_t now_ns);

 private:
  struct Bucket {
    double left = 0;
    uint64_t at_ns = 0;
  };
  struct Seen {
    std::string address;
    uint64_t at_ns = 0;
    uint64_t told_at_ns = 0;
    Bucket bucket;
  };
  // Under mutex_.
  using Map = std::unordered_map<std::string, Seen>;
  Seen& Of(Map* seen, const std::string& key, uint64_t now_ns);
  static double Fill(Bucket* bucket, double share, const Options& options, uint64_t now_ns);

  const Options options_;
  std::mutex mutex_;
  Map by_certificate_;
  Map by_address_;
};

// The host of "ipv4:192.0.2.7:51000", "ipv6:[2001:db8::1]:51000"; the whole when it is neither.
[[nodiscard]] std::string_view HostOf(std::string_view peer);

}  // namespace ladon::access

#endif  // LADON_SERVER_ACCESS_WATCH_H_
