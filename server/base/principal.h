// Who a certificate speaks for: the URI in its subject alternative name.
//
//   ladon://<school>/<role>/<id>    school: 32 hex digits, or "-" for all schools
//                                   role: terminal | senior-cashier | enroller | sysadmin
//                                   id: 32 hex digits; for a terminal its terminal id
//
// A sysadmin belongs to all schools ("-") and to no one school; the other roles belong to exactly
// one. Anything else is not a principal. Threading: plain values and pure functions.
#ifndef LADON_SERVER_BASE_PRINCIPAL_H_
#define LADON_SERVER_BASE_PRINCIPAL_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/base/id.h"

namespace ladon::base {

// The numbers stand in audit leaves and are never reused. 0 is nobody.
enum class Role : uint8_t {
  kTerminal = 1,
  kSeniorCashier = 2,
  kEnroller = 3,
  kSysadmin = 4,
  kAuditor = 5,
};
inline constexpr std::array kRoles = {Role::kTerminal, Role::kSeniorCashier, Role::kEnroller,
                                      Role::kSysadmin, Role::kAuditor};

[[nodiscard]] std::string_view RoleName(Role role);
[[nodiscard]] std::optional<Role> RoleOf(std::string_view name);
// Sysadmins and auditors; everybody else belongs to one school.
[[nodiscard]] constexpr bool BelongsToAllSchools(Role role) {
  return role == Role::kSysadmin || role == Role::kAuditor;
}

struct Principal {
  Role role = Role::kTerminal;
  SchoolId school;  // Zero: all schools.
  ActorId id;

  friend bool operator==(const Principal&, const Principal&) = default;
};

[[nodiscard]] std::string FormatPrincipal(const Principal& principal);
// InvalidArgument, saying what is wrong with the URI.
[[nodiscard]] absl::StatusOr<Principal> ParsePrincipal(std::string_view uri);

}  // namespace ladon::base

#endif  // LADON_SERVER_BASE_PRINCIPAL_H_
