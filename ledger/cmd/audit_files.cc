#include "ledger/cmd/audit_files.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace ladon::audit {
namespace {

constexpr size_t kFileBytesMax = size_t{64} << 20;
constexpr uint64_t kNsPerSecond = 1'000'000'000;
constexpr uint64_t kKopecksPerRouble = 100;

}  // namespace

absl::StatusOr<std::string> ReadWhole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat(path, ": cannot be read"));
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) return absl::NotFoundError(absl::StrCat(path, ": cannot be read to its end"));
  if (bytes.size() > kFileBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": larger than 64 MiB"));
  }
  return bytes;
}

absl::StatusOr<std::vector<ledger::VerifierKey>> ReadKeys(const std::string& path) {
  absl::StatusOr<std::string> text = ReadWhole(path);
  if (!text.ok()) return text.status();
  std::vector<ledger::VerifierKey> keys;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.front() == '#') continue;
    absl::StatusOr<ledger::VerifierKey> key = ledger::ParseVerifierKey(line);
    if (!key.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(path, ": ", key.status().message()));
    }
    keys.push_back(*std::move(key));
  }
  if (keys.empty()) return absl::InvalidArgumentError(absl::StrCat(path, ": no verifier key"));
  return keys;
}

absl::StatusOr<ledger::SigningKey> ReadWitnessKey(const std::string& name,
                                                  const std::string& path) {
  absl::StatusOr<std::string> text = ReadWhole(path);
  if (!text.ok()) return text.status();
  std::string hex = text->substr(0, text->find_last_not_of(" \r\n") + 1);
  std::array<uint8_t, ledger::kEd25519Bytes> seed{};
  const bool is_hex = hex.size() == 2 * seed.size() &&
                      hex.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
  if (!is_hex) return absl::InvalidArgumentError(absl::StrCat(path, ": not 64 hex digits"));
  std::string bytes = absl::HexStringToBytes(hex);
  std::copy(bytes.begin(), bytes.end(), seed.begin());
  absl::StatusOr<ledger::SigningKey> key =
      ledger::SigningKey::FromSeed(name, seed, ledger::KeyType::kCosignature);
  for (std::string* secret : {&bytes, &hex, &*text})
    OPENSSL_cleanse(secret->data(), secret->size());
  OPENSSL_cleanse(seed.data(), seed.size());
  return key;
}

std::string Say(const char* russian, const char* english) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread.
  const char* const language = std::getenv("LADON_LANG");
  return language != nullptr && std::string_view(language) == "en" ? english : russian;
}

std::string Roubles(int64_t kopecks) {
  // The least number has no positive counterpart of its own type.
  const uint64_t magnitude =
      kopecks < 0 ? ~static_cast<uint64_t>(kopecks) + 1 : static_cast<uint64_t>(kopecks);
  return absl::StrFormat("%s%d.%02d", kopecks < 0 ? "-" : "", magnitude / kKopecksPerRouble,
                         magnitude % kKopecksPerRouble);
}

std::string Utc(uint64_t ns) {
  const auto seconds = static_cast<time_t>(ns / kNsPerSecond);
  tm parts = {};
  gmtime_r(&seconds, &parts);
  char text[32];
  const size_t size = std::strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &parts);
  return {text, size};
}

int Fail(const absl::Status& status) {
  std::cerr << "ladon-audit: " << status.message() << "\n";
  return absl::IsNotFound(status) ? kCannotRead : kRefused;
}

}  // namespace ladon::audit
