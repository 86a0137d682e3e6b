// A table that a school or a caterer saved from its office program, as rows of UTF-8 fields.
//
// Encoding: UTF-8 with or without a byte order mark; what is not UTF-8 is read as cp1251.
// Form: RFC 4180 with ';' between fields, by libcsv in strict mode; blank lines do not count.
// Every refusal is a sentence in the reader's language and names the line. Threading: pure.
#ifndef LADON_SERVER_CLIENT_CTL_CSV_FILE_H_
#define LADON_SERVER_CLIENT_CTL_CSV_FILE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/messages.h"

namespace ladon::ctl {

inline constexpr size_t kCsvBytesMax = size_t{16} * 1024 * 1024;
inline constexpr size_t kCsvRowsMax = 20'000;  // Without the head.
inline constexpr size_t kCsvFieldBytesMax = 200;
inline constexpr size_t kCsvColumnsMax = 64;

struct CsvRow {
  size_t line = 0;  // In the file, from 1.
  std::vector<std::string> fields;
};

struct CsvTable {
  std::vector<std::string> head;
  std::vector<CsvRow> rows;  // Each as wide as the head.
  bool cp1251 = false;
};

// InvalidArgument, a sentence with the line.
[[nodiscard]] absl::StatusOr<CsvTable> ParseCsv(std::string_view bytes, base::Language language);
// Also NotFound and FailedPrecondition of the file.
[[nodiscard]] absl::StatusOr<CsvTable> ReadCsvFile(const std::string& path,
                                                   base::Language language);

}  // namespace ladon::ctl

#endif  // LADON_SERVER_CLIENT_CTL_CSV_FILE_H_
