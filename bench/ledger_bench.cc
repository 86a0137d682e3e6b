// Our ledger in this process, and what the disk and plain RocksDB can do: one of them a run, its
// figures as JSON on stdout. bench/ledger/compare.py runs them in turn, PostgreSQL too.
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "bench/ledger/commit_times.h"
#include "bench/ledger/disk_peer.h"
#include "bench/ledger/embedded.h"
#include "bench/ledger/region.h"
#include "bench/ledger/rocksdb_peer.h"
#include "bench/ledger/workload.h"
#include "nlohmann/json.hpp"

namespace ladon::bench {
namespace {

constexpr size_t kBatchMax = 100'000;
constexpr size_t kBytesPerBatchMax = size_t{64} << 20;
constexpr size_t kEntryBytesMax = size_t{64} << 10;
constexpr uint32_t kAccountsMax = 10'000'000;
constexpr double kSecondsMax = 3'600;

template <class Settings>
CLI::App* AddPeer(const char* name, const char* about, Settings* settings, CLI::App* app) {
  CLI::App* const peer = app->add_subcommand(name, about);
  peer->add_option("--dir", settings->directory, "A fresh folder is made in it, and removed")
      ->required();
  peer->add_option("--seconds", settings->seconds, "How long to measure")
      ->check(CLI::Range(0.0, kSecondsMax))
      ->capture_default_str();
  peer->add_option("--seed", settings->seed, "Of everything drawn")->capture_default_str();
  peer->add_option("--batch", settings->batch, "Transfers in a durable commit")
      ->check(CLI::Range(size_t{1}, kBatchMax))
      ->capture_default_str();
  return peer;
}

CLI::App* AddEmbedded(EmbeddedOptions* ours, CLI::App* app) {
  CLI::App* const command = app->add_subcommand("embedded", "Our ledger, durable and proved");
  command->add_option("--dir", ours->directory, "A store is made in it, and removed")->required();
  command->add_option("--workload", ours->workload, "Who pays whom")
      ->check(CLI::IsMember(
          std::vector<std::string>(std::begin(Workload::kKinds), std::end(Workload::kKinds))))
      ->capture_default_str();
  command->add_option("--accounts", ours->accounts, "How many there are")
      ->check(CLI::Range(uint32_t{2}, kAccountsMax))
      ->capture_default_str();
  command->add_option("--before", ours->transfers_before, "Transfers booked before it is timed")
      ->capture_default_str();
  command->add_option("--seconds", ours->seconds, "How long to measure")
      ->check(CLI::Range(0.0, kSecondsMax))
      ->capture_default_str();
  command->add_option("--in-flight", ours->in_flight, "Waiting for an answer, at any time")
      ->check(CLI::Range(uint64_t{100}, uint64_t{8'000}))
      ->capture_default_str();
  command->add_option("--rate", ours->rate, "Open loop: transfers a second; 0 = closed loop")
      ->check(CLI::Range(0.0, 1e7))
      ->capture_default_str();
  command->add_option("--seed", ours->seed, "Of everything drawn")->capture_default_str();
  command->add_flag("--audit", ours->audit,
                    "With the record of the security log that a debit leaves");
  command->add_flag("--extract", ours->measure_extract,
                    "Write an extract of everything, and verify it");
  command->add_flag("--restart", ours->measure_restart, "Close, and time the next start");
  return command;
}

nlohmann::json Measure(const EmbeddedOptions& ours) {
  const EmbeddedFigures figures = RunEmbedded(ours);
  nlohmann::json json = {{"peer", "ladon"},
                         {"workload", ours.workload},
                         {"accounts", ours.accounts},
                         {"seconds", ours.seconds},
                         {"rate", ours.rate},
                         {"audit", ours.audit},
                         {"transfers", figures.transfers},
                         {"transfers_per_s", figures.transfers_per_s},
                         {"p50_ms", figures.p50_ms},
                         {"p99_ms", figures.p99_ms},
                         {"max_ms", figures.max_ms},
                         {"proof_us", ProofSecondsPerTransfer() * 1e6},
                         {"bytes_per_transfer", figures.bytes_per_transfer},
                         {"write_amplification", figures.write_amplification}};
  if (ours.measure_restart) json["restart_s"] = figures.restart_s;
  if (ours.measure_extract) {
    json["extract"] = {{"closing_s", figures.closing_s},
                       {"entries", figures.extract_entries},
                       {"bytes", figures.extract_bytes},
                       {"write_s", figures.extract_write_s},
                       {"verify_s", figures.extract_verify_s}};
  }
  return json;
}

CLI::App* AddRegion(RegionOptions* region, CLI::App* app) {
  CLI::App* const command =
      app->add_subcommand("region", "A store as large as a region's, for a server to start on");
  command->add_option("--store", region->store, "Made new")->required();
  command->add_option("--keys", region->keys, "Made new")->required();
  command->add_option("--root-key", region->root_key_file, "From ladonctl keys init")->required();
  command->add_option("--children", region->children, "In 320 schools")
      ->check(CLI::Range(uint32_t{320}, kAccountsMax))
      ->capture_default_str();
  command->add_option("--transfers", region->transfers, "In the journal; a multiple of 10 000")
      ->capture_default_str();
  return command;
}

absl::StatusOr<nlohmann::json> Fill(const RegionOptions& region) {
  if (absl::Status filled = FillRegion(region); !filled.ok()) return filled;
  return nlohmann::json{{"children", region.children},
                        {"samples", uint64_t{region.children} * region.samples},
                        {"transfers", region.transfers}};
}

int Main(int argc, char** argv) {
  CLI::App app("Our ledger, what the disk can do, and plain RocksDB");
  app.require_subcommand(1);
  EmbeddedOptions ours;
  const CLI::App* const embedded = AddEmbedded(&ours, &app);
  RocksDbPeerSettings rocks = {.seconds = 5,
                               .seed = 1,
                               .workload = "uniform",
                               .accounts = 200'000,
                               .batch = 1'000,
                               .entry_bytes = 256};
  CLI::App* const raw =
      AddPeer("raw-rocksdb", "Entries and balances put into RocksDB, no rules", &rocks, &app);
  raw->add_option("--workload", rocks.workload, "Who pays whom")
      ->check(CLI::IsMember(
          std::vector<std::string>(std::begin(Workload::kKinds), std::end(Workload::kKinds))))
      ->capture_default_str();
  raw->add_option("--accounts", rocks.accounts, "How many there are")
      ->check(CLI::Range(uint32_t{2}, kAccountsMax))
      ->capture_default_str();
  raw->add_option("--entry-bytes", rocks.entry_bytes, "Size of an entry's value")
      ->check(CLI::Range(kEntryBytesMin, kEntryBytesMax))
      ->capture_default_str();
  DiskPeerSettings disk = {.seconds = 5, .seed = 1, .bytes_per_batch = 4'096, .batch = 1};
  AddPeer("disk", "Bytes appended to a file and synced", &disk, &app)
      ->add_option("--bytes-per-batch", disk.bytes_per_batch, "Appended by a commit")
      ->check(CLI::Range(sizeof(uint64_t), kBytesPerBatchMax))
      ->capture_default_str();
  RegionOptions region;
  const CLI::App* const fill = AddRegion(&region, &app);
  CLI11_PARSE(app, argc, argv);

  StopOnSignals();
  const absl::StatusOr<nlohmann::json> figures = fill->parsed()       ? Fill(region)
                                                 : embedded->parsed() ? Measure(ours)
                                                 : raw->parsed()      ? MeasureRocksDb(rocks)
                                                                      : MeasureDisk(disk);
  if (!figures.ok()) {
    std::fprintf(stderr, "ledger_bench: %s\n", figures.status().ToString().c_str());
    return 1;
  }
  std::printf("%s\n", figures->dump(1).c_str());
  return 0;
}

}  // namespace
}  // namespace ladon::bench

int main(int argc, char** argv) {
  return ladon::bench::Main(argc, argv);
}
