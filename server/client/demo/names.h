// Invented children for demonstrations and load: no real person's data is needed to try Ladon.
//
// Every index gives another (given name, first letter of the family name, class), so that the name
// on a till («Анна К., 2Б») names one child only and a sale to the wrong child cannot hide.
// Threading: pure functions.
#ifndef LADON_SERVER_CLIENT_DEMO_NAMES_H_
#define LADON_SERVER_CLIENT_DEMO_NAMES_H_

#include <cstddef>

#include "ladon/v1/enrolment_service.pb.h"

namespace ladon::demo {

inline constexpr size_t kInventedChildrenMax = 2'640;

// `index` below kInventedChildrenMax.
[[nodiscard]] v1::SubjectName InventedName(size_t index);

}  // namespace ladon::demo

#endif  // LADON_SERVER_CLIENT_DEMO_NAMES_H_
