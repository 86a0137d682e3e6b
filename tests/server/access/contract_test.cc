// Goal: the matrix and the wire contract name the same calls: none without a row, no row without a
// call. Method: walk the descriptors that protoc compiled into the generated code.
#include <google/protobuf/descriptor.h>

#include <filesystem>
#include <set>
#include <string>

#include "gtest/gtest.h"
#include "ladon/v1/access_service.pb.h"
#include "ladon/v1/accounts_service.pb.h"
#include "ladon/v1/admin_service.pb.h"
#include "ladon/v1/approval_service.pb.h"
#include "ladon/v1/audit_service.pb.h"
#include "ladon/v1/backup_service.pb.h"
#include "ladon/v1/enrolment_service.pb.h"
#include "ladon/v1/key_service.pb.h"
#include "ladon/v1/officer_service.pb.h"
#include "ladon/v1/operation_service.pb.h"
#include "ladon/v1/report_service.pb.h"
#include "ladon/v1/security_service.pb.h"
#include "ladon/v1/subject_service.pb.h"
#include "ladon/v1/terminal_service.pb.h"
#include "server/access/matrix.h"

namespace ladon::access {
namespace {

// The calls of every service in every .proto file of the source tree, as linked into this program.
// A new file must be linked in by naming one of its messages in linked.
std::set<std::string> CallsOfTheContract() {
  const google::protobuf::Descriptor* const linked[] = {
      v1::TopUpRequest::descriptor(),           v1::CreateSchoolRequest::descriptor(),
      v1::GetReceiptRequest::descriptor(),      v1::CreateSubjectRequest::descriptor(),
      v1::GetOperationRequest::descriptor(),    v1::DebitRequest::descriptor(),
      v1::ListBackupsRequest::descriptor(),     v1::GrantRoleRequest::descriptor(),
      v1::ListApprovalsRequest::descriptor(),   v1::GetKeysRequest::descriptor(),
      v1::ListAffectedRequest::descriptor(),    v1::EraseSubjectRequest::descriptor(),
      v1::GetSchoolReportRequest::descriptor(), v1::ListSecurityEventsRequest::descriptor()};
  EXPECT_NE(linked[0], nullptr);
  std::set<std::string> calls;
  for (const auto& entry : std::filesystem::directory_iterator(LADON_PROTO_DIR "/ladon/v1")) {
    if (entry.path().extension() != ".proto") continue;
    const std::string name = "ladon/v1/" + entry.path().filename().string();
    const google::protobuf::FileDescriptor* const file =
        google::protobuf::DescriptorPool::generated_pool()->FindFileByName(name);
    EXPECT_NE(file, nullptr) << name << " is not linked into this test";
    for (int s = 0; file != nullptr && s < file->service_count(); ++s) {
      const google::protobuf::ServiceDescriptor* const service = file->service(s);
      for (int m = 0; m < service->method_count(); ++m) {
        calls.insert("/" + service->full_name() + "/" + service->method(m)->name());
      }
    }
  }
  return calls;
}

TEST(ContractTest, EveryCallHasARowAndEveryRowACall) {
  std::set<std::string> rows;
  for (const Rule& rule : Matrix::BuiltIn().rules()) rows.emplace(rule.rpc);
  const std::set<std::string> calls = CallsOfTheContract();
  EXPECT_FALSE(calls.empty());
  for (const std::string& call : calls) EXPECT_TRUE(rows.contains(call)) << call << " has no row";
  for (const std::string& row : rows) EXPECT_TRUE(calls.contains(row)) << row << " is no call";
}

}  // namespace
}  // namespace ladon::access
