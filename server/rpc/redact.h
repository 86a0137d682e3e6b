// A message of the wire as one line that may be logged: what is of a person is left out of it.
//
// Invariants: a field goes by its category (proto/ladon/v1/options.proto). Of what is personal,
// biometric, a credential or a secret the line tells the category and, of texts and bytes, whether
// they are short (to 16 bytes), medium (to 256) or long; it tells as much when the field is not
// set, unless that is another shape of the message. A text without a category is hidden too. Fields
// that we do not know are not there. Bytes are in hex; texts in C escapes, so that the line is
// printable ASCII. Nothing hidden is copied. Threading: any thread.
#ifndef LADON_SERVER_RPC_REDACT_H_
#define LADON_SERVER_RPC_REDACT_H_

#include <google/protobuf/message.h>

#include <cstddef>
#include <string>

namespace ladon::rpc {

// The longest line; a longer one ends in "...".
inline constexpr size_t kRedactedBytesMax = 2'048;
// The most that is shown of one text or one run of bytes.
inline constexpr size_t kShownBytesMax = 64;
// Messages within messages; what lies deeper is left out.
inline constexpr int kRedactedDepthMax = 8;

// "request_id=4f.. name={family_name=<personal short> given_name=<personal short>}".
[[nodiscard]] std::string Redacted(const google::protobuf::Message& message);

}  // namespace ladon::rpc

#endif  // LADON_SERVER_RPC_REDACT_H_
