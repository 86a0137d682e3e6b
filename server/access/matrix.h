// Who may call what: the one table role x RPC x school. What is not in it is denied.
// Threading: immutable.
#ifndef LADON_SERVER_ACCESS_MATRIX_H_
#define LADON_SERVER_ACCESS_MATRIX_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "server/base/principal.h"

namespace ladon::access {

// Which schools a grant reaches.
enum class Scope : uint8_t {
  kOwnSchool,   // The school in the caller's certificate, and nothing outside it.
  kAllSchools,  // Any school: only for calls that carry no personal data.
};

struct Grant {
  base::Role role{};
  Scope scope{};
};

inline constexpr size_t kGrantsMax = 4;  // Of one call: one for each role.

struct Rule {
  std::string_view rpc;      // "/ladon.v1.TerminalService/Identify"
  uint16_t event;            // The call's number in audit leaves; never reused.
  Grant grants[kGrantsMax];  // Unused places at the end have role 0, which nobody has.

  [[nodiscard]] constexpr std::span<const Grant> Granted() const {
    size_t count = 0;
    while (count < kGrantsMax && grants[count].role != base::Role{}) ++count;
    return std::span(grants).first(count);
  }
};

[[nodiscard]] std::span<const Rule> Matrix();
// nullptr: no such call.
[[nodiscard]] const Rule* FindRule(std::string_view rpc);
// nullptr: this role may not make this call.
[[nodiscard]] const Grant* FindGrant(const Rule& rule, base::Role role);

}  // namespace ladon::access

#endif  // LADON_SERVER_ACCESS_MATRIX_H_
