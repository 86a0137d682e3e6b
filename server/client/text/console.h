// What a command-line tool must know about the place it prints to: the reader's language, whether
// somebody is looking, and colour when they are.
//
// Threading: the environment is read; call before other threads change it.
#ifndef LADON_SERVER_CLIENT_TEXT_CONSOLE_H_
#define LADON_SERVER_CLIENT_TEXT_CONSOLE_H_

#include <string>
#include <string_view>

#include "server/base/messages.h"

namespace ladon::client {

// From LADON_LANG; unset means Russian.
[[nodiscard]] base::Language LanguageOfEnvironment();

// True when the descriptor is a terminal that people look at and NO_COLOR is unset.
[[nodiscard]] bool WantsColour(int fd);

// A line of standard input, asked for with `prompt` on standard error; what is typed is not shown
// when it comes from a terminal. Empty: nothing came.
[[nodiscard]] std::string AskUnseen(const std::string& prompt);

enum class Colour { kGreen, kYellow, kRed, kBold };

// `text` in colour, or as it is when `wanted` is false.
[[nodiscard]] std::string Paint(std::string_view text, Colour colour, bool wanted);

}  // namespace ladon::client

#endif  // LADON_SERVER_CLIENT_TEXT_CONSOLE_H_
