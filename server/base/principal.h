// Who a certificate speaks for: the URI in its subject alternative name.
//
//   ladon://<school>/<role>/<id>    school: 32 hex digits, or "-" for all schools
//                                   role: one of RoleName()
//                                   id: 32 hex digits; for a terminal its terminal id, for a
//                                   caterer its caterer id
//
// Where a role belongs is BelongingOf(): to one school, to all ("-"), or to either. Anything else
// is not a principal. Threading: plain values and pure functions.
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
  kSchool = 6,        // The school's head: sees its figures, approves what one person may not do.
  kCaterer = 7,       // Its own sales and what it is owed; no child.
  kMunicipality = 8,  // Sums over schools; no child.
  kChannel = 9,       // A payment channel, through the gateway.
  kDataProtectionOfficer = 10,
  kSecurityAdmin = 11,
  kAccountant = 12,  // Of the channels' money: what is in suspense, registries, reconciliation.
  kCourier = 13,     // Carries events to who listens for them.
};
inline constexpr std::array kRoles = {Role::kTerminal,      Role::kSeniorCashier,
                                      Role::kEnroller,      Role::kSysadmin,
                                      Role::kAuditor,       Role::kSchool,
                                      Role::kCaterer,       Role::kMunicipality,
                                      Role::kChannel,       Role::kDataProtectionOfficer,
                                      Role::kSecurityAdmin, Role::kAccountant,
                                      Role::kCourier};

enum class Belonging : uint8_t { kOneSchool, kAllSchools, kEither };

[[nodiscard]] std::string_view RoleName(Role role);
[[nodiscard]] std::optional<Role> RoleOf(std::string_view name);
// An officer is appointed by one school, or by the authority over all of them (152-FZ article
// 22.1).
[[nodiscard]] constexpr Belonging BelongingOf(Role role) {
  switch (role) {
    case Role::kSysadmin:
    case Role::kAuditor:
    case Role::kMunicipality:
    case Role::kChannel:
    case Role::kAccountant:
    case Role::kCourier:
    case Role::kSecurityAdmin:
      return Belonging::kAllSchools;
    case Role::kDataProtectionOfficer:
      return Belonging::kEither;
    case Role::kTerminal:
    case Role::kSeniorCashier:
    case Role::kEnroller:
    case Role::kSchool:
    case Role::kCaterer:
      return Belonging::kOneSchool;
  }
  return Belonging::kOneSchool;
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
