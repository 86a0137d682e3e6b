#include "server/cmd/daemon.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "ledger/checkpointer.h"
#include "ledger/sequencer.h"
#include "matcher/calibration.h"
#include "server/access/matrix.h"
#include "server/access/revocations.h"
#include "server/audit/log.h"
#include "server/audit/signed_records.h"
#include "server/base/id.h"
#include "server/base/secret.h"
#include "server/base/version.h"
#include "server/cmd/alarms.h"
#include "server/cmd/day_closer.h"
#include "server/cmd/figures.h"
#include "server/cmd/files.h"
#include "server/cmd/payment_desk.h"
#include "server/cmd/payment_watch.h"
#include "server/cmd/periodic_signer.h"
#include "server/cmd/process.h"
#include "server/cmd/restore.h"
#include "server/cmd/revocation_watcher.h"
#include "server/cmd/rights.h"
#include "server/cmd/root_key_source.h"
#include "server/cmd/security_watch.h"
#include "server/cmd/signed_logs.h"
#include "server/cmd/start_checks.h"
#include "server/directory/directory.h"
#include "server/flow/backups.h"
#include "server/flow/channel_payment.h"
#include "server/flow/enrol_check.h"
#include "server/flow/export.h"
#include "server/flow/galleries.h"
#include "server/flow/house.h"
#include "server/flow/payment_accounts.h"
#include "server/rpc/limits.h"
#include "server/rpc/monitor.h"
#include "server/rpc/server.h"
#include "server/vault/key_table.h"
#include "server/vault/purge.h"
#include "server/vault/vault.h"
#include "storage/backup.h"
#include "storage/rocks_store.h"

namespace ladon {
namespace {

using rpc::LogLevel;
using rpc::LogText;
using rpc::Monitor;

constexpr vault::KeyName kLedgerSecret{.owner = {}, .purpose = vault::Purpose::kLedgerSecret};
constexpr vault::KeyName kDigestKey{.owner = {}, .purpose = vault::Purpose::kContentDigest};

// Everything stored is read and derived again, whatever was written behind.
bool VerifiesAll(DaemonTask task) {
  return task == DaemonTask::kVerify || task == DaemonTask::kRestore;
}

LogLevel LevelOf(const std::string& name) {
  if (name == "debug") return LogLevel::kDebug;
  if (name == "warning") return LogLevel::kWarning;
  if (name == "error") return LogLevel::kError;
  return LogLevel::kInfo;
}

// Everything that is open, in the order of opening; destroyed in the reverse.
struct Opened {
  StartOptions options;
  Alarms alarms;
  std::unique_ptr<BridgedClock> clock;
  std::function<uint64_t()> now_ns;  // Of the clock.
  std::unique_ptr<access::Matrix> matrix;
  std::unique_ptr<access::Revocations> revocations;  // Empty: no file is configured.
  std::unique_ptr<storage::Store> store;
  std::unique_ptr<vault::KeyTable> keys;
  std::unique_ptr<base::SecretKey> digest_key;
  std::unique_ptr<vault::Vault> vault;
  std::unique_ptr<directory::Directory> directory;
  std::unique_ptr<registers::Registers> registers;
  std::unique_ptr<Rights> rights;
  std::unique_ptr<audit::Log> audit;
  std::unique_ptr<flow::Galleries> galleries;
  std::unique_ptr<flow::TokenSealer> tokens;
  std::unique_ptr<flow::Throttle> palm_throttle;
  std::unique_ptr<flow::Throttles> throttles;
  flow::LookAlikes look_alikes;
  std::unique_ptr<ledger::Sequencer> ledger;
  std::unique_ptr<ledger::Checkpointer> checkpointer;
  std::unique_ptr<audit::SignedRecords> signed_records;
  std::unique_ptr<ledger::Checkpointer> security_checkpointer;
  std::unique_ptr<flow::WorkerPool> searchers;
  std::unique_ptr<flow::WorkerPool> keeper;
  std::unique_ptr<flow::WorkerPool> exporter;
  std::unique_ptr<flow::WorkerPool> officers;
  flow::Exports exports;
  std::unique_ptr<flow::Backups> backups;
  payments::Contracts contracts;
  std::unique_ptr<outbox::Outbox> outbox;
  flow::House house;
};

// Moves the value of a StatusOr into `slot`, or returns its error.
template <class T>
absl::Status Take(absl::StatusOr<std::unique_ptr<T>> from, std::unique_ptr<T>* slot) {
  if (!from.ok()) return from.status();
  *slot = *std::move(from);
  return absl::OkStatus();
}

// A new store has nothing in it yet; only then may keys be made. Fresh keys beside an old store
// would lock its records away for ever.
bool IsNew(const storage::Store& store) {
  for (const storage::Family family : {storage::Family::kJournal, storage::Family::kVault}) {
    const std::unique_ptr<storage::Scan> scan = store.NewScan(family);
    scan->Seek("");
    if (scan->Valid() || !scan->status().ok()) return false;
  }
  return true;
}

absl::Status OpenKeys(const Config& config, Opened* opened) {
  const std::optional<std::string> store_id = base::BytesOfHex(opened->store->store_id());
  assert(store_id.has_value());
  const absl::StatusOr<vault::RootKey> root = RootKeyOf(config);
  if (!root.ok()) return root.status();
  absl::Status s =
      Take(vault::KeyTable::Open({.directory = config.keys.directory,
                                  .store_id = *store_id,
                                  .create = config.store.create && IsNew(*opened->store),
                                  .now_ns = opened->now_ns()},
                                 *root),
           &opened->keys);
  if (!s.ok()) return s;
  absl::StatusOr<base::SecretKey> digest = opened->keys->FindOrCreate(kDigestKey);
  if (!digest.ok()) return digest.status();
  opened->digest_key = std::make_unique<base::SecretKey>(*std::move(digest));
  return absl::OkStatus();
}

// A backup may hold what was erased after it was made.
absl::Status PurgeDestroyed(Monitor* monitor, Opened* opened) {
  const absl::StatusOr<vault::Purged> purged =
      vault::PurgeDestroyed(opened->store.get(), *opened->keys);
  if (!purged.ok()) return purged.status();
  if (purged->records > 0) {
    monitor->Log(LogLevel::kWarning, "erased_again",
                 {{"records", static_cast<int64_t>(purged->records)},
                  {"cards", static_cast<int64_t>(purged->cards)},
                  {"reason", "the store held records whose keys were destroyed: an old backup"}});
  }
  return absl::OkStatus();
}

absl::Status OpenAudit(DaemonTask task, Opened* opened) {
  return Take(audit::Log::Open(opened->store.get(), {.verify_all = VerifiesAll(task),
                                                     .discard = opened->options.discard_records}),
              &opened->audit);
}

// Whatever was written down is past.
absl::Status GoOnInTime(DaemonTask task, Monitor* monitor, Opened* opened) {
  if (task != DaemonTask::kServe && task != DaemonTask::kCheck) return absl::OkStatus();
  absl::Status s = opened->clock->NotBefore(opened->audit->last_at_ns());
  if (s.ok() || !opened->options.accept_clock) return s;
  monitor->Log(LogLevel::kError, "clock_accepted", {{"reason", LogText::OfFault(s)}});
  opened->alarms.Raise({.event = audit::ProcessEvent::kClockStepped});
  return absl::OkStatus();
}

absl::Status OpenLedger(DaemonTask task, Monitor* monitor, StopRequest* stop, Opened* opened) {
  const absl::StatusOr<base::SecretKey> secret = opened->keys->FindOrCreate(kLedgerSecret);
  if (!secret.ok()) return secret.status();
  ledger::SequencerOptions options{.store = opened->store.get(),
                                   .now_ns = opened->now_ns,
                                   .on_fatal = [stop](const absl::Status& s) { stop->Fatal(s); },
                                   .verify_all = VerifiesAll(task)};
  std::copy_n(secret->RevealForCrypto().begin(), options.ledger_secret.size(),
              options.ledger_secret.begin());
  options.on_written = [monitor](std::chrono::nanoseconds took) { monitor->Written(took); };
  constexpr uint64_t kEntriesPerLine = 500'000;
  options.on_progress = [monitor, next = kEntriesPerLine](uint64_t entries) mutable {
    if (entries < next) return;
    next = entries + kEntriesPerLine;
    monitor->Log(LogLevel::kInfo, "replaying", {{"entries", entries}});
  };
  absl::Status s = Take(ledger::Sequencer::Open(options), &opened->ledger);
  base::Wipe(options.ledger_secret.data(), options.ledger_secret.size());
  return s;
}

Signing SigningOf(const Config& config, const Opened& opened) {
  return {.config = &config, .keys = opened.keys.get(), .store_id = opened.store->store_id()};
}

absl::Status OpenCheckpointers(const Config& config, Opened* opened) {
  const Signing signing = SigningOf(config, *opened);
  absl::Status s = Take(OpenCheckpointer(signing, WhichLog::kJournal, opened->ledger.get()),
                        &opened->checkpointer);
  if (!s.ok()) return s;
  return Take(OpenCheckpointer(signing, WhichLog::kSecurity, opened->signed_records.get()),
              &opened->security_checkpointer);
}

// Every closing's rows have its root (what a start with the whole journal does not look at).
absl::Status VerifyClosings(const ledger::Sequencer& ledger) {
  const auto closings = ledger.ListClosings();
  if (!closings.ok()) return closings.status();
  const ledger::LedgerView view = ledger.View();
  for (const ledger::BookedClosing& closing : *closings) {
    const auto rows = ledger::ReadClosingRows(
        *view.store, view.salts->KeyOfClosing(closing.head.tree_size), closing.head);
    if (!rows.ok()) return rows.status();
  }
  const auto [entries, root] = ledger.Head();
  std::cout << "ladond: verified " << entries << " entries, every commitment, number, balance and "
            << "root, and " << closings->size() << " closings; root "
            << absl::BytesToHexString(absl::string_view(
                   reinterpret_cast<const char*>(root.bytes.data()), root.bytes.size()))
            << "\n";
  return absl::OkStatus();
}

absl::Status CheckRestored(const Config& config, const storage::BackupSummary& restored,
                           const Opened& opened) {
  const Signing signing = SigningOf(config, opened);
  const auto verifiers = VerifiersOf(signing, WhichLog::kJournal, *opened.ledger);
  if (!verifiers.ok()) return verifiers.status();
  if (absl::Status s = VerifyClosings(*opened.ledger); !s.ok()) return s;
  const std::string last_path = CheckpointPath(config, WhichLog::kJournal);
  const auto proof = ledger::ProveRestored(*opened.ledger, restored.note, *verifiers, last_path);
  if (!proof.ok()) return proof.status();
  const auto security = DescribeRestoredSecurityLog(signing, *opened.signed_records);
  if (!security.ok()) return security.status();
  std::cout << Describe(*proof, last_path) << *security;
  return absl::OkStatus();
}

std::unique_ptr<flow::Backups> OpenBackups(const Config& config, Monitor* monitor,
                                           const Opened& opened) {
  constexpr uint64_t kMegabyte = 1'000'000;
  return std::make_unique<flow::Backups>(flow::Backups::Options{
      .store = opened.store.get(),
      .directory = config.backup.directory,
      .keep = config.backup.keep,
      .bytes_per_second_max = config.backup.megabytes_per_second_max * kMegabyte,
      .sign = [checkpointer = opened.checkpointer.get()] { return checkpointer->Sign(); },
      .on_end =
          [monitor](const absl::StatusOr<storage::BackupSummary>& made) {
            if (!made.ok()) {
              return monitor->Log(LogLevel::kError, "backup_failed",
                                  {{"reason", LogText::OfFault(made.status())}});
            }
            monitor->Log(LogLevel::kInfo, "backup_made",
                         {{"backup", made->number}, {"bytes", made->bytes}});
          }});
}

absl::Status OpenMatrix(const Config& config, Monitor* monitor, Opened* opened) {
  absl::StatusOr<access::Matrix> matrix = access::Matrix::BuiltIn();
  if (!config.access.matrix.empty()) {
    matrix = access::LoadSignedMatrix(config.access.matrix, config.access.matrix_key);
  }
  if (!matrix.ok()) return matrix.status();
  monitor->Log(LogLevel::kInfo, "access_matrix",
               {{"file", LogText::OfOperator(config.access.matrix.empty() ? "built in"
                                                                          : config.access.matrix)},
                {"calls", matrix->rules().size()},
                {"sha256", LogText::SafeBecause("a hash of the matrix", matrix->Fingerprint())}});
  opened->matrix = std::make_unique<access::Matrix>(*std::move(matrix));
  return absl::OkStatus();
}

absl::Status OpenRevocations(const Config& config, DaemonTask task, Opened* opened) {
  const bool serves = task == DaemonTask::kServe || task == DaemonTask::kCheck;
  if (config.tls.crl.empty() || !serves) return absl::OkStatus();
  return Take(ReadRevocations(config, opened->now_ns()), &opened->revocations);
}

void OpenPools(Opened* opened) {
  const size_t cores = std::max<size_t>(1, std::thread::hardware_concurrency());
  opened->searchers = std::make_unique<flow::WorkerPool>(std::min(cores, rpc::kSearchThreadsMax));
  opened->keeper = std::make_unique<flow::WorkerPool>(1);
  opened->exporter = std::make_unique<flow::WorkerPool>(1);
  opened->officers = std::make_unique<flow::WorkerPool>(1);
}

void MakeHouse(const Config& config, Monitor* monitor, Opened* opened) {
  opened->house = {.matrix = opened->matrix.get(),
                   .revocations = opened->revocations.get(),
                   .watch = opened->rights->watch.get(),
                   .ledger = opened->ledger.get(),
                   .checkpointer = opened->checkpointer.get(),
                   .security_checkpointer = opened->security_checkpointer.get(),
                   .vault = opened->vault.get(),
                   .directory = opened->directory.get(),
                   .audit = opened->audit.get(),
                   .registers = opened->registers.get(),
                   .galleries = opened->galleries.get(),
                   .tokens = opened->tokens.get(),
                   .palm_throttle = opened->palm_throttle.get(),
                   .throttles = opened->throttles.get(),
                   .look_alikes = &opened->look_alikes,
                   .searchers = opened->searchers.get(),
                   .keeper = opened->keeper.get(),
                   .exporter = opened->exporter.get(),
                   .officers = opened->officers.get(),
                   .exports = &opened->exports,
                   .backups = opened->backups.get(),
                   .export_quota = &opened->rights->export_quota,
                   .principal_rules = &opened->rights->principal_rules,
                   .calendar = opened->rights->calendar.get(),
                   .epochs = opened->rights->epochs.get(),
                   .eraser = opened->rights->eraser.get(),
                   .outbox = opened->outbox.get(),
                   .time_zone = config.ledger.time_zone,
                   .digest_key = opened->digest_key.get(),
                   .now_ns = opened->now_ns,
                   .is_school_day = [calendar = opened->rights->calendar.get()](uint32_t day) {
                     return calendar->IsSchoolDay(day);
                   }};
  SetUpPayments(config, monitor, &opened->alarms, &opened->contracts, &opened->house);
}

absl::Status OpenAll(const Config& config, DaemonTask task, const storage::BackupSummary& restored,
                     Monitor* monitor, StopRequest* stop, Opened* opened) {
  opened->clock = MakeClock(monitor, &opened->alarms, stop);
  opened->now_ns = [clock = opened->clock.get()] { return clock->NowNs(); };
  if (absl::Status s = OpenMatrix(config, monitor, opened); !s.ok()) return s;
  if (absl::Status s = OpenRevocations(config, task, opened); !s.ok()) return s;
  const auto calibration = matcher::LoadCalibration(config.matcher.calibration);
  if (!calibration.ok()) return calibration.status();
  monitor->Log(LogLevel::kInfo, "calibration",
               {{"file", LogText::OfOperator(config.matcher.calibration)},
                {"subjects", LogText::OfOperator(calibration->subjects)},
                {"wanted_fpir", LogText::OfOperator(absl::StrCat(calibration->wanted_fpir))}});
  storage::RocksStoreOptions store{.path = config.store.path,
                                   .create_if_missing = config.store.create};
  base::FillRandom(store.new_store_id);
  if (absl::Status s = Take(storage::OpenRocksStore(store), &opened->store); !s.ok()) return s;
  if (absl::Status s = OpenKeys(config, opened); !s.ok()) return s;
  absl::Status s = PurgeDestroyed(monitor, opened);
  if (s.ok()) s = Take(vault::Vault::Open(opened->store.get(), opened->keys.get()), &opened->vault);
  if (s.ok()) s = Take(directory::Directory::Open(*opened->store), &opened->directory);
  if (s.ok()) s = Take(registers::Registers::Open(*opened->store), &opened->registers);
  if (s.ok()) {
    s = Take(outbox::Outbox::Open(opened->store.get(), OutboxOptionsOf(config)), &opened->outbox);
  }
  if (s.ok()) s = OpenAudit(task, opened);
  if (s.ok()) s = GoOnInTime(task, monitor, opened);
  if (!s.ok()) return s;
  constexpr size_t kSamplesPerLine = 50'000;
  s = Take(flow::Galleries::Load(
               opened->vault.get(),
               [monitor](size_t samples) {
                 if (samples % kSamplesPerLine != 0) return;
                 monitor->Log(LogLevel::kInfo, "loading_palms", {{"samples", samples}});
               },
               calibration->thresholds),
           &opened->galleries);
  if (s.ok()) s = OpenLedger(task, monitor, stop, opened);
  if (!s.ok()) return s;
  opened->signed_records = std::make_unique<audit::SignedRecords>(
      opened->audit.get(), opened->ledger.get(), opened->now_ns);
  if (task == DaemonTask::kNewOrigin) {
    return BeginNewLogs(SigningOf(config, *opened), opened->ledger.get(),
                        opened->signed_records.get());
  }
  if (task == DaemonTask::kRestore) return CheckRestored(config, restored, *opened);
  s = OpenCheckpointers(config, opened);
  if (!s.ok()) return s;
  opened->backups = OpenBackups(config, monitor, *opened);
  s = Take(Rights::Open(config, monitor, &opened->alarms, opened->keys.get(), opened->now_ns),
           &opened->rights);
  if (!s.ok()) return s;
  opened->tokens = std::make_unique<flow::TokenSealer>();
  opened->palm_throttle = std::make_unique<flow::Throttle>(flow::ThrottleOptions{
      .burst = config.matcher.palm_misses_burst,
      .per_minute = config.matcher.palm_misses_per_minute,
      .on_empty = [monitor, alarms = &opened->alarms](const base::ActorId& terminal) {
        alarms->Raise(AlarmAbout(audit::ProcessEvent::kMissedOften, terminal));
        monitor->Log(LogLevel::kWarning, "palms_throttled", {{"terminal", terminal}});
      }});
  opened->throttles = std::make_unique<flow::Throttles>(
      [monitor, alarms = &opened->alarms](const base::ActorId& whose) {
        alarms->Raise(AlarmAbout(audit::ProcessEvent::kMissedOften, whose));
        monitor->Log(LogLevel::kWarning, "missed_often", {{"terminal", whose}});
      });
  OpenPools(opened);
  MakeHouse(config, monitor, opened);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<rpc::Server>> Serve(const Config& config, const Opened& opened,
                                                   Monitor* monitor) {
  rpc::ServerOptions options{.listen = config.server.listen,
                             .reflection = config.server.reflection,
                             .idle_seconds_max = config.server.idle_seconds_max};
  for (const auto& [path, secret, to] :
       {std::tuple(config.tls.certificate, false, &options.certificate_pem),
        std::tuple(config.tls.private_key, true, &options.private_key_pem),
        std::tuple(config.tls.client_ca, false, &options.client_ca_pem)}) {
    absl::StatusOr<std::string> pem = ReadPemFile(path, secret);
    if (!pem.ok()) return pem.status();
    *to = *std::move(pem);
  }
  return rpc::Server::Start(options, &opened.house, monitor);
}

void LogClosing(const absl::StatusOr<ledger::BookedClosing>& closing, Monitor* monitor) {
  if (closing.ok()) {
    monitor->Log(LogLevel::kInfo, "day_closed",
                 {{"service_date", closing->head.service_date},
                  {"accounts", closing->head.account_count},
                  {"journal_index", closing->index}});
  } else {
    monitor->Log(LogLevel::kError, "day_not_closed",
                 {{"reason", LogText::OfFault(closing.status())}});
  }
}

absl::Status Announce(const Config& config, const rpc::Server& server, const Opened& opened,
                      Monitor* monitor) {
  const std::string& listen = config.server.listen;
  const std::string address =
      listen.substr(0, listen.rfind(':') + 1) + std::to_string(server.port());
  if (!opened.galleries->memory_locked()) {
    monitor->Log(LogLevel::kWarning, "palms_not_locked_in_memory",
                 {{"advice", "raise the limit of locked memory (LimitMEMLOCK, ulimit -l)"}});
  }
  if (const size_t outdated = opened.galleries->outdated(); outdated > 0) {
    monitor->Log(LogLevel::kWarning, "palms_of_an_earlier_version",
                 {{"palm_samples", outdated},
                  {"advice", "their owners are not found by palm until they are enrolled again"}});
  }
  const auto [entries, root] = opened.ledger->Head();
  monitor->Log(LogLevel::kInfo, "serving",
               {{"address", LogText::OfOperator(address)},
                {"metrics", LogText::OfOperator(monitor->metrics_address())},
                {"version", base::kVersion},
                {"entries", entries},
                {"palm_samples", opened.galleries->rows()}});
  if (!config.metrics.port_file.empty()) {
    absl::Status s = WritePortFile(config.metrics.port_file, monitor->metrics_address());
    if (!s.ok()) return s;
  }
  if (config.server.port_file.empty()) return absl::OkStatus();
  return WritePortFile(config.server.port_file, address);
}

int Fail(Monitor* monitor, int code, const absl::Status& status) {
  const std::string message(status.message());
  if (monitor != nullptr) {
    monitor->Log(LogLevel::kError, "stopped",
                 {{"exit_code", code}, {"reason", LogText::OfFault(status)}});
  }
  std::cerr << "ladond: " << message << "\n";
  return code;
}

// What was restored gets the store's name only when it has proved itself.
int RestoreAndProve(const Config& config, uint32_t backup, Monitor* monitor, StopRequest* stop) {
  stop->LetSignalsEndIt();  // Nothing is served, and it may take minutes.
  const auto restored = RestoreBeside(config, backup);
  if (!restored.ok()) return Fail(monitor, kExitCannotOpen, restored.status());
  absl::Status s;
  {
    Config beside = config;
    beside.store.path = RestoredPath(config);
    beside.store.create = false;
    Opened opened;
    s = OpenAll(beside, DaemonTask::kRestore, *restored, monitor, stop, &opened);
  }
  if (s.ok()) s = PutInPlace(config);
  if (s.ok()) return kExitStopped;
  return Fail(monitor, kExitCannotOpen,
              {s.code(), absl::StrCat(s.message(), "; what was restored lies in ",
                                      RestoredPath(config), ", and is not served")});
}

int ServeUntilStopped(const Config& config, Monitor* monitor, StopRequest* stop, Opened* opened) {
  SecurityWatch security({.config = &config,
                          .house = &opened->house,
                          .monitor = monitor,
                          .on_fatal = [stop](const absl::Status& why) { stop->Fatal(why); }});
  if (absl::Status s = security.Begin(); !s.ok()) return Fail(monitor, kExitNotDurable, s);
  struct Guard {  // Whatever way this ends, before the ledger goes.
    Alarms* alarms;
    ~Guard() { alarms->Stop(); }
  } const guard{&opened->alarms};
  opened->alarms.Start(&opened->house, [monitor](const absl::Status& why) {
    monitor->Log(LogLevel::kError, "alarm_not_recorded", {{"reason", LogText::OfFault(why)}});
  });
  absl::Status ready = flow::OpenContractAccounts(opened->house);
  if (ready.ok()) ready = flow::AssignPaymentAccounts(opened->house);
  if (!ready.ok()) return Fail(monitor, kExitNotDurable, ready);
  absl::StatusOr<std::unique_ptr<rpc::Server>> server = Serve(config, *opened, monitor);
  if (!server.ok()) return Fail(monitor, kExitCannotOpen, server.status());
  WatchFigures(config, opened->house, monitor);
  if (absl::Status s = Announce(config, **server, *opened, monitor); !s.ok()) {
    return Fail(monitor, kExitCannotOpen, s);
  }
  std::optional<PeriodicSigner> signer;
  signer.emplace(
      PeriodicSigner::Options{.checkpointer = opened->checkpointer.get(),
                              .on_not_kept =
                                  [monitor](const absl::Status& why) {
                                    monitor->Log(LogLevel::kError, "checkpoint_not_kept",
                                                 {{"reason", LogText::OfFault(why)}});
                                  },
                              .on_fatal = [stop](const absl::Status& why) { stop->Fatal(why); }});
  std::optional<DayCloser> closer;
  closer.emplace(DayCloser::Options{
      .ledger = opened->ledger.get(),
      .time_zone = config.ledger.time_zone,
      .now_ns = opened->now_ns,
      .on_closing = [monitor](const auto& closing) { LogClosing(closing, monitor); }});
  std::unique_ptr<RevocationWatcher> watcher =
      WatchRevocations(opened->revocations.get(), opened->now_ns, monitor, &opened->alarms);
  opened->rights->Start(&opened->house);
  std::optional<PaymentWatch> payment_watch;
  payment_watch.emplace(&opened->house, monitor);
  const absl::Status cause = stop->Wait();
  monitor->Log(LogLevel::kInfo, "stopping");
  // Calls first, while everything they need still works; then what they used.
  (*server)->Stop();
  payment_watch.reset();
  watcher.reset();
  opened->rights->Stop();
  closer.reset();
  signer.reset();
  opened->searchers->Stop();
  opened->exporter->Stop();
  opened->officers->Stop();
  opened->alarms.Stop();
  security.Stop();
  opened->backups->Stop();
  opened->ledger->Stop();
  opened->keeper->Stop();
  if (cause.ok()) security.End();
  if (!cause.ok()) {
    return Fail(monitor, kExitNotDurable,
                absl::UnavailableError("nothing more can be made durable, so nothing more is "
                                       "served: " +
                                       std::string(cause.message()) +
                                       ". Free the disk or repair it, then start again"));
  }
  monitor->Log(LogLevel::kInfo, "stopped", {{"exit_code", 0}});
  return kExitStopped;
}

}  // namespace

int RunDaemon(const Config& config, DaemonTask task, const StartOptions& options) {
  StopRequest stop;
  CloseProcess();
  absl::StatusOr<std::unique_ptr<Monitor>> monitor =
      Monitor::Start({.metrics_listen = task == DaemonTask::kServe ? config.metrics.listen : "",
                      .log_file = config.log.file,
                      .level = LevelOf(config.log.level)});
  if (!monitor.ok()) return Fail(nullptr, kExitCannotOpen, monitor.status());
  if (absl::Status s = CheckStart(monitor->get()); !s.ok()) {
    return Fail(monitor->get(), kExitCannotOpen, s);
  }
  if (task == DaemonTask::kRestore) {
    return RestoreAndProve(config, options.backup, monitor->get(), &stop);
  }
  Opened opened{.options = options};
  absl::Status s = OpenAll(config, task, {}, monitor->get(), &stop, &opened);
  if (s.ok() && task == DaemonTask::kVerify) s = VerifyClosings(*opened.ledger);
  if (!s.ok()) return Fail(monitor->get(), kExitCannotOpen, s);
  if (task == DaemonTask::kCheck) {
    std::cout << "ladond: configuration, keys, store and journal are in order\n";
  }
  if (task != DaemonTask::kServe) return kExitStopped;
  const int code = ServeUntilStopped(config, monitor->get(), &stop, &opened);
  // They tell the monitor. A start that failed halfway has stopped neither.
  if (opened.backups != nullptr) opened.backups->Stop();
  if (opened.ledger != nullptr) opened.ledger->Stop();
  monitor->reset();  // Its figures look into `opened`.
  return code;
}

}  // namespace ladon
