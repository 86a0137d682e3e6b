#include "server/client/text/table.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace ladon::client {
namespace {

constexpr std::string_view kGap = "  ";

void AppendLine(const std::vector<std::string>& cells, const std::vector<size_t>& widths,
                const std::vector<Align>& aligns, std::string* out) {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line += kGap;
    const std::string blanks(widths[i] - DisplayWidth(cells[i]), ' ');
    line += aligns[i] == Align::kRight ? blanks + cells[i] : cells[i] + blanks;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  *out += line + '\n';
}

}  // namespace

size_t DisplayWidth(std::string_view utf8) {
  // A continuation byte belongs to the character before it.
  return static_cast<size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

void Table::Column(std::string head, Align align) {
  assert(rows_.empty());
  heads_.push_back({std::move(head), align});
}

void Table::Row(std::vector<std::string> cells) {
  assert(cells.size() == heads_.size());
  for (std::string& cell : cells) {
    for (char& c : cell) {
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
    }
  }
  rows_.push_back(std::move(cells));
}

std::string Table::Render() const {
  std::vector<std::string> heads;
  std::vector<Align> aligns;
  std::vector<size_t> widths;
  for (const Head& head : heads_) {
    heads.push_back(head.text);
    aligns.push_back(head.align);
    widths.push_back(DisplayWidth(head.text));
  }
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], DisplayWidth(row[i]));
  }
  std::string out;
  AppendLine(heads, widths, aligns, &out);
  std::vector<std::string> rule;
  for (const size_t width : widths) rule.emplace_back(width, '-');
  AppendLine(rule, widths, aligns, &out);
  for (const auto& row : rows_) AppendLine(row, widths, aligns, &out);
  return out;
}

}  // namespace ladon::client
