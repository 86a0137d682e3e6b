// The message catalogue: every sentence that cashiers, clerks, parents, accountants and officials
// read, Russian with English beside it. Codes, JSON and logs stay English and are not here.
//
// Refusals are found by the name of their ErrorReason without its prefix ("INSUFFICIENT_FUNDS"),
// other texts by dotted names ("table.balance"). `{0}`, `{1}` are filled in order.
// Threading: immutable after start.
#ifndef LADON_SERVER_BASE_MESSAGES_H_
#define LADON_SERVER_BASE_MESSAGES_H_

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace ladon::base {

enum class Language { kRussian, kEnglish };

struct Message {
  std::string_view key;
  std::string_view russian;
  std::string_view english;
};

[[nodiscard]] std::span<const Message> AllMessages();
// The text under `key`, its places filled. An unknown key is a broken invariant (a test looks up
// every reason of the contract).
[[nodiscard]] std::string Text(std::string_view key, Language language,
                               std::initializer_list<std::string_view> arguments = {});
[[nodiscard]] bool HasText(std::string_view key);

// From LADON_LANG or LC_ALL / LC_MESSAGES / LANG: "ru…" and unset = Russian, otherwise English.
[[nodiscard]] Language LanguageOf(const char* locale);

// 12345 -> "123,45 ₽" (Russian) or "123.45 RUB" (English); negative sums with a minus sign.
[[nodiscard]] std::string FormatKopecks(int64_t kopecks, Language language);

}  // namespace ladon::base

#endif  // LADON_SERVER_BASE_MESSAGES_H_
