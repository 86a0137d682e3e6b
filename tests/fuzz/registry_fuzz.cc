// Banks' files may be anything: what the readers accept is in bounds and adds up, and what they
// refuse is told in a line of plain UTF-8. The first byte of an input chooses the reader: a
// registry by one of the shipped layouts, a statement, or a layout itself.
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "server/client/registry/bank_statement.h"
#include "server/client/registry/charset.h"
#include "server/client/registry/profile.h"
#include "server/client/registry/registry_file.h"
#include "tests/fuzz/fuzz_target.h"

namespace registry = ladon::registry;

namespace {

// As in deploy/registries, which a fuzzer need not find.
constexpr std::string_view kQiwi = R"(name = "qiwi-daily"
charset = "utf-8"
delimiter = ";"
decimal_mark = ","
quote = true
may_be_empty = true
header_lines = 1
[fields]
payment_id = "TRANSACTION_ID"
account = "BILL"
sum = "SUM"
fee = "COMMISSION"
refund_of = "PARENT_TRANSACTION_ID"
[paid_at]
date = "TRANS_DATE"
date_format = "DD.MM.YYYY H:MM"
[kind]
column = "PURPOSE"
payment = ["Оплата"]
refund = ["Возврат"]
ignored = ["SETTLEMENT"]
)";
constexpr std::string_view kTochka = R"(name = "tochka"
charset = "utf-8"
delimiter = ";"
decimal_mark = ","
quote = true
may_be_empty = true
header_lines = 1
[fields]
payment_id = "TRANSACTION_ID"
account = "ORDER_UID"
sum = "SUM"
fee = "COMMISSION"
[paid_at]
date = "TRANS_DATE"
date_format = "DD.MM.YYYY HH:MM:SS"
[kind]
column = "TRANSACTION_TYPE"
payment = ["PAYMENT"]
refund = ["REFUND"]
)";
constexpr std::string_view kSberFooter = R"(name = "sber-footer"
charset = "windows-1251"
delimiter = ";"
decimal_mark = ","
columns = 12
[fields]
payment_id = 5
account = 6
sum = 10
fee = 12
[paid_at]
date = 1
date_format = "DD-MM-YYYY"
time = 2
time_format = "HH-MM-SS"
[footer]
prefix = "="
count = 1
sum = 2
)";
constexpr std::string_view kSberPairs = R"(name = "sber-pairs"
charset = "windows-1251"
delimiter = ";"
decimal_mark = "."
comment = "#"
[fields]
payment_id = "CLIENTDOCNO"
account = "CLIENTNO"
sum = 5
fee = 6
[paid_at]
date = 3
date_format = "DD/MM/YYYY"
[pairs]
from = 7
)";
constexpr std::string_view kLayouts[] = {kQiwi, kTochka, kSberFooter, kSberPairs};
constexpr uint8_t kStatementByte = std::size(kLayouts);
constexpr uint8_t kReaders = kStatementByte + 2;

void Require(bool holds) {
  if (!holds) std::abort();
}

// Short, one line, UTF-8, and not that the program is at fault.
void CheckRefusal(const absl::Status& status) {
  const std::string text(status.message());
  Require(absl::IsInvalidArgument(status));
  Require(!text.empty() && text.size() < 400);
  Require(registry::Utf8Of(text, registry::Charset::kUtf8).ok());
  Require(registry::CheckText(text).ok() && text.find('\n') == std::string::npos);
}

void CheckRegistry(std::string_view bytes, const registry::Profile& profile) {
  const absl::StatusOr<registry::RegistryFile> file = registry::ReadRegistry(bytes, profile);
  if (!file.ok()) return CheckRefusal(file.status());
  Require(file->count == file->lines.size() && file->count <= registry::kRegistryLinesMax);
  Require(file->count > 0 || profile.may_be_empty);
  std::set<std::string> ids;
  int64_t total = 0;
  size_t line_before = 0;
  for (const registry::RegistryLine& line : file->lines) {
    Require(line.line_number > line_before);
    line_before = line.line_number;
    Require(ids.insert(line.payment_id).second);
    Require(!line.payment_id.empty() && line.payment_id.size() <= registry::kPaymentIdBytesMax);
    Require(line.account_text.size() <= registry::kAccountBytesMax);
    Require(line.refund || !line.account_text.empty());
    Require(registry::Utf8Of(line.account_text, registry::Charset::kUtf8).ok());
    Require(line.kopecks > 0 && line.kopecks <= registry::kPaidKopecksMax);
    Require(line.fee_kopecks >= 0 && line.fee_kopecks <= registry::kPaidKopecksMax);
    Require(line.paid_day >= 1900'01'01 && line.paid_day <= 2999'12'31);
    Require(line.paid_at.size() == 10 || line.paid_at.size() == 19);
    total += line.refund ? -line.kopecks : line.kopecks;
  }
  Require(total == file->total_kopecks);
}

void CheckStatement(std::string_view bytes) {
  const absl::StatusOr<registry::BankStatement> statement = registry::StatementOf(bytes);
  if (!statement.ok()) return CheckRefusal(statement.status());
  Require(statement->account.size() == 20);
  Require(statement->begin != 0 && statement->begin <= statement->end);
  int64_t total = 0;
  for (const registry::BankDocument& document : statement->documents) {
    Require(document.kopecks >= 0 && document.kopecks <= registry::kStatementKopecksMax);
    Require(document.date != 0);
    const bool credited =
        document.received_day == statement->begin && document.payee_account == statement->account;
    total += credited ? document.kopecks : 0;
  }
  Require(total == registry::TotalCredited(
                       *statement, {.account = statement->account, .day = statement->begin}));
}

void CheckProfile(std::string_view text) {
  const absl::StatusOr<registry::Profile> profile = registry::ParseProfile(text, "fuzz.toml");
  if (!profile.ok()) {
    Require(absl::IsInvalidArgument(profile.status()) && !profile.status().message().empty());
    return;
  }
  // Whatever it says, a registry is read by it or refused.
  CheckRegistry("1;2;3;01.09.2026\n=1;3\n", *profile);
}

std::vector<uint8_t> Seed(size_t reader, std::string_view text) {
  std::string seed(1, static_cast<char>(reader));
  seed += text;
  return {seed.begin(), seed.end()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const uint8_t reader = data[0] % kReaders;
  if (reader < kStatementByte) {
    const auto profile = registry::ParseProfile(kLayouts[reader], "layout.toml");
    Require(profile.ok());
    CheckRegistry(bytes, *profile);
  } else if (reader == kStatementByte) {
    CheckStatement(bytes);
  } else {
    CheckProfile(bytes);
  }
  return 0;
}

namespace ladon::fuzz {

std::vector<std::vector<uint8_t>> Seeds() {
  std::vector<std::vector<uint8_t>> seeds = {
      Seed(0,
           "TRANS_DATE;TRANSACTION_ID;SUM;COMMISSION;PARENT_TRANSACTION_ID;BILL;PURPOSE\r\n"
           "31.08.2026 9:59;1;580,5;5,81;;405217938864;Оплата\r\n;;9;;;;SETTLEMENT\r\n"
           "31.08.2026 10:59;2;80;;1;\"a\"\"b\";Возврат\r\n"),
      Seed(1,
           "\xEF\xBB\xBF"
           "TRANS_DATE;TRANSACTION_ID;SUM;COMMISSION;TRANSACTION_TYPE;ORDER_UID\n"
           "01.09.2026 12:01:33;a-1;580,00;4,06;PAYMENT;405217938864\n"),
      Seed(2,
           "01-09-2026;12-01-33;1;5;10;405217938864;\xC8;\xD2;09;580,00;574,20;5,80\r\n"
           "01-09-2026;12-05-00;1;5;11;100000000001;;;;100;99;1\r\n=2;680,00;673,20\r\n"),
      Seed(3,
           "# 1\n70;86;01/09/2026;1;580.00;5.80;CLIENTNO:405217938864;CLIENTDOCNO:A_1;m:\xEA;\n"),
      Seed(kStatementByte,
           "1CClientBankExchange\nВерсияФормата=1.03\nКодировка=UTF-8\nДатаНачала=01.09.2026\n"
           "ДатаКонца=01.09.2026\nРасчСчет=40702810000000000001\n"
           "СекцияРасчСчет\nНачальныйОстаток=-1.50\nКонечныйОстаток=672.70\nКонецРасчСчет\n"
           "СекцияДокумент=Банковский ордер\nНомер=15\nДата=31.08.2026\nСумма=674.20\n"
           "ПлательщикСчет=30232810000000000009\nПлательщикИНН=7700000001\n"
           "ПолучательСчет=40702810000000000001\nДатаПоступило=01.09.2026\n"
           "НазначениеПлатежа=Реестр\nКонецДокумента\nКонецФайла\n"),
      // The same in windows-1251, as short as it goes.
      Seed(kStatementByte,
           "1CClientBankExchange\n\xC2\xE5\xF0\xF1\xE8\xFF\xD4\xEE\xF0\xEC\xE0\xF2\xE0=1.02\n"
           "\xCA\xEE\xE4\xE8\xF0\xEE\xE2\xEA\xE0=Windows\n"
           "\xC4\xE0\xF2\xE0\xCD\xE0\xF7\xE0\xEB\xE0=01.09.2026\n"
           "\xC4\xE0\xF2\xE0\xCA\xEE\xED\xF6\xE0=01.09.2026\n"
           "\xD0\xE0\xF1\xF7\xD1\xF7\xE5\xF2=40702810000000000001\n"
           "\xCA\xEE\xED\xE5\xF6\xD4\xE0\xE9\xEB\xE0\n"),
  };
  for (const std::string_view layout : kLayouts) seeds.push_back(Seed(kReaders - 1, layout));
  return seeds;
}

size_t ReplayMutations() {
  return 3'000;
}

}  // namespace ladon::fuzz
