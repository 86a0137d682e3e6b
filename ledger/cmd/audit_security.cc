#include "ledger/cmd/audit_security.h"

#include <fstream>
#include <iostream>
#include <optional>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "ledger/cmd/audit_extract.h"
#include "ledger/cmd/audit_files.h"
#include "ledger/cmd/mapped_file.h"
#include "ledger/proof/base64.h"
#include "ledger/proof/seclog_verifier.h"

namespace ladon::audit {
namespace {

using ledger::AuditLeaf;
using ledger::VerifiedSeclog;

void Tell(const VerifiedSeclog& verified) {
  for (const ledger::SeclogDefect& defect : verified.defects) {
    std::cerr << "ladon-audit: ";
    if (defect.record) std::cerr << Say("запись ", "record ") << *defect.record << ": ";
    std::cerr << defect.what << "\n";
  }
  if (verified.defect_count > verified.defects.size()) {
    std::cerr << Say("ladon-audit: и ещё: ", "ladon-audit: and more: ")
              << verified.defect_count - verified.defects.size() << "\n";
  }
}

std::string HexOrNone(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos ? "" : Hex(bytes);
}

template <size_t N>
std::string HexOrNone(const std::array<uint8_t, N>& bytes) {
  return HexOrNone({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

const char* OutcomeName(ledger::AuditOutcome outcome) {
  static constexpr const char* kNames[] = {"success", "refused", "failed"};
  return kNames[static_cast<size_t>(outcome)];
}

// No text of a record has a comma or a quote that a program wrote there; a reader is not to rely on
// it.
std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

absl::Status WriteCsv(std::string_view bytes, const std::string& path) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << "record,at_utc,at_ns,event,outcome,reason,role,actor,school,object,request,"
         "certificate_serial,peer,process,journal_index,software\r\n";
  ledger::ForEachRecord(bytes, [&](const AuditLeaf& leaf) {
    out << leaf.index << "," << Utc(leaf.at_ns) << "," << leaf.at_ns << "," << leaf.event << ","
        << OutcomeName(leaf.outcome) << "," << leaf.reason_code << ","
        << static_cast<unsigned>(leaf.role) << "," << HexOrNone(leaf.actor) << ","
        << HexOrNone(leaf.school) << "," << HexOrNone(leaf.object) << "," << HexOrNone(leaf.request)
        << "," << HexOrNone(leaf.certificate_serial) << "," << Quoted(leaf.peer) << ","
        << leaf.process_id << ",";
    if (leaf.journal_index != ledger::kNoJournalIndex) out << leaf.journal_index;
    out << "," << Quoted(leaf.software_version) << "\r\n";
  });
  return out.flush() ? absl::OkStatus()
                     : absl::NotFoundError(absl::StrCat(path, ": cannot be written"));
}

void TellProved(const VerifiedSeclog& verified, const std::optional<ledger::Checkpoint>& since) {
  const ledger::SeclogHead& head = verified.head;
  std::cout << Say("✓ Журнал безопасности, записи с ", "✓ Security log, records ") << head.first
            << Say(" до ", " to ") << head.end
            << Say(" (не включая): ни одна не пропущена, не изменена, не переставлена.\n",
                   " (exclusive): none is missing, changed, or in another's place.\n");
  if (since) {
    std::cout << Say("✓ Журнал только рос: с ", "✓ The log only grew: from ") << since->size
              << Say(" до ", " to ") << verified.checkpoint.size
              << Say(" записей.\n", " records.\n");
  }
  std::cout << Say("журнал:    ", "log:       ") << verified.checkpoint.origin << "\n"
            << Say("подписано: ", "signed:    ") << verified.checkpoint.size
            << Say(" записей, корень ", " records, root ")
            << ledger::EncodeBase64(verified.checkpoint.root) << "\n";
  if (head.first < head.end) {
    std::cout << Say("время:     ", "time:      ") << Utc(verified.from_ns) << " – "
              << Utc(verified.until_ns) << "\n";
  }
}

}  // namespace

int VerifySecurity(const SecurityOptions& options) {
  const absl::StatusOr<std::vector<ledger::VerifierKey>> keys = ReadKeys(options.keys);
  if (!keys.ok()) return Fail(keys.status());
  std::optional<ledger::Checkpoint> since;
  if (!options.since.empty()) {
    const absl::StatusOr<std::string> note = ReadWhole(options.since);
    if (!note.ok()) return Fail(note.status());
    absl::StatusOr<ledger::OpenedCheckpoint> opened = ledger::OpenCheckpoint(*note, *keys);
    if (!opened.ok()) return Fail(opened.status());
    since = std::move(opened->checkpoint);
  }
  const absl::StatusOr<MappedFile> file = MappedFile::Open(options.file);
  if (!file.ok()) return Fail(file.status());
  const VerifiedSeclog verified =
      ledger::VerifySeclog(file->bytes(), {.keys = *keys, .since = since});
  Tell(verified);
  if (!verified.good()) return kRefused;
  if (!options.csv.empty()) {
    if (absl::Status written = WriteCsv(file->bytes(), options.csv); !written.ok()) {
      return Fail(written);
    }
  }
  TellProved(verified, since);
  return kVerified;
}

}  // namespace ladon::audit
