#include "server/client/ctl/context.h"

#include <unistd.h>

#include <array>
#include <chrono>
#include <optional>

#include "absl/status/statusor.h"
#include "server/base/id.h"
#include "server/base/secret.h"
#include "server/client/text/console.h"

namespace ladon::ctl {
namespace {

// What a mutating call may be repeated under; empty for a question, where nothing is worth keeping.
std::string RequestIdOf(const google::protobuf::Message& request) {
  if (request.GetDescriptor()->full_name() == "ladon.v1.GetOperationRequest") return "";
  const google::protobuf::FieldDescriptor* const field =
      request.GetDescriptor()->FindFieldByName("request_id");
  return field == nullptr ? "" : request.GetReflection()->GetString(request, field);
}

}  // namespace

std::string Context::RequestId() const {
  if (const std::optional<std::string> given = base::BytesOfHex(request_id_hex);
      given && given->size() == base::kIdBytes) {
    return *given;
  }
  std::array<uint8_t, base::kIdBytes> bytes{};
  base::FillRandom(bytes);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

int Context::Call(const google::protobuf::Message& request, google::protobuf::Message* response) {
  if (const int code = OpenChannel(); code != kDone) return code;
  const grpc::Status status =
      client::Call(channel_, request, response, std::chrono::milliseconds(timeout_ms));
  return status.ok() ? kDone : Report(status, RequestIdOf(request));
}

grpc::Status Context::CallPatiently(const google::protobuf::Message& request,
                                    google::protobuf::Message* response) const {
  return client::CallPatiently(channel_, request, response, std::chrono::milliseconds(timeout_ms));
}

int Context::OpenChannel() {
  if (channel_ != nullptr) return kDone;
  absl::StatusOr<client::ChannelPtr> channel = client::Connect(connection);
  if (!channel.ok()) return Fail(channel.status());
  channel_ = *std::move(channel);
  return kDone;
}

int Context::Report(const grpc::Status& status, const std::string& request_id,
                    const std::string& repeat) {
  const bool refused = client::IsDefinite(status);
  const std::string sentence = client::Explain(status, language_);
  const std::string id = base::HexOf(request_id);
  const v1::ErrorDetail detail = client::DetailOf(status);
  const bool approval_needed = detail.reason() == v1::ERROR_REASON_APPROVAL_NEEDED;
  if (json) {
    Json error = {{"reason", v1::ErrorReason_Name(detail.reason())},
                  {"field", detail.field()},
                  {"grpc_status", static_cast<int>(status.error_code())},
                  {"fate", refused ? "refused" : "unknown"},
                  {"message", sentence}};
    if (!id.empty()) error["request_id"] = id;
    if (approval_needed) error["approval_id"] = detail.field();
    if (!repeat.empty()) error["repeat"] = repeat;
    *out_ << Json{{"error", error}}.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
    return refused ? kRefused : kNoAnswer;
  }
  *err_ << client::Paint(sentence, client::Colour::kRed, client::WantsColour(STDERR_FILENO))
        << '\n';
  // gRPC's own words help a sysadmin with a wrong certificate or address.
  if (!refused && !status.error_message().empty()) *err_ << "  " << status.error_message() << '\n';
  const std::string again = repeat.empty() ? Say("ctl.same_command", {id}) : repeat;
  if (!refused && !id.empty()) {
    *err_ << (repeat.empty() ? Say("ctl.fate_unknown", {id}) : Say("ctl.repeat", {again})) << '\n';
  }
  if (approval_needed) *err_ << Say("ctl.approval_next", {detail.field(), again}) << '\n';
  return refused ? kRefused : kNoAnswer;
}

int Context::Fail(const absl::Status& status) {
  const bool usage = status.code() == absl::StatusCode::kInvalidArgument;
  const std::string sentence(status.message());
  if (json) {
    *out_ << Json{{"error", {{"local", true}, {"message", sentence}}}}.dump(
                 2, ' ', false, Json::error_handler_t::replace)
          << '\n';
  } else {
    *err_ << client::Paint(sentence, client::Colour::kRed, client::WantsColour(STDERR_FILENO))
          << '\n';
  }
  return usage ? kUsage : kLocalTrouble;
}

int Context::Usage(const std::string& sentence) {
  return Fail(absl::InvalidArgumentError(sentence));
}

int Context::Print(const Json& machine, const std::string& people) {
  if (json) {
    *out_ << machine.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
  } else {
    *out_ << people;
    if (people.empty() || people.back() != '\n') *out_ << '\n';
  }
  return kDone;
}

}  // namespace ladon::ctl
