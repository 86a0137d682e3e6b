#include "server/client/ctl/enum_words.h"

#include <algorithm>
#include <cctype>

namespace ladon::ctl {
namespace {

constexpr std::string_view kUnspecified = "UNSPECIFIED";

// The first value is always "<HEAD>UNSPECIFIED": buf lint keeps it so.
std::string TailOf(const google::protobuf::EnumValueDescriptor& value) {
  const std::string& first = value.type()->value(0)->name();
  return value.name().substr(first.size() - kUnspecified.size());
}

std::string Lower(std::string text, char from, char to) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::replace(text.begin(), text.end(), from, to);
  return text;
}

}  // namespace

std::string EnumWord(const google::protobuf::EnumDescriptor& of, int number) {
  const google::protobuf::EnumValueDescriptor* const value = of.FindValueByNumber(number);
  return value == nullptr || number == 0 ? "unknown" : Lower(TailOf(*value), '_', '_');
}

std::vector<std::string> EnumOptions(const google::protobuf::EnumDescriptor& of) {
  std::vector<std::string> options;
  for (int i = 1; i < of.value_count(); ++i) {
    options.push_back(Lower(TailOf(*of.value(i)), '_', '-'));
  }
  return options;
}

int EnumNumber(const google::protobuf::EnumDescriptor& of, std::string_view option) {
  for (int i = 1; i < of.value_count(); ++i) {
    if (Lower(TailOf(*of.value(i)), '_', '-') == option) return of.value(i)->number();
  }
  return 0;
}

std::string WordFor(const Context& context, std::string_view head, const std::string& word) {
  const std::string key = std::string(head) + word;
  return base::HasText(key) ? context.Say(key) : word;
}

}  // namespace ladon::ctl
