#include "server/client/registry/row_reader.h"

#include <csv.h>

#include <cassert>

#include "server/client/registry/text.h"

namespace ladon::registry {

RowReader::RowReader(Form form) : parser_(std::make_unique<csv_parser>()) {
  const int failed = csv_init(parser_.get(), CSV_STRICT | CSV_STRICT_FINI);
  assert(failed == 0 && "csv_init fails for a null pointer only");
  csv_set_delim(parser_.get(), static_cast<unsigned char>(form.delimiter));
  // libcsv cannot do without a quote. No text has this byte: CheckText() saw to it.
  if (!form.quote) csv_set_quote(parser_.get(), '\0');
}

RowReader::~RowReader() {
  csv_free(parser_.get());
}

void RowReader::OnField(void* data, size_t size, void* context) {
  auto* const reader = static_cast<RowReader*>(context);
  if (reader->fields_.size() == kColumnsMax) {
    reader->too_many_ = true;
    return;
  }
  reader->fields_.emplace_back(static_cast<const char*>(data), size);
}

void RowReader::OnRow(int /*terminator*/, void* context) {
  static_cast<RowReader*>(context)->row_ended_ = true;
}

absl::Status RowReader::Read(size_t line, std::string_view text) {
  fields_.clear();
  row_ended_ = false;
  too_many_ = false;
  for (const std::string_view part : {text, std::string_view("\n")}) {
    if (csv_parse(parser_.get(), part.data(), part.size(), OnField, OnRow, this) == part.size()) {
      continue;
    }
    if (csv_error(parser_.get()) == CSV_EPARSE) {
      return Refused(line, "its quotes are not in pairs around whole fields");
    }
    return absl::ResourceExhaustedError("libcsv: no memory");
  }
  if (!row_ended_) return Refused(line, "a quote is opened and not closed");
  if (too_many_) {
    return Refused(line, "more than " + std::to_string(kColumnsMax) + " fields");
  }
  return absl::OkStatus();
}

}  // namespace ladon::registry
