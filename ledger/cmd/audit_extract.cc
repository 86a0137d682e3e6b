#include "ledger/cmd/audit_extract.h"

#include <unistd.h>

#include <ctime>
#include <iostream>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "ledger/cmd/audit_files.h"
#include "ledger/cmd/mapped_file.h"
#include "ledger/proof/base64.h"

namespace ladon::audit {
namespace {

using ledger::ExtractDefect;
using ledger::ExtractScope;
using ledger::VerifiedExtract;

constexpr int kBarWidth = 40;

// A bar on a terminal; nothing anywhere else.
class ProgressBar {
 public:
  explicit ProgressBar(size_t total) : total_(total), shown_(isatty(STDERR_FILENO) != 0) {}
  ~ProgressBar() {
    if (drawn_) std::cerr << "\r\033[K" << std::flush;
  }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void Draw(size_t done) {
    if (!shown_ || total_ == 0) return;
    drawn_ = true;
    const double share = static_cast<double>(done) / static_cast<double>(total_);
    const auto filled = static_cast<size_t>(share * kBarWidth);
    std::cerr << absl::StrFormat("\r[%s%s] %3.0f %%", std::string(filled, '#'),
                                 std::string(kBarWidth - filled, '.'), share * 100)
              << std::flush;
  }

 private:
  const size_t total_;
  const bool shown_;
  bool drawn_ = false;
};

void Tell(const ExtractDefect& defect) {
  std::cerr << "ladon-audit: ";
  if (defect.entry) {
    std::cerr << Say("запись ", "entry ") << *defect.entry << ": ";
  }
  if (!defect.account.IsZero()) {
    std::cerr << Say("счёт ", "account ") << HexOf(defect.account) << ": ";
  }
  std::cerr << defect.what << "\n";
}

void TellScope(const VerifiedExtract& verified) {
  const ledger::ExtractHead& head = verified.head;
  const std::string subject =
      Hex({reinterpret_cast<const char*>(head.subject.data()), head.subject.size()});
  switch (head.scope) {
    case ExtractScope::kJournal:
      if (head.first == 0 && head.last == verified.checkpoint.size) {
        std::cout << Say("✓ Весь журнал: ни одной записи не пропущено, каждый остаток сходится.\n",
                         "✓ The whole journal: no entry is missing, every balance adds up.\n");
      } else {
        std::cout << Say("✓ Часть журнала, записи с ", "✓ A part of the journal, entries ")
                  << head.first << Say(" до ", " to ") << head.last
                  << Say(" (не включая).\n", " (exclusive).\n");
      }
      return;
    case ExtractScope::kAccount:
      std::cout << Say("✓ Счёт ", "✓ Account ") << subject
                << Say(": полностью, до закрытия дня.\n",
                       ": complete up to the closing of the day.\n");
      return;
    case ExtractScope::kSchool:
      std::cout << Say("✓ Школа ", "✓ School ") << subject
                << Say(": все её счета полностью, до закрытия дня.\n",
                       ": all its accounts, complete up to the closing of the day.\n");
      return;
  }
}

}  // namespace

std::string Hex(std::string_view bytes) {
  return absl::BytesToHexString(absl::string_view(bytes.data(), bytes.size()));
}

VerifiedExtract VerifyWithProgress(std::string_view bytes,
                                   const std::vector<ledger::VerifierKey>& keys,
                                   const OnEntry& on_entry) {
  VerifiedExtract verified;
  {
    ProgressBar bar(bytes.size());
    verified = ledger::VerifyExtract(
        bytes,
        {.keys = keys, .on_entry = on_entry, .on_progress = [&](size_t done) { bar.Draw(done); }});
  }
  for (const ExtractDefect& defect : verified.defects) Tell(defect);
  if (verified.defect_count > verified.defects.size()) {
    std::cerr << Say("ladon-audit: и ещё: ", "ladon-audit: and more: ")
              << verified.defect_count - verified.defects.size() << "\n";
  }
  return verified;
}

int VerifyExtractFile(const std::string& path, const std::vector<ledger::VerifierKey>& keys) {
  const absl::StatusOr<MappedFile> file = MappedFile::Open(path);
  if (!file.ok()) return Fail(file.status());
  const VerifiedExtract verified = VerifyWithProgress(file->bytes(), keys, nullptr);
  if (!verified.good()) return kRefused;
  TellScope(verified);
  std::cout << Say("журнал:    ", "log:       ") << verified.checkpoint.origin << "\n"
            << Say("подписано: ", "signed:    ") << verified.checkpoint.size
            << Say(" записей, корень ", " entries, root ")
            << ledger::EncodeBase64(verified.checkpoint.root) << "\n"
            << Say("показано:  ", "shown:     ") << verified.entries
            << Say(" записей, ", " entries, ") << verified.accounts.size()
            << Say(" счетов\n", " accounts\n");
  for (const ledger::ClosingHead& closing : verified.closings) {
    std::cout << Say("закрытие:  ", "closing:   ") << DayText(closing.service_date)
              << Say(", записей ", ", entries ") << closing.tree_size
              << Say(", счетов ", ", accounts ") << closing.account_count << "\n";
  }
  if (verified.head.scope == ExtractScope::kAccount) {
    for (const ledger::ExtractAccount& account : verified.accounts.Sorted()) {
      std::cout << absl::StrFormat("%s %s, %s +%s, %s -%s, %s %s\n",
                                   Say("остаток:  ", "balance:  "),
                                   Roubles(account.opening_kopecks), Say("приход", "credits"),
                                   Roubles(account.credited_kopecks), Say("расход", "debits"),
                                   Roubles(account.debited_kopecks), Say("итог", "closing"),
                                   Roubles(account.now.balance_kopecks));
    }
  }
  return kVerified;
}

ledger::Date DayOf(const ledger::Leaf& leaf) {
  if (leaf.service_date != 0) return leaf.service_date;
  constexpr uint64_t kNsPerSecond = 1'000'000'000;
  const auto seconds = static_cast<time_t>(leaf.booked_at_ns / kNsPerSecond);
  tm parts = {};
  gmtime_r(&seconds, &parts);
  return static_cast<ledger::Date>((parts.tm_year + 1900) * 10'000 + (parts.tm_mon + 1) * 100 +
                                   parts.tm_mday);
}

std::string DayText(ledger::Date day) {
  return absl::StrFormat("%04d-%02d-%02d", day / 10'000, day / 100 % 100, day % 100);
}

}  // namespace ladon::audit
