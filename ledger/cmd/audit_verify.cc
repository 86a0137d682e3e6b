#include "ledger/cmd/audit_verify.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <variant>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "ledger/cmd/audit_extract.h"
#include "ledger/cmd/audit_files.h"
#include "ledger/cmd/audit_tiles.h"
#include "ledger/cmd/mapped_file.h"
#include "ledger/proof/base64.h"
#include "ledger/proof/cosignature.h"
#include "ledger/proof/merkle_proof.h"
#include "ledger/proof/receipt.h"

namespace ladon::audit {
namespace {

using ledger::Checkpoint;
using ledger::VerifierKey;
using Keys = std::vector<VerifierKey>;

constexpr std::string_view kProofMagic = "c2sp.org/tlog-proof@";
constexpr std::string_view kGrowthStart = "old ";

void PrintCheckpoint(const Checkpoint& checkpoint) {
  std::cout << Say("журнал:  ", "log:     ") << checkpoint.origin << "\n"
            << Say("записей: ", "entries: ") << checkpoint.size << "\n"
            << Say("корень:  ", "root:    ") << ledger::EncodeBase64(checkpoint.root) << "\n";
}

void Print(const ledger::Opening& opening) {
  if (const auto* const posting = std::get_if<ledger::Posting>(&opening)) {
    std::cout << absl::StrFormat("  %s %s: %s, %s %d, %s %s\n", Say("счёт", "account"),
                                 HexOf(posting->account), Roubles(posting->amount_kopecks),
                                 Say("номер", "sequence"), posting->sequence,
                                 Say("остаток", "balance"), Roubles(posting->balance_kopecks));
  } else if (const auto* const terms = std::get_if<ledger::AccountTerms>(&opening)) {
    std::cout << absl::StrFormat(
        "  %s %s: %s %d, %s %s%s%s\n", Say("условия счёта", "terms of account"),
        HexOf(terms->account), Say("номер", "sequence"), terms->sequence,
        Say("разрешённый минус", "overdraft limit"), Roubles(terms->overdraft_limit_kopecks),
        (terms->flags & ledger::kAccountFrozen) != 0 ? Say(", заморожен", ", frozen") : "",
        (terms->flags & ledger::kAccountClosed) != 0 ? Say(", закрыт", ", closed") : "");
  } else if (const auto* const line = std::get_if<ledger::LineDetail>(&opening)) {
    std::cout << absl::StrFormat("  %s %s: %d × %s\n", Say("позиция", "item"), HexOf(line->item),
                                 line->quantity, Roubles(line->unit_price_kopecks));
  } else if (const auto* const context = std::get_if<ledger::Context>(&opening)) {
    std::cout << absl::StrFormat("  %s %s, %s %s\n", Say("школа", "school"), HexOf(context->school),
                                 Say("устройство", "terminal"), HexOf(context->actor));
  }
}

int VerifyReceiptFiles(const VerifyOptions& options, const std::string& proof, const Keys& keys) {
  std::filesystem::path entry_path = options.entry;
  if (entry_path.empty())
    entry_path = std::filesystem::path(options.file).replace_extension("entry");
  const absl::StatusOr<std::string> entry = ReadWhole(entry_path.string());
  if (!entry.ok()) return Fail(entry.status());
  const absl::StatusOr<ledger::Receipt> receipt = ledger::VerifyReceipt(proof, *entry, keys);
  if (!receipt.ok()) return Fail(receipt.status());
  const ledger::Leaf& leaf = receipt->entry.leaf;
  std::cout << Say("✓ Запись ", "✓ Entry ") << leaf.index
            << Say(" стоит в журнале.\n", " is in the journal.\n");
  PrintCheckpoint(receipt->checkpoint);
  std::cout << Say("записано: ", "booked:  ") << Utc(leaf.booked_at_ns) << "\n";
  for (const ledger::OpenedCommitment& opened : receipt->entry.openings) Print(opened.opening);
  const size_t hidden = leaf.commitments.size() - receipt->entry.openings.size();
  if (hidden > 0) {
    std::cout << Say("  закрыто (чужое): ", "  not shown (of others): ") << hidden << "\n";
  }
  return kVerified;
}

// OK: the tree of `growth` begins with `old`, and both are signed.
absl::StatusOr<Checkpoint> VerifyGrowth(const ledger::Growth& growth, const Checkpoint& old,
                                        const Keys& keys) {
  absl::StatusOr<ledger::OpenedCheckpoint> now = ledger::OpenCheckpoint(growth.checkpoint, keys);
  if (!now.ok()) return now.status();
  if (now->checkpoint.origin != old.origin) {
    return absl::UnauthenticatedError(
        absl::StrCat("consistency: ", now->checkpoint.origin, " is another log than ", old.origin));
  }
  if (growth.old_size != old.size) {
    return absl::InvalidArgumentError(absl::StrCat("consistency: the proof begins at ",
                                                   growth.old_size, ", the old checkpoint at ",
                                                   old.size));
  }
  if (absl::Status s = ledger::VerifyConsistency(old.size, now->checkpoint.size, old.root,
                                                 now->checkpoint.root, growth.proof);
      !s.ok()) {
    return s;
  }
  return now->checkpoint;
}

int VerifyConsistencyFile(const VerifyOptions& options, const std::string& text, const Keys& keys) {
  if (options.old.empty()) {
    std::cerr << Say("ladon-audit: для доказательства роста нужен --old СТАРАЯ_КОНТРОЛЬНАЯ_ТОЧКА\n",
                     "ladon-audit: a consistency proof needs --old OLD_CHECKPOINT\n");
    return kUsage;
  }
  const absl::StatusOr<std::string> old_note = ReadWhole(options.old);
  if (!old_note.ok()) return Fail(old_note.status());
  const absl::StatusOr<ledger::OpenedCheckpoint> old = ledger::OpenCheckpoint(*old_note, keys);
  if (!old.ok()) return Fail(old.status());
  const absl::StatusOr<ledger::Growth> growth = ledger::ParseGrowth(text);
  if (!growth.ok()) return Fail(growth.status());
  const absl::StatusOr<Checkpoint> now = VerifyGrowth(*growth, old->checkpoint, keys);
  if (!now.ok()) return Fail(now.status());
  std::cout << Say("✓ Журнал только рос: с ", "✓ The journal only grew: from ")
            << old->checkpoint.size << Say(" до ", " to ") << now->size
            << Say(" записей.\n", " entries.\n");
  PrintCheckpoint(*now);
  return kVerified;
}

}  // namespace

int Verify(const VerifyOptions& options) {
  const absl::StatusOr<Keys> keys = ReadKeys(options.keys);
  if (!keys.ok()) return Fail(keys.status());
  if (std::filesystem::is_directory(options.file)) {
    const absl::StatusOr<Checkpoint> log = VerifyTiles(options.file, *keys);
    if (!log.ok()) return Fail(log.status());
    std::cout << Say("✓ Весь журнал сходится с подписью.\n",
                     "✓ The whole journal agrees with what is signed.\n");
    PrintCheckpoint(*log);
    return kVerified;
  }
  // An extract may be larger than what is read at once.
  if (const absl::StatusOr<MappedFile> file = MappedFile::Open(options.file);
      file.ok() && file->bytes().starts_with(ledger::kExtractMagic)) {
    return VerifyExtractFile(options.file, *keys);
  }
  const absl::StatusOr<std::string> text = ReadWhole(options.file);
  if (!text.ok()) return Fail(text.status());
  if (text->starts_with(kProofMagic)) return VerifyReceiptFiles(options, *text, *keys);
  if (text->starts_with(kGrowthStart)) return VerifyConsistencyFile(options, *text, *keys);
  const absl::StatusOr<ledger::OpenedCheckpoint> opened = ledger::OpenCheckpoint(*text, *keys);
  if (!opened.ok()) return Fail(opened.status());
  std::cout << Say("✓ Контрольная точка подписана.\n", "✓ The checkpoint is signed.\n");
  PrintCheckpoint(opened->checkpoint);
  return kVerified;
}

int Witness(const WitnessOptions& options) {
  const absl::StatusOr<Keys> keys = ReadKeys(options.keys);
  if (!keys.ok()) return Fail(keys.status());
  const absl::StatusOr<std::string> text = ReadWhole(options.file);
  if (!text.ok()) return Fail(text.status());
  const absl::StatusOr<ledger::Growth> growth = ledger::ParseGrowth(*text);
  if (!growth.ok()) return Fail(growth.status());
  absl::StatusOr<std::string> seen = ReadWhole(options.state);
  absl::StatusOr<Checkpoint> now = absl::NotFoundError("");
  if (absl::IsNotFound(seen.status())) {
    // The first time anything signed is taken: from here on it must only grow.
    const auto opened = ledger::OpenCheckpoint(growth->checkpoint, *keys);
    if (!opened.ok()) return Fail(opened.status());
    now = opened->checkpoint;
  } else {
    if (!seen.ok()) return Fail(seen.status());
    const absl::StatusOr<ledger::OpenedCheckpoint> old = ledger::OpenCheckpoint(*seen, *keys);
    if (!old.ok()) return Fail(old.status());
    now = VerifyGrowth(*growth, old->checkpoint, *keys);
    if (!now.ok()) return Fail(now.status());
  }
  const absl::StatusOr<ledger::SigningKey> key = ReadWitnessKey(options.name, options.seed);
  if (!key.ok()) return Fail(key.status());
  // What is not remembered is not cosigned.
  const std::string beside = options.state + ".new";
  std::ofstream state(beside, std::ios::binary | std::ios::trunc);
  state << growth->checkpoint;
  state.close();
  std::error_code error;
  if (state) std::filesystem::rename(beside, options.state, error);
  if (!state || error) return Fail(absl::NotFoundError(options.state + ": cannot be written"));
  const auto unix_seconds = std::chrono::duration_cast<std::chrono::seconds>(
      std::chrono::system_clock::now().time_since_epoch());
  std::cout << ledger::Cosign(*key, ledger::FormatCheckpoint(*now),
                              static_cast<uint64_t>(unix_seconds.count()));
  return kVerified;
}

}  // namespace ladon::audit
