// The words of the contract's enumerations: "left_school" in JSON and in the catalogue,
// "left-school" on the command line, for ERASURE_REASON_LEFT_SCHOOL. Threading: pure functions.
#ifndef LADON_SERVER_CLIENT_CTL_ENUM_WORDS_H_
#define LADON_SERVER_CLIENT_CTL_ENUM_WORDS_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/generated_enum_reflection.h>

#include <string>
#include <string_view>
#include <vector>

#include "server/client/ctl/context.h"

namespace ladon::ctl {

// "unknown" for a number that the enumeration does not name.
[[nodiscard]] std::string EnumWord(const google::protobuf::EnumDescriptor& of, int number);
// Every word but that of UNSPECIFIED, in the order of the contract.
[[nodiscard]] std::vector<std::string> EnumOptions(const google::protobuf::EnumDescriptor& of);
// The number of one of EnumOptions(); 0 for anything else.
[[nodiscard]] int EnumNumber(const google::protobuf::EnumDescriptor& of, std::string_view option);

template <class E>
[[nodiscard]] std::string EnumWord(E value) {
  return EnumWord(*google::protobuf::GetEnumDescriptor<E>(), static_cast<int>(value));
}
template <class E>
[[nodiscard]] std::vector<std::string> EnumOptions() {
  return EnumOptions(*google::protobuf::GetEnumDescriptor<E>());
}
template <class E>
[[nodiscard]] E EnumOf(std::string_view option) {
  return static_cast<E>(EnumNumber(*google::protobuf::GetEnumDescriptor<E>(), option));
}

// What the catalogue says for `word` under `head`; the word itself when it says nothing, as of a
// newer server's.
[[nodiscard]] std::string WordFor(const Context& context, std::string_view head,
                                  const std::string& word);

}  // namespace ladon::ctl

#endif  // LADON_SERVER_CLIENT_CTL_ENUM_WORDS_H_
