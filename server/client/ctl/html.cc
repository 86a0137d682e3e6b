#include "server/client/ctl/html.h"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <optional>

#include "server/client/ctl/unicode.h"

namespace ladon::ctl {
namespace {

constexpr std::string_view kDash = "—";

// The policy forbids what the page does not have anyway, should a browser be talked into it.
constexpr std::string_view kHead =
    "<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
    "'unsafe-inline'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";

constexpr std::string_view kStyle =
    "<style>\n"
    "@page { size: A4; margin: 15mm; }\n"
    "body { font: 11pt/1.4 serif; color: #000; background: #fff; max-width: 180mm; "
    "margin: 0 auto; }\n"
    "h1 { font-size: 16pt; } h2 { font-size: 13pt; margin-top: 8mm; } h3 { font-size: 11pt; }\n"
    "h1, h2, h3 { break-after: avoid; }\n"
    "table { border-collapse: collapse; width: 100%; margin: 2mm 0; }\n"
    "thead { display: table-header-group; }\n"
    "tr { break-inside: avoid; }\n"
    "th, td { border: 1px solid #888; padding: 1mm 2mm; text-align: left; vertical-align: top; "
    "overflow-wrap: anywhere; unicode-bidi: isolate; }\n"
    "th { background: #eee; font-weight: normal; } table.facts th { width: 35%; }\n"
    "table.form td { height: 9mm; }\n"
    "</style>\n";

struct Range {
  char32_t first;
  char32_t last;
};

// What has no picture of its own, or changes the order in which its neighbours are shown.
// Ascending.
constexpr Range kHidden[] = {{0x0000, 0x001F},  // control
                             {0x007F, 0x009F},  // control
                             {0x00AD, 0x00AD},  // soft hyphen
                             {0x034F, 0x034F},  // combining grapheme joiner
                             {0x0600, 0x0605},  // Arabic signs that span numbers
                             {0x061C, 0x061C},  // Arabic letter mark
                             {0x06DD, 0x06DD},  // Arabic end of verse
                             {0x070F, 0x070F},  // Syriac abbreviation
                             {0x0890, 0x0891},  // Arabic signs that span numbers
                             {0x08E2, 0x08E2},  // Arabic disputed end of verse
                             {0x115F, 0x1160},  // Hangul fillers
                             {0x17B4, 0x17B5},  // Khmer vowels without a shape
                             {0x180B, 0x180F},  // Mongolian separators
                             {0x200B, 0x200F},  // zero-width, left-to-right and right-to-left marks
                             {0x2028, 0x202E},  // separators, embeddings and overrides
                             {0x2060, 0x206F},  // word joiner, isolates
                             {0x3164, 0x3164},  // Hangul filler
                             {0xD800, 0xF8FF},  // surrogates, private use
                             {0xFDD0, 0xFDEF},  // no characters
                             {0xFE00, 0xFE0F},  // variation selectors
                             {0xFEFF, 0xFEFF},  // byte order mark
                             {0xFFA0, 0xFFA0},  // Hangul filler
                             {0xFFF0, 0xFFFF},  // annotations, no characters
                             {0x110BD, 0x110BD},    // Kaithi number sign
                             {0x110CD, 0x110CD},    // Kaithi number sign
                             {0x13430, 0x1343F},    // Egyptian joiners
                             {0x1BCA0, 0x1BCA3},    // shorthand controls
                             {0x1D173, 0x1D17A},    // musical controls
                             {0xE0000, 0x10FFFF}};  // tags, variation selectors, private use

bool IsHidden(char32_t c) {
  const auto* const range = std::find_if(std::begin(kHidden), std::end(kHidden),
                                         [&](const Range& one) { return c <= one.last; });
  return range != std::end(kHidden) && range->first <= c;
}

// "200b", at least `digits` long.
std::string Hex(uint32_t value, size_t digits) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (; value != 0 || text.size() < digits; value >>= 4) {
    text.insert(text.begin(), kDigits[value & 15]);
  }
  return text;
}

// Empty: `c` stands for itself.
std::string_view Entity(char32_t c) {
  switch (c) {
    case U'&':
      return "&amp;";
    case U'<':
      return "&lt;";
    case U'>':
      return "&gt;";
    case U'"':
      return "&quot;";
    case U'\'':
      return "&#39;";
    default:
      return "";
  }
}

std::string Escape(char32_t c) {
  if (IsHidden(c)) return c <= 0xFFFF ? "\\u" + Hex(c, 4) : "\\u{" + Hex(c, 1) + "}";
  const std::string_view entity = Entity(c);
  return entity.empty() ? EncodeUtf8(std::u32string_view(&c, 1)) : std::string(entity);
}

// Not UTF-8: no telling where a character begins, so every byte beyond ASCII is shown.
std::string EscapeBytes(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) {
    const auto value = static_cast<uint8_t>(byte);
    out += value < 0x80 ? Escape(value) : "\\x" + Hex(value, 2);
  }
  return out;
}

void AddCell(std::string_view tag, std::string_view text, std::string_view empty,
             std::string* out) {
  const std::string shown = EscapeHtml(text.empty() ? empty : text);
  out->append("<").append(tag).append(">").append(shown);
  out->append("</").append(tag).append(">");
}

}  // namespace

std::string EscapeHtml(std::string_view text) {
  const std::optional<std::u32string> points = DecodeUtf8(text);
  if (!points) return EscapeBytes(text);
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (const char32_t c : *points) out += Escape(c);
  return out;
}

HtmlPage::HtmlPage(std::string_view title, base::Language language)
    : title_(EscapeHtml(title)), language_(language == base::Language::kRussian ? "ru" : "en") {}

void HtmlPage::Heading(std::string_view text) {
  body_ += "<h2>" + EscapeHtml(text) + "</h2>\n";
}

void HtmlPage::Subheading(std::string_view text) {
  body_ += "<h3>" + EscapeHtml(text) + "</h3>\n";
}

void HtmlPage::Paragraph(std::string_view text) {
  body_ += "<p>" + EscapeHtml(text) + "</p>\n";
}

void HtmlPage::AddFacts(const Facts& facts) {
  body_ += "<table class=\"facts\"><tbody>\n";
  for (const auto& [name, value] : facts) {
    body_ += "<tr>";
    AddCell("th", name, kDash, &body_);
    AddCell("td", value, kDash, &body_);
    body_ += "</tr>\n";
  }
  body_ += "</tbody></table>\n";
}

void HtmlPage::AddTable(const Row& heads, const std::vector<Row>& rows) {
  body_ += "<table>";
  AddRows(heads, rows, kDash);
}

void HtmlPage::AddForm(const Row& heads, const std::vector<Row>& rows) {
  body_ += "<table class=\"form\">";
  AddRows(heads, rows, "");
}

void HtmlPage::AddRows(const Row& heads, const std::vector<Row>& rows, std::string_view empty) {
  body_ += "<thead>\n<tr>";
  for (const std::string& head : heads) AddCell("th", head, empty, &body_);
  body_ += "</tr>\n</thead><tbody>\n";
  for (const Row& row : rows) {
    assert(row.size() == heads.size() && "a row of another width than its table");
    body_ += "<tr>";
    for (const std::string& cell : row) AddCell("td", cell, empty, &body_);
    body_ += "</tr>\n";
  }
  body_ += "</tbody></table>\n";
}

std::string HtmlPage::Render() const {
  std::string page = "<!DOCTYPE html>\n<html lang=\"" + language_ + "\">\n<head>\n";
  page.append(kHead).append("<title>").append(title_).append("</title>\n").append(kStyle);
  page.append("</head>\n<body>\n<h1>").append(title_).append("</h1>\n");
  page.append(body_).append("</body>\n</html>\n");
  return page;
}

}  // namespace ladon::ctl
