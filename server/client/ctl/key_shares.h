// The root key in shares: any `threshold` of them give it back, fewer tell nothing about it
// (Shamir's scheme over GF(2^8), by libgfshare). Each share is a text that can be printed, kept in
// an envelope and typed in again:
//
//   ladon root key share 1
//   set <32 hex digits>        drawn at the split: shares of two splits do not mix
//   number 2
//   threshold 3
//   total 5
//   check <16 hex digits>      of the key, one-way: a wrong combination is refused
//   share <64 hex digits>
//   sum <16 hex digits>        of all of the above: a slip of the pen is refused
//
// What lies between the words may be any white space. check: the first 8 bytes of BLAKE2b-128 keyed
// with the key, over "ladon/root key check/1". sum: those of BLAKE2b-128 of the text above it.
// The share itself is byte by byte what gfcombine of the package libgfshare-bin takes.
//
// Threading: one thread; libgfshare keeps its random source in a global.
#ifndef LADON_SERVER_CLIENT_CTL_KEY_SHARES_H_
#define LADON_SERVER_CLIENT_CTL_KEY_SHARES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/messages.h"
#include "server/base/secret.h"

namespace ladon::ctl {

inline constexpr uint32_t kKeySharesMax = 16;
inline constexpr uint32_t kKeyShareThresholdMin = 2;
inline constexpr size_t kKeyShareTextBytesMax = 1'024;

struct ShareCounts {
  uint32_t threshold = 3;
  uint32_t total = 5;
};

struct KeyShare {
  std::array<uint8_t, 16> set{};
  uint32_t number = 0;  // 1..total
  ShareCounts counts;
  std::array<uint8_t, 8> check{};
  base::SecretKey share;
};

// Shares 1..total of a fresh set, proved: the first and the last `threshold` of them were combined.
// InvalidArgument: counts outside 2 <= threshold <= total <= kKeySharesMax. Internal: they do not
// give the key back.
[[nodiscard]] absl::StatusOr<std::vector<KeyShare>> SplitKey(const base::SecretKey& key,
                                                             const ShareCounts& counts,
                                                             base::Language language);

// The text above. The caller wipes it.
[[nodiscard]] std::string FormatShare(const KeyShare& share);
// InvalidArgument, naming `path`: not a share, of a newer format, damaged.
[[nodiscard]] absl::StatusOr<KeyShare> ParseShare(std::string_view text, const std::string& path,
                                                  base::Language language);

// A share and the file it came from, for the message.
struct ShareOfFile {
  std::string path;
  KeyShare share;
};
// InvalidArgument: none, too few, of two sets, one twice, or they give another key.
[[nodiscard]] absl::StatusOr<base::SecretKey> CombineShares(std::span<const ShareOfFile> shares,
                                                            base::Language language);

}  // namespace ladon::ctl

#endif  // LADON_SERVER_CLIENT_CTL_KEY_SHARES_H_
