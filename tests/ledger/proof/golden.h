// The worked examples of ledger/proof/README.md, read from the document itself so that it cannot
// drift from the code.
#ifndef LADON_TESTS_LEDGER_PROOF_GOLDEN_H_
#define LADON_TESTS_LEDGER_PROOF_GOLDEN_H_

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace ladon::testing {

// The bytes of the code block after "<!-- golden: NAME -->": of each line the hex digits before the
// first space. Empty when there is no such block.
inline std::string GoldenBytes(const std::string& name) {
  std::ifstream file("ledger/proof/README.md");
  const std::string marker = absl::StrCat("<!-- golden: ", name, " -->");
  std::string line;
  while (std::getline(file, line) && line != marker) {
  }
  std::string hex;
  std::getline(file, line);  // The opening fence.
  while (std::getline(file, line) && line != "```") {
    hex += line.substr(0, line.find(' '));
  }
  return absl::HexStringToBytes(hex);
}

}  // namespace ladon::testing

#endif  // LADON_TESTS_LEDGER_PROOF_GOLDEN_H_
