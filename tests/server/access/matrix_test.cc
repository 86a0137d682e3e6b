// Goal: the matrix is a table: every call once, every number once, nothing granted by omission,
// and roles that must not meet do not. Method: walk it.
#include "server/access/matrix.h"

#include <array>
#include <fstream>
#include <set>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/proof/note.h"
#include "tests/testing/status_testing.h"
#include "tests/testing/temp_dir.h"

namespace ladon::access {
namespace {

using base::Role;
using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;

bool Touches(const Rule& rule, std::string_view service) {
  return rule.rpc.find(service) != std::string_view::npos;
}

TEST(MatrixTest, EveryCallAndEveryNumberStandsThereOnce) {
  std::set<std::string_view> calls;
  std::set<uint16_t> events;
  for (const Rule& rule : Matrix::BuiltIn().rules()) {
    EXPECT_TRUE(calls.insert(rule.rpc).second) << rule.rpc;
    EXPECT_TRUE(events.insert(rule.event).second) << rule.rpc;
    EXPECT_NE(rule.event, 0) << rule.rpc;
    EXPECT_EQ(rule.rpc.substr(0, 10), "/ladon.v1.");
    EXPECT_GT(rule.grants.size(), 0) << rule.rpc;
    std::set<Role> roles;
    for (const Grant& grant : rule.grants) EXPECT_TRUE(roles.insert(grant.role).second) << rule.rpc;
    EXPECT_EQ(Matrix::BuiltIn().Find(rule.rpc), &rule);
  }
}

TEST(MatrixTest, WhatIsNotThereIsDenied) {
  for (const std::string_view rpc :
       {"", "/", "/ladon.v1.TerminalService/", "/ladon.v1.TerminalService/debit",
        "ladon.v1.TerminalService/Debit", "/ladon.v1.TerminalService/Debit ",
        "/ladon.v2.TerminalService/Debit"}) {
    EXPECT_EQ(Matrix::BuiltIn().Find(rpc), nullptr) << rpc;
  }
  const Rule* const debit = Matrix::BuiltIn().Find("/ladon.v1.TerminalService/Debit");
  ASSERT_NE(debit, nullptr);
  for (const Role role : {Role::kSeniorCashier, Role::kEnroller, Role::kSysadmin}) {
    EXPECT_EQ(FindGrant(debit->grants, role), nullptr);
  }
  EXPECT_EQ(FindGrant(debit->grants, static_cast<Role>(0)), nullptr) << "nobody";
}

// DESIGN section 9: these roles cannot be combined.
TEST(MatrixTest, RolesThatMustNotMeetDoNot) {
  for (const Rule& rule : Matrix::BuiltIn().rules()) {
    const bool personal = Touches(rule, "EnrolmentService");
    const bool money = Touches(rule, "AccountsService") || Touches(rule, "TerminalService");
    const bool own_calls = Touches(rule, "OperationService");
    const bool security = Touches(rule, "SecurityLogService");
    if (security) {
      // Whoever keeps the machines, or is watched, does not look into the log that tells of it.
      for (const Role role : {Role::kSysadmin, Role::kTerminal, Role::kSeniorCashier,
                              Role::kEnroller, Role::kSchool}) {
        EXPECT_EQ(FindGrant(rule.grants, role), nullptr) << rule.rpc;
      }
    } else if (!Touches(rule, "AuditService")) {
      EXPECT_EQ(FindGrant(rule.grants, Role::kAuditor), nullptr) << rule.rpc;
    }
    if (personal || money) {
      EXPECT_EQ(FindGrant(rule.grants, Role::kSysadmin), nullptr) << rule.rpc;
    }
    if (personal) {
      EXPECT_EQ(FindGrant(rule.grants, Role::kTerminal), nullptr) << rule.rpc;
      EXPECT_EQ(FindGrant(rule.grants, Role::kSeniorCashier), nullptr) << rule.rpc;
    } else if (!own_calls) {
      EXPECT_EQ(FindGrant(rule.grants, Role::kEnroller), nullptr) << rule.rpc;
    }
  }
}

TEST(MatrixTest, OnlyRolesOfAllSchoolsReachBeyondASchool) {
  for (const Rule& rule : Matrix::BuiltIn().rules()) {
    for (const Grant& grant : rule.grants) {
      const base::Belonging belonging = base::BelongingOf(grant.role);
      if (belonging == base::Belonging::kEither) continue;
      EXPECT_EQ(grant.scope == Scope::kAllSchools, belonging == base::Belonging::kAllSchools)
          << rule.rpc;
    }
  }
}

TEST(MatrixTest, PeopleDoNotHoldWhatMustBeApart) {
  const Matrix& matrix = Matrix::BuiltIn();
  for (const auto& [one, other] :
       {std::pair(Role::kSysadmin, Role::kEnroller),
        std::pair(Role::kSysadmin, Role::kSeniorCashier),
        std::pair(Role::kSysadmin, Role::kDataProtectionOfficer),
        std::pair(Role::kSecurityAdmin, Role::kSeniorCashier),
        std::pair(Role::kSecurityAdmin, Role::kSysadmin), std::pair(Role::kAuditor, Role::kSchool),
        std::pair(Role::kCaterer, Role::kSeniorCashier)}) {
    EXPECT_FALSE(matrix.MayMeet(one, other));
    EXPECT_FALSE(matrix.MayMeet(other, one));
  }
  EXPECT_TRUE(matrix.MayMeet(Role::kEnroller, Role::kSeniorCashier)) << "a small school";
}

constexpr char kHead[] = "ladon access matrix 1\n";
constexpr char kDebit[] = "call 102 TerminalService/Debit terminal\n";

TEST(MatrixTest, ALineThatIsNotOneIsNamed) {
  const std::string head = kHead;
  for (const auto& [text, what] : {
           std::pair(std::string(), "grants nothing"),
           std::pair(std::string("ladon access matrix 2\n"), "line 1"),
           std::pair(head, "grants nothing"),
           std::pair(head + "deny 1 A/B terminal\n", "line 2"),
           std::pair(head + "call 0 A/B terminal\n", "line 2"),
           std::pair(head + "call 65536 A/B terminal\n", "line 2"),
           std::pair(head + "call 1x A/B terminal\n", "line 2"),
           std::pair(head + "call 900 A/B terminal\n", "the process's own"),
           std::pair(head + "call 999 A/B terminal\n", "the process's own"),
           std::pair(head + "call 1 AB terminal\n", "Service/Call"),
           std::pair(head + "call 1 A/B\n", "needs"),
           std::pair(head + "call 1 A/B director\n", "no role"),
           std::pair(head + "call 1 A/B sysadmin\n", "sysadmin@all"),
           std::pair(head + "call 1 A/B terminal@all\n", "one school"),
           std::pair(head + "call 1 A/B terminal terminal\n", "twice"),
           std::pair(head + "call 1 A/B + school\n", "nobody may make"),
           std::pair(head + "call 1 A/B terminal +\n", "nobody may approve"),
           std::pair(head + kDebit + kDebit, "line 3"),
           std::pair(head + kDebit + "call 102 A/B terminal\n", "taken"),
           std::pair(head + "apart terminal\n", "two roles"),
           std::pair(head + "apart terminal terminal\n", "itself"),
           std::pair(head + kDebit + std::string(kMatrixBytesMax, '#'), "64 KiB"),
       }) {
    const absl::StatusOr<Matrix> matrix = Matrix::Parse(text);
    EXPECT_THAT(matrix, StatusIs(absl::StatusCode::kInvalidArgument)) << text;
    EXPECT_THAT(std::string(matrix.status().message()), ::testing::HasSubstr(what));
  }
}

TEST(MatrixTest, AnOperatorsOwnMayNarrowButNotLoosen) {
  const Matrix& built_in = Matrix::BuiltIn();
  const std::string text = built_in.text();
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string other = text;
    const size_t at = other.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    other.replace(at, from.size(), to);
    absl::StatusOr<Matrix> matrix = Matrix::Parse(other);
    return matrix.ok() ? matrix->CheckAgainst(built_in) : matrix.status();
  };
  EXPECT_THAT(changed("terminal senior-cashier enroller sysadmin@all\n", "terminal\n"), IsOk());
  EXPECT_THAT(changed("call 102 TerminalService/Debit ", "call 199 TerminalService/Debit "),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(changed("call 102 ", "call 198 TerminalService/Steal terminal\ncall 102 "),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(changed("apart sysadmin        terminal enroller", "apart sysadmin        terminal"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(MatrixTest, ASignedOneIsReadAndAnyOtherIsNot) {
  const testing::TempDir dir;
  const std::array<uint8_t, 32> seed{7};
  ASSERT_OK_AND_ASSIGN(const ledger::SigningKey key,
                       ledger::SigningKey::FromSeed("school.example/access", seed));
  const std::string verifier = ledger::FormatVerifierKey(key.verifier());
  const ledger::SigningKey* const keys[] = {&key};
  ASSERT_OK_AND_ASSIGN(std::string note, ledger::SignNote(Matrix::BuiltIn().text(), keys));
  const std::string path = dir.path() + "/matrix";
  const auto write = [&](const std::string& bytes) { std::ofstream(path) << bytes; };
  EXPECT_THAT(LoadSignedMatrix(path, verifier), StatusIs(absl::StatusCode::kNotFound));
  write(note);
  EXPECT_THAT(LoadSignedMatrix(path, verifier), IsOk());
  EXPECT_THAT(LoadSignedMatrix(path, "nobody+00000000+AA"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  write(Matrix::BuiltIn().text());
  EXPECT_FALSE(LoadSignedMatrix(path, verifier).ok()) << "not signed";
  note.replace(note.find("senior-cashier"), 6, "junior");
  write(note);
  EXPECT_THAT(LoadSignedMatrix(path, verifier), StatusIs(absl::StatusCode::kUnauthenticated));
}

}  // namespace
}  // namespace ladon::access
