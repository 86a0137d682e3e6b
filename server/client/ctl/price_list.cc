#include "server/client/ctl/price_list.h"

#include <initializer_list>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "server/client/ctl/columns.h"
#include "server/client/ctl/unicode.h"
#include "server/client/ctl/values.h"

namespace ladon::ctl {
namespace {

struct Columns {
  std::optional<size_t> item_id;
  size_t category = 0;
  size_t name = 0;
  size_t price = 0;
};

absl::Status Refuse(std::string_view key, base::Language language,
                    std::initializer_list<std::string_view> arguments) {
  return absl::InvalidArgumentError(base::Text(key, language, arguments));
}

absl::StatusOr<size_t> Required(const CsvTable& table, const std::vector<std::string>& heads,
                                base::Language language) {
  const absl::StatusOr<std::optional<size_t>> column = FindColumn(table.head, heads, language);
  if (!column.ok()) return column.status();
  if (!column->has_value()) return Refuse("csv.column_missing", language, {heads.back()});
  return **column;
}

absl::StatusOr<Columns> ColumnsOf(const CsvTable& table, base::Language language) {
  Columns columns;
  const std::vector<std::string> id_heads = {"item_id", "Код"};
  const absl::StatusOr<std::optional<size_t>> id = FindColumn(table.head, id_heads, language);
  if (!id.ok()) return id.status();
  columns.item_id = *id;
  const absl::StatusOr<size_t> category = Required(table, {"category", "Категория"}, language);
  if (!category.ok()) return category.status();
  const absl::StatusOr<size_t> name =
      Required(table, {"name", "Наименование", "Название"}, language);
  if (!name.ok()) return name.status();
  const absl::StatusOr<size_t> price = Required(table, {"price", "Цена"}, language);
  if (!price.ok()) return price.status();
  columns.category = *category;
  columns.name = *name;
  columns.price = *price;
  return columns;
}

// 1..kCategoryMax; 0 when the text is no such number.
uint32_t CategoryOf(std::string_view text) {
  uint32_t number = 0;
  if (text.empty() || text.size() > 4) return 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return 0;
    number = number * 10 + static_cast<uint32_t>(c - '0');
  }
  return number;
}

absl::StatusOr<v1::PriceListItem> ItemOf(const CsvRow& row, const Columns& columns,
                                         const base::CatererId& caterer, base::Language language) {
  const std::string line = std::to_string(row.line);
  v1::PriceListItem item;
  const std::string& name = row.fields[columns.name];
  const std::optional<std::u32string> letters = DecodeUtf8(name);
  if (!letters || letters->empty() || letters->size() > kItemNameCharactersMax) {
    return Refuse("prices.bad_name", language, {line});
  }
  item.set_name(name);
  item.set_category(CategoryOf(row.fields[columns.category]));
  if (item.category() == 0) {
    return Refuse("prices.bad_category", language, {line, row.fields[columns.category]});
  }
  const std::optional<int64_t> price = ParseRoubles(row.fields[columns.price]);
  if (!price || *price == 0) {
    return Refuse("prices.bad_price", language, {line, row.fields[columns.price]});
  }
  item.set_unit_price_kopecks(*price);
  base::ItemId id = DeriveItemId(caterer, name);
  if (columns.item_id && !row.fields[*columns.item_id].empty()) {
    const std::string& given = row.fields[*columns.item_id];
    const std::optional<base::ItemId> parsed = base::IdOfHex<base::ItemId>(given);
    if (!parsed || parsed->IsZero()) return Refuse("prices.bad_item_id", language, {line, given});
    id = *parsed;
  }
  item.set_item_id(std::string(id.view()));
  return item;
}

}  // namespace

base::ItemId DeriveItemId(const base::CatererId& caterer, std::string_view name) {
  std::string bytes(caterer.view());
  bytes += name;
  return *base::ItemId::FromBytes(std::string_view(Sha256(bytes)).substr(0, base::kIdBytes));
}

absl::StatusOr<v1::PriceList> PriceListOf(const CsvTable& table, const base::CatererId& caterer,
                                          const v1::Date& valid_from, base::Language language) {
  if (table.rows.size() > kPriceItemsMax) {
    return Refuse(
        "csv.too_many_rows", language,
        {std::to_string(table.rows[kPriceItemsMax].line), std::to_string(kPriceItemsMax)});
  }
  const absl::StatusOr<Columns> columns = ColumnsOf(table, language);
  if (!columns.ok()) return columns.status();
  v1::PriceList list;
  list.set_caterer_id(std::string(caterer.view()));
  *list.mutable_valid_from() = valid_from;
  std::set<std::string> ids;
  for (const CsvRow& row : table.rows) {
    absl::StatusOr<v1::PriceListItem> item = ItemOf(row, *columns, caterer, language);
    if (!item.ok()) return item.status();
    if (!ids.insert(item->item_id()).second) {
      return Refuse("prices.item_twice", language, {std::to_string(row.line), item->name()});
    }
    *list.add_items() = *std::move(item);
  }
  return list;
}

}  // namespace ladon::ctl
