// The configuration of ladond: one TOML file, every key known, nothing guessed.
// deploy/ladond.toml is the commented sample. Threading: pure functions.
#ifndef LADON_SERVER_CMD_CONFIG_H_
#define LADON_SERVER_CMD_CONFIG_H_

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "ledger/proof/ids.h"
#include "server/cmd/contract_config.h"
#include "server/outbox/outbox.h"

namespace ladon {

inline constexpr size_t kConfigBytesMax = size_t{64} * 1024;

struct Config {
  struct {
    std::string listen = "127.0.0.1:7443";
    std::string port_file;  // Written when the server serves: "host:port".
    bool reflection = false;
    uint32_t idle_seconds_max = 900;  // 0: no limit.
  } server;
  struct {
    std::string certificate;
    std::string private_key;
    std::string client_ca;
    std::string crl;  // Revocation lists in PEM; empty: none.
  } tls;
  struct {
    std::string matrix;      // Signed note with an access matrix; empty: the built-in one.
    std::string matrix_key;  // Who signs it; server/access/matrix.h
    // server/flow/principals.h
    bool grants_required = false;
    std::string founders;  // URIs, apart by spaces.
    uint32_t idle_days_max = 90;
    uint32_t refund_kopecks_max = 100'000;
    // server/access/watch.h; 0: no limit.
    uint32_t denied_burst = 60;
    uint32_t denied_per_minute = 30;
  } access;
  struct {
    std::string path;
    bool create = false;
  } store;
  struct {
    std::string directory;                    // Empty: off.
    uint32_t keep = 14;                       // How many stay; 0: all.
    uint32_t megabytes_per_second_max = 100;  // 0: as fast as it goes.
  } backup;
  struct {
    // One of the two: a file, or the name of a credential that systemd gives.
    std::string root_key_file;
    std::string root_key_credential;
    std::string directory;
    std::string standby;      // Directory for a copy of the key table; empty: none.
    uint32_t epoch_days = 7;  // 1..7
  } keys;
  struct {
    std::string origin;        // Name of the log and its signing key; empty: "ladon/<store id>".
    uint32_t signing_key = 1;  // Number of the key that signs checkpoints.
    uint32_t signing_key_before = 0;          // Signs beside it; 0: none.
    std::string time_zone = "Europe/Moscow";  // IANA name: when a service day ends.
    std::string calendar;                     // base/calendar.h; empty: statutory holidays alone.
  } ledger;
  struct {
    std::string checkpoint_copy;  // Directory of a second host; empty: off.
    std::string archive;          // Directory; empty: records stay for ever.
    uint32_t keep_days = 365;     // In the store, before they are archived; 0: for ever.
  } audit;
  struct {
    std::string calibration;  // matcher/calibration.h
    // server/flow/throttle.h; 0 and 0: off.
    uint32_t palm_misses_burst = 40;
    uint32_t palm_misses_per_minute = 12;
  } matcher;
  struct {
    // server/outbox/outbox.h: which events are written for others.
    bool notices = false;
    bool receipts = false;
    std::string low_balance = "0";  // Roubles.
    uint32_t low_balance_days = 2;
    uint32_t attempts_max = 20;
  } outbox;
  struct {
    std::string listen;  // Empty = off.
    std::string port_file;
  } metrics;
  struct {
    std::string level = "info";
    std::string file;  // Empty = standard error.
  } log;
  ContractsByName contracts;   // [[contract]]: with banks, what parents pay through.
  ledger::Digest fingerprint;  // SHA-256 of the file.
};

[[nodiscard]] outbox::OutboxOptions OutboxOptionsOf(const Config& config);
// The URIs in [access] founders.
[[nodiscard]] std::set<std::string> Founders(const Config& config);

// What is in force, defaults filled in: a line "section.key=value" for each key, in the order of
// deploy/ladond.toml; for tools and scripts. No contracts, and nothing secret: keys lie in files.
[[nodiscard]] std::string ShowConfig(const Config& config);

// NotFound: no such file. InvalidArgument, naming file and line: not TOML, an unknown section or
// key, a value of another type, a required key missing, keys that contradict each other.
[[nodiscard]] absl::StatusOr<Config> LoadConfig(const std::string& path);

}  // namespace ladon

#endif  // LADON_SERVER_CMD_CONFIG_H_
