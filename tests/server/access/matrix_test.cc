// Goal: the matrix is a table: every call once, every number once, nothing granted by omission,
// and roles that must not meet do not. Method: walk it.
#include "server/access/matrix.h"

#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ladon::access {
namespace {

using base::Role;

bool Touches(const Rule& rule, std::string_view service) {
  return rule.rpc.find(service) != std::string_view::npos;
}

TEST(MatrixTest, EveryCallAndEveryNumberStandsThereOnce) {
  std::set<std::string_view> calls;
  std::set<uint16_t> events;
  for (const Rule& rule : Matrix()) {
    EXPECT_TRUE(calls.insert(rule.rpc).second) << rule.rpc;
    EXPECT_TRUE(events.insert(rule.event).second) << rule.rpc;
    EXPECT_NE(rule.event, 0) << rule.rpc;
    EXPECT_EQ(rule.rpc.substr(0, 10), "/ladon.v1.");
    EXPECT_GT(rule.Granted().size(), 0) << rule.rpc;
    std::set<Role> roles;
    for (const Grant& grant : rule.Granted())
      EXPECT_TRUE(roles.insert(grant.role).second) << rule.rpc;
    EXPECT_EQ(FindRule(rule.rpc), &rule);
  }
}

TEST(MatrixTest, WhatIsNotThereIsDenied) {
  for (const std::string_view rpc :
       {"", "/", "/ladon.v1.TerminalService/", "/ladon.v1.TerminalService/debit",
        "ladon.v1.TerminalService/Debit", "/ladon.v1.TerminalService/Debit ",
        "/ladon.v2.TerminalService/Debit"}) {
    EXPECT_EQ(FindRule(rpc), nullptr) << rpc;
  }
  const Rule* const debit = FindRule("/ladon.v1.TerminalService/Debit");
  ASSERT_NE(debit, nullptr);
  for (const Role role : {Role::kSeniorCashier, Role::kEnroller, Role::kSysadmin}) {
    EXPECT_EQ(FindGrant(*debit, role), nullptr);
  }
  EXPECT_EQ(FindGrant(*debit, static_cast<Role>(0)), nullptr) << "nobody";
}

// DESIGN section 9: these roles cannot be combined.
TEST(MatrixTest, RolesThatMustNotMeetDoNot) {
  for (const Rule& rule : Matrix()) {
    const bool personal = Touches(rule, "EnrolmentService");
    const bool money = Touches(rule, "AccountsService") || Touches(rule, "TerminalService");
    const bool own_calls = Touches(rule, "OperationService");
    if (!Touches(rule, "AuditService")) {
      EXPECT_EQ(FindGrant(rule, Role::kAuditor), nullptr) << rule.rpc;
    }
    if (personal || money) {
      EXPECT_EQ(FindGrant(rule, Role::kSysadmin), nullptr) << rule.rpc;
    }
    if (personal) {
      EXPECT_EQ(FindGrant(rule, Role::kTerminal), nullptr) << rule.rpc;
      EXPECT_EQ(FindGrant(rule, Role::kSeniorCashier), nullptr) << rule.rpc;
    } else if (!own_calls) {
      EXPECT_EQ(FindGrant(rule, Role::kEnroller), nullptr) << rule.rpc;
    }
  }
}

TEST(MatrixTest, OnlySysadminsAndAuditorsReachBeyondASchool) {
  for (const Rule& rule : Matrix()) {
    for (const Grant& grant : rule.Granted()) {
      EXPECT_EQ(grant.scope == Scope::kAllSchools, base::BelongsToAllSchools(grant.role))
          << rule.rpc;
    }
  }
}

}  // namespace
}  // namespace ladon::access
