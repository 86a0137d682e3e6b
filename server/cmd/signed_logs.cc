#include "server/cmd/signed_logs.h"

#include <cstdint>
#include <iostream>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ledger/replaced_file.h"
#include "server/base/secret.h"
#include "server/vault/blob.h"

namespace ladon {
namespace {

// Key number `number` for the log before which `logs_before` others were begun in this store.
absl::StatusOr<ledger::SigningKey> SigningKeyOf(const Signing& signing, WhichLog which,
                                                uint32_t number, size_t logs_before) {
  const bool journal = which == WhichLog::kJournal;
  vault::KeyName name{
      .owner = {},
      .purpose = journal ? vault::Purpose::kLedgerSigning : vault::Purpose::kSecurityLogSigning};
  name.owner.back() = static_cast<uint8_t>(number - 1);  // The first one's owner is zero.
  const absl::StatusOr<base::SecretKey> seed = signing.keys->FindOrCreate(name);
  if (!seed.ok()) return seed.status();
  std::string origin = signing.config->ledger.origin;
  if (origin.empty()) origin = "ladon/" + signing.store_id;
  if (!journal) origin += "/security";
  return ledger::SigningKey::FromSeed(ledger::LogName(origin, logs_before),
                                      seed->RevealForCrypto().first<ledger::kEd25519Bytes>());
}

// The keys that sign that log: the present one first.
absl::StatusOr<std::vector<ledger::SigningKey>> SigningKeysOf(const Signing& signing,
                                                              WhichLog which, size_t logs_before) {
  std::vector<ledger::SigningKey> keys;
  const auto& config = signing.config->ledger;
  for (const uint32_t number : {config.signing_key, config.signing_key_before}) {
    if (number == 0) continue;
    absl::StatusOr<ledger::SigningKey> key = SigningKeyOf(signing, which, number, logs_before);
    if (!key.ok()) return key.status();
    keys.push_back(*std::move(key));
  }
  return keys;
}

void TellLost(const ledger::SignedLog& log, WhichLog which, const ledger::LostRange& lost,
              const std::string& verifier) {
  const bool journal = which == WhichLog::kJournal;
  const std::string_view entries = log.words().entries;
  std::cout << "ladond: " << (journal ? "" : "security log: ") << "lost: " << entries << " "
            << lost.first << " to " << lost.last << " (exclusive), " << lost.last - lost.first
            << " of them, signed once. Their checkpoint is kept in " << lost.kept
            << (journal ? ": whoever has an extract or tiles of them can prove them with it.\n"
                        : ": whoever has a file of them can prove them with it.\n")
            << "ladond: " << (journal ? "entry " : "security log: record ") << lost.origin_index
            << " begins a new log. Its verifier key, to be handed to every auditor:\n"
            << verifier << "\n";
}

// True: it was rolled back, and a new log is begun.
absl::StatusOr<bool> BeginNewLog(const Signing& signing, WhichLog which, ledger::SignedLog* log) {
  const std::string path = CheckpointPath(*signing.config, which);
  const auto keys_of_log =
      [&](size_t logs_before) -> absl::StatusOr<std::vector<ledger::VerifierKey>> {
    const auto keys = SigningKeysOf(signing, which, logs_before);
    if (!keys.ok()) return keys.status();
    std::vector<ledger::VerifierKey> verifiers;
    for (const ledger::SigningKey& key : *keys) verifiers.push_back(key.verifier());
    return verifiers;
  };
  const auto lost = ledger::AcceptRollBack(log, path, keys_of_log);
  if (absl::IsNotFound(lost.status())) return false;  // Nothing was ever signed.
  if (!lost.ok()) return lost.status();
  if (!lost->has_value()) return false;
  // Signed at once: without a file the next older store would be taken for a first start.
  const auto checkpointer = OpenCheckpointer(signing, which, log);
  if (!checkpointer.ok()) return checkpointer.status();
  if (const auto note = (*checkpointer)->Sign(); !note.ok()) return note.status();
  TellLost(*log, which, **lost, ledger::FormatVerifierKey((*checkpointer)->verifiers().front()));
  return true;
}

}  // namespace

std::string CheckpointPath(const Config& config, WhichLog which) {
  return config.keys.directory +
         (which == WhichLog::kJournal ? "/checkpoint" : "/security-checkpoint");
}

absl::StatusOr<std::unique_ptr<ledger::Checkpointer>> OpenCheckpointer(
    const Signing& signing, WhichLog which, const ledger::SignedLog* log) {
  const absl::StatusOr<std::vector<uint64_t>> origins = log->NewOrigins();
  if (!origins.ok()) return origins.status();
  absl::StatusOr<std::vector<ledger::SigningKey>> keys =
      SigningKeysOf(signing, which, origins->size());
  if (!keys.ok()) return keys.status();
  return ledger::Checkpointer::Open(
      {.log = log, .keys = *std::move(keys), .path = CheckpointPath(*signing.config, which)});
}

absl::StatusOr<std::vector<ledger::VerifierKey>> VerifiersOf(const Signing& signing, WhichLog which,
                                                             const ledger::SignedLog& log) {
  const absl::StatusOr<std::vector<uint64_t>> origins = log.NewOrigins();
  if (!origins.ok()) return origins.status();
  std::vector<ledger::VerifierKey> verifiers;
  for (uint32_t number = 1; number <= signing.config->ledger.signing_key; ++number) {
    const auto key = SigningKeyOf(signing, which, number, origins->size());
    if (!key.ok()) return key.status();
    verifiers.push_back(key->verifier());
  }
  return verifiers;
}

absl::Status BeginNewLogs(const Signing& signing, ledger::SignedLog* journal,
                          ledger::SignedLog* security) {
  const auto second = BeginNewLog(signing, WhichLog::kSecurity, security);
  if (!second.ok()) return second.status();
  const auto first = BeginNewLog(signing, WhichLog::kJournal, journal);
  if (!first.ok()) return first.status();
  if (*first || *second) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "both logs go on from their last checkpoints; nothing was rolled back");
}

absl::StatusOr<std::string> DescribeRestoredSecurityLog(const Signing& signing,
                                                        const ledger::SignedLog& security) {
  const std::string path = CheckpointPath(*signing.config, WhichLog::kSecurity);
  const absl::StatusOr<std::string> note = ledger::ReadSmallFile(path, ledger::kNoteBytesMax);
  if (absl::IsNotFound(note.status())) {
    return absl::StrCat("ladond: security log: no checkpoint of it lies beside the keys (", path,
                        ")\n");
  }
  if (!note.ok()) return note.status();
  const auto keys = VerifiersOf(signing, WhichLog::kSecurity, security);
  if (!keys.ok()) return keys.status();
  const absl::StatusOr<ledger::OpenedCheckpoint> last = ledger::OpenCheckpoint(*note, *keys);
  // The start says what is wrong with it.
  if (!last.ok()) return absl::StrCat("ladond: security log: ", last.status().message(), "\n");
  const uint64_t size = security.Size();
  const ledger::Checkpoint& checkpoint = last->checkpoint;
  if (checkpoint.size > size) {
    return absl::StrCat("ladond: security log: lost: records ", size, " to ", checkpoint.size,
                        " (exclusive), ", checkpoint.size - size,
                        " of them, were signed once and are not in the backup. If nothing newer is "
                        "left, `ladond --config FILE --new-origin` accepts that and begins a new "
                        "log\n");
  }
  const absl::StatusOr<ledger::Digest> root = security.RootAt(checkpoint.size);
  if (!root.ok()) return root.status();
  if (*root != checkpoint.root) {
    return absl::DataLossError(absl::StrCat("restore: the first ", checkpoint.size,
                                            " records of the security log are not those that were "
                                            "signed; take another backup"));
  }
  return std::string("ladond: security log: nothing that was ever signed is lost\n");
}

}  // namespace ladon
