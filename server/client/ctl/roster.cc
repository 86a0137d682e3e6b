#include "server/client/ctl/roster.h"

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "server/client/ctl/columns.h"
#include "server/client/ctl/unicode.h"
#include "server/client/ctl/values.h"

namespace ladon::ctl {
namespace {

struct Columns {
  size_t family = 0;
  size_t given = 0;
  size_t class_name = 0;
  std::optional<size_t> id;
  std::optional<size_t> card;
  std::optional<size_t> born;
};

absl::Status Refuse(std::string_view key, base::Language language,
                    std::initializer_list<std::string_view> arguments) {
  return absl::InvalidArgumentError(base::Text(key, language, arguments));
}

// A head that the caller named must be there; of the usual heads any will do.
absl::StatusOr<std::optional<size_t>> Find(const CsvTable& table, const ColumnMap& heads,
                                           const std::string& what,
                                           const std::vector<std::string>& usual, bool required,
                                           base::Language language) {
  const auto named = heads.find(what);
  const std::vector<std::string> wanted =
      named == heads.end() ? usual : std::vector<std::string>{named->second};
  absl::StatusOr<std::optional<size_t>> column = FindColumn(table.head, wanted, language);
  if (!column.ok()) return column.status();
  if (!column->has_value() && (required || named != heads.end())) {
    return Refuse("csv.column_missing", language, {wanted.front()});
  }
  return column;
}

absl::StatusOr<Columns> ColumnsOf(const CsvTable& table, const ColumnMap& heads,
                                  base::Language language) {
  Columns columns;
  const auto family = Find(table, heads, "family", {"Фамилия", "family_name"}, true, language);
  if (!family.ok()) return family.status();
  const auto given = Find(table, heads, "given", {"Имя", "given_name"}, true, language);
  if (!given.ok()) return given.status();
  const auto class_name =
      Find(table, heads, "class", {"Класс", "class", "class_name"}, true, language);
  if (!class_name.ok()) return class_name.status();
  const auto id =
      Find(table, heads, "id", {"Код", "ЛС", "Лицевой счёт", "external_id"}, false, language);
  if (!id.ok()) return id.status();
  const auto card = Find(table, heads, "card", {"Карта", "card"}, false, language);
  if (!card.ok()) return card.status();
  const auto born = Find(table, heads, "born", {"Дата рождения", "birth_date"}, false, language);
  if (!born.ok()) return born.status();
  columns.family = **family;
  columns.given = **given;
  columns.class_name = **class_name;
  columns.id = *id;
  columns.card = *card;
  columns.born = *born;
  return columns;
}

bool HasLength(const std::string& text, size_t characters_max) {
  const std::optional<std::u32string> letters = DecodeUtf8(text);
  return letters && !letters->empty() && letters->size() <= characters_max;
}

// Whether there is such a card is the server's to say; here only that it is a number at all.
bool IsCard(const std::string& card) {
  return card.size() <= kCardDigitsMax && card.size() % 2 == 0 &&
         std::all_of(card.begin(), card.end(),
                     [](unsigned char c) { return std::isxdigit(c) != 0; });
}

// "28.02.2015", as registers and spreadsheets print it, and "2015-02-28", to the latter.
bool NormaliseBirthDate(std::string* text) {
  std::string& day = *text;
  if (day.empty()) return true;
  if (day.size() == 10 && day[2] == '.' && day[5] == '.') {
    day = day.substr(6) + '-' + day.substr(3, 2) + '-' + day.substr(0, 2);
  }
  return ParseDate(day, kBirthYearMin).has_value();
}

bool IsExternalId(const std::string& id) {
  return id.size() <= kExternalIdCharactersMax &&
         std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

absl::StatusOr<std::vector<RosterRow>> RosterOf(const CsvTable& table, const ColumnMap& heads,
                                                base::Language language) {
  const absl::StatusOr<Columns> columns = ColumnsOf(table, heads, language);
  if (!columns.ok()) return columns.status();
  std::vector<RosterRow> roster;
  std::map<std::string, size_t> line_of_id;
  for (const CsvRow& csv : table.rows) {
    const std::string line = std::to_string(csv.line);
    RosterRow row{.line = csv.line,
                  .family_name = csv.fields[columns->family],
                  .given_name = csv.fields[columns->given],
                  .class_name = csv.fields[columns->class_name],
                  .external_id = columns->id ? csv.fields[*columns->id] : std::string(),
                  .card = columns->card ? csv.fields[*columns->card] : std::string(),
                  .birth_date = columns->born ? csv.fields[*columns->born] : std::string()};
    if (!HasLength(row.family_name, kNameCharactersMax) ||
        !HasLength(row.given_name, kNameCharactersMax)) {
      return Refuse("roster.bad_name", language, {line});
    }
    if (!HasLength(row.class_name, kClassCharactersMax) || FoldClass(row.class_name).empty()) {
      return Refuse("roster.bad_class", language, {line, row.class_name});
    }
    if (!IsExternalId(row.external_id)) {
      return Refuse("roster.bad_id", language, {line, row.external_id});
    }
    if (!IsCard(row.card)) return Refuse("roster.bad_card", language, {line});
    if (!NormaliseBirthDate(&row.birth_date)) return Refuse("roster.bad_birth", language, {line});
    if (!row.external_id.empty()) {
      const auto [first, fresh] = line_of_id.emplace(row.external_id, row.line);
      if (!fresh) {
        return Refuse("roster.id_twice", language,
                      {line, row.external_id, std::to_string(first->second)});
      }
    }
    roster.push_back(std::move(row));
  }
  return roster;
}

}  // namespace ladon::ctl
