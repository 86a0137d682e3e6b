#include "server/base/principal.h"

#include <cassert>
#include <optional>

#include "absl/status/status.h"

namespace ladon::base {
namespace {

constexpr std::string_view kScheme = "ladon://";
constexpr std::string_view kAllSchools = "-";

absl::Status Bad(std::string_view what) {
  return absl::InvalidArgumentError("principal: " + std::string(what));
}

}  // namespace

std::string_view RoleName(Role role) {
  switch (role) {
    case Role::kTerminal:
      return "terminal";
    case Role::kSeniorCashier:
      return "senior-cashier";
    case Role::kEnroller:
      return "enroller";
    case Role::kSysadmin:
      return "sysadmin";
    case Role::kAuditor:
      return "auditor";
    case Role::kSchool:
      return "school";
    case Role::kCaterer:
      return "caterer";
    case Role::kMunicipality:
      return "municipality";
    case Role::kChannel:
      return "channel";
    case Role::kDataProtectionOfficer:
      return "data-protection-officer";
    case Role::kSecurityAdmin:
      return "security-admin";
    case Role::kAccountant:
      return "accountant";
    case Role::kCourier:
      return "courier";
  }
  assert(false && "a role without a name");
  return "";
}

std::optional<Role> RoleOf(std::string_view name) {
  for (const Role role : kRoles) {
    if (RoleName(role) == name) return role;
  }
  return std::nullopt;
}

std::string FormatPrincipal(const Principal& principal) {
  std::string uri(kScheme);
  uri += principal.school.IsZero() ? std::string(kAllSchools) : HexOf(principal.school);
  uri += '/';
  uri += RoleName(principal.role);
  uri += '/';
  uri += HexOf(principal.id);
  return uri;
}

absl::StatusOr<Principal> ParsePrincipal(std::string_view uri) {
  if (uri.substr(0, kScheme.size()) != kScheme) return Bad("the URI must begin with ladon://");
  const std::string_view rest = uri.substr(kScheme.size());
  const size_t first = rest.find('/');
  if (first == std::string_view::npos) return Bad("the URI has no role");
  const size_t second = rest.find('/', first + 1);
  if (second == std::string_view::npos) return Bad("the URI has no id");
  const std::string_view school = rest.substr(0, first);

  Principal principal;
  const std::optional<Role> role = RoleOf(rest.substr(first + 1, second - first - 1));
  if (!role) {
    std::string names;
    for (const Role known : kRoles) {
      names += names.empty() ? "" : ", ";
      names += RoleName(known);
    }
    return Bad("the role is not one of " + names);
  }
  principal.role = *role;
  const std::optional<ActorId> id = IdOfHex<ActorId>(rest.substr(second + 1));
  if (!id || id->IsZero()) return Bad("the id must be 32 hex digits, not all zero");
  principal.id = *id;
  if (school != kAllSchools) {
    const std::optional<SchoolId> school_id = IdOfHex<SchoolId>(school);
    if (!school_id || school_id->IsZero()) {
      return Bad("the school must be 32 hex digits, not all zero, or \"-\"");
    }
    principal.school = *school_id;
  }
  const bool all_schools = principal.school.IsZero();
  const Belonging belonging = BelongingOf(principal.role);
  if (belonging == Belonging::kAllSchools && !all_schools) {
    return Bad("this role belongs to all schools (\"-\")");
  }
  if (belonging == Belonging::kOneSchool && all_schools) {
    return Bad("this role belongs to one school, not to \"-\"");
  }
  // One principal, one spelling: the text is a key in logs and allow-lists.
  if (FormatPrincipal(principal) != uri) return Bad("hex digits must be lower-case");
  return principal;
}

}  // namespace ladon::base
