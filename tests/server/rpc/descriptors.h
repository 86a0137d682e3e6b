// Every message of the wire contract, and messages made up by a test.
#ifndef LADON_TESTS_SERVER_RPC_DESCRIPTORS_H_
#define LADON_TESTS_SERVER_RPC_DESCRIPTORS_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/text_format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "ladon/v1/access_service.pb.h"
#include "ladon/v1/accounts_service.pb.h"
#include "ladon/v1/admin_service.pb.h"
#include "ladon/v1/approval_service.pb.h"
#include "ladon/v1/audit_service.pb.h"
#include "ladon/v1/backup_service.pb.h"
#include "ladon/v1/channel_service.pb.h"
#include "ladon/v1/enrolment_service.pb.h"
#include "ladon/v1/errors.pb.h"
#include "ladon/v1/key_service.pb.h"
#include "ladon/v1/officer_service.pb.h"
#include "ladon/v1/operation_service.pb.h"
#include "ladon/v1/options.pb.h"
#include "ladon/v1/outbox_service.pb.h"
#include "ladon/v1/payment_service.pb.h"
#include "ladon/v1/report_service.pb.h"
#include "ladon/v1/security_service.pb.h"
#include "ladon/v1/subject_service.pb.h"
#include "ladon/v1/terminal_service.pb.h"
#include "ladon/v1/types.pb.h"

namespace ladon::testing {

// Every .proto file of the source tree, as linked into this program. A new one must be linked in by
// naming one of its messages in linked.
inline std::vector<const google::protobuf::FileDescriptor*> FilesOfTheContract() {
  const google::protobuf::Descriptor* const linked[] = {
      v1::TopUpRequest::descriptor(),           v1::CreateSchoolRequest::descriptor(),
      v1::GetReceiptRequest::descriptor(),      v1::CreateSubjectRequest::descriptor(),
      v1::GetOperationRequest::descriptor(),    v1::DebitRequest::descriptor(),
      v1::ListBackupsRequest::descriptor(),     v1::GrantRoleRequest::descriptor(),
      v1::ListApprovalsRequest::descriptor(),   v1::GetKeysRequest::descriptor(),
      v1::ListAffectedRequest::descriptor(),    v1::EraseSubjectRequest::descriptor(),
      v1::GetSchoolReportRequest::descriptor(), v1::ListSecurityEventsRequest::descriptor(),
      v1::CheckAccountRequest::descriptor(),    v1::ListSuspenseRequest::descriptor(),
      v1::PullEventsRequest::descriptor()};
  EXPECT_NE(linked[0], nullptr);
  std::vector<const google::protobuf::FileDescriptor*> files;
  for (const auto& entry : std::filesystem::directory_iterator(LADON_PROTO_DIR "/ladon/v1")) {
    if (entry.path().extension() != ".proto") continue;
    const std::string name = "ladon/v1/" + entry.path().filename().string();
    files.push_back(google::protobuf::DescriptorPool::generated_pool()->FindFileByName(name));
    EXPECT_NE(files.back(), nullptr) << name << " is not linked into this test";
    if (files.back() == nullptr) files.pop_back();
  }
  return files;
}

inline std::vector<const google::protobuf::Descriptor*> MessagesOfTheContract() {
  std::vector<const google::protobuf::Descriptor*> messages;
  for (const google::protobuf::FileDescriptor* const file : FilesOfTheContract()) {
    for (int i = 0; i < file->message_type_count(); ++i) messages.push_back(file->message_type(i));
  }
  EXPECT_GT(messages.size(), 100);
  return messages;
}

// A file of messages as the text form of a FileDescriptorProto tells it; it may import
// options.proto.
class MadeUp {
 public:
  explicit MadeUp(const std::string& file_text)
      : pool_(google::protobuf::DescriptorPool::generated_pool()), factory_(&pool_) {
    google::protobuf::FileDescriptorProto file;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(file_text, &file));
    file.set_name("made_up.proto");
    file.set_syntax("proto3");
    file.add_dependency("ladon/v1/options.proto");
    EXPECT_NE(pool_.BuildFile(file), nullptr);
  }
  [[nodiscard]] const google::protobuf::Descriptor* descriptor(const std::string& name) const {
    return pool_.FindMessageTypeByName(name);
  }
  [[nodiscard]] std::unique_ptr<google::protobuf::Message> Message(const std::string& name,
                                                                   const std::string& text) {
    std::unique_ptr<google::protobuf::Message> made(factory_.GetPrototype(descriptor(name))->New());
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, made.get())) << text;
    return made;
  }

 private:
  google::protobuf::DescriptorPool pool_;
  google::protobuf::DynamicMessageFactory factory_;
};

}  // namespace ladon::testing

#endif  // LADON_TESTS_SERVER_RPC_DESCRIPTORS_H_
