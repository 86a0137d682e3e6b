#include "server/client/call.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <cassert>
#include <thread>
#include <vector>

#include "server/client/trace.h"

namespace ladon::client {
namespace {

constexpr std::chrono::milliseconds kFirstWait{250};

bool Parse(const grpc::ByteBuffer& buffer, google::protobuf::Message* response) {
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return false;
  std::string bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return response->ParseFromString(bytes);
}

}  // namespace

std::string MethodOf(const google::protobuf::Message& request,
                     const google::protobuf::Message& response) {
  const google::protobuf::FileDescriptor* const file = request.GetDescriptor()->file();
  for (int s = 0; s < file->service_count(); ++s) {
    const google::protobuf::ServiceDescriptor* const service = file->service(s);
    for (int m = 0; m < service->method_count(); ++m) {
      const google::protobuf::MethodDescriptor* const method = service->method(m);
      if (method->input_type() != request.GetDescriptor()) continue;
      assert(method->output_type() == response.GetDescriptor());
      static_cast<void>(response);
      return "/" + service->full_name() + "/" + method->name();
    }
  }
  assert(false && "no RPC takes this message");
  return "";
}

grpc::Status Call(const ChannelPtr& channel, const google::protobuf::Message& request,
                  google::protobuf::Message* response, std::chrono::milliseconds timeout) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + timeout);
  if (const std::string trace = TraceOf(request); !trace.empty()) {
    context.AddMetadata(kTraceMetadata, trace);
  }
  const grpc::Slice slice(request.SerializeAsString());
  grpc::GenericStub stub(channel);
  grpc::CompletionQueue queue;
  const auto call = stub.PrepareUnaryCall(&context, MethodOf(request, *response),
                                          grpc::ByteBuffer(&slice, 1), &queue);
  call->StartCall();
  grpc::ByteBuffer answer;
  grpc::Status status;
  call->Finish(&answer, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  if (status.ok() && !Parse(answer, response)) {
    return {grpc::StatusCode::INTERNAL, "the answer is not a message of this method"};
  }
  return status;
}

grpc::Status CallPatiently(const ChannelPtr& channel, const google::protobuf::Message& request,
                           google::protobuf::Message* response, std::chrono::milliseconds timeout) {
  grpc::Status status = Call(channel, request, response, timeout);
  for (int attempt = 1; attempt < kPatientAttempts && !IsDefinite(status); ++attempt) {
    std::this_thread::sleep_for(kFirstWait * (1 << (attempt - 1)));
    status = Call(channel, request, response, timeout);
  }
  return status;
}

bool IsDefinite(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::UNKNOWN:
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
    case grpc::StatusCode::INTERNAL:
      return false;
    default:
      return true;
  }
}

}  // namespace ladon::client
