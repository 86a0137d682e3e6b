#include "server/base/messages.h"

#include <cassert>
#include <cstddef>
#include <unordered_map>
#include <vector>

#include "server/base/message_tables.h"

namespace ladon::base {
namespace {

std::vector<Message> Join() {
  std::vector<Message> all;
  for (const auto table :
       {internal::CoreMessages(), internal::ToolMessages(), internal::TerminalMessages(),
        internal::RightsMessages(), internal::OfficerMessages(), internal::HostMessages()}) {
    all.insert(all.end(), table.begin(), table.end());
  }
  return all;
}

using Index = std::unordered_map<std::string_view, const Message*>;

const Index& IndexOfAll() {
  static const Index* const by_key = [] {
    auto* index = new Index;
    for (const Message& message : AllMessages()) {
      const bool fresh = index->emplace(message.key, &message).second;
      assert(fresh && "two messages under one key");
      static_cast<void>(fresh);
    }
    return index;
  }();
  return *by_key;
}

// Fills "{0}".."{9}". A place without an argument is a slip of the caller and stays visible.
std::string Fill(std::string_view text, std::initializer_list<std::string_view> arguments) {
  std::string out;
  out.reserve(text.size() + 32);
  for (size_t i = 0; i < text.size(); ++i) {
    const bool place = text[i] == '{' && i + 2 < text.size() && text[i + 2] == '}' &&
                       text[i + 1] >= '0' && text[i + 1] <= '9';
    const size_t number = place ? static_cast<size_t>(text[i + 1] - '0') : 0;
    if (!place || number >= arguments.size()) {
      out.push_back(text[i]);
      continue;
    }
    out += *(arguments.begin() + number);
    i += 2;
  }
  return out;
}

}  // namespace

std::span<const Message> AllMessages() {
  static const std::vector<Message>* const all_messages = new std::vector<Message>(Join());
  return *all_messages;
}

std::string Text(std::string_view key, Language language,
                 std::initializer_list<std::string_view> arguments) {
  const auto found = IndexOfAll().find(key);
  assert(found != IndexOfAll().end() && "no message under this key");
  return Fill(language == Language::kRussian ? found->second->russian : found->second->english,
              arguments);
}

bool HasText(std::string_view key) {
  return IndexOfAll().count(key) != 0;
}

Language LanguageOf(const char* locale) {
  if (locale == nullptr) return Language::kRussian;
  const std::string_view name(locale);
  return name.empty() || name.substr(0, 2) == "ru" ? Language::kRussian : Language::kEnglish;
}

std::string FormatKopecks(int64_t kopecks, Language language) {
  // Unsigned arithmetic: the lowest int64 has no positive twin.
  const uint64_t size = kopecks < 0 ? 0 - static_cast<uint64_t>(kopecks) : kopecks;
  std::string text = kopecks < 0 ? "-" : "";
  text += std::to_string(size / 100);
  text += language == Language::kRussian ? ',' : '.';
  const std::string cents = std::to_string(size % 100);
  if (cents.size() == 1) text += '0';
  text += cents;
  text += language == Language::kRussian ? " ₽" : " RUB";
  return text;
}

}  // namespace ladon::base
