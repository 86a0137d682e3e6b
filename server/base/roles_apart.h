// Which roles one person never holds together: for whoever issues certificates, far from the
// server.
//
// The truth is the lines "apart" of server/access/access.matrix, which an operator may only add to;
// a test of server/access holds the two together.
// Threading: pure functions.
#ifndef LADON_SERVER_BASE_ROLES_APART_H_
#define LADON_SERVER_BASE_ROLES_APART_H_

#include <array>
#include <cstdint>
#include <initializer_list>

#include "server/base/principal.h"

namespace ladon::base {
namespace internal {

constexpr uint32_t BitOf(Role role) {
  return uint32_t{1} << static_cast<unsigned>(role);
}

constexpr uint32_t SetOf(std::initializer_list<Role> roles) {
  uint32_t set = 0;
  for (const Role role : roles) set |= BitOf(role);
  return set;
}

struct Apart {
  Role one;
  uint32_t from;
};

// Whoever moves money or feeds children, or lets machines of his do so.
inline constexpr uint32_t kAtWork =
    SetOf({Role::kTerminal, Role::kEnroller, Role::kSeniorCashier, Role::kSchool, Role::kCaterer,
           Role::kMunicipality, Role::kChannel, Role::kAccountant, Role::kCourier});

inline constexpr std::array kApart = {
    Apart{Role::kSysadmin,
          kAtWork | SetOf({Role::kDataProtectionOfficer, Role::kSecurityAdmin, Role::kAuditor})},
    Apart{Role::kSecurityAdmin, kAtWork | BitOf(Role::kAuditor)},
    Apart{Role::kAuditor, kAtWork},
    Apart{Role::kCaterer,
          SetOf({Role::kEnroller, Role::kSeniorCashier, Role::kSchool, Role::kMunicipality,
                 Role::kChannel, Role::kAccountant, Role::kCourier, Role::kDataProtectionOfficer})},
    Apart{Role::kChannel,
          SetOf({Role::kEnroller, Role::kSeniorCashier, Role::kSchool, Role::kMunicipality,
                 Role::kDataProtectionOfficer, Role::kAccountant, Role::kCourier})},
    Apart{Role::kAccountant, SetOf({Role::kEnroller, Role::kSeniorCashier, Role::kSchool,
                                    Role::kMunicipality, Role::kDataProtectionOfficer})},
    Apart{Role::kCourier,
          SetOf({Role::kEnroller, Role::kSeniorCashier, Role::kSchool, Role::kMunicipality,
                 Role::kDataProtectionOfficer, Role::kAccountant})},
};

}  // namespace internal

// The same both ways round.
[[nodiscard]] constexpr bool MustBeApart(Role a, Role b) {
  for (const internal::Apart& apart : internal::kApart) {
    if (apart.one == a && (apart.from & internal::BitOf(b)) != 0) return true;
    if (apart.one == b && (apart.from & internal::BitOf(a)) != 0) return true;
  }
  return false;
}

}  // namespace ladon::base

#endif  // LADON_SERVER_BASE_ROLES_APART_H_
