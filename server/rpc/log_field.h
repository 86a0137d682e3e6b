// What a log line may hold: names out of our own source, numbers, ids, and texts of which somebody
// has stated why they tell nothing about a person. Neither a message of the wire nor a std::string
// becomes a field by itself, so nobody logs a child by accident: grep SafeBecause for all that is.
// Threading: plain values.
#ifndef LADON_SERVER_RPC_LOG_FIELD_H_
#define LADON_SERVER_RPC_LOG_FIELD_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "server/base/id.h"

namespace ladon::rpc {

// The longest text of one field; what is beyond is cut off.
inline constexpr size_t kLogTextBytesMax = 4'096;

// A text that stands in the source: nothing that is known only when the program runs.
class Literal {
 public:
  template <size_t N>  // NOLINTNEXTLINE(google-explicit-constructor): it is meant to convert.
  consteval Literal(const char (&text)[N]) : text_(text, N - 1) {}
  [[nodiscard]] std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

// A text made while the program runs. `why` is for who reads the source; it is not logged.
class LogText {
 public:
  [[nodiscard]] static LogText SafeBecause([[maybe_unused]] Literal why, std::string text) {
    if (text.size() > kLogTextBytesMax) text.resize(kLogTextBytesMax);
    return LogText(std::move(text));
  }
  [[nodiscard]] static LogText OfFault(const absl::Status& status) {
    return SafeBecause("faults of ours name files, records and ids", std::string(status.message()));
  }
  [[nodiscard]] static LogText OfOperator(std::string value) {
    return SafeBecause("an operator wrote it into a file of his own", std::move(value));
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  explicit LogText(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

class LogField {
 public:
  using Value = std::variant<bool, int64_t, uint64_t, std::string>;

  template <std::integral T>
  LogField(Literal name, T value) : name_(name.text()) {
    if constexpr (std::same_as<T, bool>) {
      value_ = value;
    } else if constexpr (std::is_signed_v<T>) {
      value_ = static_cast<int64_t>(value);
    } else {
      value_ = static_cast<uint64_t>(value);
    }
  }
  LogField(Literal name, Literal value) : name_(name.text()), value_(std::string(value.text())) {}
  LogField(Literal name, const LogText& value) : name_(name.text()), value_(value.text()) {}
  // A random id: it stands for somebody only to who may read the vault.
  template <class Tag>
  LogField(Literal name, const base::Id<Tag>& id) : name_(name.text()), value_(base::HexOf(id)) {}

  [[nodiscard]] std::string_view name() const { return name_; }
  [[nodiscard]] const Value& value() const { return value_; }

 private:
  std::string_view name_;
  Value value_;
};

}  // namespace ladon::rpc

#endif  // LADON_SERVER_RPC_LOG_FIELD_H_
