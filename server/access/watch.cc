#include "server/access/watch.h"

#include <algorithm>
#include <utility>

namespace ladon::access {
namespace {

constexpr double kMinuteNs = 60e9;
constexpr double kAddressShare = 10;  // Of an address, in certificates.

std::string CertificateOf(const Caller& caller) {
  std::string key(caller.certificate_issuer.begin(), caller.certificate_issuer.end());
  key.append(caller.certificate_serial.begin(), caller.certificate_serial.end());
  return key;
}

}  // namespace

std::string_view HostOf(std::string_view peer) {
  const size_t scheme = peer.find(':');
  const size_t port = peer.rfind(':');
  if (scheme == std::string_view::npos || port <= scheme) return peer;
  return peer.substr(scheme + 1, port - scheme - 1);
}

Watch::Watch(Options options) : options_(std::move(options)) {}

Watch::Seen& Watch::Of(Map* seen, const std::string& key, uint64_t now_ns) {
  if (const auto it = seen->find(key); it != seen->end()) return it->second;
  if (seen->size() >= kWatchedMax) {
    // Rare: made-up certificates do not get here, TLS has verified them.
    seen->erase(std::min_element(seen->begin(), seen->end(), [](const auto& a, const auto& b) {
      return a.second.at_ns < b.second.at_ns;
    }));
  }
  Seen& fresh = (*seen)[key];
  fresh.at_ns = now_ns;
  const double share = seen == &by_address_ ? kAddressShare : 1;
  fresh.bucket = {.left = share * options_.denied_burst, .at_ns = now_ns};
  return fresh;
}

double Watch::Fill(Bucket* bucket, double share, const Options& options, uint64_t now_ns) {
  const auto passed = static_cast<double>(now_ns - std::min(now_ns, bucket->at_ns));
  bucket->left = std::min(share * options.denied_burst,
                          bucket->left + passed / kMinuteNs * share * options.denied_per_minute);
  bucket->at_ns = std::max(now_ns, bucket->at_ns);
  return bucket->left;
}

bool Watch::MayCall(const Caller& caller, uint64_t now_ns) {
  const std::string host(HostOf(caller.peer));
  std::string other;
  bool may = true;
  {
    const std::scoped_lock lock(mutex_);
    Seen& certificate = Of(&by_certificate_, CertificateOf(caller), now_ns);
    if (!certificate.address.empty() && certificate.address != host &&
        now_ns - std::min(now_ns, certificate.at_ns) < kTwoAddressesNs &&
        (certificate.told_at_ns == 0 || now_ns - certificate.told_at_ns >= kTwoAddressesNs)) {
      other = certificate.address;
      certificate.told_at_ns = now_ns;
    }
    certificate.address = host;
    certificate.at_ns = now_ns;
    Seen& address = Of(&by_address_, host, now_ns);
    address.at_ns = now_ns;
    if (options_.denied_burst != 0) {
      may = Fill(&certificate.bucket, 1, options_, now_ns) >= 1 &&
            Fill(&address.bucket, kAddressShare, options_, now_ns) >= 1;
    }
  }
  if (!other.empty() && options_.on_two_addresses) options_.on_two_addresses(caller, other);
  return may;
}

void Watch::Denied(const Caller& caller, uint64_t now_ns) {
  if (options_.denied_burst == 0) return;
  bool emptied = false;
  {
    const std::scoped_lock lock(mutex_);
    Bucket& own = Of(&by_certificate_, CertificateOf(caller), now_ns).bucket;
    if (Fill(&own, 1, options_, now_ns) < 1) return;  // Shut out: what it tries now costs nobody.
    own.left -= 1;
    emptied = own.left < 1;
    Bucket& shared = Of(&by_address_, std::string(HostOf(caller.peer)), now_ns).bucket;
    if (Fill(&shared, kAddressShare, options_, now_ns) >= 1) shared.left -= 1;
  }
  if (emptied && options_.on_denied_often) options_.on_denied_often(caller);
}

}  // namespace ladon::access
