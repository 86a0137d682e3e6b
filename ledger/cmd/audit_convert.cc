// `ladon-audit convert`: an extract as CSV, and as journals for hledger and beancount.
//
// In the journals debits are positive, as those tools have it; a wallet is a liability. What an
// extract does not show of a transfer stands under Equity:Undisclosed, what was there before it
// under Equity:Opening. Every account ends with its balance asserted, so that the tools check our
// sums with theirs. Reservations move no money and are in the CSV only.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <ostream>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "ledger/cmd/audit_extract.h"
#include "ledger/cmd/audit_files.h"
#include "ledger/cmd/mapped_file.h"

namespace ladon::audit {
namespace {

using ledger::AccountCode;
using ledger::AccountId;
using ledger::Date;
using ledger::EntryKind;
using ledger::ExtractAccount;
using ledger::OpenedEntry;
using ledger::VerifiedExtract;

constexpr const char* kUndisclosed = "Equity:Undisclosed";
constexpr const char* kOpening = "Equity:Opening";

const char* KindName(EntryKind kind) {
  static constexpr const char* kNames[] = {
      "unknown", "origin",  "transaction", "refusal", "accounts",           "operation", "burnt",
      "hold",    "capture", "void",        "expiry",  "limits of a school", "closing"};
  return kNames[static_cast<size_t>(kind)];
}

// One thing that an entry did, with what it was for.
struct Row {
  const ledger::Opening* what = nullptr;
  const ledger::LineDetail* line = nullptr;
};

// The numbered openings of an entry that are shown, each with the line of its transfer.
std::vector<Row> RowsOf(const OpenedEntry& entry) {
  std::vector<uint8_t> kinds;
  for (const ledger::Commitment& commitment : entry.leaf.commitments) {
    kinds.push_back(commitment.kind);
  }
  std::vector<Row> rows;
  size_t end = 0;
  size_t first_of_transfer = 0;
  for (const ledger::OpenedCommitment& opened : entry.openings) {
    while (end <= opened.ordinal) {
      end = ledger::EndOfTransfer(kinds, end);
      first_of_transfer = rows.size();
    }
    if (const auto* const line = std::get_if<ledger::LineDetail>(&opened.opening)) {
      for (size_t i = first_of_transfer; i < rows.size(); ++i) rows[i].line = line;
    } else if (ledger::SequenceOf(opened.opening).second != 0) {
      rows.push_back({.what = &opened.opening});
      // The use of an entitlement stands behind the line.
      if (rows.size() > first_of_transfer + 1) rows.back().line = rows[first_of_transfer].line;
    }
  }
  return rows;
}

class Csv {
 public:
  Csv(const VerifiedExtract& verified, std::ostream* out) : verified_(verified), out_(*out) {}

  void Begin() {
    out_ << "index,booked_at_utc,service_date,effective_date,kind,transaction,related,result,what,"
            "account,account_code,school,amount_rub,sequence,balance_rub,item,category,quantity,"
            "unit_price_rub,means,leaf_hash\r\n";
  }
  void Add(const OpenedEntry& entry, const ledger::Digest& leaf_hash) {
    const ledger::Leaf& leaf = entry.leaf;
    const ledger::Context* context = nullptr;
    for (const ledger::OpenedCommitment& opened : entry.openings) {
      if (const auto* found = std::get_if<ledger::Context>(&opened.opening)) context = found;
    }
    const std::string front = absl::StrCat(
        leaf.index, ",", Utc(leaf.booked_at_ns), ",", Day(leaf.service_date), ",",
        Day(leaf.effective_date), ",", KindName(leaf.kind), ",", IdOrNone(leaf.transaction), ",",
        IdOrNone(leaf.related), ",", leaf.result, ",");
    const std::vector<Row> rows = RowsOf(entry);
    for (const Row& row : rows) {
      out_ << front << What(*row.what) << "," << Line(row.line) << ","
           << (context != nullptr ? absl::StrCat(static_cast<int>(context->means)) : "") << ","
           << HexOf(leaf_hash) << "\r\n";
    }
    if (rows.empty()) {
      out_ << front << ",,,,,,,,,,,," << HexOf(leaf_hash) << "\r\n";
    }
  }
  void End() {}

 private:
  static std::string Day(Date day) { return day == 0 ? "" : DayText(day); }
  template <class Id>
  static std::string IdOrNone(const Id& id) {
    return id.IsZero() ? "" : HexOf(id);
  }

  // what, account, account_code, school, amount, sequence, balance
  std::string What(const ledger::Opening& opening) const {
    std::string what = "other";
    std::string amount;
    std::string balance;
    if (const auto* const posting = std::get_if<ledger::Posting>(&opening)) {
      what = "posting";
      amount = Roubles(posting->amount_kopecks);
      balance = Roubles(posting->balance_kopecks);
    } else if (const auto* const side = std::get_if<ledger::Reservation>(&opening)) {
      what = side->credit ? "credit pending" : "debit pending";
      amount = Roubles(side->amount_kopecks);
      balance = Roubles(side->pending_kopecks);
    } else if (const auto* const use = std::get_if<ledger::EntitlementUse>(&opening)) {
      what = "paid by a budget";
      amount = Roubles(use->amount_kopecks);
    } else if (std::holds_alternative<ledger::AccountTerms>(opening)) {
      what = "terms";
    } else if (std::holds_alternative<ledger::Entitlements>(opening)) {
      what = "entitlements";
    }
    const auto [account, sequence] = ledger::SequenceOf(opening);
    const ExtractAccount* const known = verified_.accounts.Find(account);
    const bool terms = known != nullptr && known->terms_known;
    return absl::StrCat(what, ",", HexOf(account), ",",
                        terms ? absl::StrCat(static_cast<int>(known->now.code)) : "", ",",
                        terms ? HexOf(known->now.school) : "", ",", amount, ",", sequence, ",",
                        balance);
  }

  static std::string Line(const ledger::LineDetail* line) {
    if (line == nullptr) return ",,,";
    return absl::StrCat(line->item.IsZero() ? "" : HexOf(line->item), ",", line->category, ",",
                        line->quantity, ",", Roubles(line->unit_price_kopecks));
  }

  const VerifiedExtract& verified_;
  std::ostream& out_;
};

// What both journals have in common: names, dates, transactions.
class Journal {
 public:
  Journal(const VerifiedExtract& verified, Date first, Date last, std::ostream* out)
      : verified_(verified), first_(first), last_(last), out_(*out) {}
  virtual ~Journal() = default;

  void Begin() {
    Declare();
    int64_t opening = 0;
    std::vector<std::pair<std::string, int64_t>> postings;
    for (const ExtractAccount& account : verified_.accounts.Sorted()) {
      if (account.opening_kopecks == 0) continue;
      postings.emplace_back(NameOf(account), account.opening_kopecks);
      opening += account.opening_kopecks;
    }
    if (postings.empty()) return;
    if (opening != 0) postings.emplace_back(kOpening, -opening);
    Transaction(DayText(first_), "Opening balances", {}, postings);
  }

  void Add(const OpenedEntry& entry, const ledger::Digest& leaf_hash) {
    std::vector<std::pair<std::string, int64_t>> postings;
    int64_t hidden = 0;
    for (const ledger::OpenedCommitment& opened : entry.openings) {
      const auto* const posting = std::get_if<ledger::Posting>(&opened.opening);
      if (posting == nullptr) continue;
      postings.emplace_back(NameOf(*verified_.accounts.Find(posting->account)),
                            posting->amount_kopecks);
      hidden -= posting->amount_kopecks;
    }
    if (postings.empty()) return;
    if (hidden != 0) postings.emplace_back(kUndisclosed, hidden);
    const ledger::Leaf& leaf = entry.leaf;
    std::vector<std::pair<std::string, std::string>> tags = {{"index", absl::StrCat(leaf.index)},
                                                             {"leaf", HexOf(leaf_hash)}};
    if (!leaf.transaction.IsZero()) tags.emplace_back("id", HexOf(leaf.transaction));
    if (!leaf.related.IsZero()) tags.emplace_back("reverses", HexOf(leaf.related));
    const bool reversal = leaf.kind == EntryKind::kTransaction && !leaf.related.IsZero();
    Transaction(DayText(DayOf(leaf)), reversal ? "reversal" : KindName(leaf.kind), tags, postings);
  }

  virtual void End() = 0;

 protected:
  using Postings = std::vector<std::pair<std::string, int64_t>>;
  using Tags = std::vector<std::pair<std::string, std::string>>;

  virtual void Declare() = 0;
  virtual void Transaction(const std::string& day, const std::string& text, const Tags& tags,
                           const Postings& postings) = 0;

  static std::string NameOf(const ExtractAccount& account) {
    std::string id = HexOf(account.now.account);
    absl::AsciiStrToUpper(&id);
    if (!account.terms_known) return "Liabilities:Unknown:" + id;
    switch (account.now.code) {
      case AccountCode::kWallet:
        return "Liabilities:Wallets:" + id;
      case AccountCode::kCatererPayable:
        return "Liabilities:Caterers:" + id;
      case AccountCode::kChannelClearing:
        return "Assets:Clearing:" + id;
      case AccountCode::kSubsidyBudget:
        return "Assets:Budgets:" + id;
      case AccountCode::kRefundPayable:
        return "Liabilities:Refunds:" + id;
      case AccountCode::kFees:
        return "Income:Fees:" + id;
      case AccountCode::kSuspense:
        return "Liabilities:Suspense:" + id;
    }
    return "Liabilities:Unknown:" + id;
  }
  // Ours has credits positive, theirs debits.
  static std::string Amount(int64_t kopecks) { return Roubles(-kopecks) + " RUB"; }

  const VerifiedExtract& verified_;
  const Date first_;
  const Date last_;
  std::ostream& out_;
};

class Hledger final : public Journal {
 public:
  using Journal::Journal;

  void End() override {
    if (verified_.accounts.size() == 0) return;
    out_ << DayText(last_) << " Closing balances\n";
    for (const ExtractAccount& account : verified_.accounts.Sorted()) {
      out_ << "    " << NameOf(account) << "  0.00 RUB = " << Amount(account.now.balance_kopecks)
           << "\n";
    }
  }

 private:
  void Declare() override {
    out_ << "; " << verified_.checkpoint.origin << ", " << verified_.checkpoint.size
         << " entries signed\ncommodity 1000.00 RUB\n";
    for (const char* name : {kUndisclosed, kOpening}) out_ << "account " << name << "\n";
    for (const ExtractAccount& account : verified_.accounts.Sorted()) {
      out_ << "account " << NameOf(account) << "\n";
    }
    out_ << "\n";
  }
  void Transaction(const std::string& day, const std::string& text, const Tags& tags,
                   const Postings& postings) override {
    out_ << day << " * " << text << "\n";
    for (const auto& [tag, value] : tags) out_ << "    ; " << tag << ": " << value << "\n";
    for (const auto& [account, kopecks] : postings) {
      out_ << "    " << account << "  " << Amount(kopecks) << "\n";
    }
    out_ << "\n";
  }
};

class Beancount final : public Journal {
 public:
  using Journal::Journal;

  void End() override {
    // An assertion is of the morning.
    const std::string day = DayText(NextDay(last_));
    for (const ExtractAccount& account : verified_.accounts.Sorted()) {
      // To the kopeck: without a tolerance told it would be two.
      out_ << day << " balance " << NameOf(account) << "  " << Roubles(-account.now.balance_kopecks)
           << " ~ 0.00 RUB\n";
    }
  }

 private:
  static Date NextDay(Date day) {
    for (Date next = day + 1; next < day + 100'00; ++next) {
      if (ledger::IsDate(next)) return next;
    }
    return day;
  }
  void Declare() override {
    out_ << "; " << verified_.checkpoint.origin << ", " << verified_.checkpoint.size
         << " entries signed\noption \"operating_currency\" \"RUB\"\n";
    const std::string day = DayText(first_);
    out_ << day << " commodity RUB\n";
    for (const char* name : {kUndisclosed, kOpening}) {
      out_ << day << " open " << name << " RUB\n";
    }
    for (const ExtractAccount& account : verified_.accounts.Sorted()) {
      out_ << day << " open " << NameOf(account) << " RUB\n";
    }
    out_ << "\n";
  }
  void Transaction(const std::string& day, const std::string& text, const Tags& tags,
                   const Postings& postings) override {
    out_ << day << " * \"" << text << "\"\n";
    for (const auto& [tag, value] : tags) out_ << "  " << tag << ": \"" << value << "\"\n";
    for (const auto& [account, kopecks] : postings) {
      out_ << "  " << account << "  " << Amount(kopecks) << "\n";
    }
    out_ << "\n";
  }
};

template <class Writer>
void WriteAll(std::string_view bytes, const std::vector<ledger::VerifierKey>& keys,
              Writer* writer) {
  writer->Begin();
  // It was verified a moment ago; this time for its entries.
  (void)ledger::VerifyExtract(
      bytes, {.keys = keys, .on_entry = [&](const OpenedEntry& entry, const ledger::Digest& hash) {
                writer->Add(entry, hash);
              }});
  writer->End();
}

}  // namespace

int Convert(const ExtractFileOptions& options) {
  const auto keys = ReadKeys(options.keys);
  if (!keys.ok()) return Fail(keys.status());
  const absl::StatusOr<MappedFile> file = MappedFile::Open(options.file);
  if (!file.ok()) return Fail(file.status());
  Date first = 0;
  Date last = 0;
  const VerifiedExtract verified = VerifyWithProgress(
      file->bytes(), *keys, [&](const OpenedEntry& entry, const ledger::Digest&) {
        const Date day = DayOf(entry.leaf);
        first = first == 0 ? day : std::min(first, day);
        last = std::max(last, day);
      });
  if (!verified.good()) return kRefused;
  std::ofstream file_out;
  if (!options.out.empty()) file_out.open(options.out, std::ios::binary | std::ios::trunc);
  std::ostream& out = options.out.empty() ? std::cout : file_out;
  if (options.to == "csv") {
    Csv csv(verified, &out);
    WriteAll(file->bytes(), *keys, &csv);
  } else if (options.to == "hledger") {
    Hledger hledger(verified, first, last, &out);
    WriteAll(file->bytes(), *keys, &hledger);
  } else {
    Beancount beancount(verified, first, last, &out);
    WriteAll(file->bytes(), *keys, &beancount);
  }
  out.flush();
  if (!out) return Fail(absl::NotFoundError(options.out + ": cannot be written"));
  return kVerified;
}

}  // namespace ladon::audit
