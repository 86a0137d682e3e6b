#include "server/client/text/console.h"

#include <unistd.h>

#include <cstdlib>

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

std::string Paint(std::string_view text, Colour colour, bool wanted) {
  if (!wanted) return std::string(text);
  std::string out = CodeOf(colour);
  out += text;
  out += "\x1b[0m";
  return out;
}

}  // namespace ladon::client
