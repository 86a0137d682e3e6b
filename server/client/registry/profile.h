// How a bank lays out its registry of payments, as data: one TOML file per layout. Those that we
// know are in deploy/registries; each shows the keys that it needs, this header tells all.
//
//   name, charset, delimiter, decimal_mark         required; charset: charset.h
//   quote = false            fields may stand in double quotes
//   may_be_empty = false     a day without payments is a registry too
//   header_lines = 0         lines at the top that are no payments; the last names the columns
//   columns = 0              how many fields every line has; 0: as many as the header, if it names
//                            a column that is used; else at least those that are used
//   comment                  lines that begin with this are passed over
//   [fields] payment_id, account, sum, fee, refund_of      the first three required
//   [paid_at] date, date_format, time, time_format         the first two required; moment.h
//   [kind] column, payment, refund, ignored                lists of values; the first two required
//   [pairs] from, separator = ":"                          from this field on: NAME:value
//   [footer] prefix, count, sum                            all required; fields behind the prefix
//
// A field is a number, from 1, or a name: of a pair in a layout with [pairs], of the header else.
// Threading: plain values and pure functions.
#ifndef LADON_SERVER_CLIENT_REGISTRY_PROFILE_H_
#define LADON_SERVER_CLIENT_REGISTRY_PROFILE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/client/registry/charset.h"
#include "server/client/registry/moment.h"

namespace ladon::registry {

inline constexpr size_t kProfileBytesMax = size_t{64} * 1024;
inline constexpr size_t kProfileTextBytesMax = 100;
inline constexpr size_t kHeaderLinesMax = 20;
inline constexpr size_t kKindWordsMax = 20;

// Where a value stands on a line.
struct Column {
  size_t number = 0;  // From 1; 0: by name.
  std::string name;

  [[nodiscard]] bool given() const { return number != 0 || !name.empty(); }
};

struct Profile {
  std::string name;
  Charset charset = Charset::kUtf8;
  char delimiter = ';';
  char decimal_mark = '.';
  bool quote = false;
  bool may_be_empty = false;
  size_t header_lines = 0;
  size_t columns = 0;
  std::string comment;  // Empty: there are none.
  struct {
    Column payment_id;
    Column account;
    Column sum;
    Column fee;        // May be not given, as the two below.
    Column refund_of;  // The payment that a refund takes back.
  } fields;
  struct {
    Column date;
    MomentFormat date_format;  // With the time when that has no column.
    Column time;
    MomentFormat time_format;
  } paid_at;
  struct {
    Column column;  // Not given: every line is a payment.
    std::vector<std::string> payment;
    std::vector<std::string> refund;
    std::vector<std::string> ignored;  // Lines that are neither, as transfers to the payee.
  } kind;
  struct {
    size_t from = 0;  // 0: there are none.
    char separator = ':';
  } pairs;
  struct {
    std::string prefix;  // Empty: there is none.
    size_t count = 0;
    size_t sum = 0;
  } footer;

  // Whether the names of fields are the header's.
  [[nodiscard]] bool NamedByHeader() const;
};

// `file` stands in the refusals. InvalidArgument, naming file and line: not TOML, an unknown table
// or key, a value of another type or out of its range, a required key missing, keys that contradict
// each other.
[[nodiscard]] absl::StatusOr<Profile> ParseProfile(std::string_view text, const std::string& file);
// Also NotFound: there is no such file.
[[nodiscard]] absl::StatusOr<Profile> LoadProfile(const std::string& path);

}  // namespace ladon::registry

#endif  // LADON_SERVER_CLIENT_REGISTRY_PROFILE_H_
