// How approvals, principals, erasures, requests and incidents look to machines (JSON, ids in hex)
// and to people (tables). No clock: what depends on the day is told by the server or handed in.
// Threading: pure functions.
#ifndef LADON_SERVER_CLIENT_CTL_RIGHTS_RENDER_H_
#define LADON_SERVER_CLIENT_CTL_RIGHTS_RENDER_H_

#include <google/protobuf/timestamp.pb.h>

#include <cstdint>
#include <string>
#include <vector>

#include "ladon/v1/access_service.pb.h"
#include "ladon/v1/approval_service.pb.h"
#include "ladon/v1/key_service.pb.h"
#include "ladon/v1/officer_service.pb.h"
#include "ladon/v1/subject_service.pb.h"
#include "server/client/ctl/context.h"

namespace ladon::ctl {

[[nodiscard]] Json JsonOf(const v1::Approval& approval);
[[nodiscard]] Json JsonOf(const v1::Principal& principal);
[[nodiscard]] Json JsonOf(const v1::GetKeysResponse& keys);
[[nodiscard]] Json JsonOf(const v1::Erasure& erasure);
[[nodiscard]] Json JsonOf(const v1::RightsRequest& request);
[[nodiscard]] Json JsonOf(const v1::Incident& incident);

// Rendered; one sentence when there is no row. A pending approval that is over its time at
// `now_unix_seconds` is shown as expired.
[[nodiscard]] std::string TableOf(const Context& context,
                                  const std::vector<v1::Approval>& approvals,
                                  int64_t now_unix_seconds);
[[nodiscard]] std::string TableOf(const Context& context,
                                  const std::vector<v1::Principal>& principals);
[[nodiscard]] std::string TableOf(const Context& context, const std::vector<v1::Erasure>& erasures);
[[nodiscard]] std::string TableOf(const Context& context,
                                  const std::vector<v1::RightsRequest>& requests);
[[nodiscard]] std::string TableOf(const Context& context,
                                  const std::vector<v1::Incident>& incidents);

// All of one, line by line.
[[nodiscard]] std::string FactsOf(const Context& context, const v1::Approval& approval,
                                  int64_t now_unix_seconds);
[[nodiscard]] std::string FactsOf(const Context& context, const v1::GetKeysResponse& keys);

// What a call does, for people: "SubjectService/EraseSubject" -> "destroy the data of a person".
[[nodiscard]] std::string CallWord(const Context& context, const std::string& call);
// "LEFT_SCHOOL", as acts have it.
[[nodiscard]] std::string ReasonName(v1::ErasureReason reason);
// null, or a time in UTC.
[[nodiscard]] Json TimeJson(bool present, const google::protobuf::Timestamp& time);

}  // namespace ladon::ctl

#endif  // LADON_SERVER_CLIENT_CTL_RIGHTS_RENDER_H_
