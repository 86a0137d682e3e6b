// The fields of one line of delimited text, by libcsv in strict mode. Internal to this folder.
// Threading: one thread at a time.
#ifndef LADON_SERVER_CLIENT_REGISTRY_ROW_READER_H_
#define LADON_SERVER_CLIENT_REGISTRY_ROW_READER_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

struct csv_parser;

namespace ladon::registry {

inline constexpr size_t kColumnsMax = 64;

class RowReader {
 public:
  struct Form {
    char delimiter = ';';
    bool quote = false;  // Fields may stand in double quotes; else these are letters like others.
  };

  explicit RowReader(Form form);
  ~RowReader();
  RowReader(const RowReader&) = delete;
  RowReader& operator=(const RowReader&) = delete;

  // Reads a line that is not blank, without its end, into fields(). InvalidArgument, naming the
  // line: quotes that do not fit (a field does not go on in the next line), more than kColumnsMax
  // fields. ResourceExhausted: no memory. After a refusal nothing more can be read.
  [[nodiscard]] absl::Status Read(size_t line, std::string_view text);
  // Without the blanks around those that are not quoted.
  [[nodiscard]] const std::vector<std::string>& fields() const { return fields_; }

 private:
  static void OnField(void* data, size_t size, void* context);
  static void OnRow(int terminator, void* context);

  std::unique_ptr<csv_parser> parser_;
  std::vector<std::string> fields_;
  bool row_ended_ = false;
  bool too_many_ = false;
};

}  // namespace ladon::registry

#endif  // LADON_SERVER_CLIENT_REGISTRY_ROW_READER_H_
