#include "server/rpc/redact.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/text_format.h>

#include <string_view>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"
#include "ladon/v1/options.pb.h"
#include "server/base/id.h"

namespace ladon::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::TextFormat;

constexpr size_t kShortBytesMax = 16;
constexpr size_t kMediumBytesMax = 256;
constexpr std::string_view kCut = "...";

std::string_view LengthClass(size_t bytes) {
  if (bytes <= kShortBytesMax) return "short";
  return bytes <= kMediumBytesMax ? "medium" : "long";
}

bool IsText(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_STRING;  // Bytes too.
}

// The name under which a field is hidden; empty: it may be shown.
std::string_view HiddenAs(v1::DataCategory category, const FieldDescriptor& field) {
  switch (category) {
    case v1::DATA_CATEGORY_UNSPECIFIED:
      return IsText(field) ? "unclassified" : "";
    case v1::DATA_CATEGORY_NONE:
    case v1::DATA_CATEGORY_PSEUDONYM:
      return "";
    case v1::DATA_CATEGORY_PERSONAL:
      return "personal";
    case v1::DATA_CATEGORY_BIOMETRIC:
      return "biometric";
    case v1::DATA_CATEGORY_CREDENTIAL:
      return "credential";
    case v1::DATA_CATEGORY_SECRET:
      return "secret";
    default:
      return "unclassified";
  }
}

// Writes one message after the other's end; stops by itself when the line is full.
class Line {
 public:
  void Write(const Message& message, v1::DataCategory inherited, int depth) {
    if (depth > kRedactedDepthMax) return Append(kCut);
    bool first = true;
    for (int i = 0; i < message.GetDescriptor()->field_count() && !full(); ++i) {
      const FieldDescriptor& field = *message.GetDescriptor()->field(i);
      // What a map's field says holds for its keys and values.
      const v1::DataCategory category = field.options().HasExtension(v1::data_category)
                                            ? field.options().GetExtension(v1::data_category)
                                            : inherited;
      const std::string_view hidden = HiddenAs(category, field);
      const google::protobuf::Reflection& reflection = *message.GetReflection();
      const bool set = field.is_repeated() ? reflection.FieldSize(message, &field) > 0
                                           : reflection.HasField(message, &field);
      // Whether a hidden flag is there would tell its value.
      if (!set && (hidden.empty() || field.is_repeated() || field.has_presence())) continue;
      if (!first) Append(" ");
      first = false;
      Append(field.name());
      Append("=");
      if (field.is_repeated()) {
        WriteElements(message, field, category, depth);
      } else {
        WriteValue(message, field, -1, category, depth);
      }
    }
  }

  std::string Take() && {
    if (full()) {
      line_.resize(kRedactedBytesMax - kCut.size());
      line_.append(kCut);
    }
    return std::move(line_);
  }

 private:
  [[nodiscard]] bool full() const { return line_.size() > kRedactedBytesMax; }
  void Append(std::string_view text) { line_.append(text); }

  void WriteElements(const Message& message, const FieldDescriptor& field,
                     v1::DataCategory category, int depth) {
    Append("[");
    const int count = message.GetReflection()->FieldSize(message, &field);
    for (int i = 0; i < count && !full(); ++i) {
      if (i > 0) Append(" ");
      WriteValue(message, field, i, category, depth);
    }
    Append("]");
  }

  // `index` of a repeated field, or -1.
  void WriteValue(const Message& message, const FieldDescriptor& field, int index,
                  v1::DataCategory category, int depth) {
    const google::protobuf::Reflection& reflection = *message.GetReflection();
    const std::string_view hidden = HiddenAs(category, field);
    if (!hidden.empty()) {
      Append("<");
      Append(hidden);
    }
    if (IsText(field)) {
      std::string scratch;
      const std::string& value =
          index < 0 ? reflection.GetStringReference(message, &field, &scratch)
                    : reflection.GetRepeatedStringReference(message, &field, index, &scratch);
      if (hidden.empty()) return WriteText(field, value);
      Append(" ");
      Append(LengthClass(value.size()));
    }
    if (!hidden.empty()) return Append(">");
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      Append("{");
      Write(index < 0 ? reflection.GetMessage(message, &field)
                      : reflection.GetRepeatedMessage(message, &field, index),
            field.is_map() ? category : v1::DATA_CATEGORY_UNSPECIFIED, depth + 1);
      return Append("}");
    }
    std::string value;  // A number, a flag or the name of an enumeration's value.
    TextFormat::PrintFieldValueToString(message, &field, index, &value);
    Append(value);
  }

  void WriteText(const FieldDescriptor& field, std::string_view value) {
    const std::string_view shown = value.substr(0, kShownBytesMax);
    if (field.type() == FieldDescriptor::TYPE_BYTES) {
      Append(base::HexOf(shown));
    } else {
      Append("\"");
      Append(absl::CEscape(absl::string_view(shown.data(), shown.size())));
      Append("\"");
    }
    if (shown.size() < value.size()) Append(kCut);
  }

  std::string line_;
};

}  // namespace

std::string Redacted(const Message& message) {
  Line line;
  line.Write(message, v1::DATA_CATEGORY_UNSPECIFIED, 1);
  return std::move(line).Take();
}

}  // namespace ladon::rpc
