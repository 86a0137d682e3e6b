// Goal: a certificate's URI names exactly one principal, or none.
// Method: every role round trips; each part is broken alone and must be refused.
#include "server/base/principal.h"

#include <string>

#include "tests/testing/status_testing.h"

namespace ladon::base {
namespace {

using ::ladon::testing::StatusIs;

const char kSchool[] = "11111111111111111111111111111111";
const char kActor[] = "0123456789abcdef0123456789abcdef";

TEST(PrincipalTest, RoundTripsEveryRole) {
  for (const Role role :
       {Role::kTerminal, Role::kSeniorCashier, Role::kEnroller, Role::kSysadmin}) {
    Principal principal{.role = role, .school = {}, .id = *IdOfHex<ActorId>(kActor)};
    if (role != Role::kSysadmin) principal.school = *IdOfHex<SchoolId>(kSchool);
    const std::string uri = FormatPrincipal(principal);
    ASSERT_OK_AND_ASSIGN(const Principal parsed, ParsePrincipal(uri));
    EXPECT_EQ(parsed, principal) << uri;
  }
}

TEST(PrincipalTest, SpellsTheDocumentedForm) {
  const Principal till{.role = Role::kTerminal,
                       .school = *IdOfHex<SchoolId>(kSchool),
                       .id = *IdOfHex<ActorId>(kActor)};
  EXPECT_EQ(FormatPrincipal(till),
            "ladon://11111111111111111111111111111111/terminal/0123456789abcdef0123456789abcdef");
}

TEST(PrincipalTest, RefusesEveryOtherForm) {
  const std::string school(kSchool);
  const std::string actor(kActor);
  const std::string zero(32, '0');
  const std::string bad[] = {
      "",
      "ladon://",
      "ladon://" + school,
      "ladon://" + school + "/terminal",
      "ladon://" + school + "/terminal/",
      "http://" + school + "/terminal/" + actor,
      "LADON://" + school + "/terminal/" + actor,
      "ladon://" + school + "/cashier/" + actor,
      "ladon://" + school + "//" + actor,
      "ladon://" + school + "/terminal/" + actor + "/",
      "ladon://" + school + "/terminal/" + actor + "0",
      "ladon://" + school + "/terminal/" + zero,
      "ladon://" + zero + "/terminal/" + actor,
      "ladon://" + school.substr(1) + "/terminal/" + actor,
      "ladon:///terminal/" + actor,
      "ladon://-/terminal/" + actor,
      "ladon://-/senior-cashier/" + actor,
      "ladon://-/enroller/" + actor,
      "ladon://" + school + "/sysadmin/" + actor,
      "ladon://" + school + "/terminal/0123456789ABCDEF0123456789abcdef",
      "ladon://" + school + "/terminal/" + actor + std::string(1, '\0'),
  };
  for (const std::string& uri : bad) {
    EXPECT_THAT(ParsePrincipal(uri), StatusIs(absl::StatusCode::kInvalidArgument)) << uri;
  }
}

}  // namespace
}  // namespace ladon::base
