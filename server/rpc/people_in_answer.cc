#include "server/rpc/people_in_answer.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <set>
#include <string>

#include "ladon/v1/options.pb.h"

namespace ladon::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

bool IsOfAPerson(const FieldDescriptor& field) {
  switch (field.options().GetExtension(v1::data_category)) {
    case v1::DATA_CATEGORY_PERSONAL:
    case v1::DATA_CATEGORY_BIOMETRIC:
    case v1::DATA_CATEGORY_CREDENTIAL:
    case v1::DATA_CATEGORY_PSEUDONYM:
      return true;
    default:
      return false;
  }
}

// `seen`: messages may hold themselves.
bool HoldsAPerson(const Descriptor& message, std::set<const Descriptor*>* seen) {
  if (!seen->insert(&message).second) return false;
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    if (IsOfAPerson(field)) return true;
    if (field.message_type() != nullptr && HoldsAPerson(*field.message_type(), seen)) return true;
  }
  return false;
}

bool IsAListOfPeople(const FieldDescriptor& field) {
  std::set<const Descriptor*> seen;
  return field.is_repeated() &&
         (IsOfAPerson(field) ||
          (field.message_type() != nullptr && HoldsAPerson(*field.message_type(), &seen)));
}

}  // namespace

bool ListsPeople(std::string_view call) {
  std::string name = "ladon.v1." + std::string(call);
  std::replace(name.begin(), name.end(), '/', '.');
  const auto* const method =
      google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(name);
  if (method == nullptr) return false;
  const Descriptor& answer = *method->output_type();
  for (int i = 0; i < answer.field_count(); ++i) {
    if (IsAListOfPeople(*answer.field(i))) return true;
  }
  return false;
}

}  // namespace ladon::rpc
