// The version of this build, as it stands in audit records and answers to --version.
#ifndef LADON_SERVER_BASE_VERSION_H_
#define LADON_SERVER_BASE_VERSION_H_

namespace ladon::base {

inline constexpr char kVersion[] = "0.1.0";

}  // namespace ladon::base

#endif  // LADON_SERVER_BASE_VERSION_H_
