// Who may call what: the one table role x RPC x school. What is not in it is denied.
//
// It is a readable text, access.matrix beside this file, built into the program; an operator may
// put a signed one of its own in its place (deploy/ladond.toml). The text is its own description.
// Threading: immutable.
#ifndef LADON_SERVER_ACCESS_MATRIX_H_
#define LADON_SERVER_ACCESS_MATRIX_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/principal.h"

namespace ladon::access {

inline constexpr size_t kMatrixBytesMax = size_t{64} * 1024;

// Which schools a grant reaches.
enum class Scope : uint8_t {
  kOwnSchool,   // The school in the caller's certificate, and nothing outside it.
  kAllSchools,  // Any school, for a certificate that belongs to none in particular.
};

struct Grant {
  base::Role role{};
  Scope scope{};

  friend bool operator==(const Grant&, const Grant&) = default;
};

struct Rule {
  std::string rpc;               // "/ladon.v1.TerminalService/Identify"
  uint16_t event = 0;            // The call's number in audit leaves, not 900..999; never reused.
  std::vector<Grant> grants;     // Who may call; never empty.
  std::vector<Grant> approvers;  // Who must approve first; empty: nobody.
};

class Matrix {
 public:
  // InvalidArgument, naming the line: not the format, an unknown role, a call or number twice, a
  // scope that its role cannot have, nobody who may call.
  [[nodiscard]] static absl::StatusOr<Matrix> Parse(std::string_view text);
  // The one built into the program.
  [[nodiscard]] static const Matrix& BuiltIn();

  [[nodiscard]] std::span<const Rule> rules() const { return rules_; }
  // nullptr: no such call.
  [[nodiscard]] const Rule* Find(std::string_view rpc) const;
  [[nodiscard]] const Rule* FindEvent(uint16_t event) const;
  // "TerminalService/Debit"; empty: no such call.
  [[nodiscard]] std::string NameOf(uint16_t event) const;
  // Whether one person may hold both.
  [[nodiscard]] bool MayMeet(base::Role a, base::Role b) const;
  [[nodiscard]] const std::string& text() const { return text_; }
  // SHA-256 of the text, 64 hex digits: which matrix was in force, for the logs.
  [[nodiscard]] std::string Fingerprint() const;

  // What an operator's own matrix may not change. InvalidArgument, naming what differs: a call of
  // `built_in` that it has no line for or numbers otherwise, a call that is none; roles that
  // `built_in` keeps apart and it does not; a second approver left out.
  [[nodiscard]] absl::Status CheckAgainst(const Matrix& built_in) const;

 private:
  Matrix() = default;
  absl::Status ReadCall(std::span<const std::string_view> words);
  absl::Status ReadApart(std::span<const std::string_view> words);

  std::string text_;
  std::vector<Rule> rules_;
  std::map<std::string, size_t, std::less<>> by_rpc_;
  std::map<uint16_t, size_t> by_event_;
  std::set<std::pair<base::Role, base::Role>> apart_;  // Both ways round.
};

// nullptr: this role is not among `grants`.
[[nodiscard]] const Grant* FindGrant(std::span<const Grant> grants, base::Role role);

// The matrix in the signed note at `path` (C2SP signed-note), checked against the built-in one.
// NotFound. Unauthenticated: not signed by `verifier_key`. InvalidArgument: see above, or the key.
[[nodiscard]] absl::StatusOr<Matrix> LoadSignedMatrix(const std::string& path,
                                                      std::string_view verifier_key);

}  // namespace ladon::access

#endif  // LADON_SERVER_ACCESS_MATRIX_H_
