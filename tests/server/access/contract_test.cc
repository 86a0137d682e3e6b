// Goal: the matrix and the wire contract name the same calls: none without a row, no row without a
// call. Method: walk the descriptors that protoc compiled into the generated code.
#include <google/protobuf/descriptor.h>

#include <filesystem>
#include <set>
#include <string>

#include "gtest/gtest.h"
#include "server/access/matrix.h"
#include "tests/server/rpc/descriptors.h"

namespace ladon::access {
namespace {

std::set<std::string> CallsOfTheContract() {
  std::set<std::string> calls;
  for (const google::protobuf::FileDescriptor* const file : testing::FilesOfTheContract()) {
    for (int s = 0; s < file->service_count(); ++s) {
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
