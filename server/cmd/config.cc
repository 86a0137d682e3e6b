#include "server/cmd/config.h"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <span>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include "ledger/proof/merkle.h"
#include "server/base/principal.h"
#include "server/base/roubles.h"
#include "server/flow/epochs.h"
#include "server/flow/service_day.h"

namespace ladon {
namespace {

constexpr int64_t kLowBalanceKopecksMax = 10'000'000;

using Target = std::variant<std::string*, bool*, uint32_t*>;

constexpr int64_t kNumberMax = 1'000'000;

struct Key {
  std::string_view section;
  std::string_view name;
  bool required;
  Target target;
  uint32_t line = 0;  // Where it stands; 0 = it keeps its default.
};

std::string At(const std::string& path, const toml::source_region& where) {
  return path + ", line " + std::to_string(where.begin.line) + ": ";
}

absl::Status SetValue(const std::string& path, const Key& key, const toml::node& node) {
  const std::string name = "[" + std::string(key.section) + "] " + std::string(key.name);
  if (const auto* const text = std::get_if<std::string*>(&key.target)) {
    const auto value = node.value_exact<std::string>();
    if (!value) {
      return absl::InvalidArgumentError(At(path, node.source()) + name +
                                        " must be a text in quotes");
    }
    **text = *value;
  } else if (auto* const* const number = std::get_if<uint32_t*>(&key.target)) {
    const auto value = node.value_exact<int64_t>();
    if (!value || *value < 0 || *value > kNumberMax) {
      return absl::InvalidArgumentError(At(path, node.source()) + name +
                                        " must be a whole number from 0 to " +
                                        std::to_string(kNumberMax));
    }
    **number = static_cast<uint32_t>(*value);
  } else {
    const auto value = node.value_exact<bool>();
    if (!value) {
      return absl::InvalidArgumentError(At(path, node.source()) + name + " must be true or false");
    }
    *std::get<bool*>(key.target) = *value;
  }
  return absl::OkStatus();
}

absl::Status ReadSection(const std::string& path, std::string_view section,
                         const toml::table& table, std::span<Key> keys) {
  for (const auto& [name, node] : table) {
    const auto key = std::find_if(keys.begin(), keys.end(), [&, n = name.str()](const Key& k) {
      return k.section == section && k.name == n;
    });
    if (key == keys.end()) {
      return absl::InvalidArgumentError(At(path, node.source()) + "unknown key " +
                                        std::string(name.str()) + " in [" + std::string(section) +
                                        "]; deploy/ladond.toml lists every key");
    }
    key->line = node.source().begin.line;
    if (absl::Status s = SetValue(path, *key, node); !s.ok()) return s;
  }
  return absl::OkStatus();
}

// A refusal that names the key and the line where it stands.
absl::Status Wrong(const std::string& path, std::span<const Key> keys, std::string_view section,
                   std::string_view name, std::string_view why) {
  const auto key = std::find_if(keys.begin(), keys.end(), [&](const Key& k) {
    return k.section == section && k.name == name;
  });
  return absl::InvalidArgumentError(path + ", line " + std::to_string(key->line) + ": [" +
                                    std::string(section) + "] " + std::string(name) + " " +
                                    std::string(why));
}

// host:port with a port that exists.
bool IsAddress(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view port = text.substr(colon + 1);
  uint16_t number = 0;
  const auto [rest, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  return error == std::errc() && rest == port.data() + port.size();
}

bool IsLoopback(std::string_view address) {
  return address.substr(0, 4) == "127." || address.substr(0, 6) == "[::1]:";
}

// `inner` is `outer` or lies below it, however they are spelt.
bool LiesIn(const std::string& inner, const std::string& outer) {
  std::error_code ignored;  // A path that does not exist yet is compared as far as it does.
  const auto plain = [&ignored](const std::string& path) {
    std::string whole =
        std::filesystem::weakly_canonical(path, ignored).lexically_normal().string();
    while (whole.size() > 1 && whole.back() == '/') whole.pop_back();
    return whole + "/";  // So that /store is not found in /store-backups.
  };
  const std::string a = plain(inner);
  const std::string b = plain(outer);
  return b.size() > 1 && a.compare(0, b.size(), b) == 0;
}

// A plain file name, so that nothing but systemd's directory is ever read.
bool IsCredentialName(std::string_view name) {
  constexpr size_t kBytesMax = 255;
  const auto is_plain = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
  };
  return name.size() <= kBytesMax && std::all_of(name.begin(), name.end(), is_plain) &&
         name.find_first_not_of('.') != std::string_view::npos;
}

absl::Status CheckRootKey(const std::string& path, std::span<const Key> keys,
                          const Config& config) {
  const bool in_file = !config.keys.root_key_file.empty();
  const bool in_credential = !config.keys.root_key_credential.empty();
  if (!in_file && !in_credential) {
    return absl::InvalidArgumentError(
        path + ": [keys] root_key_file is missing; root_key_credential can stand in its place");
  }
  if (in_file && in_credential) {
    return Wrong(path, keys, "keys", "root_key_credential",
                 "is set beside root_key_file: the root key lies in one place");
  }
  if (in_credential && !IsCredentialName(config.keys.root_key_credential)) {
    return Wrong(path, keys, "keys", "root_key_credential",
                 "must be a plain file name like root.key: the name that the systemd unit gives in "
                 "LoadCredential= or LoadCredentialEncrypted=");
  }
  return absl::OkStatus();
}

absl::Status CheckKeys(const std::string& path, std::span<const Key> keys, const Config& config) {
  if (absl::Status s = CheckRootKey(path, keys, config); !s.ok()) return s;
  if (config.keys.epoch_days == 0 || config.keys.epoch_days > flow::kEpochDaysMax) {
    return Wrong(path, keys, "keys", "epoch_days", "must be 1 to 7");
  }
  if (LiesIn(config.keys.directory, config.store.path)) {
    return Wrong(path, keys, "keys", "directory",
                 "must not be in the store: a backup of the store would carry the keys that "
                 "open it");
  }
  for (const std::string& other :
       {config.store.path, config.backup.directory, config.keys.directory}) {
    if (!config.keys.standby.empty() && !other.empty() && LiesIn(config.keys.standby, other)) {
      return Wrong(path, keys, "keys", "standby",
                   "must not be in the store, its backups or the keys' own directory");
    }
  }
  if (!config.backup.directory.empty() && LiesIn(config.keys.directory, config.backup.directory)) {
    return Wrong(
        path, keys, "keys", "directory",
        "must not be in the backups: who erases somebody must reach every copy of the keys");
  }
  return absl::OkStatus();
}

absl::Status CheckAudit(const std::string& path, std::span<const Key> keys, const Config& config) {
  constexpr uint32_t kKeepDaysMax = 36'500;
  if (config.audit.keep_days > kKeepDaysMax) {
    return Wrong(path, keys, "audit", "keep_days", "must be 0 to 36500");
  }
  for (const auto& [name, directory] :
       {std::pair("archive", config.audit.archive),
        std::pair("checkpoint_copy", config.audit.checkpoint_copy)}) {
    if (directory.empty()) continue;
    if (LiesIn(directory, config.store.path) || LiesIn(config.store.path, directory)) {
      return Wrong(path, keys, "audit", name, "must be apart from the store");
    }
    if (LiesIn(config.keys.directory, directory)) {
      return Wrong(path, keys, "audit", name, "must be apart from the keys");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckAccess(const std::string& path, std::span<const Key> keys, const Config& config) {
  if (config.access.matrix.empty() != config.access.matrix_key.empty()) {
    const char* given = config.access.matrix.empty() ? "matrix_key" : "matrix";
    return Wrong(path, keys, "access", given, "is set alone: matrix and matrix_key go together");
  }
  const std::set<std::string> founders = Founders(config);
  for (const std::string& uri : founders) {
    const absl::StatusOr<base::Principal> principal = base::ParsePrincipal(uri);
    if (!principal.ok() || principal->role != base::Role::kSecurityAdmin) {
      return Wrong(path, keys, "access", "founders",
                   "must be URIs like ladon://-/security-admin/<id>, apart by spaces");
    }
  }
  constexpr size_t kFoundersMin = 2;  // One grants, the other approves.
  if (config.access.grants_required && founders.size() < kFoundersMin) {
    return Wrong(path, keys, "access", "grants_required",
                 "needs two founders: the first grants must be made and approved by somebody");
  }
  return absl::OkStatus();
}

absl::Status CheckOutbox(const std::string& path, std::span<const Key> keys, const Config& config) {
  if (!base::KopecksOf(config.outbox.low_balance, ".", kLowBalanceKopecksMax)) {
    return Wrong(path, keys, "outbox", "low_balance",
                 "must be roubles like \"100.00\", at most \"100000.00\"");
  }
  constexpr uint32_t kDaysMax = 366;
  if (config.outbox.low_balance_days > kDaysMax) {
    return Wrong(path, keys, "outbox", "low_balance_days", "must be 0 to 366");
  }
  constexpr uint32_t kAttemptsMax = 100;
  if (config.outbox.attempts_max < 1 || config.outbox.attempts_max > kAttemptsMax) {
    return Wrong(path, keys, "outbox", "attempts_max", "must be 1 to 100");
  }
  return absl::OkStatus();
}

// What no single type can say.
absl::Status CheckValues(const std::string& path, std::span<const Key> keys, const Config& config) {
  constexpr std::array<std::string_view, 4> kLevels = {"debug", "info", "warning", "error"};
  if (std::find(kLevels.begin(), kLevels.end(), config.log.level) == kLevels.end()) {
    return Wrong(path, keys, "log", "level", "must be debug, info, warning or error");
  }
  if (absl::Status s = CheckAccess(path, keys, config); !s.ok()) return s;
  if (absl::Status s = CheckAudit(path, keys, config); !s.ok()) return s;
  if (!IsAddress(config.server.listen)) {
    return Wrong(path, keys, "server", "listen", "must be host:port, the port 0 to 65535");
  }
  constexpr uint32_t kIdleSecondsMax = 86'400;
  if (config.server.idle_seconds_max > kIdleSecondsMax) {
    return Wrong(path, keys, "server", "idle_seconds_max", "must be 0 to 86400");
  }
  if ((config.matcher.palm_misses_burst == 0) != (config.matcher.palm_misses_per_minute == 0)) {
    const char* zero =
        config.matcher.palm_misses_burst == 0 ? "palm_misses_burst" : "palm_misses_per_minute";
    return Wrong(path, keys, "matcher", zero, "is 0: both are, to switch throttling off, or none");
  }
  if (absl::Status s = CheckOutbox(path, keys, config); !s.ok()) return s;
  if (!config.metrics.port_file.empty() && config.metrics.listen.empty()) {
    return Wrong(path, keys, "metrics", "port_file",
                 "is set but [metrics] listen is empty (metrics are off)");
  }
  if (!config.metrics.listen.empty() &&
      (!IsAddress(config.metrics.listen) || !IsLoopback(config.metrics.listen))) {
    return Wrong(path, keys, "metrics", "listen",
                 "must be a loopback host:port like 127.0.0.1:9464");
  }
  constexpr uint32_t kSigningKeysMax = 255;
  if (config.ledger.signing_key == 0 || config.ledger.signing_key > kSigningKeysMax) {
    return Wrong(path, keys, "ledger", "signing_key", "must be 1 to 255");
  }
  if (config.ledger.signing_key_before >= config.ledger.signing_key) {
    return Wrong(path, keys, "ledger", "signing_key_before",
                 "must be a lower number than signing_key, or 0");
  }
  if (!flow::IsTimeZone(config.ledger.time_zone)) {
    return Wrong(path, keys, "ledger", "time_zone", "must be an IANA name like Europe/Moscow");
  }
  if (!config.backup.directory.empty() && (LiesIn(config.backup.directory, config.store.path) ||
                                           LiesIn(config.store.path, config.backup.directory))) {
    return Wrong(path, keys, "backup", "directory", "must be apart from the store");
  }
  constexpr uint32_t kMegabytesPerSecondMax = 2'000;
  if (config.backup.megabytes_per_second_max > kMegabytesPerSecondMax) {
    return Wrong(path, keys, "backup", "megabytes_per_second_max", "must be 0 to 2000");
  }
  if (absl::Status s = CheckKeys(path, keys, config); !s.ok()) return s;
  return absl::OkStatus();
}

std::vector<Key> KeysOf(Config* config) {
  return {
      {"server", "listen", false, &config->server.listen},
      {"server", "port_file", false, &config->server.port_file},
      {"server", "reflection", false, &config->server.reflection},
      {"server", "idle_seconds_max", false, &config->server.idle_seconds_max},
      {"tls", "certificate", true, &config->tls.certificate},
      {"tls", "private_key", true, &config->tls.private_key},
      {"tls", "client_ca", true, &config->tls.client_ca},
      {"tls", "crl", false, &config->tls.crl},
      {"access", "matrix", false, &config->access.matrix},
      {"access", "matrix_key", false, &config->access.matrix_key},
      {"access", "grants_required", false, &config->access.grants_required},
      {"access", "founders", false, &config->access.founders},
      {"access", "idle_days_max", false, &config->access.idle_days_max},
      {"access", "refund_kopecks_max", false, &config->access.refund_kopecks_max},
      {"access", "denied_burst", false, &config->access.denied_burst},
      {"access", "denied_per_minute", false, &config->access.denied_per_minute},
      {"store", "path", true, &config->store.path},
      {"store", "create", false, &config->store.create},
      {"backup", "directory", false, &config->backup.directory},
      {"backup", "keep", false, &config->backup.keep},
      {"backup", "megabytes_per_second_max", false, &config->backup.megabytes_per_second_max},
      {"keys", "root_key_file", false, &config->keys.root_key_file},
      {"keys", "root_key_credential", false, &config->keys.root_key_credential},
      {"keys", "directory", true, &config->keys.directory},
      {"keys", "standby", false, &config->keys.standby},
      {"keys", "epoch_days", false, &config->keys.epoch_days},
      {"ledger", "origin", false, &config->ledger.origin},
      {"ledger", "signing_key", false, &config->ledger.signing_key},
      {"ledger", "signing_key_before", false, &config->ledger.signing_key_before},
      {"ledger", "time_zone", false, &config->ledger.time_zone},
      {"ledger", "calendar", false, &config->ledger.calendar},
      {"audit", "checkpoint_copy", false, &config->audit.checkpoint_copy},
      {"audit", "archive", false, &config->audit.archive},
      {"audit", "keep_days", false, &config->audit.keep_days},
      {"matcher", "calibration", true, &config->matcher.calibration},
      {"matcher", "palm_misses_burst", false, &config->matcher.palm_misses_burst},
      {"matcher", "palm_misses_per_minute", false, &config->matcher.palm_misses_per_minute},
      {"outbox", "notices", false, &config->outbox.notices},
      {"outbox", "receipts", false, &config->outbox.receipts},
      {"outbox", "low_balance", false, &config->outbox.low_balance},
      {"outbox", "low_balance_days", false, &config->outbox.low_balance_days},
      {"outbox", "attempts_max", false, &config->outbox.attempts_max},
      {"metrics", "listen", false, &config->metrics.listen},
      {"metrics", "port_file", false, &config->metrics.port_file},
      {"log", "level", false, &config->log.level},
      {"log", "file", false, &config->log.file},
  };
}

}  // namespace

outbox::OutboxOptions OutboxOptionsOf(const Config& config) {
  return {.notices = config.outbox.notices,
          .receipts = config.outbox.receipts,
          .low_balance_kopecks =
              base::KopecksOf(config.outbox.low_balance, ".", kLowBalanceKopecksMax).value_or(0),
          .low_balance_days = config.outbox.low_balance_days,
          .attempts_max = config.outbox.attempts_max};
}

std::set<std::string> Founders(const Config& config) {
  std::istringstream words(config.access.founders);
  return {std::istream_iterator<std::string>(words), {}};
}

std::string ShowConfig(const Config& config) {
  Config copy = config;  // The table of keys points into what it may write.
  std::string lines;
  for (const Key& key : KeysOf(&copy)) {
    lines += std::string(key.section) + "." + std::string(key.name) + "=";
    if (const auto* const text = std::get_if<std::string*>(&key.target)) {
      lines += **text;
    } else if (auto* const* const number = std::get_if<uint32_t*>(&key.target)) {
      lines += std::to_string(**number);
    } else {
      lines += *std::get<bool*>(key.target) ? "true" : "false";
    }
    lines += "\n";
  }
  return lines;
}

absl::StatusOr<Config> LoadConfig(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return absl::NotFoundError("cannot read the configuration " + path +
                               ": give its path with --config");
  }
  std::string text(kConfigBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > kConfigBytesMax) {
    return absl::InvalidArgumentError(path + " is longer than 64 KiB: not a configuration");
  }

  Config config;
  config.fingerprint = ledger::Sha256(text);
  std::vector<Key> keys = KeysOf(&config);
  toml::table root;
  try {  // toml++ reports by exception.
    root = toml::parse(text, path);
  } catch (const toml::parse_error& error) {
    return absl::InvalidArgumentError(At(path, error.source()) + std::string(error.description()));
  }
  const toml::node* contracts = nullptr;
  for (const auto& [name, node] : root) {
    const std::string_view section = name.str();
    if (section == "contract") {
      contracts = &node;
      continue;
    }
    const bool known = std::any_of(keys.begin(), keys.end(),
                                   [&](const Key& key) { return key.section == section; });
    if (!known || !node.is_table()) {
      return absl::InvalidArgumentError(At(path, node.source()) + "unknown section or key " +
                                        std::string(section));
    }
    if (absl::Status s = ReadSection(path, section, *node.as_table(), keys); !s.ok()) return s;
  }
  for (const Key& key : keys) {
    const auto* const text_value = std::get_if<std::string*>(&key.target);
    if (key.required && text_value != nullptr && (*text_value)->empty()) {
      return absl::InvalidArgumentError(path + ": [" + std::string(key.section) + "] " +
                                        std::string(key.name) + " is missing");
    }
  }
  if (contracts != nullptr) {
    absl::StatusOr<ContractsByName> read = ReadContracts(path, *contracts, config.ledger.time_zone);
    if (!read.ok()) return read.status();
    config.contracts = *std::move(read);
  }
  // What stands beside the store gets its name from the store's.
  while (config.store.path.size() > 1 && config.store.path.back() == '/') {
    config.store.path.pop_back();
  }
  if (absl::Status s = CheckValues(path, keys, config); !s.ok()) return s;
  return config;
}

}  // namespace ladon
