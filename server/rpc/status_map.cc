#include "server/rpc/status_map.h"

#include <string>

#include "server/base/messages.h"

namespace ladon::rpc {

v1::ErrorReason ToProto(flow::Reason reason) {
  const int number = static_cast<int>(reason);
  return v1::ErrorReason_IsValid(number) ? static_cast<v1::ErrorReason>(number)
                                         : v1::ERROR_REASON_INTERNAL;
}

v1::ErrorDetail ToDetail(const absl::Status& status) {
  const flow::RefusalDetail refusal = flow::DetailOf(status);
  v1::ErrorDetail detail;
  detail.set_reason(ToProto(refusal.reason));
  detail.set_field(refusal.field);
  const std::string key(flow::ReasonName(refusal.reason));
  detail.set_message_ru(base::Text(key, base::Language::kRussian, {refusal.field}));
  detail.set_message_en(base::Text(key, base::Language::kEnglish, {refusal.field}));
  return detail;
}

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const flow::RefusalDetail refusal = flow::DetailOf(status);
  // absl's and gRPC's codes have the same numbers.
  const auto code = static_cast<grpc::StatusCode>(flow::CodeOf(refusal.reason));
  std::string message(flow::ReasonName(refusal.reason));
  if (refusal.reason == flow::Reason::kFieldInvalid) {
    message = std::string(status.message());  // Written by us for the caller: the field and a rule.
  } else if (!refusal.field.empty()) {
    message += ": " + refusal.field;
  }
  v1::RpcStatus envelope;
  envelope.set_code(code);
  envelope.set_message(message);
  envelope.add_details()->PackFrom(ToDetail(status));
  return {code, message, envelope.SerializeAsString()};
}

}  // namespace ladon::rpc
