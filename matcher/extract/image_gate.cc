#include "matcher/extract/image_gate.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "matcher/extract/extractor.h"
#include "matcher/extract/refusal.h"

namespace ladon::matcher::extract {
namespace {

struct Declared {
  int64_t width = 0;
  int64_t height = 0;
  int bits_per_channel = 8;
};

uint32_t BigEndian(std::span<const uint8_t> bytes, size_t at, size_t count) {
  uint32_t value = 0;
  for (size_t i = 0; i < count; ++i) value = value << 8 | bytes[at + i];
  return value;
}

uint32_t LittleEndian(std::span<const uint8_t> bytes, size_t at, size_t count) {
  uint32_t value = 0;
  for (size_t i = count; i > 0; --i) value = value << 8 | bytes[at + i - 1];
  return value;
}

template <size_t N>
bool StartsWith(std::span<const uint8_t> bytes, const std::array<uint8_t, N>& magic) {
  return bytes.size() >= N && std::equal(magic.begin(), magic.end(), bytes.begin());
}

constexpr std::array<uint8_t, 8> kPngMagic = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
constexpr std::array<uint8_t, 3> kJpegMagic = {0xff, 0xd8, 0xff};
constexpr std::array<uint8_t, 2> kBmpMagic = {'B', 'M'};

// nullopt: cut short or not well formed, in all three.
std::optional<Declared> ReadPng(std::span<const uint8_t> bytes) {
  constexpr size_t kChunkFrameBytes = 12;  // Length, type, CRC.
  constexpr uint32_t kIhdr = 0x49484452;
  constexpr uint32_t kIend = 0x49454e44;
  Declared declared;
  size_t at = kPngMagic.size();
  for (bool first = true; bytes.size() - at >= kChunkFrameBytes; first = false) {
    const uint32_t length = BigEndian(bytes, at, 4);
    const uint32_t type = BigEndian(bytes, at + 4, 4);
    if (length > bytes.size() - at - kChunkFrameBytes) return std::nullopt;
    if (first) {
      if (type != kIhdr || length != 13) return std::nullopt;
      declared.width = BigEndian(bytes, at + 8, 4);
      declared.height = BigEndian(bytes, at + 12, 4);
      declared.bits_per_channel = bytes[at + 16];
    }
    if (type == kIend) return declared;
    at += kChunkFrameBytes + length;
  }
  return std::nullopt;
}

bool IsStartOfFrame(uint8_t marker) {
  // C0 .. CF without the tables DHT (C4), JPG (C8) and DAC (CC).
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

std::optional<Declared> ReadJpeg(std::span<const uint8_t> bytes) {
  // A decoder would paint a cut-off tail grey; the end marker says that nothing is missing.
  constexpr std::array<uint8_t, 2> kEnd = {0xff, 0xd9};
  if (std::search(bytes.begin() + 2, bytes.end(), kEnd.begin(), kEnd.end()) == bytes.end()) {
    return std::nullopt;
  }
  size_t at = 2;
  while (bytes.size() - at >= 9) {
    if (bytes[at] != 0xff) return std::nullopt;
    const uint8_t marker = bytes[at + 1];
    if (marker == 0xff) {  // Fill byte.
      ++at;
      continue;
    }
    if (IsStartOfFrame(marker)) {
      return Declared{.width = BigEndian(bytes, at + 7, 2),
                      .height = BigEndian(bytes, at + 5, 2),
                      .bits_per_channel = bytes[at + 4]};
    }
    const size_t length = BigEndian(bytes, at + 2, 2);
    if (length < 2 || length + 2 > bytes.size() - at) return std::nullopt;
    at += 2 + length;
  }
  return std::nullopt;
}

std::optional<Declared> ReadBmp(std::span<const uint8_t> bytes) {
  constexpr size_t kHeadersBytes = 54;
  constexpr uint32_t kInfoHeaderBytes = 40;
  if (bytes.size() < kHeadersBytes) return std::nullopt;
  if (LittleEndian(bytes, 14, 4) < kInfoHeaderBytes) return std::nullopt;
  const auto width = static_cast<int32_t>(LittleEndian(bytes, 18, 4));
  const auto height = static_cast<int32_t>(LittleEndian(bytes, 22, 4));
  const uint32_t bits_per_pixel = LittleEndian(bytes, 28, 2);
  const uint32_t compression = LittleEndian(bytes, 30, 4);
  if (compression != 0) return std::nullopt;
  if (bits_per_pixel != 8 && bits_per_pixel != 24 && bits_per_pixel != 32) return std::nullopt;
  Declared declared;
  declared.width = width;
  declared.height = height < 0 ? -int64_t{height} : height;  // Negative: top row first.
  if (declared.width <= 0 || declared.height == 0) return std::nullopt;
  const int64_t line_bytes = (declared.width * bits_per_pixel + 31) / 32 * 4;
  const int64_t pixels_at = LittleEndian(bytes, 10, 4);
  const auto size = static_cast<int64_t>(bytes.size());
  // Only what would pass the size check anyway is held against the length of the file.
  if (declared.width <= kImageSideMax && declared.height <= kImageSideMax &&
      pixels_at + line_bytes * declared.height > size) {
    return std::nullopt;
  }
  return declared;
}

std::optional<Declared> ReadDeclared(std::span<const uint8_t> bytes) {
  if (StartsWith(bytes, kPngMagic)) return ReadPng(bytes);
  if (StartsWith(bytes, kJpegMagic)) return ReadJpeg(bytes);
  if (StartsWith(bytes, kBmpMagic)) return ReadBmp(bytes);
  return std::nullopt;
}

}  // namespace

absl::Status CheckImageFile(std::span<const uint8_t> bytes) {
  if (bytes.size() > kImageFileBytesMax) {
    return Refuse(kImageTooLarge, absl::StrCat("the file has ", bytes.size(), " bytes, at most ",
                                               kImageFileBytesMax));
  }
  const std::optional<Declared> declared = ReadDeclared(bytes);
  if (!declared.has_value()) {
    return Refuse(kNotAnImage, "the file is not a complete PNG, JPEG or BMP image");
  }
  if (declared->bits_per_channel != 8) {
    return Refuse(kNotAnImage, absl::StrCat("the image has ", declared->bits_per_channel,
                                            " bits a channel, only 8 are read"));
  }
  const std::string size = absl::StrCat(declared->width, " x ", declared->height, " pixels");
  if (std::max(declared->width, declared->height) > kImageSideMax) {
    return Refuse(kImageTooLarge,
                  absl::StrCat("the image has ", size, ", at most ", kImageSideMax, " a side"));
  }
  if (std::min(declared->width, declared->height) < kImageSideMin) {
    return Refuse(kTooSmall,
                  absl::StrCat("the image has ", size, ", at least ", kImageSideMin, " a side"));
  }
  return absl::OkStatus();
}

}  // namespace ladon::matcher::extract
