// Pages for people to read and print: one self-contained HTML file, A4, no scripts, nothing that is
// fetched from elsewhere.
//
// Invariant: every text that goes in is plain and is escaped here, so no value can become markup.
// What would not be seen, or would turn the text around it (control, format, right-to-left and
// zero-width characters), is shown as a visible \u escape. Threading: plain values and pure
// functions.
#ifndef LADON_SERVER_CLIENT_CTL_HTML_H_
#define LADON_SERVER_CLIENT_CTL_HTML_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/base/messages.h"

namespace ladon::ctl {

// For element content and quoted attributes. Bytes that are no UTF-8 are shown as \x escapes.
[[nodiscard]] std::string EscapeHtml(std::string_view text);

class HtmlPage {
 public:
  using Facts = std::vector<std::pair<std::string, std::string>>;
  using Row = std::vector<std::string>;

  HtmlPage(std::string_view title, base::Language language);

  void Heading(std::string_view text);
  void Subheading(std::string_view text);
  void Paragraph(std::string_view text);
  // Names and values, one below the other; an empty value is shown as a dash.
  void AddFacts(const Facts& facts);
  // As wide as its heads; every row has as many cells. An empty cell is shown as a dash.
  void AddTable(const Row& heads, const std::vector<Row>& rows);
  // The same with cells that stay empty, for people to sign in.
  void AddForm(const Row& heads, const std::vector<Row>& rows);

  [[nodiscard]] std::string Render() const;

 private:
  void AddRows(const Row& heads, const std::vector<Row>& rows, std::string_view empty);

  std::string title_;
  std::string language_;
  std::string body_;
};

}  // namespace ladon::ctl

#endif  // LADON_SERVER_CLIENT_CTL_HTML_H_
