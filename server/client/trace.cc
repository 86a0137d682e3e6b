#include "server/client/trace.h"

#include <array>
#include <cstdint>

#include "server/base/id.h"
#include "server/base/secret.h"

namespace ladon::client {
namespace {

thread_local std::string current_trace;

}  // namespace

TraceScope::TraceScope() {
  std::array<uint8_t, base::kIdBytes> bytes{};
  base::FillRandom(bytes);
  current_trace = base::HexOf({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

TraceScope::~TraceScope() {
  current_trace.clear();
}

const std::string& TraceScope::current() {
  return current_trace;
}

std::string TraceOf(const google::protobuf::Message& request) {
  if (!current_trace.empty()) return current_trace;
  const auto* const field = request.GetDescriptor()->FindFieldByName("request_id");
  using google::protobuf::FieldDescriptor;
  if (field == nullptr || field->type() != FieldDescriptor::TYPE_BYTES || field->is_repeated()) {
    return "";
  }
  const std::string id = request.GetReflection()->GetString(request, field);
  return id.size() == base::kIdBytes ? base::HexOf(id) : "";
}

}  // namespace ladon::client
