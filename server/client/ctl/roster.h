// A school's list of pupils, as its own register exports it.
//
// Columns by head: family name, given name, class, the register's id, a card's number and the date
// of birth (these three may be absent or empty). Heads can be named by the caller. Threading: pure
// functions.
#ifndef LADON_SERVER_CLIENT_CTL_ROSTER_H_
#define LADON_SERVER_CLIENT_CTL_ROSTER_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/messages.h"
#include "server/client/ctl/csv_file.h"

namespace ladon::ctl {

inline constexpr size_t kNameCharactersMax = 60;
inline constexpr size_t kClassCharactersMax = 8;
inline constexpr size_t kExternalIdCharactersMax = 64;
inline constexpr size_t kCardDigitsMax = 20;

struct RosterRow {
  size_t line = 0;
  std::string family_name;
  std::string given_name;
  std::string class_name;
  std::string external_id;  // May be empty.
  std::string card;         // In hex, as the reader types it; may be empty.
  std::string birth_date;   // "2015-02-28"; may be empty.
};

// "family", "given", "class", "id", "card", "born" -> the head that the file uses for it.
using ColumnMap = std::map<std::string, std::string>;

// InvalidArgument: a sentence that names the line; a register id that stands there twice too.
[[nodiscard]] absl::StatusOr<std::vector<RosterRow>> RosterOf(const CsvTable& table,
                                                              const ColumnMap& heads,
                                                              base::Language language);

}  // namespace ladon::ctl

#endif  // LADON_SERVER_CLIENT_CTL_ROSTER_H_
