// Goal: what ladonctl keeps apart when it issues certificates is what the access matrix says.
// Method: every pair of roles, asked of both.
#include "server/base/roles_apart.h"

#include "gtest/gtest.h"
#include "server/access/matrix.h"

namespace ladon::access {
namespace {

TEST(RolesApartTest, TheMatrixSaysTheSame) {
  for (const base::Role a : base::kRoles) {
    for (const base::Role b : base::kRoles) {
      EXPECT_EQ(base::MustBeApart(a, b), !Matrix::BuiltIn().MayMeet(a, b))
          << base::RoleName(a) << " and " << base::RoleName(b);
    }
  }
}

}  // namespace
}  // namespace ladon::access
