// The rights of data subjects on the wire: exports, erasures, requests.
// Threading: pure functions.
#ifndef LADON_SERVER_RPC_RIGHTS_VIEW_H_
#define LADON_SERVER_RPC_RIGHTS_VIEW_H_

#include <cstdint>
#include <string_view>

#include "ladon/v1/subject_service.pb.h"
#include "server/base/calendar.h"
#include "server/flow/rights.h"
#include "server/registers/records.h"
#include "server/rpc/fields.h"

namespace ladon::rpc {

void SetExport(const flow::SubjectExport& from, v1::ExportSubjectResponse* to);
void SetErasure(const registers::Erasure& from, v1::Erasure* to);
// `today` 0: whether it is due or over is not told.
void SetRightsRequest(const registers::RightsRequest& from, uint32_t today,
                      const base::Calendar& calendar, v1::RightsRequest* to);
// A day from 1900 on, or 0 when it is not given.
[[nodiscard]] uint32_t BirthDay(std::string_view field, bool present, const v1::Date& date,
                                Fields* fields);

}  // namespace ladon::rpc

#endif  // LADON_SERVER_RPC_RIGHTS_VIEW_H_
