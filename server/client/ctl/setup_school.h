// The first school of a fresh installation, over the wire: school, caterer, price list, till. What
// has the same name already is taken, not made again.
// Threading: one thread.
#ifndef LADON_SERVER_CLIENT_CTL_SETUP_SCHOOL_H_
#define LADON_SERVER_CLIENT_CTL_SETUP_SCHOOL_H_

#include <string>

#include "ladon/v1/admin_service.pb.h"
#include "server/client/ctl/context.h"

namespace ladon::ctl {

struct SchoolPlan {
  std::string name;
  std::string time_zone;
  std::string caterer;  // Empty: none yet.
  std::string prices;   // A file as `prices put` takes it; empty: none yet.
  std::string till;     // Label; empty: none yet.
};

struct MadeSchool {
  std::string school_id;   // 16 bytes
  std::string caterer_id;  // 16 bytes, or empty
  std::string till_id;     // 16 bytes, or empty
  v1::PriceList prices;
};

// The context's channel must be of a sysadmin. Trouble is printed and becomes the exit code.
[[nodiscard]] int MakeSchool(Context& context, const SchoolPlan& plan, MadeSchool* made);

}  // namespace ladon::ctl

#endif  // LADON_SERVER_CLIENT_CTL_SETUP_SCHOOL_H_
