#include "server/client/ctl/page_fields.h"

#include <cstdint>
#include <limits>

namespace ladon::ctl {
namespace {

// nullptr: no such field.
const Json* Find(const Json& object, std::string_view name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(std::string(name));
  return found == object.end() ? nullptr : &*found;
}

std::string TextOf(const Json& value, base::Language language) {
  if (const auto* text = value.get_ptr<const std::string*>(); text != nullptr) return *text;
  if (value.is_boolean()) {
    return base::Text(value == true ? "word.yes" : "word.no", language);
  }
  return value.is_number() ? value.dump() : "";
}

// "0000-00-00" with digits in place of the noughts.
bool LooksLikeDate(std::string_view text) {
  if (text.size() != 10) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 4 || i == 7;
    if (dash ? text[i] != '-' : (text[i] < '0' || text[i] > '9')) return false;
  }
  return true;
}

}  // namespace

const Json& ObjectAt(const Json& object, std::string_view name) {
  static const Json* const empty = new Json(Json::object());
  const Json* const found = Find(object, name);
  return found != nullptr && found->is_object() ? *found : *empty;
}

const Json& ListAt(const Json& object, std::string_view name) {
  static const Json* const empty = new Json(Json::array());
  const Json* const found = Find(object, name);
  return found != nullptr && found->is_array() ? *found : *empty;
}

std::string TextAt(const Json& object, std::string_view name, base::Language language) {
  const Json* const found = Find(object, name);
  return found == nullptr ? "" : TextOf(*found, language);
}

std::string DateAt(const Json& object, std::string_view name, base::Language language) {
  std::string text = TextAt(object, name, language);
  const std::string date = text.substr(0, 10);
  if (!LooksLikeDate(date)) return text;
  std::string shown = language == base::Language::kRussian
                          ? date.substr(8, 2) + "." + date.substr(5, 2) + "." + date.substr(0, 4)
                          : date;
  if (text.size() == date.size()) return shown;
  if (text[10] != 'T' || text.back() != 'Z') return text;
  return shown + " " + text.substr(11, text.size() - 12) + " UTC";
}

std::string MoneyAt(const Json& object, std::string_view name, base::Language language) {
  const Json* const found = Find(object, name);
  const bool fits = found != nullptr && found->is_number_integer() &&
                    (!found->is_number_unsigned() ||
                     found->get<uint64_t>() <= uint64_t{std::numeric_limits<int64_t>::max()});
  if (!fits) return TextAt(object, name, language);
  return base::FormatKopecks(found->get<int64_t>(), language);
}

std::string WordAt(const Json& object, std::string_view name, std::string_view head,
                   base::Language language) {
  std::string text = TextAt(object, name, language);
  const std::string key = std::string(head) + text;
  return !text.empty() && base::HasText(key) ? base::Text(key, language) : text;
}

std::string JoinedAt(const Json& object, std::string_view name, base::Language language) {
  std::string joined;
  for (const Json& one : ListAt(object, name)) {
    if (!joined.empty()) joined += "; ";
    joined += TextOf(one, language);
  }
  return joined;
}

}  // namespace ladon::ctl
