// The byte form of records that the server keeps (directory, vault, tokens): big-endian integers
// and counted strings, no padding, one encoding per value.
//
// A Decoder never reads past its end: the first short read makes it fail for good, every later
// value is zero, and Done() tells. Threading: plain values.
#ifndef LADON_SERVER_BASE_CODEC_H_
#define LADON_SERVER_BASE_CODEC_H_

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "server/base/id.h"

namespace ladon::base {

inline constexpr size_t kCodecStringBytesMax = 65'535;

class Encoder {
 public:
  void U8(uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void U16(uint16_t value) { Big(value, 2); }
  void U32(uint32_t value) { Big(value, 4); }
  void U64(uint64_t value) { Big(value, 8); }
  void I64(int64_t value) { Big(static_cast<uint64_t>(value), 8); }
  void Raw(std::string_view bytes) { out_.append(bytes); }
  // Two bytes of length, then the bytes; callers bound them long before this limit.
  void String(std::string_view bytes) {
    assert(bytes.size() <= kCodecStringBytesMax);
    U16(static_cast<uint16_t>(bytes.size()));
    Raw(bytes);
  }
  template <class Tag>
  void Put(const Id<Tag>& id) {
    Raw(id.view());
  }
  [[nodiscard]] std::string Take() { return std::move(out_); }

 private:
  void Big(uint64_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) out_.push_back(static_cast<char>(value >> (8 * i)));
  }
  std::string out_;
};

class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : rest_(bytes) {}

  uint8_t U8() { return static_cast<uint8_t>(Big(1)); }
  uint16_t U16() { return static_cast<uint16_t>(Big(2)); }
  uint32_t U32() { return static_cast<uint32_t>(Big(4)); }
  uint64_t U64() { return Big(8); }
  int64_t I64() { return static_cast<int64_t>(Big(8)); }
  std::string_view Raw(size_t size) {
    if (failed_ || rest_.size() < size) {
      failed_ = true;
      return {};
    }
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }
  std::string String() { return std::string(Raw(U16())); }
  template <class IdType>
  IdType Get() {
    const std::optional<IdType> id = IdType::FromBytes(Raw(kIdBytes));
    return id.value_or(IdType{});
  }
  // Everything was there and nothing is left.
  [[nodiscard]] bool Done() const { return !failed_ && rest_.empty(); }
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] size_t remaining() const { return rest_.size(); }

 private:
  uint64_t Big(size_t size) {
    uint64_t value = 0;
    for (const char byte : Raw(size)) value = value << 8 | static_cast<uint8_t>(byte);
    return value;
  }
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace ladon::base

#endif  // LADON_SERVER_BASE_CODEC_H_
