#include "server/client/registry/profile.h"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <optional>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "server/client/registry/row_reader.h"
#include "server/client/registry/text.h"

namespace ladon::registry {
namespace {

constexpr size_t kNameBytesMax = 32;

struct Number {
  size_t* value;
  size_t min;
  size_t max;
};
using Words = std::vector<std::string>;
using Target = std::variant<std::string*, char*, bool*, Number, Column*, Words*>;

struct Key {
  std::string_view table;  // Empty: the top of the file.
  std::string_view name;
  bool required;  // In a table that may be left out: once it is there.
  Target target;
  uint32_t line = 0;  // Where it stands; 0: it keeps its default.
};

// What a file says before it is held against itself.
struct Draft {
  std::string file;
  Profile profile;
  std::string charset;
  std::string date_format;
  std::string time_format;
  std::vector<Key> keys;
};

std::vector<Key> KeysOf(Draft* draft) {
  Profile& p = draft->profile;
  return {
      {"", "name", true, &p.name},
      {"", "charset", true, &draft->charset},
      {"", "delimiter", true, &p.delimiter},
      {"", "decimal_mark", true, &p.decimal_mark},
      {"", "quote", false, &p.quote},
      {"", "may_be_empty", false, &p.may_be_empty},
      {"", "header_lines", false, Number{&p.header_lines, 0, kHeaderLinesMax}},
      {"", "columns", false, Number{&p.columns, 0, kColumnsMax}},
      {"", "comment", false, &p.comment},
      {"fields", "payment_id", true, &p.fields.payment_id},
      {"fields", "account", true, &p.fields.account},
      {"fields", "sum", true, &p.fields.sum},
      {"fields", "fee", false, &p.fields.fee},
      {"fields", "refund_of", false, &p.fields.refund_of},
      {"paid_at", "date", true, &p.paid_at.date},
      {"paid_at", "date_format", true, &draft->date_format},
      {"paid_at", "time", false, &p.paid_at.time},
      {"paid_at", "time_format", false, &draft->time_format},
      {"kind", "column", true, &p.kind.column},
      {"kind", "payment", true, &p.kind.payment},
      {"kind", "refund", false, &p.kind.refund},
      {"kind", "ignored", false, &p.kind.ignored},
      {"pairs", "from", true, Number{&p.pairs.from, 1, kColumnsMax}},
      {"pairs", "separator", false, &p.pairs.separator},
      {"footer", "prefix", true, &p.footer.prefix},
      {"footer", "count", true, Number{&p.footer.count, 1, kColumnsMax}},
      {"footer", "sum", true, Number{&p.footer.sum, 1, kColumnsMax}},
  };
}

std::string FullName(std::string_view table, std::string_view key) {
  return (table.empty() ? "" : "[" + std::string(table) + "] ") + std::string(key);
}

absl::Status Wrong(const Draft& draft, uint32_t line, const std::string& what) {
  return absl::InvalidArgumentError(draft.file + ", line " + std::to_string(line) + ": " + what);
}

const Key& KeyOf(const Draft& draft, std::string_view table, std::string_view name) {
  return *std::find_if(draft.keys.begin(), draft.keys.end(),
                       [&](const Key& key) { return key.table == table && key.name == name; });
}

// A refusal that names the key and the line where it stands.
absl::Status WrongKey(const Draft& draft, std::string_view table, std::string_view name,
                      std::string_view why) {
  return Wrong(draft, KeyOf(draft, table, name).line,
               FullName(table, name) + " " + std::string(why));
}

bool IsText(const std::optional<std::string>& text) {
  return text && !text->empty() && text->size() <= kProfileTextBytesMax;
}

// The setters tell what is wrong with the value; empty: nothing.
std::string Set(const toml::node& node, std::string* text) {
  const auto value = node.value_exact<std::string>();
  if (!IsText(value)) return "must be a text in quotes, 1 to 100 bytes";
  *text = *value;
  return {};
}

std::string Set(const toml::node& node, char* mark) {
  const auto value = node.value_exact<std::string>();
  const bool one = value && value->size() == 1;
  if (!one || (!absl::ascii_ispunct(static_cast<unsigned char>(value->front())) &&
               value->front() != '\t')) {
    return "must be one mark in quotes, like \";\", or a tab, \"\\t\"";
  }
  *mark = value->front();
  return {};
}

std::string Set(const toml::node& node, bool* flag) {
  const auto value = node.value_exact<bool>();
  if (!value) return "must be true or false";
  *flag = *value;
  return {};
}

std::string Set(const toml::node& node, const Number& number) {
  const auto value = node.value_exact<int64_t>();
  if (!value || *value < static_cast<int64_t>(number.min) ||
      *value > static_cast<int64_t>(number.max)) {
    return "must be a whole number from " + std::to_string(number.min) + " to " +
           std::to_string(number.max);
  }
  *number.value = static_cast<size_t>(*value);
  return {};
}

std::string Set(const toml::node& node, Column* column) {
  if (node.is_string()) return Set(node, &column->name);
  if (Set(node, Number{&column->number, 1, kColumnsMax}).empty()) return {};
  return "must be the number of a field, from 1 to " + std::to_string(kColumnsMax) +
         ", or its name in quotes";
}

std::string Set(const toml::node& node, Words* words) {
  std::string wrong = "must be a list of 1 to " + std::to_string(kKindWordsMax) +
                      " texts in quotes, each of 1 to 100 bytes";
  const toml::array* const list = node.as_array();
  if (list == nullptr || list->empty() || list->size() > kKindWordsMax) return wrong;
  for (const toml::node& one : *list) {
    const auto value = one.value_exact<std::string>();
    if (!IsText(value)) return wrong;
    words->push_back(*value);
  }
  return {};
}

absl::Status ReadTable(std::string_view table, const toml::table& values, Draft* draft) {
  for (const auto& [name, node] : values) {
    // The tables themselves stand among the keys of the top.
    if (table.empty() && node.is_table()) continue;
    const std::string_view word = name.str();
    const auto key = std::find_if(draft->keys.begin(), draft->keys.end(),
                                  [&](const Key& k) { return k.table == table && k.name == word; });
    if (key == draft->keys.end()) {
      return Wrong(*draft, name.source().begin.line, "unknown key " + FullName(table, word));
    }
    key->line = node.source().begin.line;
    const std::string wrong =
        std::visit([&n = node](const auto& target) { return Set(n, target); }, key->target);
    if (!wrong.empty()) return WrongKey(*draft, table, word, wrong);
  }
  return absl::OkStatus();
}

absl::Status ReadAll(const toml::table& root, Draft* draft) {
  if (absl::Status s = ReadTable("", root, draft); !s.ok()) return s;
  std::vector<std::string_view> tables = {"", "fields", "paid_at"};
  for (const auto& [name, node] : root) {
    const toml::table* const table = node.as_table();
    if (table == nullptr) continue;
    const std::string_view word = name.str();
    const bool known = std::any_of(draft->keys.begin(), draft->keys.end(),
                                   [&](const Key& key) { return key.table == word; });
    if (!known || word.empty()) {
      return Wrong(*draft, node.source().begin.line, "unknown table " + std::string(word));
    }
    if (absl::Status s = ReadTable(word, *table, draft); !s.ok()) return s;
    tables.push_back(word);
  }
  for (const Key& key : draft->keys) {
    if (key.required && key.line == 0 &&
        std::find(tables.begin(), tables.end(), key.table) != tables.end()) {
      return absl::InvalidArgumentError(draft->file + ": " + FullName(key.table, key.name) +
                                        " is missing");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckMarks(Draft* draft) {
  Profile& p = draft->profile;
  const auto is_plain = [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) ||
           absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '-';
  };
  if (p.name.size() > kNameBytesMax || !std::all_of(p.name.begin(), p.name.end(), is_plain)) {
    return WrongKey(*draft, "", "name", "must be 1 to 32 small letters, digits and hyphens");
  }
  const std::optional<Charset> charset = CharsetOf(draft->charset);
  if (!charset) {
    return WrongKey(*draft, "", "charset", "must be utf-8, windows-1251, koi8-r or cp866");
  }
  p.charset = *charset;
  if (p.decimal_mark != '.' && p.decimal_mark != ',') {
    return WrongKey(*draft, "", "decimal_mark", "must be \".\" or \",\"");
  }
  if (p.delimiter == p.decimal_mark || p.delimiter == '"') {
    return WrongKey(*draft, "", "delimiter", "must not be the decimal mark or a quote");
  }
  return absl::OkStatus();
}

absl::Status CheckPaidAt(Draft* draft) {
  Profile& p = draft->profile;
  absl::StatusOr<MomentFormat> date = MomentFormat::Parse(draft->date_format);
  if (!date.ok() || !date->has_day()) {
    return WrongKey(*draft, "paid_at", "date_format",
                    "must be " + std::string(date.ok() ? "a whole day" : date.status().message()));
  }
  p.paid_at.date_format = *std::move(date);
  if (p.paid_at.time.given() != !draft->time_format.empty()) {
    const char* alone = p.paid_at.time.given() ? "time" : "time_format";
    return WrongKey(*draft, "paid_at", alone, "is set alone: time and time_format go together");
  }
  if (draft->time_format.empty()) return absl::OkStatus();
  if (p.paid_at.date_format.has_time()) {
    return WrongKey(*draft, "paid_at", "time", "is set, but date_format has the time already");
  }
  absl::StatusOr<MomentFormat> time = MomentFormat::Parse(draft->time_format);
  if (!time.ok() || time->has_day()) {
    return WrongKey(*draft, "paid_at", "time_format", "must be a time, like HH:MM:SS");
  }
  p.paid_at.time_format = *std::move(time);
  return absl::OkStatus();
}

// Every field that is used, against the rest.
absl::Status CheckColumns(const Draft& draft) {
  const Profile& p = draft.profile;
  const bool pairs = p.pairs.from != 0;
  for (const Key& key : draft.keys) {
    const auto* const target = std::get_if<Column*>(&key.target);
    if (target == nullptr || !(*target)->given()) continue;
    const size_t number = (*target)->number;
    if (number == 0 && !pairs && p.header_lines == 0) {
      return WrongKey(draft, key.table, key.name, "is a name: that needs header_lines or [pairs]");
    }
    if (p.columns != 0 && number > p.columns) {
      return WrongKey(draft, key.table, key.name, "lies behind the last of the columns");
    }
    if (pairs && number >= p.pairs.from) {
      return WrongKey(draft, key.table, key.name, "is a number among the pairs: give its name");
    }
  }
  if (pairs && p.columns != 0) {
    return WrongKey(draft, "", "columns", "must not be set with [pairs], which may be any number");
  }
  if (pairs && p.pairs.separator == p.delimiter) {
    return WrongKey(draft, "pairs", "separator", "must not be the delimiter");
  }
  return absl::OkStatus();
}

absl::Status CheckWords(const Draft& draft) {
  const Profile& p = draft.profile;
  Words all = p.kind.payment;
  all.insert(all.end(), p.kind.refund.begin(), p.kind.refund.end());
  all.insert(all.end(), p.kind.ignored.begin(), p.kind.ignored.end());
  std::sort(all.begin(), all.end());
  if (std::adjacent_find(all.begin(), all.end()) != all.end()) {
    return WrongKey(draft, "kind", "payment", "and the other lists have a value in common");
  }
  if (p.footer.prefix.empty()) return absl::OkStatus();
  if (p.footer.count == p.footer.sum) {
    return WrongKey(draft, "footer", "sum", "must not be where the count is");
  }
  if (!p.comment.empty() &&
      (p.comment.starts_with(p.footer.prefix) || p.footer.prefix.starts_with(p.comment))) {
    return WrongKey(draft, "footer", "prefix", "cannot be told from a comment");
  }
  return absl::OkStatus();
}

}  // namespace

bool Profile::NamedByHeader() const {
  if (pairs.from != 0) return false;
  for (const Column* column : {&fields.payment_id, &fields.account, &fields.sum, &fields.fee,
                               &fields.refund_of, &paid_at.date, &paid_at.time, &kind.column}) {
    if (!column->name.empty()) return true;
  }
  return false;
}

absl::StatusOr<Profile> ParseProfile(std::string_view text, const std::string& file) {
  if (text.size() > kProfileBytesMax) {
    return absl::InvalidArgumentError(file + " is longer than 64 KiB: not a layout of a registry");
  }
  Draft draft{.file = file};
  draft.keys = KeysOf(&draft);
  toml::table root;
  try {  // toml++ reports by exception.
    root = toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    return Wrong(draft, error.source().begin.line, std::string(error.description()));
  }
  if (absl::Status s = ReadAll(root, &draft); !s.ok()) return s;
  if (absl::Status s = CheckMarks(&draft); !s.ok()) return s;
  if (absl::Status s = CheckPaidAt(&draft); !s.ok()) return s;
  if (absl::Status s = CheckColumns(draft); !s.ok()) return s;
  if (absl::Status s = CheckWords(draft); !s.ok()) return s;
  return std::move(draft.profile);
}

absl::StatusOr<Profile> LoadProfile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError("cannot read the layout of a registry " + path);
  std::string text(kProfileBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  if (file.bad() || (file.fail() && !file.eof())) {
    return absl::NotFoundError("cannot read the layout of a registry " + path);  // A directory.
  }
  return ParseProfile(text, path);
}

}  // namespace ladon::registry
