#include "server/client/registry/registry_file.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "openssl/sha.h"
#include "server/base/roubles.h"
#include "server/client/registry/row_reader.h"

namespace ladon::registry {
namespace {

constexpr int64_t kTotalKopecksMax = kPaidKopecksMax * int64_t{kRegistryLinesMax};

std::string Words(const Column& column) {
  return column.number != 0 ? "field " + std::to_string(column.number) : Quoted(column.name);
}

bool IsPaymentId(std::string_view text) {
  const auto is_plain = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
  };
  return !text.empty() && text.size() <= kPaymentIdBytesMax &&
         std::all_of(text.begin(), text.end(), is_plain);
}

bool Has(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool SameButForTheLine(const RegistryLine& a, const RegistryLine& b) {
  return a.account_text == b.account_text && a.kopecks == b.kopecks &&
         a.fee_kopecks == b.fee_kopecks && a.paid_at == b.paid_at && a.refund == b.refund &&
         a.refund_of == b.refund_of;
}

enum class Kind : unsigned char { kPayment, kRefund, kIgnored };

class Reader {
 public:
  explicit Reader(const Profile& profile)
      : profile_(profile),
        mark_(1, profile.decimal_mark),
        rows_({.delimiter = profile.delimiter, .quote = profile.quote}),
        header_left_(profile.header_lines),
        width_(profile.columns) {}

  absl::Status Take(size_t line, std::string_view text);
  absl::StatusOr<RegistryFile> Finish();

 private:
  absl::Status TakeHeader(size_t line, std::string_view text);
  absl::Status TakePayment(size_t line);
  absl::Status TakeFooter(size_t line, std::string_view text);

  absl::Status NameColumns(size_t line);
  absl::Status SplitPairs(size_t line);
  absl::StatusOr<std::string_view> Value(size_t line, const Column& column) const;
  absl::StatusOr<Kind> ReadKind(size_t line) const;
  absl::Status ReadIds(RegistryLine* out) const;
  absl::Status ReadSums(RegistryLine* out) const;
  absl::Status ReadPaidAt(RegistryLine* out) const;
  absl::Status Add(RegistryLine&& out);

  Profile profile_;  // Names of the header become numbers once it is read.
  std::string mark_;
  RowReader rows_;
  size_t header_left_;
  size_t width_;           // 0: any.
  bool anything_ = false;  // A line that is not blank.
  size_t footer_line_ = 0;
  std::vector<std::pair<std::string_view, std::string_view>> pairs_;  // Of the line at hand.
  absl::flat_hash_map<std::string, size_t> by_id_;                    // Into file_.lines.
  RegistryFile file_;
};

absl::Status Reader::Take(size_t line, std::string_view text) {
  if (Trimmed(text).empty()) return absl::OkStatus();
  anything_ = true;
  if (!profile_.comment.empty() && text.starts_with(profile_.comment)) {
    return absl::OkStatus();
  }
  if (footer_line_ != 0) {
    return Refused(line, "the footer is on line " + std::to_string(footer_line_) +
                             ", and nothing may come behind it");
  }
  // A footer among the header lines would be a registry that begins with its end.
  if (header_left_ == 0 && !profile_.footer.prefix.empty() &&
      text.starts_with(profile_.footer.prefix)) {
    return TakeFooter(line, text.substr(profile_.footer.prefix.size()));
  }
  if (header_left_ > 0) return TakeHeader(line, text);
  if (absl::Status s = rows_.Read(line, text); !s.ok()) return s;
  return TakePayment(line);
}

// What names nothing may be any text.
absl::Status Reader::TakeHeader(size_t line, std::string_view text) {
  --header_left_;
  if (header_left_ > 0 || !profile_.NamedByHeader()) return absl::OkStatus();
  if (absl::Status s = rows_.Read(line, text); !s.ok()) return s;
  return NameColumns(line);
}

absl::Status Reader::NameColumns(size_t line) {
  const std::vector<std::string>& head = rows_.fields();
  if (width_ != 0 && head.size() != width_) {
    return Refused(line, "the header has " + std::to_string(head.size()) + " columns, not " +
                             std::to_string(width_));
  }
  width_ = head.size();
  auto& fields = profile_.fields;
  for (Column* column :
       {&fields.payment_id, &fields.account, &fields.sum, &fields.fee, &fields.refund_of,
        &profile_.paid_at.date, &profile_.paid_at.time, &profile_.kind.column}) {
    if (column->name.empty()) continue;
    const auto found = std::find(head.begin(), head.end(), column->name);
    if (found == head.end()) {
      return Refused(line, "the header has no column " + Quoted(column->name));
    }
    if (std::find(found + 1, head.end(), column->name) != head.end()) {
      return Refused(line, "the header has the column " + Quoted(column->name) + " twice");
    }
    column->number = static_cast<size_t>(found - head.begin()) + 1;
  }
  return absl::OkStatus();
}

absl::Status Reader::SplitPairs(size_t line) {
  pairs_.clear();
  if (profile_.pairs.from == 0) return absl::OkStatus();
  const std::vector<std::string>& fields = rows_.fields();
  for (size_t i = profile_.pairs.from - 1; i < fields.size(); ++i) {
    const std::string_view field = fields[i];
    if (field.empty()) continue;  // As behind a delimiter at the end.
    const size_t mark = field.find(profile_.pairs.separator);
    if (mark == std::string_view::npos) {
      return Refused(line, "field " + std::to_string(i + 1) + " is no pair like NAME" +
                               std::string(1, profile_.pairs.separator) + "value");
    }
    pairs_.emplace_back(Trimmed(field.substr(0, mark)), Trimmed(field.substr(mark + 1)));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string_view> Reader::Value(size_t line, const Column& column) const {
  if (column.number != 0) {
    if (column.number > rows_.fields().size()) {
      return Refused(line, "it ends before " + Words(column));
    }
    return rows_.fields()[column.number - 1];
  }
  std::optional<std::string_view> found;
  for (const auto& [name, value] : pairs_) {
    if (name != column.name) continue;
    if (found) return Refused(line, "the pair " + Words(column) + " is there twice");
    found = value;
  }
  if (!found) return Refused(line, "there is no pair " + Words(column));
  return *found;
}

absl::Status Reader::TakePayment(size_t line) {
  if (width_ != 0 && rows_.fields().size() != width_) {
    return Refused(
        line, std::to_string(rows_.fields().size()) + " fields, not " + std::to_string(width_));
  }
  if (absl::Status s = SplitPairs(line); !s.ok()) return s;
  const absl::StatusOr<Kind> kind = ReadKind(line);
  if (!kind.ok()) return kind.status();
  if (*kind == Kind::kIgnored) return absl::OkStatus();
  RegistryLine out{.line_number = line, .refund = *kind == Kind::kRefund};
  if (absl::Status s = ReadIds(&out); !s.ok()) return s;
  if (absl::Status s = ReadSums(&out); !s.ok()) return s;
  if (absl::Status s = ReadPaidAt(&out); !s.ok()) return s;
  return Add(std::move(out));
}

absl::StatusOr<Kind> Reader::ReadKind(size_t line) const {
  const auto& kind = profile_.kind;
  if (!kind.column.given()) return Kind::kPayment;
  const absl::StatusOr<std::string_view> word = Value(line, kind.column);
  if (!word.ok()) return word.status();
  if (Has(kind.payment, *word)) return Kind::kPayment;
  if (Has(kind.refund, *word)) return Kind::kRefund;
  if (Has(kind.ignored, *word)) return Kind::kIgnored;
  return Refused(line, "the kind " + Quoted(*word) + " is none that the layout knows");
}

absl::Status Reader::ReadIds(RegistryLine* out) const {
  const size_t line = out->line_number;
  const absl::StatusOr<std::string_view> id = Value(line, profile_.fields.payment_id);
  if (!id.ok()) return id.status();
  if (!IsPaymentId(*id)) {
    return Refused(line,
                   "the payment id is not 1 to 64 letters and digits of ASCII, hyphens and "
                   "underscores");
  }
  out->payment_id = *id;
  const absl::StatusOr<std::string_view> account = Value(line, profile_.fields.account);
  if (!account.ok()) return account.status();
  if (account->size() > kAccountBytesMax) {
    return Refused(line,
                   "the account is longer than " + std::to_string(kAccountBytesMax) + " bytes");
  }
  // A refund is found by what it takes back.
  if (account->empty() && !out->refund) return Refused(line, "the account is missing");
  out->account_text = *account;
  if (!out->refund || !profile_.fields.refund_of.given()) return absl::OkStatus();
  const absl::StatusOr<std::string_view> of = Value(line, profile_.fields.refund_of);
  if (!of.ok()) return of.status();
  if (!of->empty() && !IsPaymentId(*of)) {
    return Refused(line, "what the refund takes back is no payment id");
  }
  out->refund_of = *of;
  return absl::OkStatus();
}

absl::Status Reader::ReadSums(RegistryLine* out) const {
  const size_t line = out->line_number;
  const absl::StatusOr<std::string_view> sum = Value(line, profile_.fields.sum);
  if (!sum.ok()) return sum.status();
  const auto kopecks = base::KopecksOf(*sum, mark_, kPaidKopecksMax);
  if (!kopecks || *kopecks == 0) {
    return Refused(line, "sum " + Quoted(*sum) + " is not an amount");
  }
  out->kopecks = *kopecks;
  if (!profile_.fields.fee.given()) return absl::OkStatus();
  const absl::StatusOr<std::string_view> fee = Value(line, profile_.fields.fee);
  if (!fee.ok()) return fee.status();
  if (fee->empty()) return absl::OkStatus();
  const auto fee_kopecks = base::KopecksOf(*fee, mark_, kPaidKopecksMax);
  if (!fee_kopecks) return Refused(line, "fee " + Quoted(*fee) + " is not an amount");
  out->fee_kopecks = *fee_kopecks;
  return absl::OkStatus();
}

absl::Status Reader::ReadPaidAt(RegistryLine* out) const {
  const size_t line = out->line_number;
  const auto& paid_at = profile_.paid_at;
  const absl::StatusOr<std::string_view> date = Value(line, paid_at.date);
  if (!date.ok()) return date.status();
  std::optional<Moment> moment = paid_at.date_format.Read(*date);
  if (!moment) {
    return Refused(line, "date " + Quoted(*date) + " is not a day as the layout writes it");
  }
  if (paid_at.time.given()) {
    const absl::StatusOr<std::string_view> time = Value(line, paid_at.time);
    if (!time.ok()) return time.status();
    const std::optional<Moment> read = paid_at.time_format.Read(*time);
    if (!read) {
      return Refused(line, "time " + Quoted(*time) + " is not a time as the layout writes it");
    }
    moment->second = read->second;
  }
  out->paid_day = moment->day;
  out->paid_at = moment->Text();
  return absl::OkStatus();
}

absl::Status Reader::Add(RegistryLine&& out) {
  const auto [known, fresh] = by_id_.try_emplace(out.payment_id, file_.lines.size());
  if (!fresh) {
    const RegistryLine& first = file_.lines[known->second];
    return Refused(out.line_number,
                   "payment " + Quoted(out.payment_id) + " is on line " +
                       std::to_string(first.line_number) + " already, with " +
                       (SameButForTheLine(first, out) ? "the same data" : "other data"));
  }
  if (file_.lines.size() == kRegistryLinesMax) {
    return Refused(out.line_number, "more than " + std::to_string(kRegistryLinesMax) + " payments");
  }
  file_.total_kopecks += out.refund ? -out.kopecks : out.kopecks;
  file_.lines.push_back(std::move(out));
  return absl::OkStatus();
}

absl::Status Reader::TakeFooter(size_t line, std::string_view text) {
  footer_line_ = line;
  // Nothing behind the prefix would be no row to libcsv.
  if (Trimmed(text).empty()) return Refused(line, "the footer is empty");
  if (absl::Status s = rows_.Read(line, text); !s.ok()) return s;
  const std::vector<std::string>& fields = rows_.fields();
  if (fields.size() < std::max(profile_.footer.count, profile_.footer.sum)) {
    return Refused(line, "the footer ends before its count and sum");
  }
  const std::string& count = fields[profile_.footer.count - 1];
  size_t counted = 0;
  const char* const end = count.data() + count.size();
  const auto [rest, error] = std::from_chars(count.data(), end, counted);
  if (error != std::errc() || rest != end) {
    return Refused(line, "the footer's count " + Quoted(count) + " is not a number");
  }
  if (counted != file_.lines.size()) {
    return Refused(line, "the footer counts " + std::to_string(counted) +
                             " payments, the file has " + std::to_string(file_.lines.size()));
  }
  const std::string& sum = fields[profile_.footer.sum - 1];
  const auto total = TotalKopecksOf(sum, mark_, kTotalKopecksMax);
  if (!total) return Refused(line, "the footer's sum " + Quoted(sum) + " is not an amount");
  if (*total != file_.total_kopecks) {
    return Refused(line, "the footer's sum is " + RoublesOf(*total) + ", that of the payments " +
                             RoublesOf(file_.total_kopecks));
  }
  return absl::OkStatus();
}

absl::StatusOr<RegistryFile> Reader::Finish() {
  if (anything_ && header_left_ > 0) {
    return absl::InvalidArgumentError("the file ends within its header");
  }
  // Nothing at all would be a registry that was cut off, where there is a footer.
  if (!profile_.footer.prefix.empty() && footer_line_ == 0) {
    return absl::InvalidArgumentError("the footer, a line that begins with " +
                                      Quoted(profile_.footer.prefix) +
                                      ", is missing: the file is not whole");
  }
  if (file_.lines.empty() && !profile_.may_be_empty) {
    return absl::InvalidArgumentError("there is no payment in the file");
  }
  file_.count = file_.lines.size();
  return std::move(file_);
}

}  // namespace

absl::StatusOr<RegistryFile> ReadRegistry(std::string_view bytes, const Profile& profile) {
  if (absl::Status s = CheckText(bytes); !s.ok()) return s;
  const absl::StatusOr<std::string> text = Utf8Of(bytes, profile.charset);
  if (!text.ok()) return text.status();
  Reader reader(profile);
  if (absl::Status s = ForEachLine(
          *text, [&reader](size_t line, std::string_view one) { return reader.Take(line, one); });
      !s.ok()) {
    return s;
  }
  absl::StatusOr<RegistryFile> file = reader.Finish();
  if (!file.ok()) return file.status();
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), file->sha256.data());
  return file;
}

}  // namespace ladon::registry
