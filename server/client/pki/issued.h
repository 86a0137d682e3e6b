// What an authority has issued and revoked: the file `issued` in its directory.
//
//   ladon issued certificates 1
//   crl 2
//   4f00000000000000000000000000000a 1914364800 - - server -
//   4f00000000000000000000000000000b 1914364800 1883001600 superseded ladon://-/auditor/22…22 P-104
//
// The number of the last revocation list, then a line for every certificate: serial number, end of
// its validity, when and why it was revoked (RFC 5280's word), whom it is for ("server" or a
// principal), the holder's personnel number. Times are seconds since 1970; "-" is nothing.
// Invariants: a serial number stands there once; lines are never taken out, but for one whose
// certificate could not be written; the list's number only grows.
// Threading: plain values. One writer at a time: hold an AuthorityLock (authority.h).
#ifndef LADON_SERVER_CLIENT_PKI_ISSUED_H_
#define LADON_SERVER_CLIENT_PKI_ISSUED_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace ladon::pki {

// Some 300 000 certificates; the server takes a list of as many.
inline constexpr size_t kIssuedBytesMax = size_t{48} << 20;
// With the longest role beside it this is what X.520 allows a common name, 64.
inline constexpr size_t kHolderCharactersMax = 40;
inline constexpr std::string_view kServerPrincipal = "server";

// The numbers are those of RFC 5280 section 5.3.1.
enum class RevocationReason : uint8_t {
  kKeyCompromise = 1,
  kAffiliationChanged = 3,
  kSuperseded = 4,
  kCessationOfOperation = 5,
};
inline constexpr RevocationReason kRevocationReasons[] = {
    RevocationReason::kKeyCompromise, RevocationReason::kAffiliationChanged,
    RevocationReason::kSuperseded, RevocationReason::kCessationOfOperation};

// "keyCompromise" and so on.
[[nodiscard]] std::string_view ReasonName(RevocationReason reason);
[[nodiscard]] std::optional<RevocationReason> ReasonOf(std::string_view name);

struct Revocation {
  std::chrono::sys_seconds at;
  RevocationReason reason{};

  friend bool operator==(const Revocation&, const Revocation&) = default;
};

struct Issued {
  std::string serial_hex;  // Lower case, whole bytes, no zero byte in front.
  std::string principal;   // Or kServerPrincipal, or empty.
  std::string holder;      // Empty: nobody in particular.
  std::chrono::sys_seconds not_after;
  std::optional<Revocation> revocation;

  [[nodiscard]] bool InForce(std::chrono::sys_seconds now) const {
    return !revocation && now < not_after;
  }
  friend bool operator==(const Issued&, const Issued&) = default;
};

struct IssuedIndex {
  uint64_t list_number = 0;  // 0: no list was made yet.
  std::vector<Issued> all;   // In the order of issuing.

  // nullptr: not issued here.
  [[nodiscard]] const Issued* Find(std::string_view serial_hex) const;
  [[nodiscard]] Issued* Find(std::string_view serial_hex);
  friend bool operator==(const IssuedIndex&, const IssuedIndex&) = default;
};

// 1 to kHolderCharactersMax printable ASCII characters without spaces, as AccessService.GrantRole
// wants them, and not "-".
[[nodiscard]] bool IsHolder(std::string_view text);
// As it stands in the index, from what people and other tools write: "4F:00:0A". nullopt: no
// number.
[[nodiscard]] std::optional<std::string> SerialOfText(std::string_view text);

[[nodiscard]] std::string Format(const IssuedIndex& index);
// InvalidArgument, naming the line.
[[nodiscard]] absl::StatusOr<IssuedIndex> ParseIssued(std::string_view text);

// Empty for an authority that has no index yet. FailedPrecondition: damaged, too large, unreadable.
[[nodiscard]] absl::StatusOr<IssuedIndex> ReadIssued(const std::string& dir);
// FailedPrecondition.
[[nodiscard]] absl::Status WriteIssued(const std::string& dir, const IssuedIndex& index);

}  // namespace ladon::pki

#endif  // LADON_SERVER_CLIENT_PKI_ISSUED_H_
