// Texts of tests in the charsets of banks, apart from the code under test.
#ifndef LADON_TESTS_SERVER_CLIENT_REGISTRY_ENCODED_H_
#define LADON_TESTS_SERVER_CLIENT_REGISTRY_ENCODED_H_

#include <iconv.h>

#include <string>

#include "gtest/gtest.h"

namespace ladon::registry {

// `utf8` in a charset of one byte a letter, which must have all its letters.
inline std::string Encoded(const std::string& utf8, const char* charset) {
  const iconv_t converter = iconv_open(charset, "UTF-8");
  std::string in = utf8;
  std::string out(in.size(), '\0');
  char* from = in.data();
  char* to = out.data();
  size_t from_left = in.size();
  size_t to_left = out.size();
  EXPECT_EQ(iconv(converter, &from, &from_left, &to, &to_left), 0u) << utf8;
  iconv_close(converter);
  out.resize(out.size() - to_left);
  return out;
}

inline std::string Cp1251(const std::string& utf8) {
  return Encoded(utf8, "CP1251");
}

// `text` with its only `part` replaced.
inline std::string Replaced(std::string text, const std::string& part, const std::string& with) {
  const size_t at = text.find(part);
  EXPECT_NE(at, std::string::npos) << part;
  EXPECT_EQ(text.find(part, at + 1), std::string::npos) << part;
  return text.replace(at, part.size(), with);
}

}  // namespace ladon::registry

#endif  // LADON_TESTS_SERVER_CLIENT_REGISTRY_ENCODED_H_
