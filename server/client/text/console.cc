#include "server/client/text/console.h"

#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>

namespace ladon::client {
namespace {

const char* Variable(const char* name) {
  return std::getenv(name);  // NOLINT(concurrency-mt-unsafe): read once, before any thread.
}

const char* CodeOf(Colour colour) {
  switch (colour) {
    case Colour::kGreen:
      return "\x1b[32m";
    case Colour::kYellow:
      return "\x1b[33m";
    case Colour::kRed:
      return "\x1b[31m";
    case Colour::kBold:
      return "\x1b[1m";
  }
  return "";
}

}  // namespace

base::Language LanguageOfEnvironment() {
  return base::LanguageOf(Variable("LADON_LANG"));
}

bool WantsColour(int fd) {
  return isatty(fd) == 1 && Variable("NO_COLOR") == nullptr;
}

std::string AskUnseen(const std::string& prompt) {
  termios shown{};
  const bool watched = isatty(STDIN_FILENO) == 1 && tcgetattr(STDIN_FILENO, &shown) == 0;
  if (watched) {
    termios unseen = shown;
    unseen.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    // What was typed before is no answer; from the prompt on nothing is lost or shown.
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &unseen);
    std::fputs(prompt.c_str(), stderr);
  }
  std::string line;
  std::getline(std::cin, line);
  if (watched) {
    tcsetattr(STDIN_FILENO, TCSADRAIN, &shown);
    std::fputs("\n", stderr);
  }
  return line;
}

std::string Paint(std::string_view text, Colour colour, bool wanted) {
  if (!wanted) return std::string(text);
  std::string out = CodeOf(colour);
  out += text;
  out += "\x1b[0m";
  return out;
}

}  // namespace ladon::client
