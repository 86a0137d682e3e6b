// The revocation lists (RFC 5280 CRLs) of one PEM text, verified and made ready to be asked.
//
// Of two lists by the same key over the same part of its certificates the newer counts. Where an
// authority's own certificate is revoked, so is all that it issued. Threading: plain values.
#ifndef LADON_SERVER_ACCESS_REVOCATION_SET_H_
#define LADON_SERVER_ACCESS_REVOCATION_SET_H_

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/access/certificate.h"
#include "server/access/x509.h"

namespace ladon::access {

// 300 000 certificates, and some hundred MB of memory while they are read.
inline constexpr size_t kRevocationBytesMax = size_t{16} << 20;

struct RevocationSet {
  // What the numbers of one list after another count: a key, and the part of its certificates that
  // an issuing distribution point tells (empty: all).
  struct Scope {
    NameDigest key{};
    std::string part;

    friend auto operator<=>(const Scope&, const Scope&) = default;
  };
  struct Version {
    std::string issuer;            // Its name, for people.
    std::optional<Serial> number;  // Not every authority counts.
    std::chrono::sys_seconds this_update;
    std::chrono::sys_seconds next_update;  // max(): none is promised.

    friend bool operator==(const Version&, const Version&) = default;
  };

  std::map<Scope, Version> lists;
  std::map<NameDigest, std::vector<Serial>> serials;  // By issuer, in order, each once.
  std::set<NameDigest> void_authorities;              // Whose certificates are all void.

  [[nodiscard]] bool Contains(const NameDigest& issuer, const Serial& serial) const;
  [[nodiscard]] size_t size() const;
  // How many are in this and not in `before`.
  [[nodiscard]] size_t AddedSince(const RevocationSet& before) const;
  [[nodiscard]] std::chrono::sys_seconds next_update() const;  // The earliest; max(): none.

  friend bool operator==(const RevocationSet&, const RevocationSet&) = default;
};

// `authorities`: who may sign. InvalidArgument: too large, no list or a broken one, a kind of list
// that needs more understanding than this (delta, indirect, of some reasons only, an extension that
// is critical and unknown). Unauthenticated: a list that no authority signed, or with a weak
// digest.
[[nodiscard]] absl::StatusOr<RevocationSet> ParseRevocationLists(
    const std::vector<Certificate>& authorities, std::string_view pem);

// FailedPrecondition: `next` lacks a list of `before`, or has an older one.
[[nodiscard]] absl::Status CheckFollows(const RevocationSet& next, const RevocationSet& before);

}  // namespace ladon::access

#endif  // LADON_SERVER_ACCESS_REVOCATION_SET_H_
