// What the audience sees: numbered scenes, ticks, tables. Every word comes from the catalogue.
// Threading: one thread.
#ifndef LADON_SERVER_CLIENT_DEMO_STAGE_H_
#define LADON_SERVER_CLIENT_DEMO_STAGE_H_

#include <initializer_list>
#include <string>
#include <string_view>

#include "server/base/messages.h"
#include "server/client/text/table.h"

namespace ladon::demo {

class Stage {
 public:
  Stage(base::Language language, bool colour) : language_(language), colour_(colour) {}

  void Scene(std::string_view key);
  // A line with a tick, or with a cross when it did not go as it should.
  void Tick(std::string_view key, std::initializer_list<std::string_view> arguments = {});
  void Check(bool good, std::string_view key,
             std::initializer_list<std::string_view> arguments = {});
  void Show(const client::Table& table);
  void Plain(const std::string& text);

  [[nodiscard]] std::string Text(std::string_view key,
                                 std::initializer_list<std::string_view> arguments = {}) const {
    return base::Text(key, language_, arguments);
  }
  [[nodiscard]] std::string Money(int64_t kopecks) const {
    return base::FormatKopecks(kopecks, language_);
  }
  [[nodiscard]] base::Language language() const { return language_; }
  // How many Checks failed.
  [[nodiscard]] int failures() const { return failures_; }

 private:
  base::Language language_;
  bool colour_;
  int scenes_ = 0;
  int failures_ = 0;
};

}  // namespace ladon::demo

#endif  // LADON_SERVER_CLIENT_DEMO_STAGE_H_
