// Plain tables for people: columns as wide as their widest cell, counted in characters on the
// screen. Wide East Asian and combining characters are not treated apart: names here are Cyrillic
// or Latin.
//
// Threading: plain values.
#ifndef LADON_SERVER_CLIENT_TEXT_TABLE_H_
#define LADON_SERVER_CLIENT_TEXT_TABLE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ladon::client {

// Code points of well-formed UTF-8.
[[nodiscard]] size_t DisplayWidth(std::string_view utf8);

enum class Align { kLeft, kRight };

class Table {
 public:
  void Column(std::string head, Align align = Align::kLeft);
  // Must have as many cells as there are columns. Control characters are shown as '?': a cell may
  // come from another party, and a terminal obeys what it is sent.
  void Row(std::vector<std::string> cells);
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  // Head, rule, rows; every line ends in '\n' and has no trailing blanks.
  [[nodiscard]] std::string Render() const;

 private:
  struct Head {
    std::string text;
    Align align;
  };
  std::vector<Head> heads_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace ladon::client

#endif  // LADON_SERVER_CLIENT_TEXT_TABLE_H_
