#include "server/client/registry/bank_statement.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "server/client/registry/charset.h"
#include "server/client/registry/moment.h"

namespace ladon::registry {
namespace {

constexpr std::string_view kMagic = "1CClientBankExchange";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kCharsetKey = "Кодировка";
constexpr std::string_view kAccountKey = "РасчСчет";
constexpr size_t kHeadBytesMax = size_t{16} * 1024;  // Where the charset must be told.
constexpr size_t kOurAccountDigits = 20;
constexpr size_t kAnyAccountBytesMax = 34;  // Abroad.
constexpr size_t kInnBytesMax = 20;
constexpr size_t kNumberBytesMax = 64;

// Keys whose doubling would make the statement ambiguous.
constexpr std::array<std::string_view, 23> kUsed = {"ВерсияФормата",
                                                    kCharsetKey,
                                                    kAccountKey,
                                                    "ДатаНачала",
                                                    "ДатаКонца",
                                                    "НачальныйОстаток",
                                                    "КонечныйОстаток",
                                                    "Номер",
                                                    "Дата",
                                                    "Сумма",
                                                    "ПлательщикСчет",
                                                    "ПлательщикРасчСчет",
                                                    "ПлательщикИНН",
                                                    "ПолучательСчет",
                                                    "ПолучательРасчСчет",
                                                    "ДатаПоступило",
                                                    "НазначениеПлатежа",
                                                    "НазначениеПлатежа1",
                                                    "НазначениеПлатежа2",
                                                    "НазначениеПлатежа3",
                                                    "НазначениеПлатежа4",
                                                    "НазначениеПлатежа5",
                                                    "НазначениеПлатежа6"};

bool IsDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
}

std::optional<Charset> CharsetToldBy(std::string_view value) {
  const std::string word = absl::AsciiStrToLower(std::string(Trimmed(value)));
  if (word == "windows") return Charset::kWindows1251;
  if (word == "dos") return Charset::kCp866;
  if (word == "utf-8") return Charset::kUtf8;
  return std::nullopt;
}

// The charset in which the key that tells it is written, which must be the one it tells.
absl::StatusOr<Charset> CharsetOfStatement(std::string_view bytes) {
  std::optional<Charset> written;
  const auto look = [&written](size_t line, std::string_view text) -> absl::Status {
    if (written) return absl::OkStatus();
    for (const Charset charset : {Charset::kUtf8, Charset::kWindows1251, Charset::kCp866}) {
      const absl::StatusOr<std::string> read = Utf8Of(text, charset);
      const std::string key = std::string(kCharsetKey) + "=";
      if (!read.ok() || !read->starts_with(key)) continue;
      const std::string_view value = std::string_view(*read).substr(key.size());
      const std::optional<Charset> told = CharsetToldBy(value);
      if (!told) return Refused(line, key + " must be Windows, DOS or UTF-8");
      if (*told != charset) {
        return Refused(line, key + std::string(value) + ", but the file is written in " +
                                 std::string(NameOf(charset)));
      }
      written = charset;
      break;
    }
    return absl::OkStatus();
  };
  if (absl::Status s = ForEachLine(bytes.substr(0, kHeadBytesMax), look); !s.ok()) return s;
  if (!written) {
    return absl::InvalidArgumentError("the header does not tell its charset (Кодировка=)");
  }
  return *written;
}

class Reader {
 public:
  explicit Reader(MomentFormat days) : days_(std::move(days)) {}

  absl::Status Take(size_t line, std::string_view text);
  absl::StatusOr<BankStatement> Finish();

 private:
  enum class In : unsigned char { kNothing, kHeader, kBetween, kAccount, kDocument, kEnd };
  struct Entry {
    std::string_view value;
    size_t line = 0;
  };

  absl::Status TakeMark(size_t line, std::string_view mark);
  absl::Status TakeValue(size_t line, std::string_view key, std::string_view value);
  absl::Status LeaveHeader(size_t line);
  absl::Status LeaveAccount(size_t line);
  absl::Status LeaveDocument();

  [[nodiscard]] Entry Of(std::string_view key) const;
  absl::Status SetAccount(const Entry& entry);
  absl::Status ReadDay(std::string_view key, Day* day) const;
  absl::Status ReadBalance(std::string_view key, std::optional<int64_t>* kopecks) const;
  absl::Status ReadText(std::initializer_list<std::string_view> keys, size_t bytes_max,
                        std::string* text) const;
  absl::Status ReadSum(BankDocument* document) const;
  [[nodiscard]] std::string Purpose() const;

  MomentFormat days_;
  In in_ = In::kNothing;
  size_t section_line_ = 0;
  absl::flat_hash_map<std::string_view, Entry> entries_;  // Of the section at hand.
  Day first_section_ = 0;
  Day last_section_ = 0;
  BankStatement statement_;
};

absl::Status Reader::Take(size_t line, std::string_view text) {
  text = Trimmed(text);
  if (in_ == In::kNothing) {
    if (text != kMagic) return Refused(line, "is not " + std::string(kMagic));
    in_ = In::kHeader;
    return absl::OkStatus();
  }
  if (text.empty()) return absl::OkStatus();
  if (in_ == In::kEnd) return Refused(line, "stands behind КонецФайла");
  const size_t mark = text.find('=');
  const std::string_view key = Trimmed(text.substr(0, mark));
  if (key.starts_with("Секция") || key.starts_with("Конец")) {
    return TakeMark(line, key);
  }
  if (mark == std::string_view::npos) {
    return Refused(line, "is neither key=value nor the begin or end of a section");
  }
  return TakeValue(line, key, Trimmed(text.substr(mark + 1)));
}

absl::Status Reader::TakeMark(size_t line, std::string_view mark) {
  if (in_ == In::kHeader) {
    if (absl::Status s = LeaveHeader(line); !s.ok()) return s;
    entries_.clear();
    in_ = In::kBetween;
  }
  if (mark == "КонецРасчСчет" && in_ == In::kAccount) {
    in_ = In::kBetween;
    return LeaveAccount(line);
  }
  if (mark == "КонецДокумента" && in_ == In::kDocument) {
    in_ = In::kBetween;
    return LeaveDocument();
  }
  const bool known = mark == "СекцияРасчСчет" || mark == "СекцияДокумент" || mark == "КонецФайла";
  if (!known || in_ != In::kBetween) {
    return Refused(line,
                   Quoted(mark) + (in_ == In::kBetween
                                       ? " does not belong here"
                                       : " stands in the section that begins on line " +
                                             std::to_string(section_line_) + " and has no end"));
  }
  section_line_ = line;
  entries_.clear();
  if (mark == "КонецФайла") {
    in_ = In::kEnd;
  } else {
    in_ = mark == "СекцияРасчСчет" ? In::kAccount : In::kDocument;
  }
  return absl::OkStatus();
}

absl::Status Reader::TakeValue(size_t line, std::string_view key, std::string_view value) {
  if (in_ == In::kBetween) return Refused(line, Quoted(key) + " stands in no section");
  const auto [entry, fresh] = entries_.try_emplace(key, Entry{.value = value, .line = line});
  if (fresh || std::find(kUsed.begin(), kUsed.end(), key) == kUsed.end()) return absl::OkStatus();
  // A header lists its accounts, one key each.
  if (key == kAccountKey && entry->second.value == value) return absl::OkStatus();
  if (key == kAccountKey) return Refused(line, "a second account: only one a file is read");
  return Refused(line, std::string(key) + " is on line " + std::to_string(entry->second.line) +
                           " of the same section already");
}

Reader::Entry Reader::Of(std::string_view key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? Entry{.line = section_line_} : found->second;
}

absl::Status Reader::SetAccount(const Entry& entry) {
  if (entry.value.empty()) return absl::OkStatus();
  if (entry.value.size() != kOurAccountDigits || !IsDigits(entry.value)) {
    return Refused(entry.line, "РасчСчет is not an account of 20 digits");
  }
  if (!statement_.account.empty() && statement_.account != entry.value) {
    return Refused(entry.line, "a second account: only one a file is read");
  }
  statement_.account = entry.value;
  return absl::OkStatus();
}

absl::Status Reader::ReadDay(std::string_view key, Day* day) const {
  const Entry entry = Of(key);
  if (entry.value.empty()) return absl::OkStatus();
  const std::optional<Moment> moment = days_.Read(entry.value);
  if (!moment) {
    return Refused(entry.line,
                   std::string(key) + " " + Quoted(entry.value) + " is not a day like 31.12.2026");
  }
  *day = moment->day;
  return absl::OkStatus();
}

absl::Status Reader::ReadBalance(std::string_view key, std::optional<int64_t>* kopecks) const {
  const Entry entry = Of(key);
  if (entry.value.empty()) return absl::OkStatus();
  const bool overdrawn = entry.value.front() == '-';
  const auto size =
      TotalKopecksOf(entry.value.substr(overdrawn ? 1 : 0), ".", kStatementKopecksMax);
  if (!size) {
    return Refused(entry.line, std::string(key) + " " + Quoted(entry.value) + " is not an amount");
  }
  *kopecks = overdrawn ? -*size : *size;
  return absl::OkStatus();
}

absl::Status Reader::ReadText(std::initializer_list<std::string_view> keys, size_t bytes_max,
                              std::string* text) const {
  for (const std::string_view key : keys) {
    const Entry entry = Of(key);
    if (entry.value.empty()) continue;
    if (entry.value.size() > bytes_max) {
      return Refused(entry.line,
                     std::string(key) + " is longer than " + std::to_string(bytes_max) + " bytes");
    }
    *text = entry.value;
    return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::Status Reader::ReadSum(BankDocument* document) const {
  const Entry entry = Of("Сумма");
  const auto kopecks = TotalKopecksOf(entry.value, ".", kStatementKopecksMax);
  if (!kopecks) {
    return Refused(entry.line, entry.value.empty()
                                   ? "the document has no Сумма"
                                   : "Сумма " + Quoted(entry.value) + " is not an amount");
  }
  document->kopecks = *kopecks;
  return absl::OkStatus();
}

std::string Reader::Purpose() const {
  std::string purpose(Of("НазначениеПлатежа").value);
  if (!purpose.empty()) return purpose;
  for (char part = '1'; part <= '6'; ++part) {
    const std::string_view text = Of("НазначениеПлатежа" + std::string(1, part)).value;
    if (text.empty()) continue;
    if (!purpose.empty()) purpose += ' ';
    purpose += text;
  }
  return purpose;
}

absl::Status Reader::LeaveHeader(size_t line) {
  section_line_ = line;
  const Entry version = Of("ВерсияФормата");
  if (version.value != "1.02" && version.value != "1.03") {
    return Refused(version.line, "ВерсияФормата must be 1.02 or 1.03");
  }
  statement_.version = version.value;
  if (absl::Status s = SetAccount(Of(kAccountKey)); !s.ok()) return s;
  if (absl::Status s = ReadDay("ДатаНачала", &statement_.begin); !s.ok()) return s;
  return ReadDay("ДатаКонца", &statement_.end);
}

absl::Status Reader::LeaveAccount(size_t line) {
  if (absl::Status s = SetAccount(Of(kAccountKey)); !s.ok()) return s;
  Day begin = 0;
  Day end = 0;
  std::optional<int64_t> opening;
  std::optional<int64_t> closing;
  if (absl::Status s = ReadDay("ДатаНачала", &begin); !s.ok()) return s;
  if (absl::Status s = ReadDay("ДатаКонца", &end); !s.ok()) return s;
  if (absl::Status s = ReadBalance("НачальныйОстаток", &opening); !s.ok()) return s;
  if (absl::Status s = ReadBalance("КонечныйОстаток", &closing); !s.ok()) return s;
  if (begin == 0) begin = statement_.begin;
  if (end == 0) end = statement_.end;
  if (begin > end) return Refused(line, "the section ends before it begins");
  // Sections of days come in any order.
  if (first_section_ == 0 || begin < first_section_) {
    first_section_ = begin;
    statement_.opening_kopecks = opening;
  }
  if (last_section_ == 0 || end > last_section_) {
    last_section_ = end;
    statement_.closing_kopecks = closing;
  }
  return absl::OkStatus();
}

absl::Status Reader::LeaveDocument() {
  if (statement_.documents.size() == kDocumentsMax) {
    return Refused(section_line_, "more than " + std::to_string(kDocumentsMax) + " documents");
  }
  BankDocument document{.line_number = section_line_, .purpose = Purpose()};
  if (absl::Status s = ReadDay("Дата", &document.date); !s.ok()) return s;
  if (document.date == 0) return Refused(section_line_, "the document has no Дата");
  if (absl::Status s = ReadSum(&document); !s.ok()) return s;
  if (absl::Status s = ReadDay("ДатаПоступило", &document.received_day); !s.ok()) return s;
  if (absl::Status s = ReadText({"Номер"}, kNumberBytesMax, &document.number); !s.ok()) return s;
  if (absl::Status s = ReadText({"ПлательщикСчет", "ПлательщикРасчСчет"}, kAnyAccountBytesMax,
                                &document.payer_account);
      !s.ok()) {
    return s;
  }
  if (absl::Status s = ReadText({"ПолучательСчет", "ПолучательРасчСчет"}, kAnyAccountBytesMax,
                                &document.payee_account);
      !s.ok()) {
    return s;
  }
  if (absl::Status s = ReadText({"ПлательщикИНН"}, kInnBytesMax, &document.payer_inn); !s.ok()) {
    return s;
  }
  statement_.documents.push_back(std::move(document));
  return absl::OkStatus();
}

absl::StatusOr<BankStatement> Reader::Finish() {
  if (in_ != In::kEnd) {
    return absl::InvalidArgumentError("the file ends without КонецФайла: it is not whole");
  }
  if (statement_.account.empty()) {
    return absl::InvalidArgumentError("the file does not tell its account (РасчСчет=)");
  }
  if (statement_.begin == 0) statement_.begin = first_section_;
  if (statement_.end == 0) statement_.end = last_section_;
  if (statement_.begin == 0 || statement_.begin > statement_.end) {
    return absl::InvalidArgumentError(
        "the file does not tell of which days it is (ДатаНачала=, ДатаКонца=)");
  }
  return std::move(statement_);
}

}  // namespace

absl::StatusOr<BankStatement> StatementOf(std::string_view bytes) {
  if (absl::Status s = CheckText(bytes); !s.ok()) return s;
  const bool marked = bytes.starts_with(kByteOrderMark);
  if (!bytes.substr(marked ? kByteOrderMark.size() : 0).starts_with(kMagic)) {
    return Refused(1, "is not " + std::string(kMagic));
  }
  const absl::StatusOr<Charset> charset = CharsetOfStatement(bytes);
  if (!charset.ok()) return charset.status();
  const absl::StatusOr<std::string> text = Utf8Of(bytes, *charset);
  if (!text.ok()) return text.status();
  absl::StatusOr<MomentFormat> days = MomentFormat::Parse("DD.MM.YYYY");
  if (!days.ok()) return days.status();
  Reader reader(*std::move(days));
  if (absl::Status s = ForEachLine(
          *text, [&reader](size_t line, std::string_view one) { return reader.Take(line, one); });
      !s.ok()) {
    return s;
  }
  return reader.Finish();
}

int64_t TotalCredited(const BankStatement& statement, const Credits& credits) {
  int64_t total = 0;
  for (const BankDocument& document : statement.documents) {
    // What was not credited has no day, and is on none.
    if (document.received_day == 0 || document.received_day != credits.day ||
        document.payee_account.empty() || document.payee_account != credits.account ||
        (credits.payer_inn && document.payer_inn != *credits.payer_inn) ||
        (credits.purpose_part &&
         document.purpose.find(*credits.purpose_part) == std::string::npos)) {
      continue;
    }
    total += document.kopecks;
  }
  return total;
}

}  // namespace ladon::registry
