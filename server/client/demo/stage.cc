#include "server/client/demo/stage.h"

#include <cstdio>
#include <string>

#include "server/client/text/console.h"

namespace ladon::demo {

void Stage::Plain(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

void Stage::Scene(std::string_view key) {
  const std::string title = std::to_string(++scenes_) + ". " + Text(key);
  Plain("\n" + client::Paint(title, client::Colour::kBold, colour_) + "\n");
}

void Stage::Tick(std::string_view key, std::initializer_list<std::string_view> arguments) {
  Check(true, key, arguments);
}

void Stage::Check(bool good, std::string_view key,
                  std::initializer_list<std::string_view> arguments) {
  const std::string mark = good ? client::Paint("✓", client::Colour::kGreen, colour_)
                                : client::Paint("✗", client::Colour::kRed, colour_);
  if (!good) ++failures_;
  Plain("   " + mark + " " + Text(key, arguments) + "\n");
}

void Stage::Show(const client::Table& table) {
  const std::string text = table.Render();
  size_t from = 0;
  while (from < text.size()) {
    const size_t end = text.find('\n', from);
    Plain("     " + text.substr(from, end - from + 1));
    from = end + 1;
  }
}

}  // namespace ladon::demo
