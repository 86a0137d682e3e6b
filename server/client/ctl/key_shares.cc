#include "server/client/ctl/key_shares.h"

#include <sodium.h>

#include <algorithm>
#include <cassert>
#include <initializer_list>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "server/base/id.h"

extern "C" {  // Its header does not say so itself.
#include <libgfshare.h>
}

namespace ladon::ctl {
namespace {

using base::kSecretKeyBytes;
using base::SecretKey;

constexpr std::string_view kHead = "ladon root key share";
constexpr std::string_view kVersion = "1";
constexpr std::string_view kCheckLabel = "ladon/root key check/1";
using Tag = std::array<uint8_t, 8>;

absl::Status Refuse(std::string_view key, base::Language language,
                    std::initializer_list<std::string_view> arguments) {
  return absl::InvalidArgumentError(base::Text(key, language, arguments));
}

// The first bytes of BLAKE2b-128, keyed unless `key` is empty.
Tag TagOf(std::string_view text, std::span<const uint8_t> key) {
  std::array<uint8_t, crypto_generichash_BYTES_MIN> digest{};
  const int failed = crypto_generichash(digest.data(), digest.size(),
                                        reinterpret_cast<const uint8_t*>(text.data()), text.size(),
                                        key.empty() ? nullptr : key.data(), key.size());
  assert(failed == 0);
  Tag tag{};
  std::copy_n(digest.begin(), tag.size(), tag.begin());
  return tag;
}

Tag CheckOf(const SecretKey& key) {
  return TagOf(kCheckLabel, key.RevealForCrypto());
}

// Straight into `out`: a string in between would have to be wiped.
void AppendHex(std::span<const uint8_t> bytes, std::string* out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const uint8_t byte : bytes) {
    out->push_back(kDigits[byte >> 4]);
    out->push_back(kDigits[byte & 15]);
  }
}

// The text that `sum` is of.
std::string BodyOf(const KeyShare& share) {
  std::string text;
  text.reserve(kKeyShareTextBytesMax);  // It must not move: the old place would keep the share.
  text.append(kHead).append(" ").append(kVersion).append("\nset ");
  AppendHex(share.set, &text);
  text.append("\nnumber ").append(std::to_string(share.number));
  text.append("\nthreshold ").append(std::to_string(share.counts.threshold));
  text.append("\ntotal ").append(std::to_string(share.counts.total)).append("\ncheck ");
  AppendHex(share.check, &text);
  text.append("\nshare ");
  AppendHex(share.share.RevealForCrypto(), &text);
  text.append("\n");
  assert(text.size() < kKeyShareTextBytesMax / 2);
  return text;
}

// The words of a text, one after the other.
class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) {}

  std::string_view Next() {
    constexpr std::string_view kBlanks = " \t\r\n";
    rest_.remove_prefix(std::min(rest_.find_first_not_of(kBlanks), rest_.size()));
    const std::string_view word = rest_.substr(0, rest_.find_first_of(kBlanks));
    rest_.remove_prefix(word.size());
    return word;
  }
  // The word behind `name`; empty: something else stands there.
  std::string_view Value(std::string_view name) { return Next() == name ? Next() : ""; }

 private:
  std::string_view rest_;
};

template <size_t N>
bool TakeHex(std::string_view word, std::array<uint8_t, N>* out) {
  if (word.size() != 2 * N) return false;
  std::optional<std::string> bytes = base::BytesOfHex(word);
  if (!bytes) return false;
  std::copy(bytes->begin(), bytes->end(), out->begin());
  base::Wipe(bytes->data(), bytes->size());
  return true;
}

// 1..kKeySharesMax; 0: no such number.
uint32_t CountOf(std::string_view word) {
  uint32_t number = 0;
  if (word.empty() || word.size() > 2) return 0;
  for (const char c : word) {
    if (c < '0' || c > '9') return 0;
    number = number * 10 + static_cast<uint32_t>(c - '0');
  }
  return number <= kKeySharesMax ? number : 0;
}

bool AreCounts(const ShareCounts& counts) {
  return counts.threshold >= kKeyShareThresholdMin && counts.threshold <= counts.total &&
         counts.total <= kKeySharesMax;
}

// What stands behind the head; nullopt: something is missing, wrong, or too much.
std::optional<KeyShare> ReadFields(Words* words) {
  std::array<uint8_t, 16> set{};
  Tag check{};
  Tag sum{};
  std::array<uint8_t, kSecretKeyBytes> raw{};
  bool good = TakeHex(words->Value("set"), &set);
  const uint32_t number = CountOf(words->Value("number"));
  const uint32_t threshold = CountOf(words->Value("threshold"));
  const uint32_t total = CountOf(words->Value("total"));
  good = good && TakeHex(words->Value("check"), &check);
  good = good && TakeHex(words->Value("share"), &raw);
  good = good && TakeHex(words->Value("sum"), &sum) && words->Next().empty();
  KeyShare share{.set = set,
                 .number = number,
                 .counts = {.threshold = threshold, .total = total},
                 .check = check,
                 .share = SecretKey(raw)};
  base::Wipe(raw.data(), raw.size());
  if (!good || number == 0 || number > total || !AreCounts(share.counts)) return std::nullopt;
  std::string body = BodyOf(share);
  const bool whole = TagOf(body, {}) == sum;
  base::Wipe(body.data(), body.size());
  if (!whole) return std::nullopt;
  return share;
}

// libgfshare draws coefficients with it and writes over its memory with it before it gives it back.
void FillRandom(unsigned char* bytes, unsigned int size) {
  base::FillRandom({bytes, size});
}

using Scheme = std::unique_ptr<gfshare_ctx, decltype(&gfshare_ctx_free)>;

SecretKey Interpolate(std::span<const ShareOfFile> shares) {
  gfshare_fill_rand = FillRandom;
  std::vector<unsigned char> numbers;
  for (const ShareOfFile& one : shares) {
    numbers.push_back(static_cast<unsigned char>(one.share.number));
  }
  const Scheme scheme(
      gfshare_ctx_init_dec(numbers.data(), static_cast<unsigned>(numbers.size()), kSecretKeyBytes),
      gfshare_ctx_free);
  assert(scheme != nullptr);
  std::array<uint8_t, kSecretKeyBytes> raw{};
  for (size_t i = 0; i < shares.size(); ++i) {
    std::ranges::copy(shares[i].share.share.RevealForCrypto(), raw.begin());
    gfshare_ctx_dec_giveshare(scheme.get(), static_cast<unsigned char>(i), raw.data());
  }
  gfshare_ctx_dec_extract(scheme.get(), raw.data());
  SecretKey key{std::span<const uint8_t, kSecretKeyBytes>(raw)};
  base::Wipe(raw.data(), raw.size());
  return key;
}

std::vector<KeyShare> Split(const SecretKey& key, const ShareCounts& counts) {
  gfshare_fill_rand = FillRandom;
  std::vector<unsigned char> numbers;
  for (uint32_t n = 1; n <= counts.total; ++n) numbers.push_back(static_cast<unsigned char>(n));
  const Scheme scheme(
      gfshare_ctx_init_enc(numbers.data(), counts.total,
                           static_cast<unsigned char>(counts.threshold), kSecretKeyBytes),
      gfshare_ctx_free);
  assert(scheme != nullptr);
  std::array<uint8_t, kSecretKeyBytes> raw{};
  std::ranges::copy(key.RevealForCrypto(), raw.begin());
  gfshare_ctx_enc_setsecret(scheme.get(), raw.data());
  std::array<uint8_t, 16> set{};
  base::FillRandom(set);
  std::vector<KeyShare> shares;
  for (uint32_t n = 1; n <= counts.total; ++n) {
    gfshare_ctx_enc_getshare(scheme.get(), static_cast<unsigned char>(n - 1), raw.data());
    shares.push_back({.set = set,
                      .number = n,
                      .counts = counts,
                      .check = CheckOf(key),
                      .share = SecretKey(raw)});
  }
  base::Wipe(raw.data(), raw.size());
  return shares;
}

bool GiveBack(const SecretKey& key, std::span<const KeyShare> shares, base::Language language) {
  std::vector<ShareOfFile> some;
  for (const KeyShare& share : shares) {
    some.push_back({.path = {},
                    .share = {.set = share.set,
                              .number = share.number,
                              .counts = share.counts,
                              .check = share.check,
                              .share = share.share.Clone()}});
  }
  const absl::StatusOr<SecretKey> again = CombineShares(some, language);
  return again.ok() && sodium_memcmp(again->RevealForCrypto().data(), key.RevealForCrypto().data(),
                                     kSecretKeyBytes) == 0;
}

}  // namespace

absl::StatusOr<std::vector<KeyShare>> SplitKey(const SecretKey& key, const ShareCounts& counts,
                                               base::Language language) {
  if (!AreCounts(counts)) {
    return Refuse("shares.counts", language,
                  {std::to_string(kKeyShareThresholdMin), std::to_string(kKeySharesMax)});
  }
  std::vector<KeyShare> shares = Split(key, counts);
  const std::span<const KeyShare> all(shares);
  if (!GiveBack(key, all.first(counts.threshold), language) ||
      !GiveBack(key, all.last(counts.threshold), language)) {
    return absl::InternalError("libgfshare does not give the key back; nothing was written");
  }
  return shares;
}

std::string FormatShare(const KeyShare& share) {
  std::string text = BodyOf(share);
  const Tag sum = TagOf(text, {});
  text.append("sum ");
  AppendHex(sum, &text);
  text.append("\n");
  return text;
}

absl::StatusOr<KeyShare> ParseShare(std::string_view text, const std::string& path,
                                    base::Language language) {
  Words words(text);
  Words head(kHead);
  for (std::string_view word = head.Next(); !word.empty(); word = head.Next()) {
    if (words.Next() != word) return Refuse("shares.not_one", language, {path});
  }
  if (words.Next() != kVersion) return Refuse("shares.newer", language, {path});
  std::optional<KeyShare> share = ReadFields(&words);
  if (!share) return Refuse("shares.damaged", language, {path});
  return *std::move(share);
}

absl::StatusOr<SecretKey> CombineShares(std::span<const ShareOfFile> shares,
                                        base::Language language) {
  if (shares.empty()) return Refuse("shares.too_few", language, {"0", "1"});
  const ShareOfFile& first = shares.front();
  for (size_t i = 1; i < shares.size(); ++i) {
    const ShareOfFile& one = shares[i];
    if (one.share.set != first.share.set || one.share.check != first.share.check ||
        one.share.counts.threshold != first.share.counts.threshold ||
        one.share.counts.total != first.share.counts.total) {
      return Refuse("shares.mixed", language, {one.path, first.path});
    }
    const auto earlier = std::ranges::find_if(shares.first(i), [&one](const ShareOfFile& other) {
      return other.share.number == one.share.number;
    });
    if (earlier != shares.begin() + static_cast<std::ptrdiff_t>(i)) {
      return Refuse("shares.twice", language,
                    {one.path, earlier->path, std::to_string(one.share.number)});
    }
  }
  const uint32_t needed = first.share.counts.threshold;
  if (shares.size() < needed) {
    return Refuse("shares.too_few", language,
                  {std::to_string(shares.size()), std::to_string(needed)});
  }
  SecretKey key = Interpolate(shares);
  if (CheckOf(key) != first.share.check) return Refuse("shares.other_key", language, {});
  return key;
}

}  // namespace ladon::ctl
