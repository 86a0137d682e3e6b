// Big-endian fields, written and read in one order: what both leaf codecs and the journal's block
// codec are made of.
//
// Invariant of ByteReader: after the first short read it has failed for good and answers zeros, so
// that a decoder may read straight on and ask ok() once.
// Threading: one thread. Pure memory.
#ifndef LADON_LEDGER_PROOF_BYTES_H_
#define LADON_LEDGER_PROOF_BYTES_H_

#include <algorithm>
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
  void U8(uint8_t value) { Unsigned(value); }
  void U16(uint16_t value) { Unsigned(value); }
  void U32(uint32_t value) { Unsigned(value); }
  void U64(uint64_t value) { Unsigned(value); }
  void I64(int64_t value) { Unsigned(static_cast<uint64_t>(value)); }  // Two's complement.
  void Raw(std::string_view bytes) {
    if (bytes.empty()) return;
    std::memcpy(Room(bytes.size()), bytes.data(), bytes.size());
  }
  template <size_t N>
  void Raw(const std::array<uint8_t, N>& bytes) {
    std::memcpy(Room(N), bytes.data(), N);
  }
  [[nodiscard]] size_t size() const { return size_; }
  // What was written so far; valid until the next write.
  [[nodiscard]] std::string_view view() const { return {out_.data(), size_}; }
  // Writes over what stands at `at`.
  void SetU32(size_t at, uint32_t value) {
    for (size_t i = sizeof(value); i-- > 0; value >>= 8) out_[at + i] = static_cast<char>(value);
  }
  // Begins anew.
  [[nodiscard]] std::string Take() {
    out_.resize(std::exchange(size_, 0));
    return std::exchange(out_, {});
  }
  // Begins anew and keeps the memory.
  void Clear() { size_ = 0; }
  void Reserve(size_t size) {
    if (size > out_.size()) out_.resize(size);
  }

 private:
  // Where the next `size` bytes go. Fields are written by the dozen for each entry, so this is
  // inline, and a field is one store.
  char* Room(size_t size) {
    const size_t at = size_;
    size_ += size;
    if (size_ > out_.size()) out_.resize(std::max(2 * out_.size(), size_ + kGrowthMin));
    return out_.data() + at;
  }
  template <class T>
  void Unsigned(T value) {
    char bytes[sizeof(T)];
    for (size_t i = sizeof(T); i-- > 0;) {
      bytes[i] = static_cast<char>(value);
      value = static_cast<T>(value >> 8);
    }
    std::memcpy(Room(sizeof(T)), bytes, sizeof(T));
  }

  static constexpr size_t kGrowthMin = 64;

  std::string out_;  // Its first size_ bytes were written.
  size_t size_ = 0;
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
