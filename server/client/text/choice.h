// An option with named values, as a person reads it in --help. Threading: pure function.
#ifndef LADON_SERVER_CLIENT_TEXT_CHOICE_H_
#define LADON_SERVER_CLIENT_TEXT_CHOICE_H_

#include <CLI/CLI.hpp>
#include <map>
#include <string>

namespace ladon::client {

// Turns one of the `names` into its value, whatever its case; anything else is a usage error that
// names them. --help shows "one|other".
template <class Value>
[[nodiscard]] CLI::CheckedTransformer Choice(const std::map<std::string, Value>& names) {
  std::string shown;
  for (const auto& [name, value] : names) shown += (shown.empty() ? "" : "|") + name;
  CLI::CheckedTransformer choice(names, CLI::ignore_case);
  choice.description(shown);
  return choice;
}

}  // namespace ladon::client

#endif  // LADON_SERVER_CLIENT_TEXT_CHOICE_H_
