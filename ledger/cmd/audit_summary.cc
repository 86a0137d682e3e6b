// `ladon-audit summary`: what an extract amounts to, as a person reads it.
#include <algorithm>
#include <iostream>
#include <map>

#include "absl/strings/str_cat.h"
#include "ledger/cmd/audit_extract.h"
#include "ledger/cmd/audit_files.h"
#include "ledger/cmd/mapped_file.h"

namespace ladon::audit {
namespace {

using ledger::AccountCode;
using ledger::AccountId;
using ledger::Date;
using ledger::ExtractAccount;
using ledger::OpenedEntry;
using ledger::VerifiedExtract;

constexpr size_t kAccountsListed = 1'000;

// Columns as wide as they need to be; the first one to the left, sums to the right.
class Table {
 public:
  explicit Table(std::vector<std::string> head) { Add(std::move(head)); }
  void Add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  void Print(const std::string& title) const {
    std::vector<size_t> widths(rows_.front().size());
    for (const auto& row : rows_) {
      for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
    }
    std::cout << "\n" << title << "\n";
    for (const auto& row : rows_) {
      for (size_t i = 0; i < row.size(); ++i) {
        const std::string space(widths[i] - Width(row[i]), ' ');
        std::cout << (i == 0 ? "  " + row[i] + space : "  " + space + row[i]);
      }
      std::cout << "\n";
    }
  }
  [[nodiscard]] bool empty() const { return rows_.size() < 2; }

 private:
  // Letters, not bytes: UTF-8's continuation bytes take no room.
  static size_t Width(const std::string& text) {
    return static_cast<size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<uint8_t>(c) & 0xc0) != 0x80; }));
  }
  std::vector<std::vector<std::string>> rows_;
};

std::string CodeName(const ExtractAccount& account) {
  if (!account.terms_known) return Say("неизвестные", "unknown");
  switch (account.now.code) {
    case AccountCode::kWallet:
      return Say("кошельки", "wallets");
    case AccountCode::kCatererPayable:
      return Say("расчёты с питанием", "caterers");
    case AccountCode::kChannelClearing:
      return Say("каналы оплаты", "channels");
    case AccountCode::kSubsidyBudget:
      return Say("бюджеты льгот", "budgets");
    case AccountCode::kRefundPayable:
      return Say("возвраты", "refunds");
    case AccountCode::kFees:
      return Say("комиссии", "fees");
    case AccountCode::kSuspense:
      return Say("невыясненные", "suspense");
  }
  return "";
}

struct Turnover {
  uint64_t count = 0;
  int64_t kopecks = 0;

  void Add(int64_t amount) {
    ++count;
    kopecks += amount;
  }
};

struct Day {
  Turnover sold;  // From wallets and budgets to caterers.
  Turnover taken_back;
  Turnover topped_up;  // Into wallets, from elsewhere than a caterer.
  Turnover paid_out;   // From caterers, not back to a buyer.
};

// What the postings of one entry were, by whose accounts they are.
class Days {
 public:
  explicit Days(const VerifiedExtract& verified) : verified_(verified) {}

  void Add(const OpenedEntry& entry) {
    Day& day = days_[DayOf(entry.leaf)];
    const bool reversal =
        entry.leaf.kind == ledger::EntryKind::kTransaction && !entry.leaf.related.IsZero();
    // A meal has its caterer's side; of an extract that does not show it, the payer's.
    const bool whole = verified_.head.scope == ledger::ExtractScope::kJournal;
    for (const ledger::OpenedCommitment& opened : entry.openings) {
      const auto* const posting = std::get_if<ledger::Posting>(&opened.opening);
      if (posting == nullptr) continue;
      const ExtractAccount* const account = verified_.accounts.Find(posting->account);
      if (account == nullptr || !account->terms_known) continue;
      const int64_t amount = posting->amount_kopecks;
      if (account->now.code == AccountCode::kCatererPayable) {
        if (amount > 0) day.sold.Add(amount);
        if (amount < 0) (reversal ? day.taken_back : day.paid_out).Add(-amount);
      } else if (account->now.code == AccountCode::kWallet) {
        if (!whole && amount < 0) day.sold.Add(-amount);
        if (amount > 0 && reversal && !whole) day.taken_back.Add(amount);
        if (amount > 0 && !reversal) day.topped_up.Add(amount);
      }
    }
  }

  void Print() const {
    Table table({Say("день", "day"), Say("продаж", "sales"), Say("сумма", "sum"),
                 Say("отмен", "reversals"), Say("сумма", "sum"), Say("пополнений", "top-ups"),
                 Say("сумма", "sum"), Say("выплачено", "paid out")});
    for (const auto& [date, day] : days_) {
      if (day.sold.count + day.taken_back.count + day.topped_up.count + day.paid_out.count == 0) {
        continue;
      }
      table.Add({DayText(date), absl::StrCat(day.sold.count), Roubles(day.sold.kopecks),
                 absl::StrCat(day.taken_back.count), Roubles(day.taken_back.kopecks),
                 absl::StrCat(day.topped_up.count), Roubles(day.topped_up.kopecks),
                 Roubles(day.paid_out.kopecks)});
    }
    if (!table.empty()) table.Print(Say("По дням", "By day"));
  }

 private:
  const VerifiedExtract& verified_;
  std::map<Date, Day> days_;
};

void PrintCodes(const VerifiedExtract& verified) {
  struct Sum {
    uint64_t accounts = 0;
    int64_t opening = 0;
    int64_t debits = 0;
    int64_t credits = 0;
    int64_t closing = 0;
  };
  std::map<std::string, Sum> sums;
  Sum all;
  for (const ExtractAccount& account : verified.accounts.Sorted()) {
    for (Sum* const sum : {&sums[CodeName(account)], &all}) {
      ++sum->accounts;
      sum->opening += account.opening_kopecks;
      sum->debits += account.debited_kopecks;
      sum->credits += account.credited_kopecks;
      sum->closing += account.now.balance_kopecks;
    }
  }
  Table table({Say("счета", "accounts"), Say("число", "count"), Say("начало", "opening"),
               Say("дебет", "debits"), Say("кредит", "credits"), Say("конец", "closing")});
  auto add = [&](const std::string& name, const Sum& sum) {
    table.Add({name, absl::StrCat(sum.accounts), Roubles(sum.opening), Roubles(sum.debits),
               Roubles(sum.credits), Roubles(sum.closing)});
  };
  for (const auto& [name, sum] : sums) add(name, sum);
  add(Say("всего", "total"), all);
  table.Print(Say("По видам счетов, рублей", "By kind of account, roubles"));
}

void PrintAccounts(const VerifiedExtract& verified, bool caterers_only, const std::string& title) {
  Table table({Say("счёт", "account"), Say("записей", "entries"), Say("начало", "opening"),
               Say("дебет", "debits"), Say("кредит", "credits"), Say("конец", "closing"),
               Say("за счёт бюджета", "paid by budgets")});
  size_t more = 0;
  size_t listed = 0;
  for (const ExtractAccount& account : verified.accounts.Sorted()) {
    const bool caterer = account.terms_known && account.now.code == AccountCode::kCatererPayable;
    if (caterers_only && !caterer) continue;
    if (listed == kAccountsListed) {
      ++more;
      continue;
    }
    ++listed;
    table.Add({HexOf(account.now.account), absl::StrCat(account.entries),
               Roubles(account.opening_kopecks), Roubles(account.debited_kopecks),
               Roubles(account.credited_kopecks), Roubles(account.now.balance_kopecks),
               Roubles(account.budgets_kopecks)});
  }
  if (!table.empty()) table.Print(title);
  if (more > 0) std::cout << Say("  и ещё счетов: ", "  more accounts: ") << more << "\n";
}

}  // namespace

int Summarize(const ExtractFileOptions& options) {
  const auto keys = ReadKeys(options.keys);
  if (!keys.ok()) return Fail(keys.status());
  const absl::StatusOr<MappedFile> file = MappedFile::Open(options.file);
  if (!file.ok()) return Fail(file.status());
  const VerifiedExtract verified = VerifyWithProgress(file->bytes(), *keys, nullptr);
  if (!verified.good()) return kRefused;
  std::cout << Say("Выписка проверена: ", "The extract verifies: ") << verified.checkpoint.origin
            << Say(", записей показано ", ", entries shown ") << verified.entries
            << Say(", подписано ", ", signed ") << verified.checkpoint.size << "\n";
  PrintCodes(verified);
  Days days(verified);
  (void)ledger::VerifyExtract(
      file->bytes(),
      {.keys = *keys,
       .on_entry = [&](const OpenedEntry& entry, const ledger::Digest&) { days.Add(entry); }});
  days.Print();
  const bool journal = verified.head.scope == ledger::ExtractScope::kJournal;
  PrintAccounts(
      verified, journal,
      journal ? Say("По поставщикам питания", "By caterer") : Say("По счетам", "By account"));
  return kVerified;
}

}  // namespace ladon::audit
