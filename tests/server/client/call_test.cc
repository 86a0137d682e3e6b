// Goal: a request names its RPC without doubt, and a call ends with the status that the wire gave.
// Method: walks every service of the contract; a server of this process that answers by hand.
#include "server/client/call.h"

#include <google/protobuf/descriptor.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ladon/v1/accounts_service.grpc.pb.h"
#include "ladon/v1/admin_service.pb.h"
#include "ladon/v1/enrolment_service.pb.h"
#include "ladon/v1/operation_service.pb.h"
#include "ladon/v1/terminal_service.pb.h"

namespace ladon::client {
namespace {

using google::protobuf::MessageFactory;
using google::protobuf::MethodDescriptor;

TEST(CallTest, EveryRequestOfTheContractNamesItsRpc) {
  std::set<std::string> methods;
  for (const auto* file :
       {v1::TopUpRequest::descriptor()->file(), v1::CreateSchoolRequest::descriptor()->file(),
        v1::EnrolPalmRequest::descriptor()->file(), v1::GetOperationRequest::descriptor()->file(),
        v1::IdentifyRequest::descriptor()->file()}) {
    ASSERT_GT(file->service_count(), 0) << file->name();
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        const MethodDescriptor* const method = file->service(s)->method(m);
        MessageFactory* const factory = MessageFactory::generated_factory();
        const std::string name = MethodOf(*factory->GetPrototype(method->input_type()),
                                          *factory->GetPrototype(method->output_type()));
        EXPECT_EQ(name, "/" + file->service(s)->full_name() + "/" + method->name());
        EXPECT_TRUE(methods.insert(name).second) << name;
      }
    }
  }
  EXPECT_GT(methods.size(), 25u);
}

TEST(CallDeathTest, AnAnswerOfAnotherRpcIsABrokenInvariant) {
  EXPECT_DEATH((void)MethodOf(v1::TopUpRequest(), v1::GetBalanceResponse()), "output_type");
  EXPECT_DEATH((void)MethodOf(v1::TopUpResponse(), v1::TopUpResponse()), "no RPC");
}

// Refuses so often with UNAVAILABLE, then answers with the number of attempts as the balance.
class Reluctant final : public v1::AccountsService::Service {
 public:
  explicit Reluctant(int refusals) : refusals_(refusals) {}
  grpc::Status TopUp(grpc::ServerContext*, const v1::TopUpRequest* request,
                     v1::TopUpResponse* response) override {
    ids_.insert(request->request_id());
    if (++attempts_ <= refusals_) return {grpc::StatusCode::UNAVAILABLE, "busy"};
    response->set_balance_kopecks(request->amount_kopecks());
    return grpc::Status::OK;
  }
  grpc::Status SetFrozen(grpc::ServerContext*, const v1::SetFrozenRequest*,
                         v1::SetFrozenResponse*) override {
    ++attempts_;
    return {grpc::StatusCode::FAILED_PRECONDITION, "no"};
  }
  std::set<std::string> ids_;
  int attempts_ = 0;

 private:
  const int refusals_;
};

struct Running {
  explicit Running(Reluctant* service) {
    grpc::ServerBuilder builder;
    builder.RegisterService(service);
    server = builder.BuildAndStart();
    channel = server->InProcessChannel({});
  }
  std::unique_ptr<grpc::Server> server;
  ChannelPtr channel;
};

v1::TopUpRequest TopUpOf(int64_t kopecks) {
  v1::TopUpRequest request;
  request.set_request_id("0123456789abcdef");
  request.set_amount_kopecks(kopecks);
  return request;
}

TEST(CallTest, CarriesTheMessagesBothWays) {
  Reluctant service(0);
  const Running running(&service);
  v1::TopUpResponse response;
  const grpc::Status status = Call(running.channel, TopUpOf(12'345), &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.balance_kopecks(), 12'345);
}

TEST(CallTest, OneAttemptUnlessPatient) {
  Reluctant service(2);
  const Running running(&service);
  v1::TopUpResponse response;
  EXPECT_EQ(Call(running.channel, TopUpOf(1), &response).error_code(),
            grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(service.attempts_, 1);
  EXPECT_TRUE(CallPatiently(running.channel, TopUpOf(1), &response).ok());
  EXPECT_EQ(service.attempts_, 3);
  EXPECT_THAT(service.ids_, ::testing::SizeIs(1)) << "the same request id every time";
}

TEST(CallTest, PatienceEndsAndAVerdictIsNotAskedTwice) {
  Reluctant service(100);
  const Running running(&service);
  v1::TopUpResponse top_up;
  EXPECT_EQ(CallPatiently(running.channel, TopUpOf(1), &top_up).error_code(),
            grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(service.attempts_, kPatientAttempts);
  service.attempts_ = 0;
  v1::SetFrozenResponse frozen;
  EXPECT_EQ(CallPatiently(running.channel, v1::SetFrozenRequest(), &frozen).error_code(),
            grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(service.attempts_, 1);
}

}  // namespace
}  // namespace ladon::client
