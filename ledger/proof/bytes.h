// Big-endian fields, written and read in one order: what both leaf codecs and the journal's block
// codec are made of.
//
// Invariant of ByteReader: after the first short read it has failed for good and answers zeros, so
// that a decoder may read straight on and ask ok() once.
// Threading: one thread. Pure memory.
#ifndef LADON_LEDGER_PROOF_BYTES_H_
#define LADON_LEDGER_PROOF_BYTES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace ladon::ledger {

class ByteWriter {
 public:
  void U8(uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void U16(uint16_t value) { Unsigned(value); }
  void U32(uint32_t value) { Unsigned(value); }
  void U64(uint64_t value) { Unsigned(value); }
  void I64(int64_t value) { Unsigned(static_cast<uint64_t>(value)); }  // Two's complement.
  void Raw(std::string_view bytes) { out_.append(bytes); }
  template <size_t N>
  void Raw(const std::array<uint8_t, N>& bytes) {
    out_.append(reinterpret_cast<const char*>(bytes.data()), N);
  }
  [[nodiscard]] size_t size() const { return out_.size(); }
  // What was written so far; valid until the next write.
  [[nodiscard]] std::string_view view() const { return out_; }
  [[nodiscard]] std::string Take() { return std::move(out_); }
  // Begins anew and keeps the memory.
  void Clear() { out_.clear(); }
  void Reserve(size_t size) { out_.reserve(size); }

 private:
  // In one piece: field by field is what the committer spends its time on otherwise.
  template <class T>
  void Unsigned(T value) {
    char bytes[sizeof(T)];
    for (size_t i = sizeof(T); i-- > 0;) {
      bytes[i] = static_cast<char>(value);
      value = static_cast<T>(value >> 8);
    }
    out_.append(bytes, sizeof(T));
  }

  std::string out_;
};

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] uint8_t U8() { return static_cast<uint8_t>(Unsigned(1)); }
  [[nodiscard]] uint16_t U16() { return static_cast<uint16_t>(Unsigned(2)); }
  [[nodiscard]] uint32_t U32() { return static_cast<uint32_t>(Unsigned(4)); }
  [[nodiscard]] uint64_t U64() { return Unsigned(8); }
  [[nodiscard]] int64_t I64() { return static_cast<int64_t>(Unsigned(8)); }
  // Empty when there is not as much.
  [[nodiscard]] std::string_view Raw(size_t size) {
    if (!ok_ || size > rest_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  template <size_t N>
  void Raw(std::array<uint8_t, N>* bytes) {
    if (const std::string_view taken = Raw(N); ok_) {
      std::memcpy(bytes->data(), taken.data(), N);
    }
  }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool AtEnd() const { return ok_ && rest_.empty(); }
  [[nodiscard]] size_t remaining() const { return rest_.size(); }

 private:
  uint64_t Unsigned(size_t width) {
    uint64_t value = 0;
    for (const char byte : Raw(width)) {
      value = value << 8 | static_cast<uint8_t>(byte);
    }
    return value;
  }

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_PROOF_BYTES_H_
