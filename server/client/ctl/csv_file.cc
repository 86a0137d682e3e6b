#include "server/client/ctl/csv_file.h"

#include <csv.h>
#include <iconv.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "server/client/ctl/unicode.h"
#include "server/client/ctl/values.h"

namespace ladon::ctl {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

using Arguments = std::initializer_list<std::string_view>;

absl::Status Refuse(std::string_view key, base::Language language, Arguments arguments) {
  return absl::InvalidArgumentError(base::Text(key, language, arguments));
}

std::string LineAt(std::string_view bytes, size_t offset) {
  const auto end = bytes.begin() + static_cast<ptrdiff_t>(std::min(offset, bytes.size()));
  return std::to_string(1 + std::count(bytes.begin(), end, '\n'));
}

absl::StatusOr<std::string> FromCp1251(std::string_view bytes, base::Language language) {
  const iconv_t converter = iconv_open("UTF-8", "CP1251");
  if (converter == reinterpret_cast<iconv_t>(-1)) {  // NOLINT(performance-no-int-to-ptr)
    return absl::FailedPreconditionError("this system cannot convert cp1251 (iconv)");
  }
  std::string input(bytes);
  std::string out(3 * bytes.size(), '\0');  // No cp1251 byte needs more.
  char* from = input.data();
  char* to = out.data();
  size_t from_left = input.size();
  size_t to_left = out.size();
  const size_t result = iconv(converter, &from, &from_left, &to, &to_left);
  iconv_close(converter);
  if (result == static_cast<size_t>(-1)) {
    return Refuse("csv.not_text", language, {LineAt(bytes, input.size() - from_left)});
  }
  out.resize(out.size() - to_left);
  return out;
}

struct Reader {
  base::Language language;
  CsvTable table;
  std::vector<std::string> fields;
  size_t line = 0;      // Being fed.
  size_t row_line = 0;  // Where the row's first field ended.
  bool head_read = false;
  absl::Status status;
};

std::string Line(size_t line) {
  return std::to_string(line);
}

void OnField(void* data, size_t size, void* context) {
  auto* reader = static_cast<Reader*>(context);
  if (!reader->status.ok()) return;
  if (reader->fields.empty()) reader->row_line = reader->line;
  if (size > kCsvFieldBytesMax) {
    reader->status = Refuse("csv.field_too_long", reader->language,
                            {Line(reader->line), Line(kCsvFieldBytesMax)});
    return;
  }
  if (reader->fields.size() == kCsvColumnsMax) {
    reader->status = Refuse("csv.too_many_columns", reader->language,
                            {Line(reader->line), Line(kCsvColumnsMax)});
    return;
  }
  reader->fields.emplace_back(static_cast<const char*>(data), size);
}

void OnRow(int /*terminator*/, void* context) {
  auto* reader = static_cast<Reader*>(context);
  if (!reader->status.ok()) return;
  std::vector<std::string> fields = std::exchange(reader->fields, {});
  if (!reader->head_read) {
    reader->head_read = true;
    reader->table.head = std::move(fields);
    return;
  }
  // Office programs save emptied rows as ";;;".
  const auto empty = [](const std::string& field) { return field.empty(); };
  if (std::all_of(fields.begin(), fields.end(), empty)) return;
  if (fields.size() != reader->table.head.size()) {
    reader->status =
        Refuse("csv.row_width", reader->language,
               {Line(reader->row_line), Line(fields.size()), Line(reader->table.head.size())});
    return;
  }
  if (reader->table.rows.size() == kCsvRowsMax) {
    reader->status =
        Refuse("csv.too_many_rows", reader->language, {Line(reader->row_line), Line(kCsvRowsMax)});
    return;
  }
  reader->table.rows.push_back({.line = reader->row_line, .fields = std::move(fields)});
}

// Line by line, so that a refusal can name the line.
void Feed(std::string_view text, Reader* reader) {
  csv_parser parser;
  if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
    reader->status = absl::ResourceExhaustedError("libcsv: no memory");
    return;
  }
  csv_set_delim(&parser, ';');
  while (!text.empty() && reader->status.ok()) {
    ++reader->line;
    const size_t end = text.find('\n');
    const size_t size = end == std::string_view::npos ? text.size() : end + 1;
    if (csv_parse(&parser, text.data(), size, OnField, OnRow, reader) != size) {
      reader->status = Refuse("csv.bad_quotes", reader->language, {Line(reader->line)});
    }
    text.remove_prefix(size);
  }
  if (reader->status.ok() && csv_fini(&parser, OnField, OnRow, reader) != 0) {
    reader->status = Refuse("csv.bad_quotes", reader->language, {Line(reader->line)});
  }
  csv_free(&parser);
}

}  // namespace

absl::StatusOr<CsvTable> ParseCsv(std::string_view bytes, base::Language language) {
  if (bytes.size() > kCsvBytesMax) {
    return Refuse("csv.too_large", language, {Line(kCsvBytesMax / (1024 * 1024))});
  }
  const bool marked = bytes.substr(0, kByteOrderMark.size()) == kByteOrderMark;
  if (marked) bytes.remove_prefix(kByteOrderMark.size());
  const size_t zero = bytes.find('\0');
  if (zero != std::string_view::npos) {
    return Refuse("csv.not_text", language, {LineAt(bytes, zero)});
  }
  Reader reader{.language = language};
  std::string text(bytes);
  if (!DecodeUtf8(bytes)) {
    if (marked) return Refuse("csv.bad_utf8", language, {});
    absl::StatusOr<std::string> converted = FromCp1251(bytes, language);
    if (!converted.ok()) return converted.status();
    text = *std::move(converted);
    reader.table.cp1251 = true;
  }
  Feed(text, &reader);
  if (!reader.status.ok()) return reader.status;
  if (!reader.head_read || reader.table.rows.empty()) return Refuse("csv.empty", language, {});
  if (reader.table.head.size() < 2) return Refuse("csv.separator", language, {});
  return std::move(reader.table);
}

absl::StatusOr<CsvTable> ReadCsvFile(const std::string& path, base::Language language) {
  const absl::StatusOr<std::string> bytes = ReadWholeFile(path, kCsvBytesMax);
  if (!bytes.ok()) return bytes.status();
  return ParseCsv(*bytes, language);
}

}  // namespace ladon::ctl
