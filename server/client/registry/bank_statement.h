// A statement of an account in the exchange format of 1C with banks, 1CClientBankExchange 1.02 or
// 1.03, in windows-1251, cp866 or UTF-8 as its own header says (Кодировка=Windows, DOS, UTF-8).
//
// Lines of key=value: a header, sections of the account (СекцияРасчСчет ... КонецРасчСчет, one or
// one a day), documents (СекцияДокумент=... ... КонецДокумента), and КонецФайла at the end. Keys
// that are not needed here are passed over. A file that is cut, or doubtful in what is needed, is
// refused whole. One account a file.
// Threading: pure functions.
#ifndef LADON_SERVER_CLIENT_REGISTRY_BANK_STATEMENT_H_
#define LADON_SERVER_CLIENT_REGISTRY_BANK_STATEMENT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/client/registry/text.h"

namespace ladon::registry {

inline constexpr size_t kDocumentsMax = 100'000;
// Of one document or balance, 100 billion roubles: so many documents do not overflow a sum.
inline constexpr int64_t kStatementKopecksMax = 10'000'000'000'000;

struct BankDocument {
  size_t line_number = 0;  // Where its section begins.
  std::string number;      // Номер; may be empty, as all texts here.
  Day date = 0;            // Дата
  int64_t kopecks = 0;     // Сумма, 0..kStatementKopecksMax
  std::string payer_account;  // ПлательщикСчет, else ПлательщикРасчСчет
  std::string payee_account;  // ПолучательСчет, else ПолучательРасчСчет
  std::string payer_inn;      // ПлательщикИНН
  std::string purpose;  // НазначениеПлатежа, else its parts 1 to 6 with blanks between them
  Day received_day = 0;  // ДатаПоступило; 0: it was not credited.
};

struct BankStatement {
  std::string version;  // "1.02" or "1.03"
  std::string account;  // РасчСчет, twenty digits
  Day begin = 0;
  Day end = 0;  // Last day.
  // As the sections of the account tell, if they do; less than nothing when overdrawn.
  std::optional<int64_t> opening_kopecks;
  std::optional<int64_t> closing_kopecks;
  std::vector<BankDocument> documents;
};

// InvalidArgument, naming the line and what is wrong with it: not of this format or its version,
// written in another charset than it says, cut before КонецФайла, more than one account, a bound
// above or in text.h exceeded, a value that is none.
[[nodiscard]] absl::StatusOr<BankStatement> StatementOf(std::string_view bytes);

// Which documents count as a channel's money.
struct Credits {
  std::string account;  // That was credited.
  Day day = 0;          // On which.
  std::optional<std::string> payer_inn;
  std::optional<std::string> purpose_part;  // What the purpose contains, letter by letter.
};
// Their sum in kopecks.
[[nodiscard]] int64_t TotalCredited(const BankStatement& statement, const Credits& credits);

}  // namespace ladon::registry

#endif  // LADON_SERVER_CLIENT_REGISTRY_BANK_STATEMENT_H_
